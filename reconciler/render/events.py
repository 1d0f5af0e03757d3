"""An event of an integration for people: when it was, how it ended, its type, and its log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.render.clean import clean, inert
from reconciler.render.masks import Masks
from reconciler.render.values import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS = {"success": "ok", "failed": "FAILED"}


def event_text(traced: Mapping[str, Any]) -> str:
    """The event on one line, then its payload and its log, indented."""
    return inert("\n".join(_lines(traced)))


def _lines(traced: Mapping[str, Any]) -> Iterator[str]:
    event = _mapping(traced.get("event"))
    payload = _mapping(event.get("payload"))
    ended = str(event.get("status", ""))
    head = (event.get("createdAt", ""), ENDS.get(ended, ended), payload.get("type", ""), event.get("id", ""))
    yield clean("  ".join(str(part) for part in head if part))
    rest = {key: value for key, value in payload.items() if key not in ("type", "eventId")}
    if rest:
        yield f"  {inline(rest, Masks())}"
    logs = _mapping(traced.get("trace")).get("logs")
    for log in logs if isinstance(logs, list) else ():
        yield clean(f"  {_mapping(log).get('level', 'log')}: {_mapping(log).get('message', '')}")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
