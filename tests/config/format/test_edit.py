"""One value of a text is replaced, and nothing else in it moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from reconciler.config.expressions.literal import Inexpressible, literal
from reconciler.config.format.edit import Edit, Sheet, Uneditable, edited
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read
from reconciler.render.yaml import flow_text
from tests.organizations import VALUES

TEXT = """\
# above
a: {b: old,   c: [1, 2]} # behind

d:
    # between
    e:   'old'   # beside
"""


def replaced(text: str, path: tuple[str, ...], new: str) -> str:
    entry = Sheet(text).of(path)
    assert entry is not None
    return edited(text, [Edit(entry.start, entry.end, new)])


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("a", "b"), "old,", "new,"),
        (("a", "c"), "[1, 2]", "new"),
        (("d", "e"), "'old'", "new"),
        (("a",), "{b: old,   c: [1, 2]}", "new"),
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_blank_and_comment_stays(
    path: tuple[str, ...], old: str, new: str, start: str, end: str
) -> None:
    text = start + TEXT.replace("\n", end)

    assert replaced(text, path, "new") == text.replace(old, new)


def test_an_entry_is_known_by_the_place_of_its_key() -> None:
    sheet = Sheet(TEXT)

    assert sheet.at(6, 5, "e").scalar == "old"
    assert sheet.at(2, 15, "c").text == "[1, 2]"
    for line, column, key in ((6, 5, "f"), (6, 6, "e"), (99, 1, "e")):
        with pytest.raises(Uneditable):
            sheet.at(line, column, key)


@pytest.mark.parametrize(
    "text",
    [
        "v: &name old",
        "v: !!str old",
        "x: &name old\nv: *name",
        "v: |\n  old\n",
        "v: >-\n  old\n",
        "v:\n  old: 1\n",
        "v:\n  - old\n",
        "v: [1, # one\n  2]",
        "v: {file: old.txt}",
        "v:",
        "v: # why\n  old",
        "v: two\n  lines",
    ],
)
def test_what_cannot_be_replaced_without_loss_is_refused(text: str) -> None:
    with pytest.raises(Uneditable):
        Sheet(text).of(("v",))


@given(VALUES)
def test_any_value_is_read_back_as_it_was(value: object) -> None:
    try:
        written = literal(value, nulls=True)
    except Inexpressible:
        return
    findings = Findings()
    text = replaced(TEXT, ("a", "b"), flow_text(written))
    root = read(text.encode(), file=findings.enter("x", Path()), findings=findings)

    assert not findings.problems
    assert root == {"a": {"b": written, "c": [1, 2]}, "d": {"e": "old"}}
