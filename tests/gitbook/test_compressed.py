"""A request in a query comes out as it went in."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from lzstring import LZString

from reconciler.gitbook.compressed import compressed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_what_is_compressed_can_be_read_again(document: object) -> None:
    text = compressed(document)

    assert json.loads(LZString().decompressFromEncodedURIComponent(text)) == document
    assert re.fullmatch(r"[A-Za-z0-9+\-$]*", text)
