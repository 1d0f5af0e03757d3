"""The oracle is not blind: a server log with one wrong in it, and the law that says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.exploration.engine import Ended
from tests.exploration.oracle import wrongs
from tests.exploration.server import OAUTH, Behaviour
from tests.exploration.story import Event, Start, Story, Wish
from tests.exploration.world import Round, Tale, World

Request = tuple[str, dict[str, str], Any]
INSTALLED = {"installationId": "inst_1"}
BOUND = {**INSTALLED, "siteId": "site_1"}
LIST: Request = ("listOrganizationInstallations", {}, None)
SITES: Request = ("listIntegrationInstallationSites", INSTALLED, None)
READ: Request = ("getIntegrationInstallationById", INSTALLED, None)
REMOVE: Request = ("uninstallIntegration", INSTALLED, None)


def patch(**configuration: Any) -> Request:
    return "updateIntegrationInstallation", INSTALLED, {"configuration": configuration}


def update(before: Any, after: Any) -> tuple[Any, ...]:
    return "update", "installation/acme", "inst_1", (("configuration.k", before, after),)


DELETE = ("delete", "installation/acme", "inst_1", ())
DELETE_SITE = ("delete", "installation/acme/site/site_1", "site_1", ())


def tale(
    story: Story,
    steps: tuple[Any, ...],
    *requests: Request,
    reads: tuple[Request, ...] = (LIST, SITES),
    code: int = 0,
    outcome: str = "done",
) -> Tale:
    """What a run would be that planned these steps from the reads, and sent these requests."""
    world = World(story)
    start = world.server.flat()
    for request in reads:
        world.request(*request)
    world.phase = "apply"
    for request in requests:
        world.request(*request)
    ended = Ended(code, results=tuple((step[0], step[1], outcome, "") for step in steps))
    told = Round(steps, tuple(world.log), ended, start, world.server.flat())
    return Tale(story, (told,), world.number, resolve_intent=False)


def laws(found: Tale) -> set[str]:
    """The laws that are broken; this one run need not be the end."""
    return {said.partition(":")[0] for said in wrongs(found)} - {"an end"}


GOOD = patch(k="a", **{OAUTH: "granted"})
SETS = Story(Wish("a"), Start())
GOES = Story(Wish("absent"), Start("bare", "bare"))


def test_a_run_as_it_should_be_breaks_no_law() -> None:
    assert laws(tale(SETS, (update(None, "a"),), READ, GOOD)) == set()
    assert laws(tale(GOES, (DELETE_SITE, DELETE), READ, SITES, REMOVE)) == set()


@pytest.mark.parametrize(
    ("law", "found"),
    [
        ("foreign keys", tale(SETS, (update(None, "a"),), READ, patch(k="a"))),
        ("shown first", tale(SETS, (update("c", "a"),), READ, GOOD)),
        ("only what is planned", tale(SETS, (), READ, GOOD)),
        ("the report", tale(SETS, (update(None, "a"),), READ)),
        ("the report", tale(SETS, (update(None, "a"),), READ, GOOD, outcome="failed", code=5)),
        ("the exit code", tale(SETS, (update(None, "a"),), READ, GOOD, outcome="failed", code=1)),
        ("the exit code", tale(SETS, (update(None, "a"),), READ, outcome="failed", code=5)),
        ("asked only", tale(SETS, (), reads=(LIST, GOOD))),
        ("deletions", tale(GOES, (DELETE,), READ, REMOVE)),
        ("deletions", tale(Story(Wish(), Start()), (DELETE,), READ, REMOVE)),
        (
            "deletions",
            tale(
                replace(GOES, wish=Wish("absent", protect="sites")),
                (DELETE_SITE, DELETE),
                READ,
                REMOVE,
            ),
        ),
        (
            "deletions",
            tale(
                replace(GOES, events=(Event(3, "sets the installation's key"),)),
                (DELETE_SITE, DELETE),
                READ,
                SITES,
                REMOVE,
            ),
        ),
    ],
)
def test_a_run_with_one_wrong_breaks_the_law_that_says_so(law: str, found: Tale) -> None:
    assert law in laws(found)


def test_what_changes_in_the_window_is_nobodys_fault() -> None:
    story = replace(SETS, events=(Event(4, "connects the installation"),))

    assert laws(tale(story, (update(None, "a"),), READ, GOOD)) == set()


def test_what_changes_before_the_reading_is_not_excused() -> None:
    story = replace(SETS, events=(Event(3, "connects the installation"),))

    assert laws(tale(story, (update(None, "a"),), READ, GOOD)) == {"foreign keys"}


def test_an_installation_that_a_list_could_show_is_not_made_twice() -> None:
    story = Story(Wish(), Start(), behaviour=Behaviour(post="creates a second"))
    create = ("create", "installation/acme", "", ())

    assert "once only" in laws(tale(story, (create,), ("installIntegration", {}, {})))
