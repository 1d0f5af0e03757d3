"""The trail: each line on the disk when it is said, whole lines whatever was there before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome, Result
from reconciler.cli.audit_log import AuditLog
from reconciler.errors import LockError
from reconciler.plan.step import Action, Step
from reconciler.resources.resource import Address

ADDRESS = Address("installation/slack")
SENDING = StepEvent(Phase.SEND, ADDRESS, Action.UPDATE, "write", 1)
ENDED = StepEvent(
    Phase.END, ADDRESS, Action.UPDATE, result=Result(Step(Action.UPDATE, ADDRESS), Outcome.FAILED, "no")
)


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_a_line_is_on_the_disk_when_it_was_told(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    audit_log = AuditLog(str(path))
    audit_log(SENDING)
    first = json.loads(path.read_text("utf-8"))
    audit_log(ENDED)
    audit_log.close()
    second = json.loads(lines(path)[1])

    assert {key: first[key] for key in ("phase", "address", "action", "call", "number")} == {
        "phase": "send",
        "address": "installation/slack",
        "action": "update",
        "call": "write",
        "number": 1,
    }
    assert (second["outcome"], second["message"]) == ("failed", "no")


def test_runs_follow_each_other_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for _ in range(2):
        audit_log = AuditLog(str(path))
        audit_log(SENDING)
        audit_log.close()

    assert len(lines(path)) == 2


def test_a_line_that_a_killed_run_left_half_stays_alone_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"moment": "se', encoding="utf-8")
    audit_log = AuditLog(str(path))
    audit_log(SENDING)
    audit_log.close()
    half, whole = lines(path)

    assert half == '{"moment": "se'
    assert json.loads(whole)["phase"] == "send"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(LockError, match=r"events cannot be written: .*name another with --events"):
        AuditLog(str(tmp_path / "nowhere" / "events.jsonl"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_an_error_each_time_and_closing_is_none() -> None:
    audit_log = AuditLog("/dev/full")
    for _ in range(2):
        with pytest.raises(LockError, match="No space left on device"):
            audit_log(SENDING)
    audit_log.close()


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no /dev/null here")
def test_what_has_no_disk_behind_it_will_do() -> None:
    audit_log = AuditLog("/dev/null")
    audit_log(SENDING)
    audit_log.close()
