"""`gbsync show --effective`: what a resource resolves to, and which line of which file says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION

if TYPE_CHECKING:
    from pathlib import Path

BASE = f"""version: 1
organization: {ORGANIZATION}
sites:
  handbook: {{id: site_p4Xo1, tags: [public], vars: {{ga: G-1}}}}
installations:
  googleanalytics:
    prune: all
    sites:
      tag:public: {{configuration: {{tracking_id: "${{{{ site.ga }}}}", token: "${{{{ secret.T }}}}"}}}}
"""
PROD = "installations:\n  googleanalytics:\n    sites:\n      handbook: {configuration: {anonymize: true}}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "prod.yaml").write_text(PROD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("T", "hunter2")


def test_each_value_comes_with_the_line_that_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "--effective", "base.yaml", "prod.yaml"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "installation/googleanalytics prune all base.yaml:6",
        "",
        "installation/googleanalytics/site/site_p4Xo1 (handbook) prod.yaml:4",
        'configuration.tracking_id = "G-1" base.yaml:9',
        "configuration.token = (secret #1) base.yaml:9",
        "configuration.anonymize = true prod.yaml:4",
    ]


def test_an_address_narrows_it_and_takes_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "--effective", "installation/*/site/handbook", "base.yaml", "--format", "json"]) == 0
    shown = capsys.readouterr().out
    (only,) = json.loads(shown)
    assert only["address"] == "installation/googleanalytics/site/site_p4Xo1"
    assert only["label"] == "handbook"
    assert only["values"][0] == {
        "path": ["configuration", "tracking_id"],
        "value": "G-1",
        "place": "base.yaml:9",
    }
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["installation/slack", "base.yaml"], "installation/slack is not declared"),
        (["base.yaml", "--format", "html"], "--effective has no --format html"),
    ],
)
def test_what_cannot_be_shown_says_why(
    capsys: pytest.CaptureFixture[str], args: list[str], said: str
) -> None:
    assert run(["show", "--effective", *args]) == 1
    assert said in capsys.readouterr().err


def test_what_is_absent_and_pinned_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = BASE.split("sites:", maxsplit=1)[0]
    body = "installations:\n  slack: {absent: true}\n  github: {id: inst_1, ownership: exact}\n"
    (tmp_path / "gbsync.yaml").write_text(head + body)

    assert run(["show", "--effective"]) == 0
    shown = capsys.readouterr().out
    assert "installation/slack absent" in shown
    assert "installation/github ownership exact, id inst_1" in shown


def test_a_plan_is_asked_for_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show"]) == 1
    assert "show takes one saved plan" in capsys.readouterr().err
