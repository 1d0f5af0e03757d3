"""The line that a problem is about, without a secret that stands in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reconciler.config.yaml.snippet import Snippets
from reconciler.diagnostics import Place
from tests.config.files import write

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary"
FILES = {
    "plain": "secrets:\n  A: canary\n  B: 'canary'\nother: {token: canary, x: 1}\n",
    "nested": "a:\n  api_key:\n    deep: [canary, {x: canary}]\n    more: canary\n  b: 1\n",
    "folded": "secrets:\n  A: >-\n    canary\n    canary\n\n    canary\n  B: |\n    canary\nx: 1\n",
    "quoted": 'token: "canary\n  canary" # why\nx: 1\n',
    "lists": "tokens:\n- canary\n- canary # why\nx: [1]\n",
    "crlf": "token: canary\r\nx: {password: canary, y: 2}\r\n",
    "marked": "\ufefftoken: canary\nx: 1\n",
    "aliases": "a: &a {token: canary}\nb: *a\n",
    "broken": "installations:\n  slack:\n    token: canary\n    x: [canary\n",
    "torn": "token: canary\nx: [\n",
    "old": "x: 1\rtoken: canary\r\rpassword: >-\r  canary\r\r  canary\ry: 2\r",
    "mixed": "x: 1\rtoken: canary\nsecrets:\r\n  a: canary\r",
    "twice": "secrets: {A: canary, A: canary}\ntoken: canary\ntoken: 'canary'\n",
    "keys": "secrets: {canary, B: 1}\ntokens:\n  canary:\n",
    "tagged": "secrets: {A: !canary x, B: *canary, C: &canary x}\n",
    "odd": "? [x]\n: x\n? {token: canary}\n: x\ntoken: canary\n",
    "tabs": "secrets:\n\tA: canary\n",
}


@pytest.mark.parametrize("name", FILES)
def test_no_line_at_any_place_shows_a_secret(tmp_path: Path, name: str) -> None:
    path = str(write(tmp_path, {"f.yaml": FILES[name]}) / "f.yaml")
    snippets = Snippets()
    lines = re.split("[\r\n]", FILES[name])
    for line in range(len(lines) + 2):
        for column in range(1, 40):
            found = snippets.at(Place(path, line, column))
            if found:
                assert CANARY not in found.code
                assert 0 <= found.start <= found.end <= len(found.code)


def test_what_is_no_secret_is_shown_as_it_stands(tmp_path: Path) -> None:
    path = str(write(tmp_path, {"f.yaml": "a: 1\nslack: {chanel: 'C 1', töken: x}\n"}) / "f.yaml")
    found = Snippets().at(Place(path, 2, 17))

    assert found is not None
    assert found.code == "slack: {chanel: 'C 1', töken: x}"
    assert found.code[found.start : found.end] == "'C 1'"
    assert found.byte == len("a: 1\nslack: {chanel: ")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_way_to_end_a_line_counts(tmp_path: Path, end: str, mark: str) -> None:
    text = f"{mark}a: ä{end}b: {{c: 2}}{end}"
    path = str(write(tmp_path, {"f.yaml": text}) / "f.yaml")
    found = Snippets().at(Place(path, 2, 5))

    assert found is not None
    assert found.code == "b: {c: 2}"
    assert found.code[found.start : found.end] == "c:"
    assert text.encode()[found.byte :].startswith(b"c: 2")


def test_a_place_behind_a_mask_moves_with_it(tmp_path: Path) -> None:
    path = str(write(tmp_path, {"f.yaml": "slack: {token: canary-of-some-length, chanel: x}\n"}) / "f.yaml")
    found = Snippets().at(Place(path, 1, 39))

    assert found is not None
    assert found.code == "slack: {token: (secret), chanel: x}"
    assert found.code[found.start : found.end] == "chanel:"


@pytest.mark.parametrize(
    ("name", "content"), [("gone.yaml", None), ("latin.yaml", b"a: \xe9\n"), ("<stdin>", None)]
)
def test_what_cannot_be_read_has_no_snippet(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        write(tmp_path, {name: content})
    path = name if name == "<stdin>" else str(tmp_path / name)

    assert Snippets().at(Place(path)) is None


MASKED = "mask: [house_code, slack/channel]\n"
KEYS = "installations: {slack: {configuration: {house_code: canary, channel: canary}}}\n"


@pytest.mark.parametrize(
    "text", [MASKED + KEYS, KEYS + MASKED, MASKED + KEYS + "x: [\n"], ids=["above", "below", "broken"]
)
def test_what_the_file_masks_is_masked_wherever_the_list_stands(tmp_path: Path, text: str) -> None:
    path = str(write(tmp_path, {"f.yaml": text}) / "f.yaml")
    snippets = Snippets()
    lines = [snippets.at(Place(path, number)) for number in (1, 2)]

    assert not any(CANARY in line.code for line in lines if line)


def test_what_another_input_masks_is_masked(tmp_path: Path) -> None:
    folder = write(tmp_path, {"base/gbsync.yaml": MASKED, "over.yaml": KEYS})
    over = str(folder / "over.yaml")
    alone, together = Snippets().at(Place(over)), Snippets([str(folder / "base"), over, "-"]).at(Place(over))

    assert alone is not None
    assert CANARY in alone.code
    assert together is not None
    assert CANARY not in together.code


def test_a_key_that_another_integration_masks_is_shown(tmp_path: Path) -> None:
    path = str(write(tmp_path, {"f.yaml": MASKED + KEYS.replace("slack:", "teams:")}) / "f.yaml")
    line = Snippets().at(Place(path, 2))

    assert line is not None
    assert "house_code: (secret), channel: canary" in line.code
