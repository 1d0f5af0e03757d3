"""What resources resolve to, for people and programs, whatever stands in them."""

from __future__ import annotations

import json
import re
from typing import Any

from reconciler.diagnostics import Place
from reconciler.render.clean import is_visible
from reconciler.render.effective import effective_document, effective_text
from reconciler.render.json import json_text
from reconciler.resources.resource import Address, Declaration, Resource
from reconciler.resources.values import FileText, Secret, Source
from tests.render.hostile import every_text

RUNNER = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
AT = Place("gbsync.yaml", 3, 1)


def resource(text: str) -> Resource:
    """A resource that has the text wherever a file may put it."""
    values: dict[str, Any] = {text: text, "list": [text], "none": None, "empty": {}, "secret": Secret(text)}
    places: dict[tuple[str | int, ...], Place] = {("configuration", text): Place(text, 9)}
    return Resource(
        Address(f"installation/{text}"),
        {"configuration": values, "script": FileText.of(text, Source("file", text))},
        declaration=Declaration(Place(text, 2), places, label=text, id=text, prune=text),
    )


@every_text("runners", "json")
def test_hostile_text_does_nothing(text: str) -> None:
    shown = effective_text([resource(text)])
    document = json_text(effective_document([resource(text)]))

    assert all(is_visible(char) or char == "\n" for char in shown + document)
    assert not RUNNER.search(shown)
    assert json.loads(document)[0]["label"] == text or "\\u" in document


def test_secrets_are_numbered_and_equal_ones_share_their_number() -> None:
    values = {"a": Secret("one"), "b": Secret("two"), "c": Secret("one")}
    shown = effective_text([Resource(Address("x/y"), {"k": values})])

    assert shown.split("\n")[1:] == ["  k.a = (secret #1)", "  k.b = (secret #2)", "  k.c = (secret #1)"]


def test_a_value_without_a_place_stands_where_what_holds_it_does() -> None:
    made = Resource(
        Address("x/y"), {"k": {"a": 1}, "l": 2}, declaration=Declaration(AT, {("k",): Place("f", 7)})
    )

    assert [line.split()[-1] for line in effective_text([made]).split("\n")] == ["gbsync.yaml:3", "f:7", "2"]
    assert [item["place"] for item in effective_document([made])[0]["values"]] == ["f:7", None]


def test_nothing_declared_is_nothing_shown() -> None:
    assert not effective_text([])
    assert effective_document([]) == []
