"""`gbsync fmt`: files rewritten in place, or only named."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run

if TYPE_CHECKING:
    from pathlib import Path

UNTIDY = "organization: o\nversion: 1 # one\n"
TIDY = "version: 1 # one\norganization: o\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two parts, one of them untidy."""
    (tmp_path / "gbsync.yaml").write_text(UNTIDY)
    (tmp_path / "slack.gbsync.yaml").write_text("installations:\n  slack: {}\n")
    (tmp_path / "other.yaml").write_text("b: 1\na:    2\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_parts_of_a_folder_are_rewritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fmt"]) == 0
    assert capsys.readouterr().out == "gbsync.yaml\n"
    assert (folder / "gbsync.yaml").read_text() == TIDY
    assert (folder / "other.yaml").read_text() == "b: 1\na:    2\n"


def test_check_names_what_would_change_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fmt", "--check"]) == 2
    assert capsys.readouterr().out == "gbsync.yaml\n"
    assert (folder / "gbsync.yaml").read_text() == UNTIDY
    assert run(["fmt"]) == 0
    assert run(["fmt", "--check"]) == 0


def test_stdin_is_formatted_onto_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UNTIDY.encode())))

    assert run(["fmt", "-"]) == 0
    assert capsys.readouterr().out == TIDY


def test_a_file_that_cannot_be_read_is_left_alone_and_the_others_are_done(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.gbsync.yaml").write_text("installations: [\n")

    assert run(["fmt"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "gbsync.yaml\n"
    assert "broken.gbsync.yaml:2:1: GB003" in shown.err
    assert (folder / "broken.gbsync.yaml").read_text() == "installations: [\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nowhere.yaml", None, "GB001: cannot be read: no such file"),
        ("latin.yaml", b"a: \xe9\n", "GB002: byte 0xe9 at offset 3"),
    ],
)
def test_what_is_no_text_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)

    assert run(["fmt", name]) == 1
    assert f"{name}:1:1: {said}" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)

    assert run(["fmt"]) == 1
    assert "gbsync.yaml: cannot be written: permission denied" in capsys.readouterr().err


@pytest.mark.parametrize("option", [(), ("--check",)])
def test_a_folder_with_nothing_to_format_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    assert run(["fmt", str(tmp_path), *option]) == 1
    assert "GB015" in capsys.readouterr().err


def test_a_part_under_a_name_that_is_not_read_is_no_success(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "more.gbsync.yml").write_text("installations: {}\n")

    assert run(["fmt"]) == 1
    assert "more.gbsync.yml:1:1: GB095" in capsys.readouterr().err
    assert (folder / "gbsync.yaml").read_text() == TIDY
