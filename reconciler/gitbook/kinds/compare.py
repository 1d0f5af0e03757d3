"""How declared values are compared with live ones, where plain equality would show a change that is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.resources.values import same

_HOSTNAME = re.compile(r"[a-z0-9-]{3,32}")


def same_shape(one: Any, other: Any) -> bool:
    """Whether two nested values are equal when an absent field, a null and an empty list mean the same."""
    return same(_filled(one), _filled(other))


def _filled(value: Any) -> Any:
    """The value without nulls and empty lists in it."""
    if isinstance(value, Mapping):
        return {key: _filled(item) for key, item in value.items() if item is not None and item != []}
    return [_filled(item) for item in value] if isinstance(value, list | tuple) else value


def same_owner(declared: Any, owner: Any) -> bool:
    """Whether the declared organization is the owner: by id or by subdomain.

    Where the reply lacks the subdomain, any text that could be one counts as the owner's: a wrong refusal
    would block every publish, and the API itself refuses a publish by somebody else.
    """
    if not isinstance(owner, Mapping):
        return bool(declared == owner)
    if declared in (owner.get("id"), owner.get("hostname")):
        return True
    return not owner.get("hostname") and _HOSTNAME.fullmatch(str(declared)) is not None
