"""The `request` parameter of `renderIntegrationUIWithGet`: JSON, compressed so that it fits in a query."""

from __future__ import annotations

import json
from typing import Any


def compressed(document: Any) -> str:
    """The document as JSON, compressed by LZ-string into characters that a query may have."""
    from lzstring import compress_to_encoded_uri_component  # noqa: PLC0415 - for this operation alone

    # In ASCII: LZ-string counts in units of UTF-16, and a Python text beyond ASCII has other lengths.
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return str(compress_to_encoded_uri_component(text))
