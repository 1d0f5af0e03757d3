"""Which keys a spec allows at a path: follows the types of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable


def keys_at(spec: type[BaseModel], path: Iterable[str | int]) -> tuple[str, ...]:
    """The keys of the mapping at the path, in the order of the documentation; empty if any key is allowed."""
    shapes: list[Any] = [spec]
    for step in path:
        shapes = [inner for shape in shapes for inner in _step(shape, step)]
    names = (name for model in _models(shapes) for name in model.model_fields)
    return tuple(dict.fromkeys(names))


def _step(shape: Any, step: str | int) -> list[Any]:
    inner: list[Any] = []
    for plain in _sides(shape):
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            info = plain.model_fields.get(str(step))
            inner += [info.annotation] if info else []
        elif get_origin(plain) is dict:
            inner.append(get_args(plain)[1])
        elif get_origin(plain) is list:
            inner.append(get_args(plain)[0])
    return inner


def _sides(shape: Any) -> list[Any]:
    origin = get_origin(shape)
    if origin is None or origin in (dict, list):
        return [shape]
    return [side for inner in get_args(shape) for side in _sides(inner)]


def _models(shapes: Iterable[Any]) -> list[type[BaseModel]]:
    sides = (side for shape in shapes for side in _sides(shape))
    return [side for side in sides if isinstance(side, type) and issubclass(side, BaseModel)]
