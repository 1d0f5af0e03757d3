"""Which names say that a value is secret, for the readers of files."""

from __future__ import annotations

from reconciler.resources.secret_names import looks_secret

OWN_TOKENS = frozenset({"GITBOOK_TOKEN"})
"""Variables that only gbsync itself reads: no file may name them."""

__all__ = ["OWN_TOKENS", "looks_secret"]
