"""Problems as Terraform's diagnostics."""

from __future__ import annotations

import json

from reconciler.diagnostics import Place, Problem, Severity, Snippet
from reconciler.render.clean import is_visible
from reconciler.render.json import json_text
from reconciler.render.problems.json import diagnostics_document
from tests.render.hostile import every_text

PROBLEM = Problem("GB017", "`x` is not known", "remove it", Place("f.yaml", 4, 3), "installation/slack")


def test_a_problem_has_its_range_and_its_line() -> None:
    document = diagnostics_document([PROBLEM], snippet=lambda _: Snippet("  x: 1", 2, 3, 40))

    assert document["valid"] is False
    assert document["diagnostics"][0]["range"] == {
        "filename": "f.yaml",
        "start": {"line": 4, "column": 3, "byte": 40},
        "end": {"line": 4, "column": 4, "byte": 41},
    }
    assert document["diagnostics"][0]["snippet"] == {
        "context": None,
        "code": "  x: 1",
        "start_line": 4,
        "highlight_start_offset": 2,
        "highlight_end_offset": 3,
        "values": [],
    }


def test_without_a_place_there_is_no_range_and_without_a_file_no_line() -> None:
    nowhere = Problem("GB015", "nothing to read", severity=Severity.WARNING)
    document = diagnostics_document([nowhere, PROBLEM], snippet=lambda _: None)
    first, second = document["diagnostics"]

    assert not {"range", "snippet"} & first.keys()
    assert second["range"]["end"]["column"] == 3
    assert "snippet" not in second
    assert (document["error_count"], document["warning_count"]) == (1, 1)


def test_warnings_alone_are_valid() -> None:
    document = diagnostics_document(
        [Problem("GB054", "odd", severity=Severity.WARNING)], snippet=lambda _: None
    )

    assert document["valid"] is True


@every_text("json")
def test_hostile_text_does_nothing(text: str) -> None:
    problem = Problem(text, text, text, Place(text), text, also=(Place(text),))
    shown = json_text(diagnostics_document([problem], snippet=lambda _: Snippet(text, 0, 1, 0)))

    assert all(is_visible(char) or char == "\n" for char in shown)
    assert json.loads(shown)["error_count"] == 1
