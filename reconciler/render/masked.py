"""A JSON document with its secrets masked by the names of their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.render.masks import Masks
from reconciler.resources.secret_names import wrapped
from reconciler.resources.values import Secret

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
                return {key: walk(item) for key, item in value.items()}
            case list() | tuple():
                return [walk(item) for item in value]
            case Secret():
                return masks.text(value)
            case _:
                return value

    return walk(wrapped(document, secret_name, plain=plain))
