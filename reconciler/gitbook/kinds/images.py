"""Icons and previews: PNG files in base64, within the limits of GitBook's own CLI."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from reconciler.config.rules import integrations as rules
from reconciler.gitbook.kinds.findings import problem
from reconciler.resources.kind import FromFile
from reconciler.resources.values import FileText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.diagnostics import Path, Problem
    from reconciler.resources.resource import Resource

ICON_MAX = 250 * 1024
PREVIEW_MAX = 1024 * 1024
SUFFIX = ".png"
_SIGNATURE = base64.b64encode(b"\x89PNG\r\n\x1a\n\0").decode("ascii").rstrip("=")


def image(limit: int) -> FromFile:
    """A `.png` file of at most `limit` bytes becomes base64. Like GitBook's CLI, this checks the name."""

    def encode(data: bytes) -> str:
        if len(data) > limit:
            raise ValueError(too_large(len(data), limit))
        return base64.b64encode(data).decode("ascii")

    return FromFile(encode, SUFFIX)


def too_large(size: int, limit: int) -> str:
    """What is wrong with an image of this size."""
    return f"has {size:,} bytes, {limit:,} at most"


def unfit(text: str, limit: int) -> str:
    """Why a text cannot be an image of at most `limit` bytes in base64; empty when it can."""
    try:
        size = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return "is not base64"
    if not size:
        return "is empty"
    return too_large(size, limit) if size > limit else ""


def is_png(text: str) -> bool:
    """Whether an image in base64 begins as a PNG does."""
    return text.startswith(_SIGNATURE[:-1])


def image_problems(resource: Resource, path: Path, value: Any, limit: int) -> Iterator[Problem]:
    """Why a publish would refuse the value as an image of at most `limit` bytes."""
    if not isinstance(value, str):
        return
    reason = "" if isinstance(value, FileText) else unfit(value, limit)
    if reason:
        yield problem(rules.NOT_AN_IMAGE, resource, path, f"the image {reason}", "write {file: PATH}")
    elif not is_png(value):
        yield problem(rules.NOT_A_PNG, resource, path, "the image's content is not PNG", "save it as PNG")
