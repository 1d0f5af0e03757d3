"""`gbsync probe`: it asks first, finds what there is, shares no names, and leaves nothing."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run
from reconciler.gitbook.probe.names import is_ours
from reconciler.sandbox import ORGANIZATION, SANDBOX_TOKEN, Behaviour, Sandbox, Store, world
from reconciler.sandbox.like import settings_of
from reconciler.sandbox.records import Installation, Integration
from reconciler.sandbox.server import running
from tests.gitbook.probe.probing import others

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.lawless  # it asks what becomes of requests that the reference forbids

SITE, SPACE = "site_p4Xo1", "7fQm2WvA91bXcR0tYk3L"
TARGETS = ("--site", SITE, "--space", SPACE)
LEFT = "gbsync-probe-0123abcd"
NO_TERMINAL = "stdin is not a terminal, so nobody can answer; use --auto-approve"


def with_leftovers() -> Store:
    """The seeded world, where a probe was killed."""
    store = world.default()
    store.integrations[LEFT] = Integration(LEFT, ORGANIZATION, {"title": "gbsync probe", "scopes": []})
    store.put_installation(Installation("left-there", LEFT, ORGANIZATION))
    return store


def saved(store: Store, folder: Path) -> Path:
    file = folder / "world.json"
    store.save(file)
    return file


def ours(store: Store) -> list[str]:
    document = store.document()
    installed = [item.integration for item in document.installations]
    return [name for name in (*store.integrations, *installed) if is_ours(name)]


def test_it_prints_a_table_and_writes_findings_that_hold_no_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, findings = saved(with_leftovers(), tmp_path), tmp_path / "findings.json"
    before = others(Store.load(file).document())

    code = run(["probe", *TARGETS, "--auto-approve", "--json", str(findings), f"--sandbox={file}"])

    out, err = capsys.readouterr()
    text = findings.read_text()
    names = {item.title for kind in (before.organizations, before.sites, before.spaces) for item in kind}
    ids = {ORGANIZATION, SITE, SPACE, *(item.id for item in before.installations)}
    assert code == 0
    assert "  patch=replaces " in out
    assert err.endswith("requests; what the probe made is removed.\n")
    assert not [name for name in {*names, *ids, SANDBOX_TOKEN, "gbsync-probe-", "localhost"} if name in text]
    assert not [name for name in ids if name in out]
    assert not ours(Store.load(file))
    assert others(Store.load(file).document()) == before


def test_the_sandbox_does_as_the_findings_say(tmp_path: Path) -> None:
    findings = tmp_path / "findings.json"
    code = run(["probe", *TARGETS, "--auto-approve", "--burst", "0", "--json", str(findings), "--sandbox"])

    settings, lacking = settings_of(findings.read_bytes(), "findings.json")

    assert code == 0
    assert not lacking
    assert Behaviour.parse(settings) == replace(Behaviour(), latency=Behaviour.parse(settings).latency)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ((), NO_TERMINAL),
        (("--site", ".."), "--site '..': is no id"),
        (("--auto-approve", "--site", "site_none"), "has no such site; check the id"),
        (("--auto-approve", "--space", "none"), "has no such space; check the id"),
        (("--auto-approve", "--json", "missing/findings.json"), "cannot be written; name another file"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_changed(
    more: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(world.default(), tmp_path)
    before = file.read_bytes()

    assert run(["probe", *TARGETS, *more, f"--sandbox={file}"]) == 1
    assert message in capsys.readouterr().err
    assert file.read_bytes() == before


def test_a_token_that_may_not_do_it_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = world.default()
    store.organizations[ORGANIZATION] = replace(store.organizations[ORGANIZATION], member=False)
    file = saved(store, tmp_path)

    assert run(["probe", *TARGETS, "--auto-approve", f"--sandbox={file}"]) == 1
    assert "may the token do this in this organization?" in capsys.readouterr().err


class Terminal(io.StringIO):
    """Somebody who types these lines."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "asked"), [("no\n", "Probe it?"), ("yes\nno\n", "Remove that first?")])
def test_it_asks_before_it_sends_and_before_it_removes(
    typed: str,
    asked: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = saved(with_leftovers(), tmp_path)
    before = file.read_bytes()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    assert run(["probe", *TARGETS, f"--sandbox={file}"]) == 1

    err = capsys.readouterr().err
    assert asked in err
    assert err.endswith("Error: not approved; nothing was done\n")
    assert f"on site {SITE} and space {SPACE}" in err
    assert file.read_bytes() == before


def started(url: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "GITBOOK_ENDPOINT": url, "GITBOOK_TOKEN": SANDBOX_TOKEN}
    call = [
        "probe",
        *TARGETS,
        "--organization",
        ORGANIZATION,
        "--burst",
        "0",
        "--named-only",
        "--auto-approve",
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", *call],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_process_cleans_up_after_ctrl_c_and_the_next_one_after_a_kill() -> None:
    processes: list[Any] = []
    signals = iter([signal.SIGKILL, signal.SIGINT])
    moments = {"next": 45}

    def strike(number: int) -> None:
        if processes and number == moments["next"]:
            os.kill(processes[-1].pid, next(signals))

    sandbox = Sandbox(world.default(), between=strike)
    before = others(sandbox.store.document())
    with running(sandbox) as url:
        processes.append(started(url))
        processes[0].communicate(timeout=120)
        killed = ours(sandbox.store)
        moments["next"] = sandbox.backend.requests + 60
        processes.append(started(url))
        _, err = processes[1].communicate(timeout=120)

    assert killed
    assert processes[1].returncode == 130
    assert "interrupted; what the probe made is removed" in err
    assert not ours(sandbox.store)
    assert others(sandbox.store.document()) == before
