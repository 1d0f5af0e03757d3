"""Variables that only gbsync itself reads."""

from __future__ import annotations

OWN_TOKENS = frozenset({"GITBOOK_TOKEN"})
"""No file may read them, because it could send what it reads."""
