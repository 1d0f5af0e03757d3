"""A warning that one line of a file makes of many resources is said once."""

from __future__ import annotations

from reconciler.diagnostics import Place, Problem, Severity
from reconciler.render.problems.annotations import annotations_text
from reconciler.render.problems.folded import folded
from reconciler.render.problems.text import problems_text

LINE = Place("gbsync.yaml", 309, 36)


def warning(address: str, message: str = "domain is not in the schema", place: Place = LINE) -> Problem:
    return Problem("GB604", message, place=place, address=address, severity=Severity.WARNING)


def test_one_line_is_one_warning_however_many_sites_it_is_about() -> None:
    problems = [warning(f"installation/plausible/site/s{number}") for number in range(300)]

    assert problems_text(problems) == (
        "gbsync.yaml:309:36: warning: GB604 300 sites of plausible: domain is not in the schema\n300 warnings"
    )
    assert annotations_text(problems).count("::warning ") == 1


def test_what_differs_in_place_message_integration_or_kind_stays_by_itself() -> None:
    first = warning("installation/plausible/site/s1")
    others = (
        warning("installation/plausible/site/s2", "another"),
        warning("installation/plausible/site/s3", place=Place("gbsync.yaml", 310)),
        warning("installation/plausible/space/s4"),
        warning("installation/fathom/site/s1"),
        warning(""),
    )

    assert folded((first, *others)) == (first, *others)


def test_the_same_problem_twice_of_one_address_is_said_once() -> None:
    assert folded([warning("installation/plausible")] * 2) == (warning("installation/plausible"),)
