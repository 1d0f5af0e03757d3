"""Variables that only gbsync itself reads."""

from __future__ import annotations

OWN_TOKENS = frozenset({"GITBOOK_TOKEN"})
"""No file may name them: what a file can read, it can send."""
