"""`gbsync status`: how everything stands, and where a person must finish."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION, world

if TYPE_CHECKING:
    from pathlib import Path

FILE = "version: 1\norganization: {0}\ninstallations:\n  slack: {{}}\n  plausible: {{}}\n"


@pytest.fixture
def pending(tmp_path: Path) -> Path:
    """A world in which somebody must authorize Slack."""
    store = world.default()
    for id_, item in store.installations.items():
        if item.integration == "slack":
            store.installations[id_] = replace(item, configuration={})
    file = tmp_path / "world.json"
    store.save(file)
    return file


def test_without_files_the_organization_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = run(["status", "--sandbox"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == ["googleanalytics", "mermaid", "slack"]
    assert all(line.endswith("active") for line in lines)


def test_what_a_person_must_finish_comes_with_its_link(
    pending: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILE.format(ORGANIZATION), encoding="utf-8")

    code = run(["status", str(tmp_path), f"--sandbox={pending}"])

    shown = capsys.readouterr().out
    assert code == 0
    assert "slack            Slack             pending\n  finish it at https://app.gitbook.com/" in shown
    assert "plausible                          not installed\n" in shown
    assert "mermaid          Mermaid           active  (not declared)\n" in shown


def test_programs_get_the_same_as_json(
    pending: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILE.format(ORGANIZATION), encoding="utf-8")

    run(["status", str(tmp_path), f"--sandbox={pending}", "--format", "json"])

    document = json.loads(capsys.readouterr().out)
    found = {item["name"]: item for item in document["integrations"]}
    assert document["organization"] == ORGANIZATION
    assert (found["slack"]["status"], found["slack"]["declared"]) == ("pending", True)
    assert found["slack"]["link"].startswith("https://")
    assert (found["plausible"]["status"], found["plausible"]["link"]) == ("not installed", None)
    assert found["mermaid"]["declared"] is False


def test_an_organization_without_integrations_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world.empty().save(tmp_path / "world.json")

    run(["status", "--sandbox=world.json"])

    assert capsys.readouterr().out == "No integration is installed.\n"


def test_without_an_organization_the_ways_to_name_one_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITBOOK_TOKEN", "gb_api_x")

    code = run(["status"])

    assert code == 1
    assert "GITBOOK_ORGANIZATION" in capsys.readouterr().err


def test_files_that_are_wrong_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gbsync.yaml").write_text("version: 1\ninstalations: {}\n", encoding="utf-8")

    code = run(["status", str(tmp_path), "--sandbox"])

    assert code == 1
    assert "instalations" in capsys.readouterr().err
