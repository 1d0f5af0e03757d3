"""GitBook's API → the live state, and recorded states (snapshots) to plan from without a token."""
