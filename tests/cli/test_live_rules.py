"""The rules that only the organization can tell: each example, against the sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from reconciler.config.rules import RULES
from reconciler.sandbox import ORGANIZATION, world
from reconciler.sandbox.records import Binding, Installation
from tests.config.files import write

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.config.rules.rule import Rule

LIVE = [rule for rule in RULES.values() if rule.live]
HEAD = f"version: 1\norganization: {ORGANIZATION}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a world, to stand in."""
    world.default().save(str(tmp_path / "world.json"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHANNEL", "C0123")
    return tmp_path


def said(rule: Rule, example: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The rules that the example breaks."""
    write(folder, {**rule.files, "gbsync.yaml": HEAD + example})
    capsys.readouterr()
    run(["validate", "--sandbox=world.json"])
    lines = capsys.readouterr().out.splitlines()
    return [found for line in lines for found in RULES if f": {found} " in line]


def prepare(rule: Rule, folder: Path) -> None:
    """What must be live for the rule to be broken."""
    if rule.id == "GB610":
        write(folder, {**rule.files, "gbsync.yaml": HEAD + rule.good})

        assert run(["apply", "--sandbox=world.json", "--auto-approve"]) == 0
    if rule.id == "GB611":
        store = world.default()
        slack = next(item for item in store.installations.values() if item.integration == "slack")
        store.installations["inst_slack"] = replace(slack, id="inst_slack")
        store.save(str(folder / "world.json"))
    if rule.id == "GB619":
        store = world.default()
        store.put_installation(Installation("inst_intercom", "intercom", ORGANIZATION))
        masked = {"app_id": "********", "region": "US"}
        store.put_binding(Binding("inst_intercom", "site", "site_p4Xo1", masked))
        store.save(str(folder / "world.json"))


@pytest.mark.parametrize("rule", LIVE, ids=lambda rule: rule.id)
def test_the_wrong_example_breaks_the_rule(
    rule: Rule, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(rule, here)

    assert rule.id in said(rule, rule.bad, here, capsys)


@pytest.mark.parametrize("rule", LIVE, ids=lambda rule: rule.id)
def test_the_right_example_does_not(rule: Rule, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(rule, here)

    assert not said(rule, rule.good, here, capsys)
