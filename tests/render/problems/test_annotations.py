"""Annotations of GitHub Actions: every problem at its place, and no text of theirs a command."""

from __future__ import annotations

from reconciler.diagnostics import Place, Problem, Severity
from reconciler.render.problems.annotations import annotations_text, error_annotation


def test_an_error_names_its_place_and_a_warning_is_one() -> None:
    problems = (
        Problem(
            "GB012", "key chanel is unknown", "did you mean channel?", Place("a.yaml", 3, 5), "installation/x"
        ),
        Problem("GB031", "no schema", severity=Severity.WARNING),
    )

    assert annotations_text(problems) == (
        "::error file=a.yaml,line=3,col=5,title=GB012 installation/x::"
        "key chanel is unknown; did you mean channel?\n"
        "::warning title=GB031::no schema"
    )


def test_no_text_ends_its_property_or_the_command() -> None:
    text = annotations_text(
        [Problem("GB001", "100%\n::error::x\r", "", Place("a,line=1::b.yaml"), "a,b=c::d")]
    )

    assert text == (
        "::error file=a%2Cline=1%3A%3Ab.yaml,line=1,col=1,title=GB001 a%2Cb=c%3A%3Ad::100%25\\n::error::x\\r"
    )
    assert len(text.splitlines()) == 1


def test_no_problems_are_no_commands() -> None:
    assert annotations_text(()) == ""


def test_an_error_without_a_place_is_one_annotation_of_all_its_lines() -> None:
    text = error_annotation(["2 deletions: more than 30 %", "::error::x\r\n::set-output name=a::b"])

    assert (
        text == "::error title=gbsync::2 deletions: more than 30 %25%0A::error::x\\r\\n::set-output name=a::b"
    )
    assert "\n" not in text
