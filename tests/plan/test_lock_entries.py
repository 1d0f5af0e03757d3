"""Whether something is published again: entry or not, version same or moved, fingerprint same or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reconciler.render.plan.json import plan_document
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.plan.text import plan_text as shown
from reconciler.resources.resource import Address
from tests.planning import plan_text, world

if TYPE_CHECKING:
    from pathlib import Path

NAME = "integration/acme-banner"
CHANGED = (
    "update_because_write_only_field_changed",
    "a field that cannot be read back has changed in the file",
)
ELSEWHERE = ("update_because_published_elsewhere", "someone else published since the last apply")
NEVER = ("update_because_never_recorded", "the lock does not know what was published")
NOTHING = ("", "")

EIGHT = [
    (True, "same", "same", NOTHING, ""),
    (True, "same", "other", CHANGED, "~"),
    (True, "moved", "same", ELSEWHERE, "?"),
    (True, "moved", "other", ELSEWHERE, "?"),
    (False, "same", "same", NEVER, "?"),
    (False, "same", "other", NEVER, "?"),
    (False, "moved", "same", NEVER, "?"),
    (False, "moved", "other", NEVER, "?"),
]


def case(lock: dict[str, Any], version: int, **live: Any) -> dict[str, Any]:
    """The file says `// new`; live is a publish of which nobody can read the script."""
    return {
        "files": (
            'integrations: {acme-banner: {title: Acme Banner, script: "// new", secrets: {A: x}}}\n'
            "installations: {mermaid: {}}\n"
        ),
        "live": {
            "integrations": {"acme-banner": {"version": version, **live}},
            "installations": {"mermaid": {}},
        },
        "lock": {"installation/mermaid": {}, **lock},
    }


def prints(script: str) -> dict[str, Any]:
    return {"script": script, "secrets": {"A": "x"}, "runtime": "v2"}


async def told(folder: Path, case: dict[str, Any]) -> tuple[str, str, str, str]:
    """Symbol, reason and what people are shown of the plan's only step, and that a next plan is empty."""
    made = world(folder, case)
    planned = await made.plan()
    plan = planned.plan
    report = await made.apply(planned)

    assert report.complete
    assert (await made.plan()).plan.steps == ()
    if not plan.steps:
        return "", "", shown(plan), plan_markdown(plan)
    (step,) = plan.steps
    (change,) = plan_document(plan)["resource_changes"]

    assert step.address == NAME
    assert change.get("action_reason") == step.reason.value
    return step.symbol, step.reason.value, shown(plan), plan_markdown(plan)


@pytest.mark.parametrize(("entry", "version", "fingerprint", "reason", "symbol"), EIGHT)
async def test_of_eight_cases_each_is_decided_and_shown_with_its_reason(
    tmp_path: Path,
    entry: bool,  # noqa: FBT001 - a column
    version: str,
    fingerprint: str,
    reason: tuple[str, str],
    symbol: str,
) -> None:
    """Without an entry, `same` and `moved` are said of the version and script that were live before."""
    lock = {NAME: {"version": 4, "fingerprints": prints("// new" if fingerprint == "same" else "// old")}}
    live = {"script": "// new" if fingerprint == "same" else "// old"}
    found = case(lock if entry else {}, 4 if version == "same" else 5, **live)

    sign, why, text, markdown = await told(tmp_path, found)

    assert (sign, why) == (symbol, reason[0])
    assert reason[1] in " ".join(text.split())
    assert reason[1] in " ".join(markdown.split())
    assert ("No changes." in text) is (reason is NOTHING)


INTENT = {
    "version": 4,
    "fingerprints": prints("// old"),
    "intent": {"version": 4, "fingerprints": prints("// new")},
}


@pytest.mark.parametrize(
    ("version", "live", "reason", "symbol"),
    [
        (5, {}, NOTHING, ""),
        (4, {}, CHANGED, "~"),
        (6, {}, ELSEWHERE, "?"),
        (5, {"title": "Something else"}, ELSEWHERE, "~"),
    ],
    ids=["carried out", "not carried out", "two publishes", "other fields"],
)
async def test_an_interrupted_publish_is_judged_by_what_is_live(
    tmp_path: Path, version: int, live: dict[str, Any], reason: tuple[str, str], symbol: str
) -> None:
    sign, why, text, _ = await told(tmp_path, case({NAME: INTENT}, version, **live))

    assert (sign, why) == (symbol, reason[0])
    assert reason[1] in " ".join(text.split())


async def test_an_interrupted_first_publish_that_was_made_is_taken_as_recorded(tmp_path: Path) -> None:
    lock = {NAME: {"intent": {"version": None, "fingerprints": prints("// new")}}}

    assert (await told(tmp_path, case(lock, 1)))[:2] == ("", "")


async def test_an_apply_of_overlays_remembers_which_file_declared_what(tmp_path: Path) -> None:
    base = "prune: managed\ninstallations: {slack: {configuration: {default_channel: C1, team: T1}}}"
    overlays = {
        "prod.yaml": "version: 1\ninstallations: {slack: {configuration: {default_channel: C2}}}",
        "eu.yaml": "version: 1\ninstallations: {slack: {configuration: {region: eu}}}",
    }
    how = {"paths": ["gbsync.yaml", "prod.yaml", "eu.yaml"]}
    made = world(tmp_path, {"files": {"gbsync.yaml": base, **overlays}, "lock": {}, "with": how})
    await made.apply()
    entry = made.lock_store.base.entries[Address("installation/slack")]
    made.paths = ("gbsync.yaml", "prod.yaml")
    without = await made.plan()
    (tmp_path / "eu.yaml").unlink()
    gone = await made.plan()

    assert entry.file == "gbsync.yaml"
    assert entry.files == {
        "configuration.default_channel": "prod.yaml",
        "configuration.region": "eu.yaml",
    }
    assert plan_text(without.plan) == ""
    assert "- configuration.region" in plan_text(gone.plan)
