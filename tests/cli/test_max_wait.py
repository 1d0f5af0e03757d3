"""A rate limit that is closed for an hour: it is not sat out, and the exit code says if anything was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from reconciler.sandbox import Fault, Faults, Sandbox
from reconciler.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UPDATES = frozenset({"updateIntegrationInstallation", "updateIntegrationSiteInstallation"})
FILE = """\
version: 1
organization: Qm4TzvXb81LkWc0sYhEo
installations:
  slack: {configuration: {default_channel: C0NEW}}
  googleanalytics: {sites: {site_w8Yn5: {configuration: {tracking_id: G-NEW}}}}
"""


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox on a port, to which the environment leads, and a file of two changes."""
    made = Sandbox()
    (tmp_path / "gbsync.yaml").write_text(FILE, "utf-8")
    with running(made) as url:
        monkeypatch.setenv("GITBOOK_ENDPOINT", url)
        monkeypatch.setenv("GITBOOK_TOKEN", made.token)
        yield made


def closed(*operations: str) -> Faults:
    rates = {Fault.LIMIT_SECONDS: 1.0}
    return Faults(rates=rates, retry_after=3600, operations=frozenset(operations))


def test_where_nothing_could_be_sent_the_exit_code_is_1(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults = closed(*UPDATES)
    code = run(["apply", str(tmp_path), "--auto-approve"])
    said = capsys.readouterr()

    assert code == 1
    assert "nothing was sent: rate limited until " in said.err
    assert said.err.rstrip().endswith("run it again after that")
    assert "Skipped:" in said.out
    assert not sandbox.commits


def test_where_a_part_was_sent_the_exit_code_is_5(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults = closed("updateIntegrationSiteInstallation")
    code = run(["apply", str(tmp_path), "--auto-approve", "--parallelism", "1"])
    said = capsys.readouterr()

    assert code == 5
    assert "applied in part, rate limited until " in said.err
    assert [entry.operation for entry in sandbox.commits] == ["updateIntegrationInstallation"]


def test_a_plan_says_until_when_it_would_have_to_wait(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults = closed()

    assert run(["plan", str(tmp_path)]) == 1
    assert "Error: rate limited until " in capsys.readouterr().err


def test_max_wait_says_how_long_is_too_long(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = {Fault.LIMIT_SECONDS: 1.0}
    sandbox.faults = Faults(rates=rates, retry_after=5)

    assert run(["plan", str(tmp_path), "--max-wait", "2"]) == 1
    assert "Error: rate limited until " in capsys.readouterr().err
