"""Ownership from one command to the next: exact, everything selected and back, and people in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.sandbox import Store, world

if TYPE_CHECKING:
    from reconciler.sandbox.records import Level
    from tests.cli.desk import Desk

SPACE, SITE = "7fQm2WvA91bXcR0tYk3L", "site_p4Xo1"
LEVELS: list[tuple[Level, str, str, str, str]] = [
    ("site", "plausible", SITE, "scriptKey", "selfHostedUrl"),
    ("space", "slack", SPACE, "channel", "notify_content_update"),
]


def held(desk: Desk, name: str, level: Level, target: str) -> dict[str, Any]:
    """The configuration of one binding."""
    store = Store.load(desk.world)
    installation = store.installations_of(integration=name)[0]
    return dict(store.bindings(installation.id, level)[target].configuration)


def bound(desk: Desk, name: str, level: Level) -> set[str]:
    """What an installation is bound to."""
    store = Store.load(desk.world)
    return set(store.bindings(store.installations_of(integration=name)[0].id, level))


def write(desk: Desk, name: str, level: Level, target: str, **keys: Any) -> None:
    """Somebody writes keys into a binding."""
    with desk.store() as store:
        installation = store.installations_of(integration=name)[0]
        old = store.bindings(installation.id, level)[target]
        store.put_binding(replace(old, configuration={**old.configuration, **keys}))


def resolve_intent(desk: Desk) -> None:
    """The file is applied, and there is nothing left to do."""
    ended = desk.run("apply", "--auto-approve", "--verify")

    assert ended.code == 0, ended.out + ended.err
    assert "Verified: a new plan is empty." in ended.out
    assert desk.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(("level", "name", "target", "own", "other"), LEVELS)
def test_exact_ownership_takes_back_what_a_person_set_and_leaves_what_the_integration_wrote(
    desk: Desk, level: Level, name: str, target: str, own: str, other: str
) -> None:
    value: Any = False if other == "notify_content_update" else "u"
    desk.write(
        f"installations: {{{name}: {{{level}s: {{{target}: "
        f"{{ownership: exact, configuration: {{{own}: one}}}}}}}}}}\n"
    )
    resolve_intent(desk)
    write(desk, name, level, target, webhookId="w", **{other: value})

    planned = desk.run("plan")
    resolve_intent(desk)

    assert planned.out.count(f"- configuration.{other}") == 1
    assert "webhookId" not in planned.out
    assert held(desk, name, level, target) == {own: "one", "webhookId": "w"}


@pytest.mark.parametrize(("level", "name", "target", "own"), [item[:4] for item in LEVELS])
def test_everything_selected_and_back(desk: Desk, level: Level, name: str, target: str, own: str) -> None:
    implicit = f"installations: {{{name}: {{{level}_selection: all, %s}}}}\n"
    one = f"{level}s: {{{target}: {{configuration: {{{own}: one}}}}}}"
    desk.write(implicit % "prune: all")
    resolve_intent(desk)
    everything = bound(desk, name, level)
    plain = desk.run("plan", "--show-unmanaged")
    desk.write(implicit % one)
    resolve_intent(desk)
    write(desk, name, level, target, webhookId="w")

    desk.write(implicit % one.replace("configuration", "absent: true, configuration"))
    refused = desk.run("apply", "--auto-approve")
    desk.write("prune: managed\n" + (implicit % one).replace("selection: all", "selection: selected"))
    back = desk.run("plan")
    resolve_intent(desk)

    assert len(everything) == 4
    assert plain.out.endswith("No changes.\n")
    assert f"{name}/{level}/" not in plain.out
    assert refused.code == 1
    assert "GB612" in refused.err
    assert f"+ installation/{name}/{level}/{target}" in back.out
    assert bound(desk, name, level) == {target}
    assert held(desk, name, level, target) == {own: "one", "webhookId": "w"}


def test_what_was_connected_in_the_app_outlives_every_change_of_the_file(desk: Desk) -> None:
    connection = desk_connection()
    for text in (
        "configuration: {default_channel: C1}",
        "configuration: {default_channel: C2}, ownership: exact",
        "ownership: exact, configuration: {default_channel: C2}, externalIds: [a]",
        "space_selection: all, configuration: {default_channel: C2}",
        "configuration: {default_channel: C3}",
    ):
        desk.write(f"prune: managed\ninstallations: {{slack: {{{text}}}}}\n")
        resolve_intent(desk)

        assert desk.live("slack")["oauth_credentials"] == connection


def desk_connection() -> Any:
    """How Slack is connected in the sandbox from the start."""
    return world.default().installations_of(integration="slack")[0].configuration["oauth_credentials"]


def test_a_line_that_goes_is_mentioned_removed_or_kept_as_the_file_prunes(desk: Desk) -> None:
    line = "installations: {plausible: {sites: {%s: {configuration: {scriptKey: a%s}}}}}\n"
    desk.write(line % (SITE, ", selfHostedUrl: u"))
    resolve_intent(desk)

    desk.write(line % (SITE, ""))
    none = desk.run("plan")
    desk.write("prune: managed\n" + line % (SITE, ""))
    managed = desk.run("plan")
    resolve_intent(desk)

    assert "No longer managed, but still set:" in none.out
    assert "configuration.selfHostedUrl" in none.out
    assert none.out.endswith("No changes.\n")
    assert '- configuration.selfHostedUrl  "u"' in managed.out
    assert held(desk, "plausible", "site", SITE) == {"scriptKey": "a"}


def test_what_one_file_of_two_declared_is_not_pruned_without_it(desk: Desk) -> None:
    one = desk.write("prune: managed\ninstallations: {mermaid: {}}\n", "one.gbsync.yaml")
    two = desk.write("installations: {plausible: {}}\n", "two.gbsync.yaml")
    two.write_text("version: 1\ninstallations: {plausible: {}}\n", "utf-8")
    resolve_intent(desk)

    alone = desk.run("plan", path=one)
    two.unlink()
    gone = desk.run("plan", path=one)

    assert alone.out.endswith("No changes.\n")
    assert "declared in two.gbsync.yaml, not read" in " ".join(alone.out.split())
    assert "- Plausible  installation/plausible" in gone.out
    assert "no file names it any more (prune: managed)" in " ".join(gone.out.split())
