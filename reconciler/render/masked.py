"""A JSON document with its secrets masked by the names of their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.render.masks import Masks
from reconciler.value import Secret

if TYPE_CHECKING:
    from collections.abc import Callable


def masked(document: Any, secret_name: Callable[[str], bool], plain: frozenset[str] = frozenset()) -> Any:
    """The document in which each value under a key that names a secret is a mask; equal ones share theirs.

    Below a key of `plain` the names are of things that are described there, and hold no secret themselves.
    """
    masks = Masks()

    def walk(value: Any) -> Any:
        match value:
            case Mapping():
                return {key: item if key in plain else hidden(key, item) for key, item in value.items()}
            case list() | tuple():
                return [walk(item) for item in value]
            case Secret():
                return masks.text(value)
            case _:
                return value

    def hidden(key: str, value: Any) -> Any:
        """A yes, a no and nothing tell no secret."""
        if isinstance(value, bool) or value is None or not secret_name(key):
            return walk(value)
        return masks.text(value if isinstance(value, Secret) else Secret(value))

    return walk(document)
