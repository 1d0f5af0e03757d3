"""No output overwrites an input, the lock or another output; what is refused is still as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run

if TYPE_CHECKING:
    from tests.cli.desk import Desk

FILE = """\
integrations:
  acme: {title: Acme, script: {file: built.js}, scopes: [], secrets: {TOKEN: "${{ secret.ACME_TOKEN }}"}}
variables: {x: y}
"""


@pytest.fixture
def full(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder with one file of every sort, and links and second names of some."""
    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("GBSYNC_SECRETS_DIR", str(desk.folder / "secrets"))
    desk.write(FILE)
    for name, text in {
        "built.js": "// built",
        "vars.yaml": "a: b\n",
        "gbsync.lock": "{}",
        "state.json": "{}",
        "secrets/ACME_TOKEN": "abc",
        "body.json": "{}",
    }.items():
        desk.write(text, name)
    (desk.folder / "link").symlink_to("gbsync.yaml")
    os.link(desk.folder / "gbsync.yaml", desk.folder / "twin")
    (desk.folder / "around").symlink_to(".")
    return desk


def refused(desk: Desk, *args: str) -> str:
    """What is said, and only after it was seen that nothing was written."""
    before = {path: path.read_bytes() for path in sorted(desk.folder.rglob("*")) if path.is_file()}
    code = run(list(args))
    told = desk.said()
    after = {path: path.read_bytes() for path in sorted(desk.folder.rglob("*")) if path.is_file()}

    assert code == 1, told
    assert after == before
    return told


@pytest.mark.parametrize(
    "name",
    [
        *("gbsync.yaml", "./gbsync.yaml", "around/gbsync.yaml", "link", "twin"),
        *("vars.yaml", "gbsync.lock", "around/gbsync.lock", "built.js", "secrets/ACME_TOKEN"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        *(("plan", ".", f"--{form}") for form in ("out", "json", "markdown", "html")),
        *(("apply", ".", "--auto-approve", f"--{form}") for form in ("events", "json")),
        ("export", ".", "--snapshot"),
    ],
    ids=" ".join,
)
def test_an_output_that_is_an_input_or_the_lock_is_refused(
    full: Desk, command: tuple[str, ...], name: str
) -> None:
    told = refused(full, *command, name, "--var-file", "vars.yaml")

    assert f"{command[-1]} {name}: is " in told
    assert told.rstrip().endswith("; name another file")


@pytest.mark.parametrize(("one", "other"), [("a", "a"), ("a", "./a"), ("a", "around/a"), ("around/a", "a")])
@pytest.mark.parametrize(
    ("command", "first", "second"),
    [("plan", "--out", "--json"), ("plan", "--markdown", "--html"), ("apply", "--events", "--json")],
)
def test_two_outputs_are_two_files_also_where_none_is_there_yet(
    full: Desk, command: str, first: str, second: str, one: str, other: str
) -> None:
    told = refused(full, command, ".", first, one, second, other)

    assert f"{second} {other}: is the file of {first} too; name another file" in told


def test_what_other_options_name_is_read_too(full: Desk) -> None:
    (full.folder / "gbsync.lock").unlink()

    assert "is the lock too" in refused(full, "plan", ".", "--out", "gbsync.lock")
    assert "is the lock too" in refused(full, "plan", ".", "--lock", "my.lock", "--out", "./my.lock")
    assert "is an input" in refused(full, "plan", ".", "--state", "state.json", "--json", "state.json")
    assert "is the sandbox's state too" in refused(full, "plan", ".", "--sandbox=s.json", "--out", "s.json")
    assert "is an input" in refused(full, "apply", "plan.json", "--events", "plan.json")
    assert "would be read as a part of ." in refused(full, "plan", ".", "--out", "new.gbsync.yaml")


def test_the_job_summary_is_an_output_too(full: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(full.folder / "summary.md"))

    told = refused(full, "plan", ".", "--markdown", "summary.md")

    assert "is the file of --markdown too" in told


def test_devices_may_be_named_twice(desk: Desk) -> None:
    desk.write("installations: {}\nprotect: [installation/x]\n")
    ended = desk.run("plan", "--allow-empty", "--out", os.devnull, "--json", os.devnull)

    assert ended.code == 0, ended.err


def test_a_file_that_init_would_make_through_a_link_is_there_already(desk: Desk) -> None:
    link = desk.folder / "gbsync.yaml"
    link.symlink_to(desk.folder / "declared_in_unread_file")

    assert run(["init", str(link)]) == 1
    assert "already exists" in desk.said()
    assert not Path(desk.folder / "declared_in_unread_file").exists()
