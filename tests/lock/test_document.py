"""The lock as a document: its format, what is refused, and what each outcome of a step leaves in it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply.report import Outcome
from reconciler.errors import LockError
from reconciler.lock.document import Base, Intent, LockEntry, decode, encode, merged, parse, section_of
from reconciler.resources.digest import Salt
from reconciler.resources.resource import Address
from reconciler.sandbox import Fault
from reconciler.sandbox.faults import Faults
from tests.planning import InMemoryLockStore, world

if TYPE_CHECKING:
    from pathlib import Path

SECTION = section_of("https://api.gitbook.com/", "org1")
ENTRIES = st.builds(
    LockEntry,
    file=st.text(max_size=5),
    fields=st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
    files=st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
    version=st.none() | st.integers(0, 9),
    fingerprints=st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
    intent=st.none() | st.builds(Intent, st.none() | st.integers(0, 9), st.just({"script": "x"})),
)
BASES = st.builds(
    Base,
    entries=st.dictionaries(st.builds(Address, st.text(min_size=1, max_size=6)), ENTRIES, max_size=3),
    known=st.just(True),  # noqa: FBT003 - a field
    fresh=st.just(False),  # noqa: FBT003 - a field
    unmanaged=st.frozensets(st.builds(Address, st.text(min_size=1, max_size=6)), max_size=2),
)


@given(BASES)
def test_what_is_written_is_read_again(base: Base) -> None:
    text = encode(merged(None, SECTION, base))

    assert parse(decode(text, "x"), SECTION, "x") == base


@given(BASES, BASES)
def test_a_section_leaves_the_others_alone(one: Base, two: Base) -> None:
    two = replace(two, salt=one.salt)
    document = merged(merged(None, SECTION, one), "https://elsewhere org2", two)

    assert parse(document, SECTION, "x") == one
    assert parse(document, "https://elsewhere org2", "x") == two


def test_the_section_does_not_depend_on_a_slash_at_the_end() -> None:
    assert SECTION == "https://api.gitbook.com org1"


def test_the_text_is_sorted_and_has_a_line_for_each_value() -> None:
    entry = LockEntry("a.yaml", {"b": "2", "a": "1"}, version=3)
    base = Base({Address("installation/z"): entry, Address("installation/a"): entry}, Salt("s"))

    text = encode(merged(None, SECTION, base))

    assert text.index("installation/a") < text.index("installation/z")
    assert text.index('"a": "1"') < text.index('"b": "2"')
    assert len(text.splitlines()) > 15
    assert text.endswith("}\n")


def test_a_file_without_the_section_gives_its_salt_to_it() -> None:
    base = parse(merged(None, SECTION, Base(salt=Salt("s"))), "another", "x")

    assert base.salt == Salt("s")
    assert not base.known
    assert not base.fresh


def test_a_section_of_another_salt_is_not_written_over() -> None:
    document = merged(None, SECTION, Base(salt=Salt("one")))

    with pytest.raises(LockError, match="replaced meanwhile"):
        merged(document, SECTION, Base(salt=Salt("two")))


def test_two_runs_that_make_a_new_lock_at_once_both_keep_their_salt() -> None:
    document = merged(None, SECTION, Base(salt=Salt("one")))
    document = merged(document, "another", Base(salt=Salt("two")))
    again = merged(document, "another", parse(document, "another", "gbsync.lock"))

    assert parse(document, SECTION, "gbsync.lock").salt == Salt("one")
    assert parse(document, "another", "gbsync.lock").salt == Salt("two")
    assert again == document


CONFLICT = '{\n<<<<<<< HEAD\n "format": 1,\n=======\n "format": 1,\n>>>>>>> other\n}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged"),
        ('{"format": 1, "sal', "is damaged"),
        ("[" * 100_000, "is damaged"),
        ("[]", "is not a lock file"),
        ("{}", "is not a lock file"),
        ('{"format": 1}', "is not a lock file"),
        ('{"format": true, "sections": {}}', "is not a lock file"),
        ('{"format": 1, "sections": {}, "unmanaged": 3}', "is not a lock file"),
        ('{"format": 2, "else": {}}', "has format 2, this program knows 1; upgrade gbsync"),
        (CONFLICT, "holds git's merge-conflict markers; take one side whole (git checkout --ours x)"),
    ],
)
def test_a_text_that_is_no_lock_is_refused_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(LockError) as raised:
        decode(text, "x")

    assert str(raised.value).startswith("x: ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        {"installation/a": {}},
        {"installation/a": "text"},
        {"installation/a": {"file": 1}},
        {"installation/a": {"file": "a", "fields": {"x": 1}}},
        {"installation/a": {"file": "a", "version": "new"}},
        {"installation/a": {"file": "a", "version": True}},
        {"installation/a": {"file": "a", "version": 1e400}},
        {"installation/a": {"file": "a", "intent": []}},
        [],
    ],
)
def test_a_damaged_section_is_refused_with_the_way_out(body: Any) -> None:
    document = {"format": 1, "salt": "s", "sections": {SECTION: body}}

    with pytest.raises(LockError, match=r"x: is damaged in section .*restore it from git"):
        parse(document, SECTION, "x")


WHOLE: dict[str, Any] = {
    "format": 1,
    "salt": "s",
    "sections": {
        SECTION: {
            "installation/a": {
                "file": "a.yaml",
                "fields": {"x": "sha256:1"},
                "files": {"x": "b.yaml"},
                "version": 3,
                "fingerprints": {"script": "sha256:2"},
                "intent": {"version": None, "fingerprints": {"script": "sha256:3"}},
            }
        },
        "another": {},
    },
    "unmanaged": {SECTION: ["installation/b"]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every part."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [found for key, item in items for found in paths(item, (*path, key))]
    return [path, *inner] if path else inner


@given(st.sampled_from(paths(WHOLE)), st.just(...) | JSON)
def test_whatever_is_written_into_it_is_a_base_or_an_error(path: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(WHOLE)
    owner: Any = document
    for step in path[:-1]:
        owner = owner[step]
    if value is ...:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    try:
        base = parse(decode(json.dumps(document), "x"), SECTION, "x")
    except LockError as error:
        said = str(error)
    else:
        said = encode(merged(decode(json.dumps(document), "x"), SECTION, base))

    assert said.startswith(("x: ", "{"))


# what each outcome leaves

FILE = """
integrations:
  acme-banner: {title: Acme Banner, script: "// new", secrets: {A: x}, scopes: []}
installations:
  mermaid: {}
  slack: {configuration: {default_channel: C2}}
  googleanalytics: {absent: true}
"""
LIVE = {"installations": {"slack": {"configuration": {"default_channel": "C1"}}, "googleanalytics": {}}}
LOCK = {
    "installation/slack": {"fields": {"configuration.default_channel": "C1"}},
    "installation/googleanalytics": {},
}


async def failing(folder: Path, operation: str) -> tuple[dict[str, Outcome], Base, Base]:
    """The outcomes of an apply in which one operation always fails, and the lock before and after."""
    made = world(folder, {"files": FILE, "live": LIVE, "lock": LOCK})
    planned, before = await made.plan(), made.lock_store.base
    made.sandbox.faults = Faults(rates={Fault.ERROR: 1.0}, operations=frozenset({operation}))
    report = await made.apply(planned)
    return {str(item.step.address): item.outcome for item in report.results}, before, made.lock_store.base


async def test_what_is_done_is_recorded_and_what_is_deleted_leaves(tmp_path: Path) -> None:
    outcomes, _, after = await failing(tmp_path, "nothing")

    assert set(outcomes.values()) == {Outcome.DONE}
    assert set(after.entries) == {"integration/acme-banner", "installation/mermaid", "installation/slack"}
    assert after.entries[Address("integration/acme-banner")].version == 1
    assert after.entries[Address("integration/acme-banner")].intent is None


async def test_a_failed_update_keeps_its_entry(tmp_path: Path) -> None:
    outcomes, before, after = await failing(tmp_path, "updateIntegrationInstallation")
    slack = Address("installation/slack")

    assert outcomes[slack] is Outcome.FAILED
    assert after.entries[slack] == before.entries[slack]


async def test_a_failed_delete_keeps_its_entry(tmp_path: Path) -> None:
    outcomes, _, after = await failing(tmp_path, "uninstallIntegration")

    assert outcomes["installation/googleanalytics"] is Outcome.FAILED
    assert Address("installation/googleanalytics") in after.entries


async def test_a_create_of_which_nobody_knows_is_entered_without_digests(tmp_path: Path) -> None:
    outcomes, _, after = await failing(tmp_path, "installIntegration")

    assert outcomes["installation/mermaid"] is Outcome.UNKNOWN
    assert after.entries[Address("installation/mermaid")] == LockEntry("gbsync.yaml")


async def test_a_failed_publish_leaves_its_intent(tmp_path: Path) -> None:
    outcomes, _, after = await failing(tmp_path, "publishIntegration")
    entry = after.entries[Address("integration/acme-banner")]

    assert outcomes["integration/acme-banner"] in (Outcome.FAILED, Outcome.UNKNOWN)
    assert entry.intent is not None
    assert entry.intent.version is None
    assert set(entry.intent.fingerprints) == {"runtime", "script", "secrets"}
    assert entry.fingerprints == {}


async def test_the_intent_is_saved_before_a_publish_and_the_publish_right_after_it(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": FILE, "live": LIVE, "lock": LOCK})
    banner, seen = Address("integration/acme-banner"), list[LockEntry | None]()

    def between(_number: int) -> None:
        seen.append(made.lock_store.base.entries.get(banner))

    planned = await made.plan()
    made.sandbox.between = between
    await made.apply(planned)
    publish = next(
        n for n, entry in enumerate(made.sandbox.log[-len(seen) :]) if entry.operation == "publishIntegration"
    )

    before = seen[publish]
    assert before is not None
    assert before.intent is not None
    assert made.lock_store.saved[1].entries[banner].version == 1
    assert len(made.lock_store.saved) == 3


async def test_an_empty_apply_records_too(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"mermaid": {}}}
    made = world(tmp_path, {"files": "installations: {mermaid: {}}\n", "live": live})

    report = await made.apply()

    assert report.results == ()
    assert set(made.lock_store.base.entries) == {"installation/mermaid"}
    assert made.lock_store.base.known


class FullDisk(InMemoryLockStore):
    """Keeps nothing."""

    def save(self, base: Base) -> None:
        msg = "gbsync.lock: cannot be written (No space left on device)"
        raise LockError(msg)


async def test_a_lock_that_cannot_be_written_stops_before_the_publish(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": FILE, "live": LIVE, "lock": LOCK})
    planned = await made.plan()

    made.lock_store = FullDisk(made.lock_store.base)
    report = await made.apply(planned)

    assert "publishIntegration" not in [entry.operation for entry in made.sandbox.commits]
    assert "No space left" in report.unrecorded
    assert not report.complete
    assert len(report.results) == len(planned.plan.steps)


async def test_what_another_run_recorded_meanwhile_stays(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": FILE, "live": LIVE, "lock": LOCK})
    planned = await made.plan()
    other = Address("installation/other")
    made.lock_store.base = replace(
        made.lock_store.base, entries={**made.lock_store.base.entries, other: LockEntry("other.yaml")}
    )

    await made.apply(planned)

    assert made.lock_store.base.entries[other] == LockEntry("other.yaml")


async def test_a_lock_of_another_salt_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": FILE, "live": LIVE, "lock": LOCK})
    planned = await made.plan()
    made.lock_store.base = replace(made.lock_store.base, salt=Salt("another"))

    with pytest.raises(LockError, match="replaced since the plan was made"):
        await made.apply(planned)

    assert made.sandbox.commits == ()


async def test_no_value_of_a_secret_is_in_the_lock(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": FILE.replace("A: x", "A: a-secret-value"), "live": LIVE})

    await made.apply()
    text = json.dumps(merged(None, SECTION, made.lock_store.base))

    assert "a-secret-value" not in text
    assert "scrypt:" in text
