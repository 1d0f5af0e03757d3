"""A saved plan is held against what is live before anything is sent: what it decided on must be so still."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler import pipeline as reconcile
from reconciler.apply.report import Outcome
from reconciler.config import Options, reread
from reconciler.errors import LockError, Stale, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import LockEntry
from reconciler.plan.conflict import Conflict, ConflictingPlan
from reconciler.plan.saved import document as planfile
from reconciler.render.plan.json import plan_document
from reconciler.render.plan.stale import stale_lines
from reconciler.resources.digest import Salt
from reconciler.resources.resource import Address
from reconciler.sandbox import ORGANIZATION
from reconciler.sandbox.records import Binding, Installation, Integration
from tests.planning import ENDPOINT, World, world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconciler.apply.report import Report

SECRET = "a-secret-write-key"
FILE = """
integrations:
  acme-banner: {title: Acme Banner, script: {file: banner.js}, secrets: {}, scopes: []}
installations:
  slack: {configuration: {default_channel: C2}, externalIds: [b]}
  segment: {sites: {site_p4Xo1: {configuration: {write_key: "${{ secret.SEGMENT }}"}}}}
  intercom: {absent: true}
  googleanalytics: {sites: {site_p4Xo1: {configuration: {tracking_id: G-1}}}}
"""
LIVE: dict[str, Any] = {
    "integrations": {"acme-banner": {"version": 4}},
    "installations": {
        "slack": {"configuration": {"default_channel": "C1", "oauth_credentials": {"t": 1}, "own": 1}},
        "segment": {"sites": {"site_p4Xo1": {"configuration": {"write_key": "old-write-key"}}}},
        "intercom": {"sites": {"site_p4Xo1": {"configuration": {"app_id": "a1", "own": 1}}}},
        "googleanalytics": {"sites": {"site_k2Lm9": {"configuration": {"tracking_id": "G-7"}}}},
        "plausible": {"sites": {"site_p4Xo1": {"configuration": {"scriptKey": "s"}}}},
    },
}
CASE = {"files": {"gbsync.yaml": FILE, "banner.js": "built();\n"}, "live": LIVE, "lock": {}}


@dataclass
class Reviewed:
    """A plan that was saved, in a world that goes on."""

    world: World
    document: dict[str, Any]
    environ: dict[str, str]

    async def apply(self, *, endpoint: str = ENDPOINT, organization: str = "") -> Report:
        """What `gbsync apply FILE` does."""
        found = json.loads(json.dumps(self.document))
        read = reread(Options(environ=self.environ))
        saved = planfile.load(found, name="plan.json", table=KINDS, read=read)
        async with self.world.client() as client:
            lock_store = self.world.lock_store
            planned = await reconcile.recheck(
                saved, client, lock_store, table=KINDS, endpoint=endpoint, organization=organization
            )
            return await reconcile.apply(planned, client, lock_store, table=KINDS).work()

    def installation(self, name: str) -> Installation:
        return self.world.sandbox.store.installations_of(integration=name)[0]

    def configure(self, name: str, **keys: Any) -> None:
        """Somebody writes keys into an installation; `None` removes one."""
        old = self.installation(name)
        laid = {key: value for key, value in {**old.configuration, **keys}.items() if value is not None}
        self.world.sandbox.store.put_installation(replace(old, configuration=laid))

    def bind(self, name: str, site: str, **keys: Any) -> None:
        """Somebody binds an installation to a site, or writes keys there."""
        store, installation = self.world.sandbox.store, self.installation(name).id
        there = store.bindings(installation, "site").get(site) or Binding(installation, "site", site)
        store.put_binding(replace(there, configuration={**there.configuration, **keys}))

    def publish(self, version: int, **fields: Any) -> None:
        """Somebody publishes the banner."""
        store = self.world.sandbox.store
        old = store.integrations["acme-banner"]
        store.integrations["acme-banner"] = replace(old, version=version, document={**old.document, **fields})

    def again(self) -> None:
        """Somebody removes Slack and installs it again."""
        old = self.installation("slack")
        self.world.sandbox.store.drop_installation(old)
        self.world.sandbox.store.put_installation(replace(old, id="inst_again"))


@pytest.fixture
async def reviewed(tmp_path: Path) -> Reviewed:
    environ = {"SEGMENT": SECRET}
    made = world(tmp_path, {**CASE, "with": {"env": environ}})
    planned = await made.plan()
    return Reviewed(
        made, planfile.dump(planned.plan, planned.base, shown=plan_document(planned.plan)), environ
    )


def outcomes(report: Report) -> dict[str, Outcome]:
    return {str(result.step.address): result.outcome for result in report.results}


async def stale(reviewed: Reviewed) -> list[str]:
    """Why the plan is refused; whatever the reason, nothing is touched."""
    sent = len(reviewed.world.sandbox.commits)
    with pytest.raises(Stale) as caught:
        await reviewed.apply()

    assert len(reviewed.world.sandbox.commits) == sent
    error = caught.value
    lines = stale_lines(error) if isinstance(error, ConflictingPlan) else error.reasons
    assert lines[-1] == error.reasons[-1] == "nothing was touched"
    assert error.exit_code == 4
    return list(lines[:-1])


async def test_what_has_not_moved_is_applied_and_nothing_is_left(reviewed: Reviewed) -> None:
    report = await reviewed.apply()

    assert set(outcomes(report).values()) == {Outcome.DONE}
    assert (await reviewed.world.plan()).plan.steps == ()
    assert reviewed.installation("slack").configuration == {
        "default_channel": "C2",
        "oauth_credentials": {"t": 1},
        "own": 1,
    }


SLACK = "installation/slack"
MOVES: list[tuple[str, Callable[[Reviewed], object], str]] = [
    (
        "a key has another value",
        lambda reviewed: reviewed.configure("slack", default_channel="C9"),
        f'{SLACK}: configuration.default_channel was "C1", was to become "C2", and is "C9"; plan again',
    ),
    (
        "a key is gone",
        lambda reviewed: reviewed.configure("slack", default_channel=None),
        f'{SLACK}: configuration.default_channel was "C1", was to become "C2", and is (none); plan again',
    ),
    (
        "it was made anew",
        lambda reviewed: reviewed.again(),
        f'{SLACK}: id was "inst_slack_0" and is (none); plan again',
    ),
    (
        "somebody else published",
        lambda reviewed: reviewed.publish(5),
        "integration/acme-banner: version was 4 and is 5; plan again",
    ),
    (
        "a secret has another value",
        lambda reviewed: reviewed.bind("segment", "site_p4Xo1", write_key="another-write-key"),
        (
            "installation/segment/site/site_p4Xo1: configuration.write_key was (secret #1), was to become "
            "(secret #2), and is (secret #3); plan again"
        ),
    ),
    (
        "what is to be made is there, with other values",
        lambda reviewed: reviewed.bind("googleanalytics", "site_p4Xo1", tracking_id="G-9"),
        (
            "installation/googleanalytics/site/site_p4Xo1: configuration.tracking_id was (none), was "
            'to become "G-1", and is "G-9"; plan again'
        ),
    ),
    (
        "what is to go has another value",
        lambda reviewed: reviewed.bind("intercom", "site_p4Xo1", app_id="a2"),
        (
            "installation/intercom/site/site_p4Xo1: configuration.app_id was "
            '"a1", was to become (none), and is "a2"; plan again'
        ),
    ),
    (
        "what is to go got a key of its integration",
        lambda reviewed: reviewed.bind("intercom", "site_p4Xo1", lastSync="x"),
        (
            "installation/intercom/site/site_p4Xo1: configuration.lastSync was (none), was to "
            'become (none), and is "x"; plan again'
        ),
    ),
    (
        "more would go than was shown",
        lambda reviewed: reviewed.bind("intercom", "site_k2Lm9", app_id="a2"),
        (
            "installation/intercom/site/site_k2Lm9 is new, and would be deleted with installation/intercom; "
            "plan again"
        ),
    ),
]


@pytest.mark.parametrize(("move", "said"), [move[1:] for move in MOVES], ids=[move[0] for move in MOVES])
async def test_what_moved_refuses_the_plan_with_before_then_and_now(
    reviewed: Reviewed, move: Callable[[Reviewed], object], said: str
) -> None:
    move(reviewed)

    assert await stale(reviewed) == [said]


async def test_everything_that_moved_is_said_at_once(reviewed: Reviewed) -> None:
    for _, move, _ in MOVES[3:]:
        move(reviewed)

    assert sorted(await stale(reviewed)) == sorted(said for _, _, said in MOVES[3:])


QUIET: list[tuple[str, Callable[[Reviewed], object]]] = [
    ("nothing", lambda reviewed: None),
    ("other objects", lambda reviewed: reviewed.configure("plausible", own=2)),
    ("other bindings", lambda reviewed: reviewed.bind("plausible", "site_k2Lm9", scriptKey="new")),
    ("a binding beside", lambda reviewed: reviewed.bind("googleanalytics", "site_k2Lm9", tracking_id="x")),
    (
        "own keys",
        lambda reviewed: reviewed.configure("slack", own=2, oauth_credentials={"t": 2}, webhookId=1),
    ),
    ("own keys of what goes", lambda reviewed: reviewed.bind("intercom", "site_p4Xo1", own=2)),
    (
        "times",
        lambda reviewed: reviewed.world.sandbox.store.put_installation(
            replace(reviewed.installation("slack"), updated_at="2031-01-01T00:00:00.000Z")
        ),
    ),
]


@pytest.mark.parametrize("move", [move for _, move in QUIET], ids=[name for name, _ in QUIET])
async def test_what_it_did_not_decide_on_does_not_make_it_stale(
    reviewed: Reviewed, move: Callable[[Reviewed], object]
) -> None:
    move(reviewed)
    report = await reviewed.apply()

    assert set(outcomes(report).values()) == {Outcome.DONE}


async def test_keys_that_integrations_wrote_meanwhile_are_kept(reviewed: Reviewed) -> None:
    reviewed.configure("slack", own=2, webhookId="w", oauth_credentials={"t": 2})

    await reviewed.apply()

    assert reviewed.installation("slack").configuration == {
        "default_channel": "C2",
        "oauth_credentials": {"t": 2},
        "own": 2,
        "webhookId": "w",
    }


async def test_what_is_already_so_is_already_applied_and_nothing_is_sent(reviewed: Reviewed) -> None:
    await reviewed.apply()
    sent = len(reviewed.world.sandbox.commits)

    again = await reviewed.apply()

    assert set(outcomes(again).values()) == {Outcome.ALREADY, Outcome.DONE}
    assert {address for address, outcome in outcomes(again).items() if outcome is Outcome.DONE} == {
        "installation/intercom/site/site_p4Xo1"
    }
    assert len(reviewed.world.sandbox.commits) == sent


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda reviewed: reviewed.world.write("banner.js", "other();\n"),
            "banner.js is not what it was when the plan was made; plan again",
        ),
        (
            lambda reviewed: (reviewed.world.folder / "banner.js").unlink(),
            "banner.js cannot be read; make it as it was when the plan was made, or plan again",
        ),
        (
            lambda reviewed: reviewed.environ.update(SEGMENT="another secret"),
            (
                "installation/segment/site/site_p4Xo1: secret.SEGMENT is not what it was when the plan "
                "was made; plan again"
            ),
        ),
        (
            lambda reviewed: reviewed.environ.clear(),
            (
                "installation/segment/site/site_p4Xo1: secret.SEGMENT is not set; "
                "make it as it was when the plan was made, or plan again"
            ),
        ),
    ],
    ids=["script changed", "script gone", "secret changed", "secret gone"],
)
async def test_a_script_or_a_secret_that_changed_is_told_by_its_fingerprint(
    reviewed: Reviewed, change: Callable[[Reviewed], object], said: str
) -> None:
    change(reviewed)
    (reason,) = await stale(reviewed)

    assert said in reason
    assert SECRET not in reason
    assert reviewed.world.sandbox.log == [] or all(
        not entry.committed for entry in reviewed.world.sandbox.log
    )


async def test_files_beside_those_with_secrets_may_change_or_be_gone(reviewed: Reviewed) -> None:
    (reviewed.world.folder / "gbsync.yaml").unlink()
    report = await reviewed.apply()

    assert set(outcomes(report).values()) == {Outcome.DONE}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"endpoint": "https://api.gitbook.com"}, "not for https://api.gitbook.com; set GITBOOK_ENDPOINT"),
        ({"organization": "another"}, "not for another; plan again"),
    ],
)
async def test_a_plan_for_something_else_is_refused(
    reviewed: Reviewed, how: dict[str, str], said: str
) -> None:
    seen = len(reviewed.world.sandbox.log)
    with pytest.raises(UsageError) as caught:
        await reviewed.apply(**how)

    assert said in str(caught.value)
    assert len(reviewed.world.sandbox.log) == seen


async def test_a_slash_at_the_end_makes_no_other_endpoint(reviewed: Reviewed) -> None:
    assert (await reviewed.apply(endpoint=f"{ENDPOINT}/")).complete


async def test_a_lock_that_was_replaced_refuses_the_plan(reviewed: Reviewed) -> None:
    reviewed.world.lock_store.base = replace(reviewed.world.lock_store.base, salt=Salt("another"))

    assert await stale(reviewed) == ["the lock was replaced since the plan was made; plan again"]


async def test_what_others_applied_meanwhile_stays_in_the_lock(reviewed: Reviewed) -> None:
    lock_store, other = reviewed.world.lock_store, Address("installation/plausible")
    lock_store.base = replace(
        lock_store.base, entries={**lock_store.base.entries, other: LockEntry("other.yaml")}
    )

    await reviewed.apply()

    assert lock_store.base.entries[other] == LockEntry("other.yaml")
    assert Address(SLACK) in lock_store.base.entries


# the same check at each step of any apply


async def test_what_moves_after_a_plain_plan_fails_alone_with_before_then_and_now(tmp_path: Path) -> None:
    made = world(tmp_path, {**CASE, "with": {"env": {"SEGMENT": SECRET}}})
    planned = await made.plan()
    reviewed = Reviewed(made, {}, {})
    reviewed.configure("slack", default_channel="C9")
    reviewed.publish(7)

    report = await made.apply(planned)
    failed = {str(item.step.address): item for item in report.results if item.outcome is not Outcome.DONE}

    assert set(failed) == {SLACK, "integration/acme-banner"}
    assert failed[SLACK].message == "changed since it was planned: configuration.default_channel; plan again"
    assert failed[SLACK].conflicts == (Conflict("configuration.default_channel", "C1", "C2", "C9"),)
    assert failed["integration/acme-banner"].conflicts == (Conflict("version", 4, 4, 7, identity=True),)
    assert reviewed.installation("slack").configuration["default_channel"] == "C9"


async def test_what_is_made_so_after_a_plain_plan_is_already_applied(tmp_path: Path) -> None:
    made = world(
        tmp_path, {"files": "installations: {slack: {configuration: {default_channel: C2}}}", "live": LIVE}
    )
    planned = await made.plan()
    Reviewed(made, {}, {}).configure("slack", default_channel="C2")

    report = await made.apply(planned)

    assert outcomes(report) == {SLACK: Outcome.ALREADY}
    assert made.sandbox.commits == ()


# a lock that names what nobody knows


async def test_a_lock_that_names_a_kind_of_the_future_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    made = world(tmp_path, {**CASE, "with": {"env": {"SEGMENT": SECRET}}})
    entries = {**made.lock_store.base.entries, Address("webhook/x"): LockEntry("f.yaml")}
    made.lock_store.base = replace(made.lock_store.base, entries=entries)

    with pytest.raises(LockError, match="names webhook/x, which this program does not know; upgrade gbsync"):
        await made.plan()


async def test_a_plan_needs_a_client_or_a_live_state(tmp_path: Path) -> None:
    made = world(tmp_path, CASE)
    config = made.config()

    with pytest.raises(TypeError, match="needs a client, or a live state"):
        await reconcile.plan(config, None, made.lock_store, table=KINDS, endpoint=ENDPOINT, folder=tmp_path)


async def test_a_null_that_the_server_refuses_is_said_with_what_to_do_instead(tmp_path: Path) -> None:
    case = {
        "files": (
            "installations: {plausible: {sites: {site_p4Xo1: "
            "{configuration: {scriptKey: s, selfHostedUrl: null}}}}}\n"
        ),
        "live": {
            "installations": {
                "plausible": {
                    "sites": {"site_p4Xo1": {"configuration": {"scriptKey": "s", "selfHostedUrl": "u"}}}
                }
            }
        },
        "with": {"behaviour": {"patch": "merges", "nulls": "refused", "configuration": "checked"}},
    }

    report = await world(tmp_path, case).apply()

    (result,) = report.results
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "configuration.selfHostedUrl cannot be removed: the API keeps a key that is left out, and refuses "
        "null for it (configuration.selfHostedUrl must not be null); set it to another value, or take the "
        "null out of the file and clear it in the app"
    )


async def test_an_installation_that_comes_between_uninstall_and_unpublish_is_seen(tmp_path: Path) -> None:
    made = world(tmp_path, {
        "files": "integrations: {acme-banner: {absent: true}}\n",
        "live": {"integrations": {"acme-banner": {}}, "installations": {"acme-banner": {}}},
        "with": {"behaviour": {"unpublish": "orphans"}},
    })  # fmt: skip
    planned = await made.plan()

    def between(_number: int) -> None:
        """Somebody else installs it again, after our own look and before the unpublish."""
        if made.sandbox.log[-1:] and made.sandbox.log[-1].operation == "listOrganizationInstallations":
            made.sandbox.store.put_installation(Installation("theirs", "acme-banner", ORGANIZATION))

    made.sandbox.between = between
    report = await made.apply(planned)

    message = report.results[-1].message
    assert report.results[-1].outcome is Outcome.FAILED
    assert message == (
        "the API took the request, but installation/acme-banner (theirs) is still there; look at it in the "
        "app, or plan again"
    )


async def test_a_list_that_still_shows_what_was_deleted_does_not_stop_an_unpublish(tmp_path: Path) -> None:
    made = world(tmp_path, {
        "files": "integrations: {acme-banner: {absent: true}}\n",
        "live": {"integrations": {"acme-banner": {}}, "installations": {"acme-banner": {}}},
        "with": {"behaviour": {"delete_lag": 4, "unpublish": "refused"}},
    })  # fmt: skip

    report = await made.apply()

    assert report.complete
    assert "acme-banner" not in made.sandbox.store.integrations


MOVED_SECRET = "xoxb-of-a-colleague"


@pytest.mark.parametrize("saved", [True, False])
async def test_a_secret_that_moved_is_masked_also_where_its_step_does_not_change_it(
    tmp_path: Path, *, saved: bool
) -> None:
    files = """
installations:
  slack: {configuration: {default_channel: C2, team: "${{ secret.TEAM }}"}}
"""
    live = {"installations": {"slack": {"configuration": {"default_channel": "C1", "team": "our-team"}}}}
    case = {"files": files, "live": live, "lock": {}, "with": {"env": {"TEAM": "our-team"}}}
    made = world(tmp_path, case)
    planned = await made.plan()
    shown = plan_document(planned.plan)
    document = planfile.dump(planned.plan, planned.base, shown=shown)
    reviewed = Reviewed(made, document, {"TEAM": "our-team"})
    reviewed.configure("slack", team=MOVED_SECRET)

    if saved:
        with pytest.raises(ConflictingPlan) as raised:
            await reviewed.apply()
        conflicts = raised.value.conflicts[Address("installation/slack")]
        text = "\n".join(stale_lines(raised.value))
    else:
        report = await made.apply(planned)
        conflicts, text = report.results[0].conflicts, repr(report.results)

    assert [change.name for step in planned.plan.steps for change in step.changes] == [
        "configuration.default_channel"
    ]
    assert [conflict.name for conflict in conflicts] == ["configuration.team"]
    assert "our-team" not in text
    assert MOVED_SECRET not in text
    assert made.live("installation/slack")["configuration"]["team"] == MOVED_SECRET


async def test_a_first_publish_of_what_somebody_published_meanwhile_publishes_nothing(
    tmp_path: Path,
) -> None:
    files = 'integrations: {acme-new: {title: Acme, script: "//", secrets: {}, scopes: []}}'
    made = world(tmp_path, {"files": files, "lock": {}})
    planned = await made.plan()
    theirs = Integration("acme-new", ORGANIZATION, {"title": "Theirs", "script": "// theirs", "scopes": []})
    made.sandbox.store.integrations["acme-new"] = theirs
    report = await made.apply(planned)

    assert [item.outcome for item in report.results] == [Outcome.FAILED]
    assert made.live("integration/acme-new")["title"] == "Theirs"
    assert not made.sandbox.commits


async def test_a_binding_of_an_installation_that_was_made_again_is_another_one(tmp_path: Path) -> None:
    before = {"configuration": {"tracking_id": "G-1"}}
    files = "prune: managed\ninstallations: {googleanalytics: {sites: {}}}"
    live = {"installations": {"googleanalytics": {"sites": {"site_p4Xo1": before}}}}
    lock = {
        "installation/googleanalytics": {"id": "inst_googleanalytics_0"},
        "installation/googleanalytics/site/site_p4Xo1": {"fields": {"configuration.tracking_id": "G-1"}},
    }
    made = world(tmp_path, {"files": files, "live": live, "lock": lock})
    planned = await made.plan()
    store = made.sandbox.store
    old = store.installations_of(integration="googleanalytics")[0]
    store.drop_installation(old)
    store.put_installation(replace(old, id="inst_again"))
    store.put_binding(Binding("inst_again", "site", "site_p4Xo1", before["configuration"]))
    report = await made.apply(planned)

    assert [str(step.address) for step in planned.plan.steps] == [
        "installation/googleanalytics/site/site_p4Xo1"
    ]
    assert report.results[0].outcome is not Outcome.DONE
    assert made.live("installation/googleanalytics/site/site_p4Xo1")["configuration"] == {
        "tracking_id": "G-1"
    }
