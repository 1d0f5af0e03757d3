"""Guards on the command line: `plan`, `apply` and a saved plan refuse alike, with numbers and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.desk import Desk

SITES = ", ".join(f"site_{name}: {{}}" for name in ("p4Xo1", "k2Lm9", "t7Rb3", "w8Yn5"))
SPACES = ", ".join(
    f"{name}: {{}}"
    for name in (
        "7fQm2WvA91bXcR0tYk3L",
        "3hJk8PqZ52nMdS6uVx1B",
        "9cTe4RyU70gHfL2wQa5N",
        "5vBn6MxK38sDjG1pZo7E",
    )
)
OWN = "integrations: {acme: {title: Acme, script: '// x', scopes: [], secrets: {}}}\n"
BOUND = (
    f"installations: {{slack: {{configuration: {{default_channel: C1}}, spaces: {{{SPACES}}}}}, "
    f"googleanalytics: {{}}, mermaid: {{}}, webhook: {{sites: {{{SITES}}}}}}}\n"
)


@dataclass(frozen=True)
class Guard:
    """What is applied first, what the file says then, why that is refused, and how it is allowed."""

    before: str
    after: str
    said: str
    allowed: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


GUARDS = {
    "a share of deletions": Guard(
        BOUND,
        "prune: managed\ninstallations: {slack: {configuration: {default_channel: C1}}}\n",
        "the plan deletes 12 of 13 live within reach, more than max_deletes (30 %, which is 3); "
        "if that is meant: --allow-deletes 12",
        ("--allow-deletes", "12"),
    ),
    "a number of deletions": Guard(
        "installations: {mermaid: {}}\n",
        "max_deletes: 0\ninstallations: {mermaid: {absent: true}}\n",
        "the plan deletes 1 of 1 live within reach, more than max_deletes (0); "
        "if that is meant: --allow-deletes 1",
        ("--allow-deletes", "1"),
    ),
    "another number than the real one": Guard(
        "installations: {mermaid: {}}\n",
        "installations: {mermaid: {absent: true}}\n",
        "--allow-deletes 2 does not fit: the plan deletes 1; look at it again, then say --allow-deletes 1",
        ("--allow-deletes", "1"),
        ("--allow-deletes", "2"),
    ),
    "destroy": Guard(
        BOUND,
        BOUND,
        "the plan deletes 13 of 13 live within reach, more than max_deletes (30 %, which is 3); "
        "if that is meant: --allow-deletes 13",
        ("--allow-deletes", "13"),
        ("--destroy",),
    ),
    "what is protected": Guard(
        "installations: {mermaid: {}}\n",
        "prune: managed\nprotect: [installation/*]\ninstallations: {slack: {}}\n",
        "installation/mermaid is protected (installation/*), and this plan deletes it; "
        "take it out of `protect`",
    ),
    "what is protected and goes along": Guard(
        f"installations: {{webhook: {{sites: {{{SITES}}}}}}}\n",
        "protect: [installation/*/site/site_p4Xo1]\ninstallations: {webhook: {absent: true}}\n",
        "installation/webhook/site/site_p4Xo1 is protected (installation/*/site/site_p4Xo1), and going with "
        "installation/webhook deletes it; take it out of `protect`",
    ),
    "files that declare nothing": Guard(
        "installations: {mermaid: {}}\n",
        "prune: managed\n",
        "the files declare nothing; if that is meant: --allow-empty",
        ("--allow-empty",),
    ),
    "unpublishing": Guard(
        OWN,
        "integrations: {acme: {absent: true}}\n",
        "the plan unpublishes 1 (integration/acme), which removes it from every organization that "
        "installed it; if that is meant: --allow-unpublish",
        ("--allow-unpublish",),
    ),
}


@pytest.fixture(params=GUARDS.values(), ids=list(GUARDS))
def guard(request: pytest.FixtureRequest, desk: Desk) -> Guard:
    """One guard, before a plan that it refuses."""
    found: Guard = request.param
    desk.applied(found.before)
    desk.write(found.after)
    return found


def test_a_plan_is_refused_after_its_files_are_written(desk: Desk, guard: Guard) -> None:
    files = {name: desk.folder / f"plan.{name}" for name in ("out", "json", "markdown", "html")}
    forms = [item for name, path in files.items() for item in (f"--{name}", str(path))]

    ended = desk.run("plan", *guard.args, *forms)

    assert ended.code == 3
    assert ended.err == f"Error: {guard.said}\n"
    assert ended.out.count("Plan: ") == 1
    assert all(path.stat().st_size for path in files.values())


def test_an_apply_is_refused_and_nothing_is_touched(desk: Desk, guard: Guard) -> None:
    before = desk.world.read_text("utf-8")
    ended = desk.run("apply", "--auto-approve", *guard.args)

    assert ended.code == 3
    assert ended.err == f"Error: {guard.said}\n"
    assert desk.world.read_text("utf-8") == before


def test_a_saved_plan_is_refused_and_nothing_is_touched(desk: Desk, guard: Guard) -> None:
    narrowed = tuple(arg for arg in guard.args if arg == "--destroy")
    allowances = tuple(arg for arg in guard.args if arg != "--destroy")
    path = desk.saved(*narrowed)
    before = desk.world.read_text("utf-8")

    ended = desk.run("apply", *allowances, path=path)

    assert ended.code == 3
    assert ended.err == f"Error: {guard.said}\n"
    assert desk.world.read_text("utf-8") == before


def test_the_way_out_that_it_names_is_one(desk: Desk, guard: Guard) -> None:
    narrowed = tuple(arg for arg in guard.args if arg == "--destroy")
    if not guard.allowed:
        desk.write(guard.after.replace("protect:", "x-protect:"))

    ended = desk.run("apply", "--auto-approve", *narrowed, *guard.allowed)

    assert ended.code == 0, ended.err
    assert desk.run("plan", "--allow-empty").out.endswith(
        ("No changes.\n", "to add, 0 to change, 0 to destroy.\n")
    )


def test_all_guards_speak_at_once(desk: Desk) -> None:
    desk.applied(OWN)
    desk.write("max_deletes: 0\nprotect: ['integration/*']\nintegrations: {acme: {absent: true}}\n")

    ended = desk.run("apply", "--auto-approve")

    assert ended.code == 3
    assert ended.err.count("Error: ") == 3


SAYS_NOTHING = {
    "empty": "",
    "a comment": "# cut\n",
    "null": "---\n",
    "braces": "{}\n",
    "a version": "version: 1\n",
}
MANAGED = "prune: managed\ninstallations:\n  slack: {configuration: {default_channel: C1}}\n"
MORE = "installations:\n  googleanalytics: {sites: {site_p4Xo1: {configuration: {tracking_id: G-1}}}}\n"


@pytest.mark.parametrize("text", SAYS_NOTHING.values(), ids=SAYS_NOTHING)
@pytest.mark.parametrize("shape", ["a part", "an overlay"])
def test_an_input_that_was_cut_short_deletes_nothing(desk: Desk, shape: str, text: str) -> None:
    desk.write(MANAGED)
    more = desk.write(MORE, "more.gbsync.yaml" if shape == "a part" else "over.yaml")
    more.write_text(MORE, encoding="utf-8")
    paths = () if shape == "a part" else (str(more),)
    assert desk.run("apply", *paths, "--auto-approve").code == 0
    more.write_text(text, encoding="utf-8")
    refused = desk.run("apply", *paths, "--auto-approve")
    planned = desk.run("plan", *paths, "--out", str(desk.folder / "plan.json"))
    saved = desk.run("apply", path=desk.folder / "plan.json")
    meant = desk.run("plan", *paths, "--allow-empty")

    assert (refused.code, planned.code, saved.code, meant.code) == (3, 3, 3, 0)
    assert f"{more}: says nothing; was it cut short?" in refused.err
    assert "3 to destroy" in meant.out


@pytest.mark.parametrize("command", ["drift", "matrix", "graph", "lock --adopt"])
def test_what_an_input_that_was_cut_short_would_show_is_not_shown(desk: Desk, command: str) -> None:
    desk.write(MANAGED)
    more = desk.write(MORE, "more.gbsync.yaml")
    more.write_text(MORE, encoding="utf-8")
    assert desk.run("apply", "--auto-approve").code == 0
    before = desk.run("lock").out
    more.write_text("", encoding="utf-8")
    refused = desk.run(*command.split(" "))
    after = desk.run("lock").out
    meant = desk.run(*command.split(" "), "--allow-empty")

    assert (refused.code, refused.out) == (3, "")
    assert f"{more}: says nothing; was it cut short?" in refused.err
    assert (before, "googleanalytics" in before) == (after, True)
    assert meant.code in (0, 2)
