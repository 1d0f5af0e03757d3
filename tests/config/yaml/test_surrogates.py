"""JSON's pairs of escapes in a language that has one escape for each character."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.format.fmt import formatted
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read
from reconciler.config.yaml.surrogates import column_before, joined
from reconciler.gitbook.kinds.table import KINDS
from tests.config.files import faults, problems, write

TEXTS = st.text('a\\u"\n😀é\U0010ffff“', max_size=12)


@given(st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3), min_size=1, max_size=3))
def test_what_json_writes_is_read_as_it_was(document: dict[str, list[str]]) -> None:
    findings = Findings()
    number = findings.enter("a.yaml", Path())

    found = read(json.dumps(document).encode(), file=number, findings=findings)

    assert found == document
    assert not findings.problems


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\\ud83d\\ude00"}',
        r'{"a": "\ud83d"}',
        r"a: '\ud83d\ude00'",
        r"{a: '\ud83d\ude00'}",
        r'a: "\ud83d\ude00"',
    ],
)
def test_other_text_is_as_it_was(text: str) -> None:
    assert joined(text)[0] == text


@given(st.lists(st.sampled_from(["a", "\\\\", "\\ud83d\\ude00", "é", "\\n"]), max_size=12))
def test_columns_are_those_of_the_text_before(pieces: list[str]) -> None:
    text = '{"' + "".join(pieces) + '": 0, "last": 1}'
    made, columns = joined(text)

    assert column_before(columns, 0, made.index("last")) == text.index("last")
    assert json.loads(text).keys() == read_keys(made)


def read_keys(text: str) -> set[str]:
    findings = Findings()
    found = read(text.encode(), file=findings.enter("a", Path()), findings=findings)
    return set(found or ())


def test_a_problem_after_a_pair_has_its_place(tmp_path: Path) -> None:
    document = {"slack": {"configuration": {"a": "😀"}, "externalIds": "x"}}
    text = json.dumps({"version": 1, "organization": "7fQm2WvA91bXcR0tYk3L", "installations": document})
    write(tmp_path, {"gbsync.yaml": text})

    (problem,) = problems(tmp_path)

    assert problem.place is not None
    assert problem.place.column - 1 == text.index('"x"')


def test_it_is_formatted_too() -> None:
    made = formatted(json.dumps({"version": 1, "x-a": "😀"}), table=KINDS)

    assert formatted(made, table=KINDS) == made
    assert "😀" in made or "U0001F600" in made


def test_half_a_character_is_still_an_error(tmp_path: Path) -> None:
    assert "half a character" in faults(tmp_path, 'x-a: "\\ud83d"\n')[0]
