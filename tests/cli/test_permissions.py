"""What a plan needs a token for is listed, and a token that cannot do it is said before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION, Sandbox
from reconciler.sandbox.call import Caller
from reconciler.sandbox.server import running

if TYPE_CHECKING:
    from pathlib import Path

FILE = f"""\
version: 1
organization: {ORGANIZATION}
installations:
  slack: {{configuration: {{default_channel: C9}}}}
"""


class Foreign(Sandbox):
    """A server to which every token is that of Slack's own code."""

    def caller(self, authorization: str) -> Caller:
        return (
            Caller("integration", "slack")
            if self.log and self.log[-1].operation
            else super().caller(authorization)
        )


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "gbsync.yaml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_a_plan_lists_the_operations_that_it_needs(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", file, "--sandbox", "--permissions"]) == 0

    shown = capsys.readouterr().out
    assert "Permissions: apply may call these 2 operations, with a personal access token" in shown
    assert (
        "  updateIntegrationInstallation   PATCH  /integrations/{integrationName}/installations/{inst"
        in shown
    )
    assert shown.endswith("/{installationId}  1 step\n")


def test_an_empty_plan_needs_no_permission(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILE.partition("installations")[0], encoding="utf-8")
    run(["plan", file, "--sandbox", "--permissions"])

    assert "Permissions: nothing to send, so none are needed." in capsys.readouterr().out


@pytest.mark.parametrize(("token", "asks"), [("gb_api_x", 0), ("opaque", 1)])
def test_a_token_that_does_not_show_whose_it_is_is_asked_for_once(
    token: str, asks: int, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(token=token)
    with running(sandbox) as url:
        monkeypatch.setenv("GITBOOK_ENDPOINT", url)
        monkeypatch.setenv("GITBOOK_TOKEN", token)
        assert run(["apply", file, "--auto-approve"]) == 0

    asked = [entry.operation for entry in sandbox.log].count("getAuthenticatedUser")
    assert asked == asks


def test_a_token_of_nobody_is_said_before_anything_is_sent(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Foreign(token="opaque")
    with running(sandbox) as url:
        monkeypatch.setenv("GITBOOK_ENDPOINT", url)
        monkeypatch.setenv("GITBOOK_TOKEN", "opaque")
        code = run(["apply", file, "--auto-approve"])

    said = capsys.readouterr().err
    assert code == 1
    assert "GITBOOK_TOKEN belongs to no user, or to an application without the scope user:read" in said
    assert "the plan needs updateIntegrationInstallation, which take a personal access token" in said
    assert not sandbox.commits
