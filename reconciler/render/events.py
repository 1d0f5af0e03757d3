"""An event of an integration for people: when it was, how it ended, its type, and its log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.render.clean import clean, inert
from reconciler.render.masks import Masks
from reconciler.render.values import inline, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS = {"success": "ok", "failed": "FAILED"}


def event_text(traced: Mapping[str, Any]) -> str:
    """The event on one line, then its payload and its log, indented."""
    return inert("\n".join(_lines(traced, Masks())))


def _lines(traced: Mapping[str, Any], masks: Masks) -> Iterator[str]:
    event = _mapping(traced.get("event"))
    payload = _mapping(event.get("payload"))
    status = event.get("status", "")
    end = ENDS.get(status, status) if isinstance(status, str) else status
    head = (event.get("createdAt", ""), end, payload.get("type", ""), event.get("id", ""))
    yield "  ".join(_text(part, masks) for part in head if part)
    rest = {key: value for key, value in payload.items() if key not in ("type", "eventId")}
    if rest:
        yield f"  {inline(rest, masks)}"
    logs = _mapping(traced.get("trace")).get("logs")
    for log in map(_mapping, logs if isinstance(logs, list) else ()):
        yield f"  {_text(log.get('level', 'log'), masks)}: {_text(log.get('message', ''), masks)}"


def _text(value: Any, masks: Masks) -> str:
    """A text as it is; any other value as JSON: `console.log(true)` logs no text."""
    return clean(value) if is_plain(value) else inline(value, masks)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
