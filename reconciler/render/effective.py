"""The resolved values of each declared resource, and the file and line of every value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.render.clean import clean
from reconciler.render.json import plain
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.values import inline
from reconciler.resources.resource import place_of, written_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.diagnostics import Path, Place
    from reconciler.resources.resource import Resource


def effective_text(resources: Iterable[Resource], *, width: int = 80, color: bool = False) -> str:
    """Each resource, then a line for each value with its file and line."""
    page, masks = Page(width), Masks()
    for resource in resources:
        page.gap()
        page.sides(
            [(clean(resource.address), "strong"), *_label_and_flags(resource)], _where(place_of(resource))
        )
        for path, value in _leaves(resource):
            name = clean(dotted(path))
            page.sides([(f"  {name} = {inline(value, masks)}", "")], _where(written_at(resource, path)))
    return page.text(color=color)


def _label_and_flags(resource: Resource) -> Iterator[tuple[str, str]]:
    declaration = resource.declaration
    if declaration and declaration.label:
        yield f" ({clean(declaration.label)})", ""
    words = [word for word, holds in _words(resource) if holds]
    if words:
        yield f" {', '.join(words)}", "faint"


def _words(resource: Resource) -> tuple[tuple[str, bool], ...]:
    declaration = resource.declaration
    if declaration is None:
        return ()
    return (
        ("absent", declaration.absent),
        ("ownership exact", declaration.exact),
        (f"prune {clean(declaration.prune)}", bool(declaration.prune)),
        (f"id {clean(declaration.id)}", bool(declaration.id)),
    )


def effective_document(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """The same as a JSON document."""
    masks = Masks()
    return [_document(resource, masks) for resource in resources]


def _document(resource: Resource, masks: Masks) -> dict[str, Any]:
    declaration = resource.declaration
    values = [
        {
            "path": list(path),
            "value": plain(value, masks),
            "place": _where(written_at(resource, path)) or None,
        }
        for path, value in _leaves(resource)
    ]
    return {
        "address": str(resource.address),
        "label": declaration.label if declaration else "",
        "absent": bool(declaration and declaration.absent),
        "place": _where(place_of(resource)) or None,
        "values": values,
    }


def _leaves(resource: Resource) -> Iterator[tuple[Path, Any]]:
    for name, value in resource.attributes.items():
        yield from _inner((name,), value)


def _inner(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _inner((*path, key), item)
    else:
        yield path, value


def _where(place: Place | None) -> str:
    return f"{clean(place.file)}:{place.line}" if place else ""
