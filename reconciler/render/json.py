"""What all JSON documents share: safe text, masked values, places."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.render.clean import is_visible
from reconciler.render.masks import Masks, is_hidden
from reconciler.render.values import digest
from reconciler.resources.digest import Digest
from reconciler.resources.secret_names import wrapped
from reconciler.resources.values import SealedText

if TYPE_CHECKING:
    from reconciler.diagnostics import Place

_SUSPECT = re.compile(r"[^\x20-\x7e\n]|#(?=#\w*\[)")


def json_text(document: Any, *, indent: int | None = 2) -> str:
    """The document as text that is safe to print: characters that nobody can see are escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)
    return _SUSPECT.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if is_visible(char) and char != "#":
        return char
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"  # noqa: PLR2004 - ASCII ends


def plain(value: Any, masks: Masks) -> Any:
    """The value as JSON, with masks for secrets and digests for what cannot be read back."""
    match value:
        case Mapping():
            return {str(key): plain(item, masks) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, masks) for item in value]
        case _:
            return _leaf(value, masks)


def _leaf(value: Any, masks: Masks) -> Any:
    if is_hidden(value):
        return masks.text(value)
    match value:
        case Digest():
            return value.text
        case SealedText():
            return digest(value)
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def masked(document: Any, secret_name: Callable[[str], bool], described: frozenset[str] = frozenset()) -> Any:
    """The JSON document with a mask for each value whose key names a secret; equal values get the same mask.

    Below a key of `described` stand definitions of settings: the `token` of a schema is no secret.
    """
    return plain(wrapped(document, secret_name, plain=described), Masks())


def place_document(place: Place | None) -> dict[str, Any] | None:
    """The file, line and column of a place, and how its line selects; `None` if there is none."""
    if place is None:
        return None
    selector = {"selector": place.selector} if place.selector else {}
    return {"file": place.file, "line": place.line, "column": place.column, **selector}
