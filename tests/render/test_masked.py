"""A document is masked by the names of its keys, and nothing else in it changes."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.render.masked import masked
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
