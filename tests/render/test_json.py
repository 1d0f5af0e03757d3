"""A document is safe to print, is masked by the names of its keys, and nothing else in it changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.render.json import json_text, masked
from reconciler.resources.values import Secret


def secret_name(name: str) -> bool:
    return "token" in name


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"token": "a", "name": "b"}, {"token": "(secret #1)", "name": "b"}),
        ([{"token": "a"}, {"token": "b"}, {"my_token": "a"}], [
            {"token": "(secret #1)"}, {"token": "(secret #2)"}, {"my_token": "(secret #1)"},
        ]),
        ({"token": {"deep": "a"}}, {"token": "(secret #1)"}),
        ({"token": None, "has_token": True}, {"token": None, "has_token": True}),
        ({"token": {"a": 1}, "schema": {"token": {"type": "string"}}}, {
            "token": "(secret #1)", "schema": {"token": {"type": "string"}},
        }),
        ({"value": Secret("a")}, {"value": "(secret #1)"}),
        (5, 5),
    ],
    ids=range(7),
)  # fmt: skip
def test_values_under_secret_names_are_masked(document: Any, shown: Any) -> None:
    assert masked(document, secret_name, frozenset({"schema"})) == shown


def test_the_text_is_the_document_and_safe_to_print() -> None:
    document = {"a": "\x1b[31m\x7f\u202e\ud83d\U000e0041 é 名\n::error::x", "b": [1, None]}
    text = json_text(document)

    assert json.loads(text) == document
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "é 名" in text
