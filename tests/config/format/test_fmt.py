"""Formatting: the same meaning and every comment, in the documentation's order, and once is enough."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.format.fmt import formatted
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read as parse
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.table import KINDS
from tests.config.documents import DOCUMENTS
from tests.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples").rglob("*gbsync.yaml"))
CORPUS = sorted((ROOT / "tests" / "bad").glob("*.yaml"))


def done(text: str) -> str:
    return formatted(text, table=KINDS)


def meaning(text: str) -> Any:
    """What a text says; `None` when it cannot be read."""
    findings = Findings()
    found = parse(text.encode(), file=findings.enter("", Path()), findings=findings)
    return None if found is None or findings.problems else json.dumps(found, sort_keys=True)


def comments(text: str) -> Counter[str]:
    return Counter(re.findall(r"# note \d+", text))


@st.composite
def written(draw: st.DrawFn) -> str:
    """A right document as somebody writes it: any order, any indentation, comments anywhere."""
    writer = _Writer(draw)
    writer.mapping(draw(DOCUMENTS), 0)
    return "\n".join(writer.lines) + "\n"


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.notes = 0

    def mapping(self, node: dict[str, Any], margin: int) -> None:
        for key in self.draw(st.permutations(list(node))):
            self.remark(margin)
            self.entry(f"{' ' * margin}{json.dumps(key, ensure_ascii=False)}:", node[key], margin)

    def sequence(self, node: list[Any], margin: int) -> None:
        for item in node:
            self.remark(margin)
            self.lines.append(f"{' ' * margin}- {json.dumps(item, ensure_ascii=False)}{self.note()}")

    def entry(self, head: str, value: Any, margin: int) -> None:
        inner = margin + self.draw(st.integers(1, 4))
        block = self.draw(st.booleans())
        if isinstance(value, dict) and value and block:
            self.lines.append(head + self.note())
            self.mapping(value, inner)
        elif isinstance(value, list) and value and block:
            self.lines.append(head + self.note())
            self.sequence(value, self.draw(st.sampled_from([margin, inner])))
        else:
            self.lines.append(f"{head} {json.dumps(value, ensure_ascii=False)}{self.note()}")

    def remark(self, margin: int) -> None:
        for _ in range(self.draw(st.sampled_from([0, 0, 0, 1, 2]))):
            self.lines.append("" if self.draw(st.booleans()) else f"{' ' * margin}{self.note()}".rstrip())

    def note(self) -> str:
        if not self.draw(st.sampled_from([False, False, True])):
            return ""
        self.notes += 1
        return f" # note {self.notes}"


@pytest.mark.parametrize("spelled", ["null", "~", "Null", ""])
def test_a_null_is_written_out_so_that_it_looks_like_a_choice(spelled: str) -> None:
    head = "installations:\n  slack:\n    configuration:\n"
    text = f"{head}      a: {spelled} # why\n      b: [1, {spelled or '~'}]\n"
    flow = f"x-a: {{a: {spelled or '~'}, b: 1}}\n"

    assert done(text) == f"{head}      a: null # why\n      b: [1, null]\n"
    assert done(flow) == "x-a: {a: null, b: 1}\n"


@given(written())
def test_once_is_enough_and_nothing_is_lost(text: str) -> None:
    once = done(text)

    assert done(once) == once
    assert meaning(once) == meaning(text)
    assert comments(once) == comments(text)


@given(written())
def test_the_sections_come_in_the_order_of_the_documentation(text: str) -> None:
    order = ["version", "organization", "prune", "max_deletes", "protect", "mask", "variables"]
    tops = [
        line.split(":")[0].strip('"')
        for line in done(text).splitlines()
        if line[:1] not in (" ", "#", "-", "")
    ]
    known = [key for key in tops if key in order]

    assert known == [key for key in order if key in known]
    assert set(tops[-2:]) & {"integrations", "installations"} or "installations" not in tops


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_is_formatted(path: Path) -> None:
    text = path.read_text("utf-8")

    assert done(text) == text


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.stem)
def test_a_broken_file_is_refused_or_keeps_its_meaning(case: Path) -> None:
    try:
        text = case.read_bytes().decode()
        once = done(text)
    except (ConfigError, UnicodeDecodeError):
        return

    assert done(once) == once
    assert meaning(once) == meaning(text)


def test_keys_move_with_the_comments_above_and_behind_them() -> None:
    text = (
        "# the file\nversion: 1\norganization: o\ninstallations:\n    slack:\n        spaces: {}\n\n"
        "        # where it posts\n        configuration: {b: 1, a: 2} # as agreed\n"
    )

    assert done(text) == (
        "# the file\nversion: 1\norganization: o\ninstallations:\n  slack:\n    # where it posts\n"
        "    configuration: {b: 1, a: 2} # as agreed\n\n    spaces: {}\n"
    )


def test_lists_are_indented_and_mappings_in_them_ordered() -> None:
    head = "integrations:\n  acme:\n"
    text = f"{head}    blocks:\n    - title: Banner\n      id: banner\n    scopes:\n    - a\n"
    blocks = "    blocks:\n      - id: banner\n        title: Banner\n"

    assert done(text) == f"{head}    scopes:\n      - a\n{blocks}"


def test_a_mapping_in_a_list_on_one_line_keeps_its_braces() -> None:
    text = "installations:\n  slack:\n    configuration: {region: [{a: b}, {c: d, e: f}]}\n"

    assert done(text) == text


def test_what_looks_like_a_comment_in_a_block_text_stays() -> None:
    head, summary = (
        "integrations:\n  acme:\n",
        "    summary: |\n      # Overview\n\n      Text\n      # More\n",
    )
    text = f"{head}{summary}    title: Acme\n"

    assert done(text) == f"{head}    title: Acme\n{summary}"


def test_an_alias_never_comes_before_its_anchor() -> None:
    text = "installations:\n  slack: &a {absent: true}\nintegrations:\n  slack: *a\nversion: 1\n"
    once = done(text)

    assert meaning(once) == meaning(text)
    assert once.index("&a") < once.index("*a")


def test_a_merge_key_stays_where_it_is() -> None:
    slack = "  slack:\n    <<: *all\n    configuration: {a: 1}\n"
    text = f"x-all: &all {{space_selection: all}}\ninstallations:\n{slack}"

    assert meaning(done(text)) == meaning(text)
    assert "<<: *all" in done(text)


def test_line_ends_and_marks_of_other_systems_go() -> None:
    assert done("\ufeffversion: 1\r\norganization: o\r\n\r\n") == "version: 1\norganization: o\n"


def test_an_empty_file_stays_empty() -> None:
    assert done("") == ""
    assert done("# nothing yet\n") == "# nothing yet\n"


def test_words_and_numbers_keep_their_form() -> None:
    text = (
        "variables: {a: yes, b: 0x1F, c: 1.10, d: '5', e: \"x\", f: 1_000, g: 12e03, h: 2026-01-01, i: ~x}\n"
    )

    assert done(text) == text


@pytest.mark.parametrize(
    "spelled", [r"\u202e", r"\x41", r"\L\e\/", r"\\", r"\\\"", r"\"\\\u2028", "\ue000", r"\U0001F600"]
)
def test_what_is_spelled_out_in_double_quotes_stays_so(spelled: str) -> None:
    text = f'variables:\n  a: "x {spelled}" # so\n  "b{spelled}": {{c: ["{spelled}", \'it\'\'s \\\']}}\n'

    assert done(text) == text
