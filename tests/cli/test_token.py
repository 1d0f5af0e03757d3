"""`gbsync token`: a temporary token, on stdout alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.cli import run
from reconciler.sandbox import Store, world

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_token_is_on_stdout_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "world.json"

    code = run(["token", "slack", f"--sandbox={file}", "--log", "debug"])

    shown = capsys.readouterr()
    token = shown.out.strip()
    assert code == 0
    assert token in Store.load(file).grants
    assert shown.out == f"{token}\n"
    assert "createIntegrationInstallationToken" in shown.err
    assert token not in shown.err


def test_programs_get_the_token_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "world.json"

    assert run(["token", "slack", f"--sandbox={file}", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["token"] in Store.load(file).grants


def test_a_personal_token_cannot_make_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITBOOK_TOKEN", "gb_api_x")

    code = run(["token", "slack"])

    assert code == 1
    assert "the integration's own token" in capsys.readouterr().err


def test_an_integration_that_is_not_installed_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["token", "plausible", "--sandbox"])

    shown = capsys.readouterr()
    assert code == 1
    assert "not installed" in shown.err
    assert shown.out == ""


def test_of_two_installations_one_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = world.default()
    first = next(item for item in store.installations.values() if item.integration == "slack")
    store.installations["second"] = replace(first, id="second")
    store.save(tmp_path / "world.json")
    called = ["token", "slack", f"--sandbox={tmp_path / 'world.json'}"]

    assert run(called) == 1
    said = capsys.readouterr().err
    assert "--installation" in said
    assert "second" in said
    assert run([*called, "--installation", "second"]) == 0
