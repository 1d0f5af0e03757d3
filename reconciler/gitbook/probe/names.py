"""The names of the probe's integrations, by which a later probe knows what this one left."""

from __future__ import annotations

import re
import secrets

PREFIX = "gbsync-probe-"
_OURS = re.compile(r"gbsync-probe-[0-9a-f]{8}(?:-[a-z])?")


def new_name() -> str:
    """A name that nobody has."""
    return f"{PREFIX}{secrets.token_hex(4)}"


def is_ours(name: object) -> bool:
    """Whether a probe gave an integration this name."""
    return isinstance(name, str) and _OURS.fullmatch(name) is not None
