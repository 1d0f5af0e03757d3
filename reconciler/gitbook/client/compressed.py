"""The request of `renderIntegrationUIWithGet`: JSON, compressed so that it fits in a query."""

from __future__ import annotations

import json
from typing import Any


def compressed(document: Any) -> str:
    """The document as LZ-string compressed JSON, in characters that a query may have."""
    from lzstring import compress_to_encoded_uri_component  # noqa: PLC0415 - for this operation alone

    # ASCII, because LZ-string counts in UTF-16, which Python's texts are not.
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return str(compress_to_encoded_uri_component(text))
