"""How declared values are compared with what GitBook shows, where equality would see too much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.resources.values import same

_HOSTNAME = re.compile(r"[a-z0-9-]{3,32}")


def same_policy(one: Any, other: Any) -> bool:
    """Whether two content security policies are equal after trimming white space and `;`.

    One text and a text for each directive are two spellings of one policy.
    """
    return bool(_directives(one) == _directives(other))


def _directives(policy: Any) -> Any:
    if isinstance(policy, str):
        parts = (part.split() for part in policy.split(";"))
        return sorted((words[0], " ".join(words[1:])) for words in parts if words)
    if isinstance(policy, Mapping):
        return sorted(
            (str(name), " ".join(str(text).replace(";", " ").split())) for name, text in policy.items()
        )
    return policy


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

    Where GitBook does not say the subdomain, what could be one gets the benefit of the doubt.
    """
    if not isinstance(owner, Mapping):
        return bool(declared == owner)
    if declared in (owner.get("id"), owner.get("hostname")):
        return True
    return not owner.get("hostname") and _HOSTNAME.fullmatch(str(declared)) is not None
