"""What differs between a desired resource and the live one: pure, and the only home of deepdiff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.kind import Field, Kind, Mark
from reconciler.step import ABSENT, Change
from reconciler.value import FileText, Secret, has_secret, is_known, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.resource import Resource



@dataclass(frozen=True, slots=True)
class Difference:
    """The changes from live to desired, and the fields of which nobody can say."""

    changes: tuple[Change, ...] = ()
    uncompared: tuple[tuple[str, ...], ...] = ()


def readable(kind: Kind, desired: Resource, live: Resource) -> Difference:
    """What differs in fields that can be read back. Undeclared fields and keys never do."""
    changes: list[Change] = []
    uncompared: list[tuple[str, ...]] = []
    for path, then, now in _pairs(kind, desired, live):
        if not (is_known(then) and is_known(now)):
            uncompared.append(path)
        elif not _equal(kind, path, then, now):
            changes.append(Change(path, hidden_like(then, now), then, place=_place(desired, path)))
    return Difference(tuple(changes), tuple(uncompared))


def _pairs(kind: Kind, desired: Resource, live: Resource) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Path, desired and live value of every declared field and key that can be compared."""
    for name, value in desired.attributes.items():
        item = kind.fields[name]
        if name == kind.keyed:
            yield from _keys(kind, desired, live)
        elif not item.marks & {Mark.WRITE_ONLY, Mark.CREATE_ONLY}:
            yield (name,), value, live_value(item, live)


def _keys(kind: Kind, desired: Resource, live: Resource) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    declared = desired.attributes.get(kind.keyed, {})
    for key, value in declared.items():
        now = live_key(kind, live, key)
        if value is None:
            if now is not ABSENT and not _is_default(desired, key, now):
                yield (kind.keyed, key), ABSENT, now
        elif now is ABSENT and _default_suffices(desired, live, key, value):
            continue
        else:
            yield (kind.keyed, key), value, now


def claimed(kind: Kind, desired: Resource, live: Resource) -> tuple[str, ...]:
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
    """The live value of a key; a live null is absent."""
    value = (live.attributes.get(kind.keyed) or {}).get(key)
    return ABSENT if value is None else value


def _is_default(desired: Resource, key: str, value: Any) -> bool:
    return desired.schema is not None and key in desired.schema.defaults and same(value, desired.schema.defaults[key])


def _default_suffices(desired: Resource, live: Resource, key: str, value: Any) -> bool:
    """A declared default of an absent key is no change, unless it must be there or the object waits for it."""
    if desired.schema is None or not is_known(value):
        return False
    needed = key in desired.schema.required or live.facts.status not in ("", "active")
    return not needed and _is_default(desired, key, value)


def _equal(kind: Kind, path: tuple[str, ...], then: Any, now: Any) -> bool:
    if then is ABSENT or now is ABSENT:
        return then is now
    return same(then, now) if len(path) > 1 else kind.fields[path[0]].same(then, now)


def satisfied(kind: Kind, desired: Resource, live: Resource) -> tuple[str, ...]:
    """The names of declared fields that do not hold in `live`; empty when all that can be read is as desired."""
    return tuple(change.name for change in readable(kind, desired, live).changes)


def created(kind: Kind, desired: Resource) -> tuple[Change, ...]:
    """The changes that make a resource out of nothing: every declared field and key."""
    return tuple(
        Change(path, ABSENT, value, place=_place(desired, path))
        for path, value in flat(kind, desired.attributes)
        if value is not None
    )


def removed(kind: Kind, live: Resource, secret_name: Callable[[str], bool]) -> tuple[Change, ...]:
    """The changes that a deletion makes: everything live goes, masked by key name."""
    return tuple(
        Change(path, masked(value, path[-1], secret_name), ABSENT)
        for path, value in flat(kind, live.attributes)
        if value is not None and value not in ([], {}, "")
    )


def flat(kind: Kind, attributes: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every field, and every key of the keyed one, with its value."""
    for name, value in attributes.items():
        if name == kind.keyed and isinstance(value, Mapping):
            yield from (((name, key), item) for key, item in value.items())
        else:
            yield (name,), value


def masked(value: Any, name: str, secret_name: Callable[[str], bool]) -> Any:
    """A live value with everything secret-looking in it as a `Secret`, judged by the names of its keys."""
    if value is ABSENT or isinstance(value, Secret):
        return value
    if name and secret_name(name):
        return Secret(value)
    if isinstance(value, Mapping):
        return {key: masked(item, key, secret_name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, "", secret_name) for item in value]
    return value


def hidden_like(then: Any, now: Any) -> Any:
    """The live value as a secret where the desired one is."""
    return Secret(now) if now is not ABSENT and has_secret(then) else now


def _place(desired: Resource, path: tuple[str, ...]) -> Any:
    declaration = desired.declaration
    if declaration is None:
        return None
    places = declaration.places
    return places.get(path) or places.get(path[:1]) or declaration.place


def explain(before: Any, after: Any) -> tuple[str, ...]:
    """Where two nested values differ, as paths (`['Authorize'].title`), most significant first.

    Only called for values that `==` has said are different; empty where one of them is not nested.
    """
    nested = (dict, list)
    if not (isinstance(before, nested) and isinstance(after, nested)) or isinstance(after, FileText):
        return ()
    from deepdiff import DeepDiff  # noqa: PLC0415 - slow to import, and only needed to explain

    found = DeepDiff(before, after, view="tree", ignore_order=False)
    return tuple(sorted({item.path(root="") for items in found.values() for item in items}))
