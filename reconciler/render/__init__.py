"""Values → text for people, programs and browsers. Secrets are masked before any text exists."""
