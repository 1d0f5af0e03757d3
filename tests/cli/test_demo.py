"""`gbsync demo`: the story may be kept, once, and ends at once when somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path


def test_what_is_kept_can_be_gone_on_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "story"

    assert run(["demo", "--keep", str(folder)]) == 0
    assert str(folder) in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["acme.json", "gbsync.yaml"]
    assert run(["plan", str(folder), f"--sandbox={folder / 'acme.json'}", "--detailed-exitcode"]) == 0


@pytest.mark.parametrize("name", ["acme.json", "gbsync.yaml"])
def test_a_file_of_somebody_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")

    assert run(["demo", "--keep", str(tmp_path)]) == 1
    assert f"{tmp_path / name}: already exists" in capsys.readouterr().err
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert run(["demo", "--keep", str(tmp_path / "file" / "below")]) == 1
    assert "file/below: cannot be created" in capsys.readouterr().err


def test_ctrl_c_ends_the_whole_story(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(work: Coroutine[Any, Any, Any]) -> None:
        work.close()
        raise KeyboardInterrupt

    monkeypatch.setattr("reconciler.cli.commands.plan.asyncio.run", interrupted)

    assert run(["demo"]) == 130
    shown = capsys.readouterr()
    assert shown.err.strip() == "Interrupted."
    assert "Make it so" not in shown.out
