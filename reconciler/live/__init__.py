"""The API → the live state; and snapshots, which record a live state to plan from without a token."""
