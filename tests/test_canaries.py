"""No secret is in anything that a command shows, writes or drops, whatever happens to it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import reconciler.cli
from reconciler.cli import output
from reconciler.cli.session import Session, SessionSettings
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.client.response import ApiReply, Response
from reconciler.gitbook.client.transport_httpx import HttpxExchange
from reconciler.lock.stores.file import LockFile
from reconciler.resources.resource import Address, Resource
from reconciler.sandbox import ORGANIZATION, Sandbox, Store
from tests import canaries
from tests.canaries import BODIES, SPELLINGS, UNSHOWN, Quoting, Trouble, Watch, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from reconciler.sandbox.records import Document

INLINE = "inline script in plan.saved"
"""Apply needs the text of a script that stands in no file of its own."""
ALL = frozenset(canaries.MARKS.values())
COMMON = ("--var", f"my_password={canaries.GIVEN['my_password']}")


class Aviary:
    """A folder, a server, and commands that are watched while they run."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self._capsys, self._patch = folder, capsys, patch
        self.file = folder / "gbsync.yaml"
        self.lock = folder / "gbsync.lock"
        self.watch = Watch()
        self.trouble: list[Trouble] = []
        self.transport: Quoting
        self.given: set[Path] = set()
        self._seen: dict[str, str] = {}
        for name, text in canaries.FILES.items():
            self.write(name, text)

    def serve(self, store: Store) -> Sandbox:
        """From now on the server has this state."""
        sandbox = Sandbox(store, token=canaries.TOKEN)
        self.transport = Quoting(sandbox, self.trouble)
        return sandbox

    def write(self, name: str, text: str) -> Path:
        """A file of the user's, in which secrets may stand."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.given.add(path)
        return path

    def environ(self, **values: str) -> None:
        """Sets variables."""
        for name, value in values.items():
            self._patch.setenv(name, value)

    def of(self, name: str) -> str:
        """The path of a file that a command writes."""
        return str(self.folder / name)

    def run(self, *args: str) -> tuple[int, str, str]:
        """The command's exit code and what it showed; `FILES` stands for the files and their variables."""
        files = [str(self.file), *COMMON, "--var-file", self.of("vars.yaml")]
        code = reconciler.cli.run([item for arg in args for item in (files if arg == "FILES" else [arg])])
        shown = self._capsys.readouterr()
        return code, shown.out, shown.err

    def _written(self) -> dict[str, str]:
        """The files that were written since somebody looked last."""
        before, self._seen = self._seen, canaries.written(self.folder, self.given)
        return {name: text for name, text in self._seen.items() if before.get(name) != text}

    def leaks(self, *args: str, code: int | tuple[int, ...] = 0, only: AbstractSet[str] = ALL) -> list[str]:
        """Where a canary is after the command, which must end with this code, or one of these."""
        found, out, err = self.run(*args)
        what = " ".join(args).replace(str(self.folder), "")
        places = {"stdout": out, "stderr": err, **self._written()}
        leaks = [
            f"{what}: {name} in {place}"
            for place, text in places.items()
            for name in sorted(found_in(text))
            if name in only and f"{name} in {place}" != INLINE
        ]
        leaks += [f"{what}: {item}" for item in sorted(self.watch.found())]
        self.watch.forget()
        return (
            leaks
            if found in (code if isinstance(code, tuple) else (code,))
            else [*leaks, f"{what}: ended with {found}, not {code}: {out[-500:]}{err[-500:]}"]
        )


@pytest.fixture
def aviary(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Aviary:
    made = Aviary(tmp_path, capsys, monkeypatch)
    monkeypatch.setattr(
        "reconciler.gitbook.client.transport_aiohttp.AiohttpExchange",
        lambda host, **_: HttpxExchange(made.transport, host),
    )
    monkeypatch.setattr("reconciler.gitbook.client.client.SystemClock", canaries.Hurry)
    monkeypatch.setattr("reconciler.resources.digest._COST", 2)
    monkeypatch.setattr("os.fsync", lambda _file: None)
    made.environ(
        GITBOOK_ENDPOINT=canaries.ENDPOINT,
        GITBOOK_TOKEN=canaries.TOKEN,
        GITBOOK_ORGANIZATION=ORGANIZATION,
        GBSYNC_SECRETS_DIR=str(tmp_path / "secrets"),
        GBSYNC_LOG="debug",
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
        **canaries.OLD,
    )
    _overhear(made.watch, monkeypatch)
    return made


def _overhear(watch: Watch, patch: pytest.MonkeyPatch) -> None:
    """Keeps what a run makes, for somebody to look at it afterwards."""
    say, call, save = reconciler.cli._show, Client.call, LockFile.save
    plan, report = output.show_plan, output.show_report

    def said(error: Any) -> None:
        watch.errors.append(error)
        say(error)

    async def called(self: Client, *args: Any, **named: Any) -> Any:
        try:
            return await call(self, *args, **named)
        except Exception as error:
            watch.errors.append(error)
            raise

    def planned(found: Any, **named: Any) -> None:
        watch.values.append(found)
        plan(found, **named)

    def reported(found: Any, **named: Any) -> None:
        watch.values.append(found)
        report(found, **named)

    def saved(self: LockFile, base: Any) -> None:
        watch.values.append(base)
        save(self, base)

    patch.setattr(reconciler.cli, "_show", said)
    patch.setattr(Client, "call", called)
    patch.setattr(output, "show_plan", planned)
    patch.setattr(output, "show_report", reported)
    patch.setattr(LockFile, "save", saved)


class Ground:
    """What there was before the secrets were changed, to be gone back to."""

    def __init__(
        self, aviary: Aviary, old: Mapping[str, str] = canaries.OLD, new: Mapping[str, str] = canaries.NEW
    ) -> None:
        self._aviary = aviary
        store = canaries.store()
        aviary.serve(store)
        aviary.environ(**old)
        aviary.write("gbsync.yaml", canaries.BEFORE)
        self.leaks = aviary.leaks("apply", "FILES", "--auto-approve")
        canaries.haunt(store)
        self._document: Document = store.document()
        self._lock = aviary.lock.read_text()
        aviary.environ(**new)
        aviary.write("gbsync.yaml", canaries.AFTER)

    def again(self) -> Sandbox:
        """Everything as it was."""
        self._aviary.lock.write_text(self._lock)
        self._aviary.trouble.clear()
        return self._aviary.serve(Store(self._document))


FORMS = {
    "show": ("text", "json", "markdown", "html"),
    "drift": ("text", "json", "markdown"),
    "matrix": ("text", "json", "markdown", "csv"),
    "graph": ("mermaid", "dot"),
    "lock": ("text", "json"),
}
KEYS = (
    "endpoint",
    "piece",
    "lines",
    "former",
    "auth_token",
    "entry",
    "link",
    "house_name",
    "externalIds",
    "inner",
)


def commands(aviary: Aviary) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every command that only looks, in every form, with the code that it ends with."""
    saved, snapshot = aviary.of("plan.saved"), aviary.of("live.json")
    files = {name: aviary.of(f"plan.{name}") for name in ("json", "markdown", "html")}
    written = [item for name, path in files.items() for item in (f"--{name}", path)]
    yield ("validate", "FILES"), 0
    yield ("validate", "FILES", "--offline"), 0
    yield ("validate", "FILES", "--format", "json"), 0
    yield ("fmt", str(aviary.file), "--check"), 2
    yield ("schema",), 0
    yield ("plan", "FILES", "--out", saved, *written, "--show-unmanaged", "--detailed-exitcode"), 2
    yield ("plan", "FILES", "--color", "--destroy", "--allow-unpublish", "--allow-deletes", "12", *written), 0
    for form in FORMS["show"]:
        yield ("show", saved, "--format", form), 0
        yield ("show", saved, "--format", form, "--expand"), 0
    for form in FORMS["show"][:2]:
        yield ("show", "FILES", "--effective", "--format", form), 0
    for form in FORMS["graph"]:
        yield ("graph", "FILES", "--format", form), 0
        yield ("graph", saved, "--format", form, "--expand"), 0
    for form in FORMS["drift"]:
        yield ("drift", "FILES", "--format", form), 2
    for form in FORMS["matrix"]:
        yield ("matrix", "FILES", "--format", form), 0
    for key in KEYS:
        yield ("matrix", "FILES", "--show", key), 0
    for form in FORMS["lock"]:
        yield ("lock", "FILES", "--format", form), 0
    yield ("export", "FILES"), 0
    yield ("export", "FILES", "--secret-references"), 0
    yield ("export", "FILES", "--factor"), 0
    yield ("export", "FILES", "--factor", "--secret-references"), 0
    yield ("export", "FILES", "--snapshot", snapshot), 0
    yield ("plan", "FILES", "--state", snapshot, *written), 0
    yield ("init", aviary.of("new.yaml")), 0
    yield ("demo",), 0
    for form in ("text", "json"):
        yield ("status", "FILES", "--format", form), 0


def test_no_command_shows_a_secret(aviary: Aviary) -> None:
    ground = Ground(aviary)
    ground.again()

    leaks = [*ground.leaks]
    for args, code in commands(aviary):
        leaks += aviary.leaks(*args, code=code)

    assert not leaks, "\n".join(leaks)


def test_a_first_file_made_from_what_is_live_has_no_secret_that_the_lock_or_a_name_tells(
    aviary: Aviary,
) -> None:
    Ground(aviary).again()

    leaks = aviary.leaks("init", aviary.of("live.yaml"), "--from-live", only=ALL - {"by pattern"})

    assert not leaks, "\n".join(leaks)


WRITES = (
    ("apply", "FILES", "--auto-approve", "--verify", "--events", "EVENTS", "--json", "STREAM"),
    ("apply", "SAVED", "--events", "EVENTS", "--json", "STREAM"),
    ("apply", "FILES", "--destroy", "--auto-approve", "--allow-unpublish", "--allow-deletes", "12"),
    ("lock", "FILES", "--adopt"),
)


@pytest.mark.parametrize("args", WRITES, ids=lambda args: " ".join(args[:3]))
def test_no_command_that_writes_shows_a_secret(aviary: Aviary, args: tuple[str, ...]) -> None:
    ground = Ground(aviary)
    ground.again()
    leaks = aviary.leaks("plan", "FILES", "--out", aviary.of("plan.saved"))

    leaks += aviary.leaks(*_named(aviary, args))

    assert not leaks, "\n".join(leaks)


def _named(aviary: Aviary, args: tuple[str, ...]) -> list[str]:
    paths = {"EVENTS": "events.jsonl", "STREAM": "stream.jsonl", "SAVED": "plan.saved"}
    return [aviary.of(paths[arg]) if arg in paths else arg for arg in args]


# every failure

LIMITED = 429
STATUSES = (200, 302, 400, 401, 403, 404, 405, 408, 409, 422, 429, 499, 500, 502, 503, 504)


def troubles() -> Iterator[tuple[str, Trouble]]:
    """Every way in which a server can fail: each status, each body, each spelling of what it quotes."""
    yield "reset", Trouble()
    yield "reset after", Trouble(after=True)
    for status in STATUSES:
        yield str(status), Trouble(status)
        yield f"{status} after", Trouble(status, after=True)
    for name, spelling in SPELLINGS.items():
        for body in BODIES:
            yield f"{body.__name__} {name}", Trouble(400 if body is not BODIES[-1] else 200, body, spelling)
    for body in BODIES:
        yield f"200 {body.__name__}", Trouble(200, body)


def test_no_apply_that_fails_shows_a_secret(aviary: Aviary) -> None:
    ground = Ground(aviary)
    args = _named(aviary, ("apply", "FILES", "--auto-approve", "--events", "EVENTS", "--json", "STREAM"))

    leaks: list[str] = []
    for name, trouble in troubles():
        ground.again()
        aviary.trouble.append(trouble)
        # A 429 says that nothing was carried out; after any other answer some of it may have been.
        code = 1 if trouble.status == LIMITED else (0, 5) if trouble.after else 5
        leaks += [f"{name}: {leak}" for leak in aviary.leaks(*args, code=code)]

    assert not leaks, "\n".join(leaks)


LOOKS = (
    ("plan", "FILES", "--out", "SAVED"),
    ("validate", "FILES"),
    ("graph", "FILES"),
    ("apply", "FILES", "--auto-approve"),
    ("drift", "FILES"),
    ("matrix", "FILES"),
    ("export", "FILES"),
    ("lock", "FILES", "--adopt"),
    ("status", "FILES"),
)


@pytest.mark.parametrize("args", LOOKS, ids=lambda args: args[0])
def test_no_look_that_fails_shows_a_secret(aviary: Aviary, args: tuple[str, ...]) -> None:
    ground = Ground(aviary)
    ground.again()
    aviary.transport.known = canaries.declared()

    leaks: list[str] = []
    for name, trouble in troubles():
        if not trouble.after and (args == LOOKS[0] or trouble.spelling is str):
            aviary.trouble[:] = [replace(trouble, methods=("GET",))]
            leaks += [f"{name}: {leak}" for leak in aviary.leaks(*_named(aviary, args), code=1)]

    assert not leaks, "\n".join(leaks)


def test_no_saved_plan_that_cannot_be_checked_shows_a_secret(aviary: Aviary) -> None:
    ground = Ground(aviary)
    ground.again()
    leaks = aviary.leaks("plan", "FILES", "--out", aviary.of("plan.saved"))
    aviary.transport.known = tuple(canaries.NEW[name] for name in canaries.CHANGED)

    for name, trouble in troubles():
        if not trouble.after and trouble.spelling is str:
            aviary.trouble[:] = [replace(trouble, methods=("GET",))]
            leaks += [f"{name}: {leak}" for leak in aviary.leaks("apply", aviary.of("plan.saved"), code=1)]

    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("spared", range(1, 9))
def test_no_plan_that_fails_halfway_shows_a_secret(aviary: Aviary, spared: int) -> None:
    ground = Ground(aviary)
    ground.again()
    aviary.transport.known = canaries.declared()

    leaks: list[str] = []
    for status in (200, 400, 500):
        aviary.trouble[:] = [Trouble(status, methods=("GET",), spared=spared)]
        leaks += aviary.leaks("plan", "FILES", code=(0, 1))

    assert not leaks, "\n".join(leaks)


def interrupted(aviary: Aviary, *after: int) -> None:
    """Ctrl-C at requests of these numbers, counted from now on."""
    aviary.transport.interrupts = {aviary.transport.count + number for number in after}


@pytest.mark.parametrize("after", [(1,), (4,), (14,), (17,), (17, 18)], ids=str)
@pytest.mark.parametrize("args", [LOOKS[0], WRITES[0]], ids=lambda args: args[0])
def test_no_run_that_is_interrupted_shows_a_secret(
    aviary: Aviary, args: tuple[str, ...], after: tuple[int, ...]
) -> None:
    ground = Ground(aviary)
    ground.again()
    interrupted(aviary, *after)

    leaks = aviary.leaks(*_named(aviary, args), code=(0, 130))

    assert not leaks, "\n".join(leaks)


# what a file, a lock or a plan may be like


SPOILED = {
    "a quote that is not closed": 'secrets: {A: "CANARY',
    "a tab": "\n    secrets:\n\tA: CANARY",
    "a tag": "{secrets: {A: !CANARY x}}",
    "an alias": "{secrets: {A: *CANARY}}",
    "a key in place of a value": "{secrets: {CANARY}}",
    "a list": "{secrets: [CANARY]}",
    "a text": "{secrets: CANARY}",
    "a leading zero": "{secrets: {A: 0123456789012345}}",
    "no number": "{secrets: {A: .inf}}",
    "nested": "{secrets: {A: {B: CANARY}}}",
    "an expression cut short": "{secrets: {A: '${{ secret.X CANARY'}}",
    "1Password": "{secrets: {A: 'op://vault/CANARY/password', B: '${{ op://vault/CANARY }}'}}",
    "an unset variable near it": "{secrets: {A: 'CANARY${{ env.NOWHERE }}'}}",
    "where none may stand": "{title: '${{ secret.ACCOUNT }}', visibility: '${{ env.ACME_TOKEN }}'}",
    "of the wrong type": "{scopes: '${{ secret.ACCOUNT }}', runtime: '${{ secret.SITE }}'}",
    "in a path": "{script: {file: 'x/${{ secret.ACCOUNT }}.js'}}",
    "in a set": "{scopes: ['${{ secret.ACCOUNT }}'], categories: ['${{ env.ACME_TOKEN }}']}",
    "a key twice": "{secrets: {A: CANARY, A: CANARY}}",
    "an unknown key": "{secret: CANARY, secrets: {A: CANARY}}",
    "a merge": "{secrets: {<<: CANARY}}",
    "not all there": "{title: Mine, secrets: {A: CANARY, B: '${{ secret.NOWHERE }}'}}",
}


@pytest.mark.parametrize("text", SPOILED.values(), ids=list(SPOILED))
def test_no_problem_of_a_file_quotes_a_secret(aviary: Aviary, text: str) -> None:
    aviary.serve(canaries.store())
    text = text.replace("CANARY", canaries.LITERAL["literal"])
    aviary.write("gbsync.yaml", f"{canaries.HEAD}integrations:\n  acme-banner: {text}\n")

    leaks: list[str] = []
    for args in (("validate", "FILES"), ("plan", "FILES"), ("validate", "FILES", "--format", "json")):
        leaks += aviary.leaks(*args, code=1)

    assert not leaks, "\n".join(leaks)
    assert "0123456789012345" not in "".join(aviary.run("validate", "FILES")[1:])


def test_no_problem_with_a_value_quotes_a_secret(aviary: Aviary) -> None:
    store = canaries.store()
    aviary.serve(store)
    aviary.write("gbsync.yaml", canaries.BEFORE)
    aviary.run("apply", "FILES", "--auto-approve")
    wrong = {
        "region": "${{ secret.ACCOUNT }}",
        "limit": "${{ secret.SITE }}",
        "connect": "${{ secret.SPACE }}",
    }
    text = "".join(f"      {key}: {value}\n" for key, value in wrong.items())
    aviary.write("gbsync.yaml", f"{canaries.HEAD}installations:\n  acme-crm:\n    configuration:\n{text}")

    leaks = aviary.leaks("plan", "FILES", code=1) + aviary.leaks(
        "validate", "FILES", "--format", "json", code=1
    )

    assert not leaks, "\n".join(leaks)


SECTION = f"{canaries.ENDPOINT} {ORGANIZATION}"
DAMAGED = (
    "{{CANARY}",
    "<<<<<<< CANARY\n",
    '{"format": 1, "salt": "CANARY", "sections": ["CANARY"]}',
    '{"format": 1, "salt": ["CANARY"], "sections": {}}',
    '{"format": "CANARY", "sections": {}}',
    '{"format": 1, "salt": "s", "sections": {"SECTION": {"installation/slack": {"file": ["CANARY"]}}}}',
    '{"format": 1, "salt": "s", "sections": {"SECTION": "CANARY"}}',
)


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_no_damaged_lock_plan_or_snapshot_is_quoted(aviary: Aviary, text: str) -> None:
    aviary.serve(canaries.store())
    aviary.write("gbsync.yaml", canaries.BEFORE)
    aviary.watch.deep = False
    spoiled = text.replace("CANARY", canaries.LITERAL["literal"]).replace("SECTION", SECTION)
    for name in ("gbsync.lock", "plan.saved", "live.json"):
        aviary.write(name, spoiled)

    leaks: list[str] = []
    for command in ("plan", "drift", "export", "lock", "matrix"):
        leaks += aviary.leaks(command, "FILES", code=1)
    leaks += aviary.leaks("show", aviary.of("plan.saved"), code=1)
    leaks += aviary.leaks("apply", aviary.of("plan.saved"), code=1)
    leaks += aviary.leaks("plan", "FILES", "--state", aviary.of("live.json"), code=1)

    assert not leaks, "\n".join(leaks)


def test_no_guard_and_no_stale_plan_shows_a_secret(aviary: Aviary) -> None:
    ground = Ground(aviary)
    store = ground.again().store
    aviary.write("gbsync.yaml", f"{canaries.AFTER}\nprune: all\nprotect: [installation/mermaid]\n")
    leaks = aviary.leaks("apply", "FILES", "--auto-approve", code=3)
    ground.again()
    aviary.write("gbsync.yaml", canaries.AFTER)
    leaks += aviary.leaks("plan", "FILES", "--out", aviary.of("plan.saved"))

    aviary.environ(ACCOUNT=canaries.OLD["SITE"], CLIENT_SECRET=canaries.OLD["SITE"])
    leaks += aviary.leaks("apply", aviary.of("plan.saved"), code=4)
    aviary.environ(**canaries.NEW)
    store = ground.again().store
    for found in store.installations_of(integration="acme-crm"):
        moved = {**found.configuration, "endpoint": canaries.OLD["SIBLING"], "lines": canaries.OLD["SPACE"]}
        store.put_installation(replace(found, configuration=moved))
    leaks += aviary.leaks("apply", aviary.of("plan.saved"), code=4)

    assert not leaks, "\n".join(leaks)


def test_what_moves_while_a_plan_is_applied_is_not_shown(aviary: Aviary) -> None:
    ground = Ground(aviary)
    sandbox = ground.again()

    def between(number: int) -> None:
        if number > 12:
            for found in sandbox.store.installations_of(integration="acme-crm"):
                moved = {**found.configuration, "endpoint": canaries.OLD["SIBLING"]}
                sandbox.store.put_installation(replace(found, configuration=moved))

    sandbox.between = between
    leaks = aviary.leaks("apply", "FILES", "--auto-approve", code=5)

    assert not leaks, "\n".join(leaks)


# commands that read no files


NAMED = {"oauth", "refresh", "by name", "inner", "event", "token", "integration token"}
"""What stands under a key whose name says that it is secret; more than names nobody has here."""
HIDDEN = NAMED | {"CLIENT_SECRET", "PLAIN", "literal", "FOLDER", "SCRIPT", "MANIFEST", *map(str, UNSHOWN)}


def calls(installation: str) -> Iterator[tuple[str, ...]]:
    """Calls of the API whose replies hold secrets."""
    crm = ("-p", "integrationName=acme-crm")
    yield ("listOrganizationInstallations",)
    yield ("listOrganizationIntegrations",)
    yield ("listIntegrationInstallationSites", *crm, "-p", f"installationId={installation}", "--paginate")
    yield ("getIntegrationByName", *crm)
    yield ("listIntegrationEvents", "-p", "integrationName=slack")


def test_what_names_call_secret_is_masked_where_no_file_is_read(aviary: Aviary) -> None:
    ground = Ground(aviary)
    store = ground.again().store
    found = store.installations_of(integration="acme-crm")[0].id

    leaks: list[str] = []
    for call in calls(found):
        for form in ("json", "yaml"):
            leaks += aviary.leaks("api", *call, "--format", form, only=HIDDEN)
    for form in ("text", "json"):
        leaks += aviary.leaks("events", "slack", "--format", form, only=HIDDEN)
    body = aviary.write("body.json", f'{{"configuration": {{"api_key": "{canaries.NEW["ACCOUNT"]}"}}}}')
    params = ("-p", "integrationName=slack", "-p", "installationId=sL8kWq2Zx7Vb4Nm1Cd6R")
    update = ("api", "updateIntegrationInstallation", *params, "--body", str(body), "--auto-approve")
    leaks += aviary.leaks(*update, only=HIDDEN | {"ACCOUNT now"})

    assert not leaks, "\n".join(leaks)


def test_no_call_that_fails_shows_what_names_call_secret(aviary: Aviary) -> None:
    ground = Ground(aviary)
    ground.again()
    aviary.transport.tells = False  # what nobody has read nobody can know
    body = aviary.write("body.json", f'{{"configuration": {{"api_key": "{canaries.NEW["ACCOUNT"]}"}}}}')
    params = ("-p", "integrationName=slack", "-p", "installationId=sL8kWq2Zx7Vb4Nm1Cd6R")
    update = ("api", "updateIntegrationInstallation", *params, "--body", str(body), "--auto-approve")

    leaks: list[str] = []
    for name, trouble in troubles():
        if not trouble.after:
            aviary.trouble[:] = [replace(trouble, methods=("GET", "PATCH"))]
            for args in (update, ("api", "listOrganizationInstallations"), ("events", "slack"), ("status",)):
                leaks += [f"{name}: {leak}" for leak in aviary.leaks(*args, code=(1, 5))]

    assert not leaks, "\n".join(leaks)


def test_a_temporary_token_is_on_stdout_alone(aviary: Aviary) -> None:
    sandbox = aviary.serve(canaries.store())
    aviary.environ(GITBOOK_TOKEN="gb_int_slack")

    leaks = aviary.leaks("token", "slack")
    code, out, err = aviary.run("token", "slack")
    token = out.strip()

    assert not leaks, "\n".join(leaks)
    assert code == 0
    assert token in sandbox.store.grants
    assert token not in err
    assert not [name for name, text in canaries.written(aviary.folder, set()).items() if token in text]


def test_no_token_that_is_refused_shows_a_secret(aviary: Aviary) -> None:
    aviary.serve(canaries.store())
    aviary.environ(GITBOOK_TOKEN=canaries.INTEGRATION_TOKEN)

    leaks: list[str] = []
    for name, trouble in troubles():
        if not trouble.after:
            aviary.trouble[:] = [replace(trouble, methods=("GET", "POST"))]
            leaks += [f"{name}: {leak}" for leak in aviary.leaks("token", "slack", code=1)]

    assert not leaks, "\n".join(leaks)


# secrets that could be anything


def told(aviary: Aviary, old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[bool, str]]:
    """All that every command shows and writes, less what is never the same twice; whether it ended well."""
    for path in canaries.written(aviary.folder, aviary.given):
        (aviary.folder / path).unlink()
    ground = Ground(aviary, old, new)
    ground.again()
    said = []
    for args, code in [*commands(aviary), (("apply", "FILES", "--auto-approve", "--verify"), 0)]:
        found, out, err = aviary.run(*args)
        said.append((found == code, f"{args} {out} {err}"))
    said += [(True, f"{name} {text}") for name, text in canaries.written(aviary.folder, aviary.given).items()]
    return [(ended, CHANCE.sub("…", text)) for ended, text in said]


CHANCE = re.compile(r"\b[0-9a-f]{12,}\b|[0-9.,]+ (?:ms|s)\b|gbsync-demo-\w+")
"""Digests and salts, times, and the names of temporary folders."""


def test_what_is_shown_does_not_hang_on_what_the_secrets_are(aviary: Aviary) -> None:
    strong = told(aviary, canaries.OLD, canaries.NEW)
    weak = told(aviary, canaries.LOW, canaries.LOW_NOW)

    assert all(ended for ended, _ in strong)
    assert weak == strong


@pytest.mark.parametrize("secret", ["true", "1234", "a"])
def test_what_a_server_says_to_a_secret_that_could_be_anything_is_withheld(
    aviary: Aviary, secret: str
) -> None:
    ground = Ground(aviary, canaries.LOW, {**canaries.LOW_NOW, "ACCOUNT": secret})
    ground.again()
    aviary.trouble.append(Trouble(400, spelling=lambda _text: secret, methods=("PATCH",)))

    code, *_ = aviary.run("apply", "FILES", "--auto-approve", "--events", aviary.of("events.jsonl"))
    events = map(json.loads, Path(aviary.of("events.jsonl")).read_text().splitlines())
    said = {event["address"]: event["message"] for event in events if event["phase"] == "end"}

    assert code == 5
    assert "its message is withheld" in said["installation/acme-crm"]
    assert f"cannot take {secret} " in said["installation/slack"]


def test_no_state_of_the_sandbox_is_quoted(aviary: Aviary) -> None:
    aviary.watch.deep = False
    text = '{"format": "CANARY", "installations": [{"id": {"a": "CANARY"}}]}'
    state = aviary.write("world.json", text.replace("CANARY", canaries.LITERAL["literal"]))

    leaks = aviary.leaks("sandbox", "--file", str(state), code=1)
    leaks += aviary.leaks("plan", "FILES", f"--sandbox={state}", code=1)

    assert not leaks, "\n".join(leaks)


def test_nothing_that_holds_secrets_prints_them(aviary: Aviary) -> None:
    Ground(aviary).again()
    secret = canaries.LITERAL["literal"]
    session = Session(
        SessionSettings(
            paths=(str(aviary.file),),
            variables=(f"my_password={secret}",),
            var_files=(aviary.of("vars.yaml"),),
        )
    )

    config = session.config()
    held = (
        session,
        session.options(),
        config,
        dict(config.resources),
        Response(200, {"a": secret}, secret.encode()),
        ApiReply(200, {"a": secret}, {"location": secret}),
        Resource(Address("installation/a"), {"a": secret}),
    )

    assert not [item for item in held if found_in(repr(item) + str(item))]
