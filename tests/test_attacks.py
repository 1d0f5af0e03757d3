"""Ways in which a secret could be shown, or something lost that nobody gave away: each was one once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION, Sandbox, Store
from reconciler.sandbox.records import Binding
from reconciler.sandbox.server import running

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "https://hooks.example.com/canary-1f3a"
TOKEN = "sandbox-slack-access-token"
SPACES = ("7fQm2WvA91bXcR0tYk3L", "3hJk8PqZ52nMdS6uVx1B")
HEAD = f"version: 1\norganization: {ORGANIZATION}\n"


class World:
    """Files in a folder, and commands that run on one sandbox beside them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.state = folder / "world.json"

    def file(self, text: str, name: str = "gbsync.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text)
        return path

    def run(self, *args: str) -> tuple[int, str]:
        """The exit code and everything that was shown."""
        code = run([*args, f"--sandbox={self.state}"])
        shown = self._capsys.readouterr()
        return code, shown.out + shown.err

    def look(self, *args: str) -> str:
        """What a command shows that knows of no sandbox."""
        assert run(list(args)) == 0
        return self._capsys.readouterr().out

    def applied(self, *paths: Path) -> None:
        code, shown = self.run("apply", *map(str, paths), "--auto-approve")

        assert code == 0, shown


@pytest.fixture(name="world")
def _world(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HOOK", CANARY)
    return World(tmp_path, capsys)


# what goes


def test_a_target_under_an_installation_does_not_have_the_installation_deleted(world: World) -> None:
    file = world.file(
        "installations: {slack: {configuration: {default_channel: C1}, spaces: "
        f"{{{SPACES[0]}: {{configuration: {{channel: C2}}}}, "
        f"{SPACES[1]}: {{configuration: {{channel: C3}}}}}}}}}}\n"
    )
    world.applied(file)

    _, shown = world.run("plan", str(file), "--destroy", "--target", f"installation/slack/space/{SPACES[0]}")

    assert "0 to add, 0 to change, 1 to destroy" in shown
    assert f"- installation/slack/space/{SPACES[0]}" in shown


def test_a_target_does_not_have_what_is_no_longer_declared_above_it_deleted(world: World) -> None:
    file = world.file(
        f"prune: managed\ninstallations: {{mermaid: {{}}, slack: {{configuration: {{default_channel: C1}}, "
        f"spaces: {{{SPACES[0]}: {{configuration: {{channel: C2}}}}}}}}}}\n"
    )
    world.applied(file)
    world.file("prune: managed\ninstallations: {mermaid: {}}\n")

    _, shown = world.run("plan", str(file), "--target", f"installation/slack/space/{SPACES[0]}")

    assert "0 to add, 0 to change, 1 to destroy" in shown


def test_two_folders_with_one_lock_do_not_prune_each_other(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = world.file(
        "prune: managed\ninstallations: {slack: {configuration: {default_channel: C1}}}\n", "a/gbsync.yaml"
    )
    two = world.file("prune: managed\ninstallations: {mermaid: {}}\n", "b/gbsync.yaml")
    lock = f"--lock={world.folder / 'shared.lock'}"
    sandbox = Sandbox()
    monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
    with running(sandbox) as url:
        run(["apply", str(one), lock, "--auto-approve", "--endpoint", url])
        capsys.readouterr()
        run(["plan", str(two), lock, "--endpoint", url])

    shown = capsys.readouterr().out
    assert "No changes." in shown
    assert "declared in a/gbsync.yaml, not read" in shown


def test_two_folders_with_one_sandbox_do_not_prune_each_other(world: World) -> None:
    one = world.file(
        "prune: managed\ninstallations: {slack: {configuration: {default_channel: C1}}}\n", "a/gbsync.yaml"
    )
    two = world.file("prune: managed\ninstallations: {mermaid: {}}\n", "b/gbsync.yaml")
    world.applied(one)

    _, shown = world.run("plan", str(two))

    assert "No changes." in shown


def test_a_file_beside_a_lock_in_a_linked_folder_is_still_there(world: World) -> None:
    one = world.file(
        "prune: managed\ninstallations: {slack: {configuration: {default_channel: C1}}}\n", "yaml/a.yaml"
    )
    two = world.file("prune: managed\ninstallations: {mermaid: {}}\n", "yaml/b.yaml")
    (world.folder / "far" / "away").mkdir(parents=True)
    (world.folder / "near").symlink_to(world.folder / "far" / "away")
    world.state = world.folder / "near" / "world.json"
    world.applied(one)

    _, shown = world.run("plan", str(two))

    assert "No changes." in shown


# what is shown


@pytest.mark.parametrize(
    "after",
    [
        f"prune: managed\ninstallations: {{webhook: {{spaces: {{{SPACES[0]}: {{}}}}}}}}\n",
        (
            f"installations: {{webhook: {{spaces: {{{SPACES[0]}: "
            "{configuration: {webhook_url: new, note: null}}}}}\n"
        ),
        "installations: {webhook: {absent: true}}\n",
        f"installations: {{webhook: {{spaces: {{{SPACES[0]}: {{absent: true}}}}}}}}\n",
        "prune: managed\ninstallations: {webhook: {}}\n",
        "prune: managed\ninstallations: {mermaid: {}}\n",
    ],
    ids=["key-pruned", "replaced-and-removed", "installation-absent", "absent", "pruned", "parent-pruned"],
)
def test_what_was_a_secret_once_is_not_shown_when_it_goes(world: World, after: str) -> None:
    value = "'${{ secret.HOOK }}'"
    world.applied(
        world.file(
            f"installations: {{webhook: {{spaces: {{{SPACES[0]}: "
            f"{{configuration: {{webhook_url: {value}, note: {{a: {value}}}}}}}}}}}}}\n"
        )
    )
    written = {name: world.folder / f"plan.{name}" for name in ("out", "json", "html", "markdown")}
    forms = [item for name, path in written.items() for item in (f"--{name}", str(path))]

    _, shown = world.run("plan", str(world.file(after)), *forms)

    assert "Plan:" in shown
    assert CANARY not in shown
    assert not [name for name, path in written.items() if CANARY in path.read_text()]


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("title: '${{ secret.HOOK }}'", "is made from a secret"),
        ("title: Mine\n    visibility: '${{ secret.HOOK }}'", "visibility"),
        ("title: Mine\n    scopes: ['${{ secret.HOOK }}']", "scopes.0"),
        ("title: Mine\n    categories: ['x${{ env.API_TOKEN }}']", "categories.0"),
    ],
    ids=["title", "visibility", "scope", "part-of-a-category"],
)
def test_a_secret_where_it_cannot_stand_is_refused_without_quoting_it(
    world: World, monkeypatch: pytest.MonkeyPatch, field: str, rule: str
) -> None:
    monkeypatch.setenv("API_TOKEN", CANARY)
    file = world.file(f"integrations:\n  mine:\n    {field}\n    script: x\n    secrets: {{}}\n")

    for extra in ([], ["--format", "json"]):
        code, shown = world.run("validate", str(file), *extra)

        assert code == 1
        assert rule in shown
        assert CANARY not in shown


def test_secrets_in_a_set_are_told_apart_and_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "installations: {slack: {externalIds: ['${{ secret.HOOK }}']}}\n"
    file, snapshot = world.file(text), world.folder / "snapshot"
    world.applied(file)

    _, again = world.run("plan", str(file))
    world.run("export", str(file), "--snapshot", str(snapshot))
    _, destroyed = world.run("plan", str(file), "--destroy")
    monkeypatch.setenv("HOOK", "another one")
    _, changed = world.run("plan", str(file))

    assert "No changes." in again
    assert "0 to add, 1 to change" in changed
    assert CANARY not in again + destroyed + changed + snapshot.read_text()


def test_a_script_that_stands_in_the_file_is_shown_as_a_digest_and_published_whole(world: World) -> None:
    text = "integrations:\n  mine:\n    {title: Mine, scopes: [], secrets: {}, script: %s}\n"
    world.applied(world.file(text % "one()"))
    file, saved = world.file(text % '"begin();\\nend();\\n"'), world.folder / "plan.out"
    written = {name: world.folder / f"plan.{name}" for name in ("out", "json", "html", "markdown")}

    _, shown = world.run(
        "plan", str(file), *(item for name, path in written.items() for item in (f"--{name}", str(path)))
    )
    forms = ("text", "json", "markdown", "html")
    again = [world.look("show", str(saved), "--format", form) for form in forms]
    again += [world.look("show", "--effective", str(file), "--format", form) for form in forms[:2]]
    again += [json.dumps(json.loads(saved.read_text())["resource_changes"])]
    written.pop("out")

    assert "(16 characters, sha256:" in shown
    for said in [shown, *again, *(path.read_text() for path in written.values())]:
        assert "sha256:" in said
        assert "end()" not in said
        assert "one()" not in said
    assert world.run("apply", str(saved))[0] == 0
    assert Store.load(world.state).integrations["mine"].document["script"] == "begin();\nend();\n"


def test_what_was_a_secret_once_is_in_no_export_and_no_snapshot(world: World) -> None:
    note = "{configuration: {note: '${{ secret.HOOK }}'}}"
    files = f"installations: {{webhook: {{spaces: {{{SPACES[0]}: {note}, {SPACES[1]}: {{}}}}}}}}\n"
    world.applied(world.file(files))
    world.applied(world.file(files.replace(note, "{}")))
    snapshot = world.folder / "snapshot"

    _, exported = world.run("export", str(world.folder))
    _, made = world.run("init", str(world.folder / "new.yaml"), "--from-live")
    world.run("export", str(world.folder), "--snapshot", str(snapshot))

    assert SPACES[0] in exported
    assert CANARY not in exported + made + snapshot.read_text() + (world.folder / "new.yaml").read_text()


def test_a_secret_on_one_space_is_not_shown_when_another_goes_that_no_file_declared(world: World) -> None:
    world.applied(
        world.file(
            f"installations: {{webhook: {{spaces: {{{SPACES[0]}: "
            "{configuration: {webhook_url: '${{ secret.HOOK }}'}}}}}\n"
        )
    )
    store = Store.load(world.state)
    webhook = store.installations_of(integration="webhook")[0].id
    store.put_binding(Binding(webhook, "space", SPACES[1], {"webhook_url": f"{CANARY}-2"}))
    store.save(world.state)

    code, shown = world.run("plan", str(world.file("prune: all\ninstallations: {webhook: {}}\n")))

    assert code == 0, shown
    assert "- configuration.webhook_url  (secret #2)" in shown
    assert CANARY not in shown


def test_a_secret_in_a_schema_is_not_in_a_snapshot(world: World) -> None:
    file = world.file(
        "integrations:\n  mine:\n    {title: Mine, description: '', scopes: [], script: x, secrets: {},"
        " configurations: {account: {properties: {a: {type: string, title: '${{ secret.HOOK }}',"
        " default: '${{ secret.HOOK }}'}}}}}\ninstallations: {mine: {}}\n"
    )
    world.applied(file)
    snapshot = world.folder / "snapshot"

    world.run("export", str(file), "--snapshot", str(snapshot))
    code, shown = world.run("plan", str(file), "--state", str(snapshot))

    assert CANARY not in snapshot.read_text() + shown
    assert code == 0, shown
    assert "No changes." in shown


class Quoting(httpx.AsyncBaseTransport):
    """A server that quotes what it was sent when it refuses a PATCH, or another method."""

    def __init__(self, inner: httpx.AsyncBaseTransport, method: str = "PATCH") -> None:
        self.inner, self.method = inner, method

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != self.method:
            return await self.inner.handle_async_request(request)
        sent = (await request.aread()).decode()
        return httpx.Response(400, json={"error": {"code": 400, "message": f"cannot take {sent}"}})

    async def aclose(self) -> None:
        await self.inner.aclose()


def test_a_connection_that_goes_back_with_a_patch_is_not_shown_when_the_server_quotes_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Sandbox.transport
    monkeypatch.setattr(Sandbox, "transport", lambda self: Quoting(plain(self)))
    file = world.file("installations: {slack: {configuration: {default_channel: C1}}}\n")
    events, stream = world.folder / "events", world.folder / "stream"

    code, shown = world.run(
        "apply", str(file), "--auto-approve", "--log", "debug", "--events", str(events), "--json", str(stream)
    )

    assert code != 0
    assert TOKEN not in shown + events.read_text() + stream.read_text()
    assert json.loads(world.state.read_text())


@pytest.mark.parametrize("saved", [False, True], ids=["at once", "from a saved plan"])
def test_a_former_secret_that_goes_back_with_a_patch_is_not_shown_when_the_server_quotes_it(
    world: World, monkeypatch: pytest.MonkeyPatch, *, saved: bool
) -> None:
    file = "installations: {webhook: {spaces: {%s: {configuration: {%s}}}}}\n"
    world.applied(world.file(file % (SPACES[0], "note: '${{ secret.HOOK }}', other: 1")))
    now, plan = world.file(file % (SPACES[0], "other: 2")), world.folder / "plan.json"
    world.run("plan", str(now), "--out", str(plan))
    plain = Sandbox.transport
    monkeypatch.setattr(Sandbox, "transport", lambda self: Quoting(plain(self)))

    code, shown = world.run(
        "apply", str(plan if saved else now), *([] if saved else ["--auto-approve"]), "--log", "debug"
    )

    assert code == 5, shown
    assert "cannot take" in shown
    assert CANARY not in shown


def test_a_secret_that_moved_since_the_plan_was_saved_is_masked_on_all_three_sides(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = "{configuration: {note: '${{ secret.HOOK }}'}}"
    file = f"installations: {{webhook: {{spaces: {{{SPACES[0]}: {note}}}}}}}\n"
    world.applied(world.file(file))
    monkeypatch.setenv("HOOK", f"{CANARY}-2")
    plan = world.folder / "plan.json"
    world.run("plan", str(world.file(file)), "--out", str(plan))
    store = Store.load(world.state)
    webhook = store.installations_of(integration="webhook")[0].id
    store.put_binding(Binding(webhook, "space", SPACES[0], {"note": f"{CANARY}-3"}))
    store.save(world.state)

    code, shown = world.run("apply", str(plan))

    assert code == 4, shown
    assert "configuration.note was (secret #1), was to become (secret #2), and is (secret #3)" in shown
    assert CANARY not in shown


def test_a_former_secret_in_what_is_published_is_not_shown_when_the_server_quotes_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = "integrations: {mine: {title: %s, scopes: [], script: x, secrets: {}, %s}}\n"
    world.applied(world.file(file % ("Mine", "description: d, summary: '${{ secret.HOOK }}'")))
    plain = Sandbox.transport
    monkeypatch.setattr(Sandbox, "transport", lambda self: Quoting(plain(self), "POST"))

    code, shown = world.run(
        "apply", str(world.file(file % ("Ours", "description: d"))), "--auto-approve", "--log", "debug"
    )

    assert code == 5, shown
    assert "cannot take" in shown
    assert CANARY not in shown
