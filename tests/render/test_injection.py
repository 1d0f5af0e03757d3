"""Hostile text through every renderer: in no output does any of it do anything."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import cycle
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome, Report, Result
from reconciler.config.format.export import Block, ExportEntry
from reconciler.diagnostics import Place, Problem, Severity
from reconciler.lock.document import Base, LockEntry
from reconciler.plan.conflict import Conflict
from reconciler.plan.step import (
    Action,
    Against,
    Change,
    LeftOut,
    Notice,
    Origin,
    Plan,
    Reason,
    Step,
    StepOrigin,
)
from reconciler.render.clean import is_visible
from reconciler.render.events import event_text
from reconciler.render.json import json_text
from reconciler.render.lock import lock_document, lock_text
from reconciler.render.matrix.csv import csv_text
from reconciler.render.plan.graph import dot, mermaid
from reconciler.render.plan.html import plan_html
from reconciler.render.plan.json import plan_document
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.plan.text import plan_text
from reconciler.render.probe import ProbeLine, probe_document, probe_text
from reconciler.render.problems.annotations import annotations_text, error_annotation
from reconciler.render.problems.sarif import sarif_document
from reconciler.render.problems.text import problems_text
from reconciler.render.report.markdown import report_markdown
from reconciler.render.report.stream import event_line, plan_lines, problem_line
from reconciler.render.report.text import report_text
from reconciler.render.status import Standing, status_document, status_text
from reconciler.render.yaml import document_text
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT
from tests.conftest import NIGHTLY
from tests.render.hostile import CLASSES, CORPUS, STRIDE, chosen, every_text, through_each
from tests.render.situations import PLANS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUNNER = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
TAGS = re.compile(r"</?([a-zA-Z]+)")
ALLOWED = {"details", "summary", "b"}
PAINT = re.compile(r"\x1b\[[0-9;]*m")


def problem(text: str) -> Problem:
    return Problem(text, text, text, Place(text, 1, 1), text, Severity.WARNING, (Place(text, 2, 2),))


def _alike(text: str, number: int, value: str = "") -> Step:
    """A step that is shown as one with others: its name, its tag and its value come from outside."""
    change = Change((text, text), ABSENT, value or text, place=Place(text, 9, selector=text))
    address = Address(f"installation/{text}/site/{number}{text}")
    return Step(Action.CREATE, address, (change,), label=f"{number}{text}", place=Place(text, 9))


def plan(text: str) -> Plan:
    """A plan that has the text wherever text from outside may stand."""
    notice = Notice(Address(f"installation/{text}"), text, (text, text), text, text)
    values: tuple[tuple[Any, Any], ...] = (
        (text, f"{text}x"),
        (ABSENT, text),
        (text, ABSENT),
        ({text: [text, {text: text}]}, {text: [text * 40]}),
        (f"one\n{text}\nthree", f"one\n{text} \nthree\n{text}"),
    )
    changes = tuple(
        Change((f"field{number}", text), *pair, place=Place(text * (1 + number % 2)))
        for number, pair in enumerate(values)
    )
    parent = Address(f"installation/{text}")
    below = Address(f"installation/{text}/space/{text}")
    steps = (
        Step(Action.UPDATE, parent, changes, label=text, place=Place(text, 7), desired={text: text}),
        Step(Action.CREATE, below, changes[1:2], label=text, place=Place(text, 8), needs=(parent,)),
        Step(
            Action.DELETE,
            Address(f"integration/{text}"),
            changes[2:3],
            Reason.NOT_DECLARED,
            text,
            Place(text),
        ),
        *(_alike(text, number) for number in range(3)),
        *(_alike(text, number, f"{text}{number}") for number in range(3, 5)),
    )
    return Plan(
        text,
        text,
        steps,
        unmanaged=(notice,),
        forgotten=(notice,),
        declared_in_unread_file=(
            notice,
            replace(notice, address=Address(f"installation/{text}/site/1"), link=""),
            replace(notice, address=Address(f"installation/{text}/site/2"), link=""),
        ),
        pending=(notice,),
        uncompared=(notice,),
        problems=(problem(text),),
        notes=(text,),
        left_out=(LeftOut(steps[0], text), LeftOut(steps[2], text)),
        against=Against(
            text,
            text,
            dict(zip((step.address for step in steps), map(StepOrigin, cycle(Origin)), strict=False)),
            (text,),
        ),
    )


def report(text: str) -> Report:
    made = plan(text)
    outcomes = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED)
    results = tuple(
        Result(
            step,
            outcome,
            text,
            Address(text),
            status="pending",
            link=text,
            id=text,
            conflicts=(Conflict(text, text, text, text),),
        )
        for step, outcome in zip(made.steps, cycle(outcomes), strict=False)
    )
    return Report(made, results, remaining=made)


def words(text: str) -> Iterator[str]:
    """The parts of a hostile text that no output may hold as they are."""
    return (char for char in set(text) if not is_visible(char))


def remembered(text: str) -> Base:
    """A lock that has the text wherever a file may put it."""
    entry = LockEntry(text, {text: "sha256:0"}, {text: text * 2}, 1, {text: "sha256:0"})
    return Base({Address(f"installation/{text}"): entry})


def file(text: str) -> str:
    """A file that has the text as a comment, a key and a value, alone and among others."""
    inner = Block((ExportEntry(text, text, (text,)), ExportEntry("list", [text, {text: text}])), (text,))
    return document_text(
        Block((ExportEntry("a", inner, (text,)), ExportEntry("b", Block((), (text,)))), (text,))
    )


LINES: dict[str, Callable[[str], str]] = {
    "lock": lambda text: lock_text(remembered(text)),
    "lock as json": lambda text: json_text(lock_document(remembered(text))),
    "status": lambda text: status_text([Standing(text, text, text, text)], width=200),
    "status as json": lambda text: json_text(status_document(text, [Standing(text, text, text, text)])),
    "a probe": lambda text: probe_text([ProbeLine("patch", "", text, text, text)], [(text, text)], width=200),
    "a probe as json": lambda text: json_text(
        probe_document([ProbeLine("patch", "", text, text, text)], [(text, text)], program="1")
    ),
    "an event": lambda text: event_text(
        {
            "event": {"status": text, "id": text, "createdAt": text, "payload": {"type": text, text: text}},
            "trace": {"logs": [{"level": text, "message": text}]},
        }
    ),
    "a file": file,
    "plan": lambda text: plan_text(plan(text), show_unmanaged=True),
    "narrow plan": lambda text: plan_text(plan(text), width=40),
    "report": lambda text: report_text(report(text)),
    "problems as sarif": lambda text: json_text(sarif_document([problem(text)], root=text)),
    "problems": lambda text: problems_text([problem(text)]),
    "markdown": lambda text: plan_markdown(plan(text), name=text),
    "report as markdown": lambda text: report_markdown(report(text)),
    "json": lambda text: json_text(plan_document(plan(text))),
    "mermaid": lambda text: mermaid(plan(text)),
    "dot": lambda text: dot(plan(text)),
}


@through_each(LINES, "runners")
def test_no_line_acts_on_a_terminal_or_a_runner(make: Callable[[str], str], text: str) -> None:
    output = make(text)

    assert all(is_visible(char) or char == "\n" for char in output)
    assert not RUNNER.search(output)
    assert not set(words(text)) & set(output) - {"\n"}


@every_text("terminal", "runners")
def test_colour_brings_in_no_sequence_but_colour(text: str) -> None:
    output = PAINT.sub("", plan_text(plan(text), color=True) + report_text(report(text), color=True))

    assert all(is_visible(char) or char == "\n" for char in output)
    assert not RUNNER.search(output)


@every_text("runners")
def test_an_annotation_is_one_command_and_no_more(text: str) -> None:
    output = annotations_text([problem(text)])
    head, _, _ = output.removeprefix("::warning ").partition("::")

    assert len(output.splitlines()) == 1
    assert output.startswith("::warning ")
    assert [field.split("=")[0] for field in head.split(",")] == ["file", "line", "col", "title"]
    assert all(map(is_visible, output))


@every_text("runners")
def test_an_error_is_one_annotation_of_all_its_lines(text: str) -> None:
    output = error_annotation([text, f"a{text}"])

    assert len(output.splitlines()) == 1
    assert output.startswith("::error title=gbsync::")
    assert output.count("%0A") == 1
    assert all(map(is_visible, output))


@through_each(
    {"plan": lambda text: plan_markdown(plan(text)), "report": lambda text: report_markdown(report(text))},
    "markdown",
    "html",
)
def test_markdown_has_only_our_structure(make: Callable[[str], str], text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(make(text))
    spoken = [
        child
        for token in tokens
        for child in token.children or ()
        if child.type not in ("code_inline", "text")
    ]
    blocks = "".join(token.content for token in tokens if token.type == "html_block")
    plain = "".join(
        child.content for token in tokens for child in token.children or () if child.type == "text"
    )

    assert {child.type for child in spoken} <= {"softbreak", "hardbreak"}
    assert set(TAGS.findall(re.sub("<!-- gbsync [a-zA-Z0-9_.-]* -->", "", blocks))) <= ALLOWED
    assert blocks.count("<details") == blocks.count("</details>")
    assert not set("@[]<>") & set(plain)


@every_text("json")
def test_a_json_document_says_the_text_and_nothing_else(text: str) -> None:
    document = json.loads(json_text(plan_document(plan(text))))

    assert document == json.loads(json.dumps(plan_document(plan(text))))
    assert document["resource_changes"][0]["gbsync"]["label"] == text
    assert document["resource_changes"][0]["change"]["after"][text] == text


@every_text("terminal", "json")
def test_every_line_of_the_stream_is_one_line(text: str) -> None:
    result = report(text).results[0]
    lines = [
        *plan_lines(plan(text), at=""),
        event_line(StepEvent(Phase.END, Address(text), Action.UPDATE, result=result), at=""),
        problem_line(problem(text), at=""),
    ]

    for line in lines:
        output = json_text(line, indent=None)
        assert all(map(is_visible, output))
        assert json.loads(output) == line
        assert all(map(is_visible, line["@message"]))


@every_text("markdown", "json")
def test_a_picture_has_its_nodes_and_no_others(text: str) -> None:
    nodes = re.findall(r"^  (n\d+)\[\"[^\"]*\"\]:::\w+$", mermaid(plan(text)), re.MULTILINE)
    lines = mermaid(plan(text)).splitlines()
    quoted = re.sub(r'"(\\.|[^"\\])*"', '""', dot(plan(text)))

    assert nodes == [f"n{number}" for number in range(8)]
    assert len(lines) == 13
    assert quoted.splitlines()[3:] == [
        *(f'  n{number} [label="", color=""];' for number in range(8)),
        "  n0 -> n1;",
        "}",
    ]


@every_text("sheets")
def test_a_cell_is_no_formula_and_stays_in_its_cell(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text([["name", "value"], [text, "x"]]), newline="")))

    assert [len(row) for row in rows] == [2, 2]
    assert not rows[1][0].lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


class Tags(HTMLParser):
    """The tags of a page with their attributes, less what our texts may be."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    return parser


@cache
def ours() -> frozenset[tuple[str, tuple[str, ...]]]:
    """Every tag with its attributes in pages of harmless plans."""
    pages = (*(plan_html(make()) for make in PLANS.values()), plan_html(plan("harmless\nlines")))
    return frozenset(item for page in pages for item in tags(page).tags)


@every_text("html")
def test_a_page_has_only_our_tags(text: str) -> None:
    found = tags(plan_html(plan(text)))
    names = [name for name, _ in found.tags]

    assert set(found.tags) <= ours()
    assert [names.count(name) for name in ("script", "style", "base", "form", "svg", "img")] == [
        1,
        1,
        0,
        1,
        1,
        0,
    ]
    assert all(link.startswith(("#", "data:,", "https://")) for link in found.links)


@every_text("terminal", "unicode")
def test_a_page_shows_nothing_that_cannot_be_seen(text: str) -> None:
    page = plan_html(plan(text))

    assert all(is_visible(char) or char == "\n" for char in page)


def test_the_corpus_is_large() -> None:
    assert len(set(CORPUS)) == len(CORPUS) >= 60


def test_each_renderer_sees_each_class_and_the_renderers_together_see_every_text() -> None:
    turns = [set(chosen("runners", turn=turn)) for turn in range(STRIDE)]

    assert all(seen & set(texts) for seen in turns for texts in CLASSES.values())
    assert all(seen >= set(CLASSES["runners"]) for seen in turns)
    assert set().union(*turns) == set(CORPUS)
    assert len(LINES) >= STRIDE
    assert NIGHTLY or max(map(len, turns)) < len(CORPUS) / 2
