"""Saved plans as documents: nothing is lost, nothing secret is in them, and nothing forged gets through."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import pipeline as reconcile
from reconciler.config import Options, reread
from reconciler.errors import GbsyncError, Stale, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import Base
from reconciler.plan.guards import Allowances, refusals
from reconciler.plan.saved import document as planfile
from reconciler.plan.saved.reader import MENTIONS
from reconciler.render.json import json_text
from reconciler.render.plan.json import plan_document
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.plan.text import plan_text as shown
from tests.planning import ENDPOINT, InMemoryLockStore, World, world
from tests.virtual import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.pipeline import Planned
    from reconciler.plan.step import Plan

ENVIRON = {"BANNER": "a-secret-of-the-banner", "CHANNEL": "a-secret-channel"}
CASE: dict[str, Any] = {
    "files": {
        "gbsync.yaml": """
prune: managed
max_deletes: 60%
protect: [installation/slack]
integrations:
  acme-banner:
    title: Acme Banner
    script: {file: banner.js}
    scopes: [site:metadata:read]
    contentSecurityPolicy: {script-src: a}
    configurations: {account: {properties: {size: {type: number}}}}
    secrets: {TOKEN: "${{ secret.BANNER }}"}
installations:
  acme-banner: {configuration: {size: 2}}
  slack:
    configuration: {default_channel: "x${{ secret.CHANNEL }}", gone: null}
    externalIds: [b, a]
    space_selection: all
  intercom: {absent: true}
  googleanalytics:
    sites:
      site_p4Xo1: {configuration: {tracking_id: G-1, odd: {"$digest": [1]}, flag: true, ratio: 1.5}}
""",
        "banner.js": "built();\n",
    },
    "live": {
        "integrations": {"acme-banner": {"version": 4}},
        "installations": {
            "slack": {"configuration": {"default_channel": "C1", "gone": 1, "oauth_credentials": {"a": 1}}},
            "intercom": {"sites": {"site_p4Xo1": {"configuration": {"app_id": "a", "key": "k"}}}},
            "plausible": {},
            "googleanalytics": {},
        },
    },
    "lock": {
        "integration/acme-banner": {"version": 3, "fingerprints": {"script": "// s"}},
        "installation/slack": {
            "fields": {"configuration.gone": 1},
            "files": {"configuration.gone": "o.yaml"},
        },
        "installation/plausible": {"file": "other.yaml"},
        "installation/mermaid": {},
    },
    "with": {"env": ENVIRON},
}
read = reread(Options(environ=ENVIRON))


APPLY = ("gbsync", "apply")
CHANGE = ("resource_changes", 0)
BANNER = (*APPLY, "steps", "integration/acme-banner")
SLACK = (*APPLY, "steps", "installation/slack")


@dataclass(frozen=True)
class Made:
    """A plan with everything in it, its document, and the world that it was made in."""

    planned: Planned
    document: dict[str, Any]


def dumped(planned: Planned) -> dict[str, Any]:
    """The document as it comes back from a file."""
    shown = plan_document(planned.plan)
    document: dict[str, Any] = json.loads(json.dumps(planfile.dump(planned.plan, planned.base, shown=shown)))
    return document


@cache
def made() -> Made:
    folder = TemporaryDirectory()
    keep.append(folder)
    planned = run(world(Path(folder.name), CASE).plan())
    return Made(planned, dumped(planned))


keep: list[TemporaryDirectory[str]] = []
"""The folders whose files are read again."""


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the checksum that fits it, where it has a place for one."""
    return planfile.sealed(document) if isinstance(document.get("gbsync"), dict) else document


def load(document: Any) -> planfile.Saved:
    return planfile.load(document, name="plan.json", table=KINDS, read=read)


def test_a_plan_is_read_again_as_it_was() -> None:
    plan, saved = made().planned.plan, load(made().document)
    again = saved.plan

    assert [step.desired for step in again.steps] == [step.desired for step in plan.steps]
    for field in ("address", "action", "reason", "label", "place", "needs", "requests", "sends", "symbol"):
        assert [getattr(step, field) for step in again.steps] == [getattr(step, field) for step in plan.steps]
    assert [change.path for step in again.steps for change in step.changes] == [
        change.path for step in plan.steps for change in step.changes
    ]
    for field in ("problems", "notes", "limits", "mask", "forget", "labels", *MENTIONS):
        assert getattr(again, field) == getattr(plan, field)
    assert dict(again.lock_entries) == dict(plan.lock_entries)
    assert (saved.salt, saved.stamp) == (made().planned.base.salt, made().planned.base.stamp)


def test_it_holds_no_secret_and_says_where_each_is_read_again() -> None:
    text = json.dumps(made().document)

    assert not [secret for secret in ENVIRON.values() if secret in text]
    assert {"kind": "secret", "name": "BANNER", "path": []} in _objects(made().document)


def _objects(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for item in inner for found in _objects(item))]


def test_a_value_that_looks_like_the_documents_own_marks_is_a_value() -> None:
    saved = load(made().document)
    desired = {step.address: step.desired for step in saved.plan.steps}

    assert desired["installation/googleanalytics/site/site_p4Xo1"]["configuration"]["odd"] == {"$digest": [1]}  # type: ignore[index] # an address is text


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        (3, "was saved by a newer gbsync (format 3, this one knows 2); upgrade gbsync, or make it again"),
        (
            1,
            "was saved by an older gbsync (format 1, this one knows 2); make it again",
        ),
        (0, "is no saved plan of this program"),
        (None, "is no saved plan of this program"),
        (True, "is no saved plan of this program"),
        ("1", "is no saved plan of this program"),
    ],
)
def test_another_format_is_refused(format_: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(signed(changed(made().document, (*APPLY, "format"), format_)))

    assert str(caught.value).startswith(f"plan.json: {said}")


@pytest.mark.parametrize("document", [None, [], "text", 3, {}, {"gbsync": {}}, {"gbsync": {"apply": []}}])
def test_what_is_no_document_at_all_is_refused(document: Any) -> None:
    with pytest.raises(UsageError, match=r"plan\.json: is no saved plan"):
        load(document)


def test_an_accident_is_told_by_its_checksum() -> None:
    document = copy.deepcopy(made().document)
    document["resource_changes"][0]["gbsync"]["label"] = "Something else"

    with pytest.raises(UsageError, match=r"was changed or cut off since it was saved .* make it again"):
        load(document)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((*APPLY, "steps"), ..., "`gbsync.apply.steps` is missing"),
        (("resource_changes",), ..., "`resource_changes` is missing"),
        (("resource_changes",), [], "`resource_changes` are not the steps that it would carry out"),
        ((*CHANGE, "address"), "nowhere/x", "`resource_changes` are not the steps that it would carry out"),
        ((*APPLY, "forget"), ["nowhere/x"], "nowhere/x is no address of this program"),
        ((*CHANGE, "address"), 3, "`resource_changes[0].address` is of another type"),
        (
            (*CHANGE, "change", "actions"),
            ["explode"],
            "`resource_changes[0].change.actions[0]` has a value that this program does not know",
        ),
        ((*CHANGE, "change", "actions"), [], "`resource_changes[0].change.actions[0]` is missing"),
        ((*CHANGE, "change", "actions"), ["update", "delete"], "is of another type"),
        ((*BANNER, "desired"), {"nothing": 1}, "has no field `nothing`"),
        ((*SLACK, "desired"), {"configuration": [1]}, "`configuration` is of another type"),
        ((*CHANGE, "gbsync", "changes", 0, "path"), [], ".changes[0].path` is empty"),
        (
            (*CHANGE, "gbsync", "changes"),
            [],
            "the step of integration/acme-banner shows other changes than it sends",
        ),
        ((*BANNER, "expected", "identity", "version"), "4", ".expected.identity.version` is of another type"),
        (
            (*APPLY, "limits", "max_deletes"),
            float("nan"),
            "`gbsync.apply.limits.max_deletes` is not a finite number",
        ),
        ((*APPLY, "limits", "max_deletes"), True, "`gbsync.apply.limits.max_deletes` is of another type"),
        (
            (*APPLY, "limits", "most"),
            1,
            "`gbsync.apply.limits` has a part that this program does not know",
        ),
        ((*APPLY, "closing"), -1, "`gbsync.apply.closing` is less than zero"),
        ((*APPLY, "lock_entries"), {}, "does not say what the lock remembers of integration/acme-banner"),
        ((*APPLY, "salt"), 7, "`gbsync.apply.salt` is of another type"),
        ((*APPLY, "lock"), {}, "`gbsync.apply.lock.stamp` is missing"),
    ],
)
def test_a_forged_part_is_named(path: tuple[Any, ...], value: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(signed(changed(made().document, path, value)))

    assert said in str(caught.value)
    assert str(caught.value).startswith("plan.json: is damaged (")
    assert str(caught.value).endswith("; make it again with `gbsync plan --out`")


def changed(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy in which one part is another; without it for `...`."""
    copied = copy.deepcopy(document)
    owner: Any = copied
    for step in path[:-1]:
        owner = owner[step]
    if value is ...:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return copied


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(["", "integration/acme-banner", "installation/slack", "create", "delete", "\ud800"]),
        st.sampled_from([{"$absent": True}, {"$digest": "é"}, {"$secret": [], "digest": None}]),
        st.text(max_size=3),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@st.composite
def forged(draw: st.DrawFn) -> dict[str, Any]:
    """A document of which up to three parts were left out, replaced, or put in place of others."""
    document = made().document
    for _ in range(draw(st.integers(1, 3))):
        every = [path for path in paths(document) if path[-1] != "checksum"]
        path = draw(st.sampled_from(every))
        kind = draw(st.sampled_from(["gone", "other", "moved"]))
        if kind == "moved":
            value = at(document, draw(st.sampled_from(every)))
        else:
            value = ... if kind == "gone" else draw(JSON)
        document = changed(document, path, value)
    return signed(document)


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


@settings(max_examples=300)
@given(forged())
def test_whatever_is_forged_is_a_plan_or_an_error_that_explains_itself(document: dict[str, Any]) -> None:
    try:
        plan = load(document).plan
        planfile.load(document, name="plan.json", table=KINDS)
    except (UsageError, Stale):
        return

    usable(plan)


def usable(plan: Plan) -> None:
    """Whoever shows it or guards it finds nothing that it stumbles over."""
    assert json_text(plan_document(plan))
    assert shown(plan)
    assert plan_markdown(plan) is not None
    assert refusals(plan, table=KINDS, allowed=Allowances()) is not None


@pytest.mark.lawless
@settings(max_examples=100)
@given(forged())
def test_whatever_is_forged_is_applied_or_refused_and_nothing_breaks(document: dict[str, Any]) -> None:
    try:
        saved = load(document)
    except (UsageError, Stale):
        return
    messages = run(applied(saved, Path(keep[0].name)))

    assert not [message for message in messages if "gbsync itself failed" in message]


async def applied(saved: planfile.Saved, folder: Path) -> list[str]:
    """What each step says of how it ended."""
    here: World = world(folder, CASE)
    lock_store = InMemoryLockStore(
        Base(made().planned.base.entries, made().planned.base.salt, known=True, fresh=False)
    )
    async with here.client() as client:
        try:
            planned = await reconcile.recheck(saved, client, lock_store, table=KINDS, endpoint=ENDPOINT)
            report = await asyncio.wait_for(
                reconcile.apply(planned, client, lock_store, table=KINDS).work(), timeout=100_000
            )
        except GbsyncError:
            return []
    return [result.message for result in report.results]
