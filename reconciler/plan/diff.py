"""What differs between a desired resource and the live one: pure, and the only home of deepdiff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.plan.step import Change
from reconciler.resources.resource import place_of
from reconciler.resources.values import ABSENT, Secret, has_secret, has_strong_secret, is_known, reveal, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.resources.kind import Field, Kind
    from reconciler.resources.resource import Resource

Path = tuple[str, ...]
EMPTY: tuple[Any, ...] = ([], {}, "")
"""Values that say nothing: a server that sends them sends no more than one that leaves them out."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The changes from live to desired, and the fields of which nobody can say."""

    changes: tuple[Change, ...] = ()
    uncompared: tuple[Path, ...] = ()


def readable(kind: Kind, desired: Resource, live: Resource) -> Difference:
    """What differs in fields that can be read back. Undeclared fields and keys never do."""
    changes: list[Change] = []
    uncompared: list[Path] = []
    for path, then, now in _pairs(kind, desired, live):
        if isinstance(now, str) and then == now:
            continue  # as nearly always
        if not (is_known(then) and is_known(now)):
            uncompared.append(path)
        elif not _equal(kind, path, then, now):
            before = _guarded(now, then)
            changes.append(Change(path, before, then, place=place_of(desired, path)))
    return Difference(tuple(changes), tuple(uncompared))


def _guarded(now: Any, then: Any) -> Any:
    """The live value, as secret as the declared one."""
    if now is ABSENT or isinstance(now, Secret) or not has_secret(then):
        return now
    return Secret(now, weak=not has_strong_secret(then))


def _pairs(kind: Kind, desired: Resource, live: Resource) -> Iterator[tuple[Path, Any, Any]]:
    """Path, desired and live value of every declared field and key that can be compared."""
    for name, value in desired.attributes.items():
        item = kind.fields[name]
        if name == kind.keyed:
            yield from _keys(kind, desired, live)
        elif item.compared:
            yield (name,), value, live_value(item, live)


def _keys(kind: Kind, desired: Resource, live: Resource) -> Iterator[tuple[Path, Any, Any]]:
    declared = desired.attributes.get(kind.keyed, {})
    for key, value in declared.items():
        now = live_key(kind, live, key)
        if value is None:
            if now is not ABSENT and not _is_default(desired, key, now):
                yield (kind.keyed, key), ABSENT, now
        elif now is not ABSENT or not _default_suffices(desired, live, key, value):
            yield (kind.keyed, key), value, now


def exact_removals(kind: Kind, desired: Resource, live: Resource) -> tuple[str, ...]:
    """The undeclared keys that `ownership: exact` removes: in the schema, set, and not at their default."""
    if not (desired.declaration and desired.declaration.exact and desired.schema):
        return ()
    declared = desired.attributes.get(kind.keyed, {})
    return tuple(
        key
        for key in sorted(desired.schema.settable - declared.keys())
        if (now := live_key(kind, live, key)) is not ABSENT and not _is_default(desired, key, now)
    )


def live_value(item: Field, live: Resource) -> Any:
    """The live value of a field; what its absence means where it is absent."""
    value = live.attributes.get(item.name)
    return item.assumed if value is None else value


def live_key(kind: Kind, live: Resource, key: str) -> Any:
    """The live value of a key; a live null is absent. Where the whole field is masked, so is each key."""
    held = live.attributes.get(kind.keyed) or {}
    if isinstance(held, Secret):
        return held
    value = held.get(key)
    return ABSENT if value is None else value


def keys_of(kind: Kind, live: Resource) -> set[str]:
    """The names of the keys that are there; a live null is absent."""
    held = live.attributes.get(kind.keyed) or {}
    return {key for key, value in held.items() if value is not None} if isinstance(held, Mapping) else set()


def _is_default(desired: Resource, key: str, value: Any) -> bool:
    defaults = desired.schema.defaults if desired.schema else {}
    return key in defaults and is_known(value) and same(value, defaults[key])


def _default_suffices(desired: Resource, live: Resource, key: str, value: Any) -> bool:
    """A declared default of an absent key is no change, unless it is required or the object waits for it."""
    if desired.schema is None or key in desired.schema.required or live.facts.status not in ("", "active"):
        return False
    return _is_default(desired, key, value)


def _equal(kind: Kind, path: Path, then: Any, now: Any) -> bool:
    if then is ABSENT or now is ABSENT:
        return then is now
    return same(then, now) if len(path) > 1 else kind.fields[path[0]].same(then, now)


def created(kind: Kind, desired: Resource) -> tuple[Change, ...]:
    """The changes that make a resource out of nothing: every declared field and key."""
    return tuple(
        Change(path, ABSENT, value, place=place_of(desired, path))
        for path, value in flat(kind, desired.attributes)
        if value is not None
    )


def removed(kind: Kind, live: Resource, guard: Callable[[Path, Any], Any]) -> tuple[Change, ...]:
    """The changes that a deletion makes: everything live goes, each value as `guard` lets it be shown."""
    return tuple(
        Change(path, guard(path, value), ABSENT)
        for path, value in flat(kind, live.attributes)
        if value is not None and value not in EMPTY
    )


def flat(kind: Kind, attributes: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every field, and every key of the keyed one, with its value."""
    for name, value in attributes.items():
        if name == kind.keyed and isinstance(value, Mapping):
            yield from (((name, key), item) for key, item in value.items())
        else:
            yield (name,), value


def explain(before: Any, after: Any) -> tuple[str, ...]:
    """Where two nested values differ, as paths (`['Authorize'].title`), sorted; never what they hold.

    Only called for values that `==` has said are different; empty where one is not nested, or not known.
    """
    nested = isinstance(before, dict | list) and isinstance(after, dict | list)
    if not (nested and is_known(before) and is_known(after)):
        return ()
    from deepdiff import DeepDiff  # noqa: PLC0415 - slow to import, and only needed to explain

    found = DeepDiff(reveal(before), reveal(after), view="tree", ignore_order=False)
    return tuple(sorted({item.path(root="") for items in found.values() for item in items}))
