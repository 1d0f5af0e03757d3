"""Values to text, for people, tools and browsers: pure, and masked by structure before any text exists."""
