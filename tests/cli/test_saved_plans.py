"""`plan --out` and `apply FILE`: reviewed is applied, exactly, or refused with a code of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run
from reconciler.plan.saved import document as planfile
from reconciler.sandbox import ORGANIZATION, Sandbox
from reconciler.sandbox.server import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk

FILE = "installations: {slack: {configuration: {default_channel: C9}}}\n"


def edited(path: Path, *, sign: bool = True, **parts: Any) -> Path:
    """The saved plan with other parts; without one for `...`."""
    document = json.loads(path.read_text("utf-8"))
    body = {**document["gbsync"]["apply"], **parts}
    document["gbsync"]["apply"] = {name: value for name, value in body.items() if value is not ...}
    path.write_text(json.dumps(planfile.sealed(document) if sign else document), "utf-8")
    return path


def refused(desk: Desk, path: Path, *args: str, code: int = 1) -> str:
    """What is said when it is refused; nothing is touched."""
    before = desk.world.read_text("utf-8") if desk.world.exists() else ""
    ended = desk.run("apply", *args, path=path)

    assert ended.code == code, ended.out + ended.err
    assert ended.out == ""
    assert (desk.world.read_text("utf-8") if desk.world.exists() else "") == before
    return ended.err


def test_a_saved_plan_is_its_own_approval(desk: Desk) -> None:
    desk.write(FILE)
    path = desk.saved()
    (desk.folder / "gbsync.yaml").unlink()

    ended = desk.run("apply", path=path)

    assert ended.code == 0, ended.err
    assert ended.out.endswith("Apply complete! Resources: 0 added, 1 changed, 0 destroyed.\n")
    assert desk.live("slack")["default_channel"] == "C9"
    assert desk.live("slack")["oauth_credentials"]["access_token"] == "sandbox-slack-access-token"


def test_applied_again_it_is_already_so_and_nothing_is_sent(desk: Desk) -> None:
    desk.write(FILE)
    path = desk.saved()
    desk.run("apply", path=path)

    ended = desk.run("apply", path=path)

    assert ended.code == 0
    assert "Already as planned (nothing was sent):\n  ~ Slack  installation/slack" in ended.out
    assert ended.out.endswith("Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n")


def test_what_moved_is_told_and_exits_with_4(desk: Desk) -> None:
    desk.write(FILE)
    path = desk.saved()
    desk.run("apply", path=path)
    desk.configure("slack", default_channel="C0HAND")

    assert refused(desk, path, code=4) == (
        'Error: installation/slack: configuration.default_channel was "C0000", was to become "C9", '
        'and is "C0HAND"; plan again\n'
        "Error: nothing was touched\n"
    )


def test_a_plan_for_another_organization_is_refused(desk: Desk) -> None:
    desk.write(FILE)
    said = refused(desk, desk.saved(), "--organization", "another")

    assert said == f"Error: the plan is for organization {ORGANIZATION}, not for another; plan again\n"


def test_a_plan_for_another_endpoint_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(FILE)
    path = desk.saved()
    monkeypatch.setenv("GITBOOK_TOKEN", "made-up")

    code = run(["apply", str(path), "--endpoint", "https://elsewhere.example"])

    assert code == 1
    assert capsys.readouterr().err == (
        "Error: the plan is for http://sandbox.localhost, not for https://elsewhere.example; "
        "set GITBOOK_ENDPOINT, or plan again\n"
    )


def test_a_plan_from_a_snapshot_is_refused(desk: Desk) -> None:
    desk.write(FILE)
    desk.run("export", "--snapshot", str(desk.folder / "live.json"))
    path = desk.saved("--state", str(desk.folder / "live.json"))

    assert "made from a snapshot and cannot be applied; plan against GitBook itself" in refused(desk, path)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"format": 3}, "was saved by a newer gbsync (format 3, this one knows 2); upgrade gbsync"),
        (
            {"steps": ...},
            "is damaged (`gbsync.apply.steps` is missing); make it again with `gbsync plan --out`",
        ),
        ({"lock_entries": 3}, "is damaged (`gbsync.apply.lock_entries` is of another type); make it again"),
        ({"forget": ["x"], "sign": False}, "was changed or cut off since it was saved"),
    ],
    ids=["newer", "a part is missing", "a part of another type", "checksum"],
)
@pytest.mark.parametrize("command", ["apply", "show", "graph"])
def test_what_was_forged_or_cut_off_is_one_message(
    desk: Desk, command: str, how: dict[str, Any], said: str
) -> None:
    desk.write(FILE)
    path = edited(desk.saved(), **how)

    ended = desk.run(command, path=path) if command == "apply" else None
    code = ended.code if ended else run([command, str(path)])
    err = ended.err if ended else desk.said()

    assert code == 1
    assert err.startswith(f"Error: {path}: {said}")
    assert err.count("\n") == 1


def test_a_document_without_end_is_one_message(desk: Desk) -> None:
    path = desk.folder / "plan.json"
    path.write_text('{"gbsync": ' + "[" * 100_000, "utf-8")

    assert "is not a saved plan that can be read" in refused(desk, path)


@pytest.mark.parametrize("text", ['{"gbsync": []}', '{"gbsync": null}', '{"gbsync": {"apply": []}}'])
def test_what_only_looks_like_a_saved_plan_is_one_message(desk: Desk, text: str) -> None:
    path = desk.folder / "plan.json"
    path.write_text(text, "utf-8")

    assert refused(desk, path) == (
        f"Error: {path}: is no saved plan of this program; make it again with `gbsync plan --out`\n"
    )


@pytest.mark.parametrize("command", ["plan", "validate", "apply", "drift", "lock"])
def test_a_saved_plan_among_files_is_said_to_be_one(desk: Desk, command: str) -> None:
    desk.write(FILE)
    path = desk.saved()
    before = (str(desk.folder),) if command == "apply" else ()

    code = run([command, *before, str(path), f"--sandbox={desk.world}"])

    assert code == 1
    assert desk.said() == (
        f"Error: {path}: is a saved plan, not a file to plan from; "
        f"`gbsync show {path}` shows it, and `gbsync apply {path}` carries it out\n"
    )


def test_what_was_allowed_when_it_was_planned_is_not_allowed_when_it_is_applied(desk: Desk) -> None:
    desk.write("max_deletes: 0\ninstallations: {mermaid: {absent: true}}\n")
    path = desk.saved("--allow-deletes", "1")

    said = refused(desk, path, code=3)
    allowed = desk.run("apply", "--allow-deletes", "1", path=path)

    assert said.endswith("more than max_deletes (0); if that is meant: --allow-deletes 1\n")
    assert allowed.code == 0, allowed.err


def test_the_lock_that_it_was_made_with_is_the_lock_that_it_writes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox()
    monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
    (desk.folder / "declared_in_unread_file").mkdir()
    path, files = desk.folder / "declared_in_unread_file" / "plan.json", desk.write(FILE, "files/gbsync.yaml")
    with running(sandbox) as url:
        run(["plan", str(files), "--out", str(path), "--endpoint", url])
        code = run(["apply", str(path), "--endpoint", url])

    assert code == 0, capsys.readouterr().err
    assert (files.parent / "gbsync.lock").exists()
    assert not (path.parent / "gbsync.lock").exists()


def test_a_plan_that_sends_nothing_is_saved_and_applied_too(desk: Desk) -> None:
    desk.applied(FILE)
    path = desk.saved()

    ended = desk.run("apply", path=path)

    assert ended.code == 0
    assert ended.out.endswith("Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n")


def test_a_publish_whose_version_moved_is_told_and_exits_with_4(desk: Desk) -> None:
    file = "integrations: {acme: {title: Acme, script: '// %s', scopes: [], secrets: {}}}\n"
    desk.applied(file % "one")
    desk.write(file % "two")
    path = desk.saved()
    with desk.store() as store:
        store.integrations["acme"] = replace(store.integrations["acme"], version=5)

    assert refused(desk, path, code=4).startswith(
        "Error: integration/acme: version was 1 and is 5; plan again"
    )


# what is carried out is what is shown


def test_a_deletion_that_was_cut_out_of_what_policy_tools_read_is_refused(desk: Desk) -> None:
    desk.write("installations: {slack: {absent: true}}\n")
    path = desk.saved()
    document = json.loads(path.read_text("utf-8"))
    document["resource_changes"] = []
    path.write_text(json.dumps(document), "utf-8")

    assert "(its checksum does not fit); make it again" in refused(desk, path)

    path.write_text(json.dumps(planfile.sealed(document)), "utf-8")

    assert "its `resource_changes` are not the steps that it would carry out" in refused(desk, path)


def test_a_number_in_what_a_reviewer_reads_is_covered_too(desk: Desk) -> None:
    desk.write(FILE)
    path = desk.saved()
    document = json.loads(path.read_text("utf-8"))
    document["gbsync"]["counts"]["destroy"] = 9
    path.write_text(json.dumps(document), "utf-8")

    assert "(its checksum does not fit)" in refused(desk, path)


@pytest.mark.parametrize(
    "sent",
    [
        {"configuration": {"default_channel": "C0EVIL"}},
        {"configuration": {"default_channel": "C9", "another": "x"}},
        {"configuration": {"default_channel": "C9"}, "externalIds": ["x"]},
    ],
    ids=["another value", "another key", "another field"],
)
def test_a_step_that_sends_what_it_does_not_show_is_refused(desk: Desk, sent: dict[str, Any]) -> None:
    desk.write(FILE)
    path = desk.saved()
    ((address, step),) = json.loads(path.read_text("utf-8"))["gbsync"]["apply"]["steps"].items()
    edited(path, steps={address: {**step, "desired": sent}})

    assert "is damaged (the step of installation/slack shows another " in refused(desk, path)
