"""Icons and previews: PNG files within the limits of GitBook's own CLI, as base64."""

from __future__ import annotations

import base64
import binascii

from reconciler.resources.kind import FromFile

ICON_MAX = 250 * 1024
PREVIEW_MAX = 1024 * 1024
SUFFIX = ".png"
_SIGNATURE = base64.b64encode(b"\x89PNG\r\n\x1a\n\0").decode("ascii").rstrip("=")


def image(limit: int) -> FromFile:
    """A `.png` file of at most `limit` bytes becomes base64; the name counts, as for GitBook's CLI."""

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
