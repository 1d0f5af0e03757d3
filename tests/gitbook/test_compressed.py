"""A request in a query comes out as it went in."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lzstring import decompress_from_encoded_uri_component

from reconciler.gitbook.client.compressed import compressed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_what_is_compressed_can_be_read_again(document: object) -> None:
    text = compressed(document)

    back = decompress_from_encoded_uri_component(text)
    assert back is not None
    assert json.loads(back) == document
    assert re.fullmatch(r"[A-Za-z0-9+\-$]*", text)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({}, "N4XyA"),
        (
            {"componentId": "config", "props": {"channel": "C0"}},
            "N4Igxg9gtgDhB2BTeAXAkgExALnAgZgJYDmIANCDAE4QwDOOoYAFgIbxIA2OIAwgAwgAvkKA",
        ),
        (
            ["über", "🙂", None, 1.5, True],
            "NoIgOgrgDFBmDGAjApgJxAGnBAJgDgGYdIdkAWAJkwDsIAbOjARgDoBWDAF1QmQF0gA",
        ),
    ],
)
def test_the_text_is_what_the_original_in_javascript_makes(document: object, text: str) -> None:
    """The texts are those of `lz-string` 1.5.0, which GitBook's side reads them with."""
    assert compressed(document) == text
