"""`gbsync export` and `gbsync init`: a first file, from nothing or from what is live."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from reconciler.config.format.schema import MODELINE
from reconciler.sandbox import ORGANIZATION
from tests.conftest import ROOT
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_file_is_the_starter_and_plans_on_the_sandbox(tmp_path: Path) -> None:
    ended = gbsync("init", str(tmp_path))
    planned = gbsync("plan", str(tmp_path), "--sandbox")

    starter = (ROOT / "reconciler" / "cli" / "starter.yaml").read_text(encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert f"Next: gbsync plan {tmp_path / 'gbsync.yaml'} --sandbox" in ended.stderr
    assert (tmp_path / "gbsync.yaml").read_text(encoding="utf-8") == starter
    assert planned.returncode == 0, planned.stderr


def test_a_file_that_is_there_stays_unless_it_is_forced(tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text("mine\n", encoding="utf-8")

    refused = gbsync("init", str(file))
    kept = file.read_text(encoding="utf-8")
    forced = gbsync("init", str(file), "--force")

    assert refused.returncode == 1
    assert "already exists" in refused.stderr
    assert kept == "mine\n"
    assert forced.returncode == 0
    assert file.read_text(encoding="utf-8").startswith(f"{MODELINE}version: 1\n")


def test_a_folder_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    ended = gbsync("init", str(tmp_path / "nowhere" / "gbsync.yaml"))

    assert ended.returncode == 1
    assert "nowhere/gbsync.yaml: cannot be written: No such file or directory" in ended.stderr


def test_init_writes_one_file(tmp_path: Path) -> None:
    ended = gbsync("init", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"))

    assert ended.returncode == 1
    assert "unexpected extra argument" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_of_any_name_is_named_in_what_to_do_next(tmp_path: Path) -> None:
    ended = gbsync("init", str(tmp_path / "team.yaml"))

    assert ended.returncode == 0
    assert f"Wrote {tmp_path / 'team.yaml'}. Next: gbsync plan {tmp_path / 'team.yaml'}" in ended.stderr


def test_to_stdout_it_prints_the_file_and_nothing_else() -> None:
    starter = gbsync("init", "-")
    live = gbsync("init", "-", "--from-live", "--sandbox")

    assert (starter.returncode, live.returncode) == (0, 0), starter.stderr + live.stderr
    assert starter.stdout == (ROOT / "reconciler" / "cli" / "starter.yaml").read_text(encoding="utf-8")
    assert live.stdout == gbsync("export", "--sandbox").stdout
    assert starter.stderr == live.stderr == ""
    assert not (ROOT / "-").exists()


def test_the_example_has_no_secrets_to_refer_to(tmp_path: Path) -> None:
    ended = gbsync("init", str(tmp_path), "--secret-references")

    assert ended.returncode == 1
    assert "say --from-live too" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_from_live_replaces_a_file_only_when_it_is_forced(tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text("mine\n", encoding="utf-8")

    refused = gbsync("init", str(tmp_path), "--from-live", "--sandbox")
    kept = file.read_text(encoding="utf-8")
    forced = gbsync("init", str(tmp_path), "--from-live", "--force", "--sandbox")

    assert (refused.returncode, forced.returncode) == (1, 0)
    assert kept == "mine\n"
    assert file.read_text(encoding="utf-8") == gbsync("export", "--sandbox").stdout


def test_from_live_it_is_what_export_prints_and_planning_it_is_empty(tmp_path: Path) -> None:
    world = f"--sandbox={tmp_path / 'world.json'}"
    file = tmp_path / "gbsync.yaml"

    made = gbsync("init", str(file), "--from-live", world)
    planned = gbsync("plan", str(file), world, "--detailed-exitcode")
    printed = gbsync("export", str(file), world)
    formatted = gbsync("fmt", str(file), "--check")

    assert made.returncode == 0, made.stderr
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert planned.stdout.endswith("No changes.\n")
    assert printed.stdout == file.read_text(encoding="utf-8")
    assert printed.stderr == ""
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr


def test_without_files_and_variable_it_asks_which_organization(tmp_path: Path) -> None:
    ended = gbsync("init", str(tmp_path / "gbsync.yaml"), "--from-live", environ={"GITBOOK_TOKEN": "t"})

    assert ended.returncode == 1
    assert "set GITBOOK_ORGANIZATION" in ended.stderr


def test_without_a_token_the_message_names_the_variable(tmp_path: Path) -> None:
    ended = gbsync("export", str(tmp_path), "--organization", ORGANIZATION)
    again = gbsync("init", str(tmp_path), "--from-live", environ={"GITBOOK_ORGANIZATION": ORGANIZATION})

    assert (ended.returncode, again.returncode) == (1, 1)
    assert "GB" in ended.stderr
    assert "GITBOOK_TOKEN" in again.stderr


def test_the_organization_is_that_of_the_files(tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text("version: 1\norganization: 0therOrganization000\n", encoding="utf-8")

    ended = gbsync("export", str(file), "--sandbox")

    assert ended.returncode == 1
    assert "0therOrganization000" in ended.stderr


def test_a_snapshot_goes_to_its_file_or_to_stdout(tmp_path: Path) -> None:
    file = tmp_path / "live.json"

    written = gbsync("export", "--sandbox", "--snapshot", str(file))
    printed = gbsync("export", "--sandbox", "--snapshot", "-")

    assert written.stdout == ""
    assert "Recorded 14 resources; the snapshot contains no secret value." in written.stderr
    assert json.loads(printed.stdout) == json.loads(file.read_text(encoding="utf-8"))


def test_an_export_reads_its_files_from_stdin_too() -> None:
    text = f"version: 1\norganization: {ORGANIZATION}\n"

    ended = gbsync("export", "-", "--sandbox", stdin=text)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == gbsync("export", "--sandbox").stdout


def test_a_snapshot_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    ended = gbsync("export", "--sandbox", "--snapshot", str(tmp_path))

    assert ended.returncode == 1
    assert f"{tmp_path}: cannot be written: Is a directory" in ended.stderr


def test_a_secret_is_a_comment_or_on_demand_a_reference_that_plans_empty(tmp_path: Path) -> None:
    world = f"--sandbox={tmp_path / 'world.json'}"
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"organization": ORGANIZATION}), encoding="utf-8")
    made = gbsync("api", "installIntegration", "-p", "integrationName=sentry", "--body", str(body), world,
                  "--auto-approve")  # fmt: skip
    body.write_text(json.dumps({"configuration": {"auth_token": "sntrys_by_hand"}}), encoding="utf-8")
    where = ("-p", "integrationName=sentry", "-p", f"installationId={json.loads(made.stdout)['id']}")
    gbsync("api", "updateIntegrationInstallation", *where, "--body", str(body), world, "--auto-approve")

    commented = gbsync("export", world).stdout
    referred = gbsync("export", world, "--secret-references").stdout
    (tmp_path / "gbsync.yaml").write_text(referred, encoding="utf-8")
    same = (str(tmp_path), world, "--detailed-exitcode")
    planned = gbsync("plan", *same, environ={"SENTRY_AUTH_TOKEN": "sntrys_by_hand"})
    moved = gbsync("plan", *same, environ={"SENTRY_AUTH_TOKEN": "sntrys_another"})

    assert "# auth_token: ${{ secret.SENTRY_AUTH_TOKEN }}" in commented
    assert 'auth_token: "${{ secret.SENTRY_AUTH_TOKEN }}"' in referred
    assert (planned.returncode, moved.returncode) == (0, 2), planned.stderr + moved.stderr
    assert "sntrys" not in commented + referred + planned.stdout + moved.stdout


@pytest.mark.parametrize("option", ["", "--secret-references"])
def test_no_secret_is_ever_in_an_export(option: str) -> None:
    ended = gbsync("export", "--sandbox", *([option] if option else []))

    assert ended.returncode == 0, ended.stderr
    assert "sandbox-slack-access-token" not in ended.stdout


def test_the_next_command_of_init_plans_where_the_file_was_made(tmp_path: Path) -> None:
    state = tmp_path / "acme.json"
    shutil.copy(ROOT / "examples/adopt/acme.json", state)

    ended = gbsync("init", str(tmp_path / "team.yaml"), "--from-live", f"--sandbox={state}")

    assert ended.stderr == (
        f"Wrote {tmp_path / 'team.yaml'}. Next: gbsync plan {tmp_path / 'team.yaml'} --sandbox={state}\n"
    )
