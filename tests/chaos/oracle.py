"""What must be true in the end, worked out from the file and the start alone, without the planner."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import ORGANIZATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.sandbox import Behaviour, Store

LEVELS = {"account": "", "site": "sites", "space": "spaces"}
OWN = ("webhookId", "lastSyncAttemptAt")
"""Keys that the sandbox's integrations write whenever their code runs."""
Body = dict[str, Any]


@dataclass(frozen=True)
class Thing:
    """An installation or a binding."""

    id: str
    configuration: Mapping[str, Any]
    external_ids: frozenset[str]
    selections: Mapping[str, str] = field(default_factory=dict)
    implied: bool = False


@dataclass(frozen=True)
class Snapshot:
    """The organization at one moment."""

    integrations: Mapping[str, tuple[Mapping[str, Any], int]]
    """Document and version."""
    things: Mapping[str, Thing]
    """By address."""
    counts: Mapping[str, int]
    """How many installations each integration has."""


@dataclass(frozen=True)
class Wish:
    """What a file says, expressions filled in."""

    prune: str
    integrations: Mapping[str, Body]
    things: Mapping[str, Body]
    """Installations and bindings by address; what stands under something absent is not here."""
    complete: bool = True
    killed: bool = False
    start: Snapshot | None = None


def snapshot(store: Store) -> Snapshot:
    """What is there now."""
    things: dict[str, Thing] = {}
    for item in store.installations_of(organization=ORGANIZATION):
        selections = {"space_selection": item.space_selection, "site_selection": item.site_selection}
        above = f"installation/{item.integration}"
        things[above] = Thing(item.id, item.configuration, frozenset(item.external_ids), selections)
        for level in ("site", "space"):
            for target, binding in store.bindings(item.id, level).items():
                things[f"{above}/{level}/{target}"] = Thing(
                    target, binding.configuration, frozenset(binding.external_ids), implied=binding.implied
                )
    return Snapshot(
        {name: (item.document, item.version) for name, item in store.integrations.items()},
        things,
        Counter(item.integration for item in store.installations_of(organization=ORGANIZATION)),
    )


def wish(text: str, secrets: Mapping[str, str]) -> Wish:
    """The file's wishes, from its text."""
    body = json.loads(re.sub(r"\$\{\{ secret\.(\w+) \}\}", lambda found: secrets[found[1]], text))
    things: dict[str, Body] = {}
    for name, installed in body["installations"].items():
        above = f"installation/{name}"
        things[above] = installed
        if "absent" not in installed:
            for level in ("site", "space"):
                for target, bound in installed.get(f"{level}s", {}).items():
                    things[f"{above}/{level}/{target}"] = bound
    return Wish(body["prune"], body["integrations"], things)


@dataclass(frozen=True)
class Preconditions:
    """Everything that one judgment looks at."""

    wish: Wish
    start: Snapshot
    end: Snapshot
    before: Wish | None
    behaviour: Behaviour
    done: Mapping[str, Mapping[str, Any]]

    def wrongs(self) -> Iterator[str]:
        """Everything that is not as it must be."""
        for name in sorted({*self.wish.integrations, *self.start.integrations, *self.end.integrations}):
            yield from self._integration(name)
        for name, count in self.end.counts.items():
            if count > max(1, self.start.counts.get(name, 0)):
                yield f"installation/{name}: is there {count} times"
        for address in sorted({*self.wish.things, *self.start.things, *self.end.things}):
            yield from self._thing(address)

    # integrations

    def _integration(self, name: str) -> Iterator[str]:
        wanted = self.wish.integrations.get(name)
        was, now = self.start.integrations.get(name), self.end.integrations.get(name)
        if wanted is None:
            if was != now:
                yield f"integration/{name}: is in no file, and changed"
        elif "absent" in wanted:
            if now is not None:
                yield f"integration/{name}: is to be absent, and is there"
        elif now is None:
            yield f"integration/{name}: is not there"
        else:
            yield from self._document(name, wanted, was[0] if was else {}, now[0])

    def _document(
        self, name: str, wanted: Body, was: Mapping[str, Any], now: Mapping[str, Any]
    ) -> Iterator[str]:
        for key in sorted({*wanted, *was, *now} - {"runtime"}):
            expected = wanted.get(key, was.get(key))
            if _document_value(key, now.get(key)) != _document_value(key, expected):
                yield f"integration/{name}: {key} is {now.get(key)!r}, not {expected!r}"

    # installations and bindings

    def _thing(self, address: str) -> Iterator[str]:
        wanted, now, was = (
            self.wish.things.get(address),
            self.end.things.get(address),
            self.start.things.get(address),
        )
        if self._gone_with(address):
            if now is not None:
                yield f"{address}: should have gone with what it stands under"
        elif wanted is not None:
            if "absent" in wanted:
                if now is not None:
                    yield f"{address}: is to be absent, and is there"
            elif now is None:
                yield f"{address}: is not there"
            else:
                yield from self._content(address, wanted, was, now)
        elif not self._implicit(address):
            yield from self._undeclared(address, was, now)

    def _gone_with(self, address: str) -> bool:
        name = address.split("/")[1]
        return any(
            "absent" in body
            for body in (
                self.wish.integrations.get(name, {}),
                self.wish.things.get(f"installation/{name}", {}),
            )
        )

    def _implicit(self, address: str) -> bool:
        """Whether it may come and go by itself, as everything of its level was or is selected."""
        parts = address.split("/")
        if len(parts) == 2:
            return False
        above, field_ = "/".join(parts[:2]), f"{parts[2]}_selection"
        there = (self.start.things.get(above), self.end.things.get(above))
        asked = [self.wish.things.get(above, {}).get(field_)]
        if self.before:
            asked.append(self.before.things.get(above, {}).get(field_))
        return "all" in asked or any(item is not None and item.selections[field_] == "all" for item in there)

    def _undeclared(self, address: str, was: Thing | None, now: Thing | None) -> Iterator[str]:
        stranger = "Z" in address
        above = "/".join(address.split("/")[:2])
        if self.wish.prune == "all":
            if now is not None:
                yield f"{address}: no file declares it, and prune: all left it"
            return
        ours = self.before is not None and self._declared_before(address)
        if self.wish.prune == "managed" and ours and self.before:
            if (
                now is not None
                and (self.before.complete or self._made_before(address))
                and not self.before.killed
            ):
                yield f"{address}: was managed, no file declares it, and it is still there"
            return
        if stranger or (
            self.wish.prune == "managed" and self._declared_before(above) and above not in self.wish.things
        ):
            return
        if (was is None) != (now is None):
            yield f"{address}: is in no file, and {'came' if was is None else 'went'}"
        elif was is not None and now is not None:
            yield from self._content(address, {}, was, now)

    def _declared_before(self, address: str) -> bool:
        body = self.before.things.get(address) if self.before else None
        return body is not None and "absent" not in body

    def _made_before(self, address: str) -> bool:
        return bool(self.before and self.before.start and address not in self.before.start.things)

    # what is in them

    def _content(self, address: str, wanted: Body, was: Thing | None, now: Thing) -> Iterator[str]:
        if was is not None and "/site" not in address and "/space" not in address and was.id != now.id:
            yield f"{address}: is another one than before"
        keys = wanted.get("configuration", {})
        for key in sorted({*keys, *(was.configuration if was else ()), *now.configuration}):
            problem = self._key(address, key, wanted, was, now)
            if problem:
                yield f"{address}: configuration.{key} {problem}"
        expected = wanted.get("externalIds", was.external_ids if was else ())
        if now.external_ids != frozenset(expected) and not (
            self._dropped(address, "externalIds") and not now.external_ids
        ):
            yield f"{address}: externalIds are {sorted(now.external_ids)}, not {sorted(expected)}"
        for name, value in now.selections.items():
            if value != wanted.get(name, was.selections[name] if was else "selected"):
                yield f"{address}: {name} is {value}"

    def _key(self, address: str, key: str, wanted: Body, was: Thing | None, now: Thing) -> str:
        default = self._schema(address).get(key, {}).get("default")
        value = now.configuration.get(key)
        declared = wanted.get("configuration", {})
        if key in declared:
            return _declared(value, declared[key], default)
        usual = value is None or _same(value, default)
        if not usual and self._must_go(address, key, wanted):
            return f"should be gone, and is {value!r}"
        expected = self._left_alone(address, key, was)
        fine = (
            _same(value, expected)
            or (usual and self._may_go(address, key, wanted))
            or (expected is None and self._by_itself(key, value, default))
            or (key == "lastSyncAttemptAt" and self.behaviour.own_keys == "always" and value is not None)
        )
        return "" if fine else f"is nobody's to change, was {expected!r} and is {value!r}"

    def _left_alone(self, address: str, key: str, was: Thing | None) -> Any:
        written = self.done.get(address, {})
        return written[key] if key in written else was.configuration.get(key) if was else None

    def _by_itself(self, key: str, value: Any, default: Any) -> bool:
        return (key in OWN and self.behaviour.own_keys != "none") or (
            default is not None and _same(value, default) and self.behaviour.defaults == "filled"
        )

    def _may_go(self, address: str, key: str, wanted: Body) -> bool:
        return self._claimed(address, key, wanted) or self._dropped(address, "configuration", key)

    def _must_go(self, address: str, key: str, wanted: Body) -> bool:
        if self._claimed(address, key, wanted):
            return True
        sure = self.before is not None and self.before.complete and not self.before.killed
        return sure and address in self.wish.things and self._dropped(address, "configuration", key)

    def _claimed(self, address: str, key: str, wanted: Body) -> bool:
        item = self._schema(address).get(key)
        return wanted.get("ownership") == "exact" and item is not None and item["type"] != "button"

    def _dropped(self, address: str, *path: str) -> bool:
        """Whether the file before set it, and this one, which prunes, does not name it."""
        found: Any = self.before.things.get(address, {}) if self.before else {}
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return self.wish.prune != "none" and found is not None

    def _schema(self, address: str) -> Mapping[str, Any]:
        parts = address.split("/")
        document = self.end.integrations.get(parts[1], ({}, 0))[0]
        screen = (document.get("configurations") or {}).get(parts[2] if len(parts) > 2 else "account") or {}
        found: Mapping[str, Any] = screen.get("properties", {})
        return found


def wrongs(
    wish: Wish,
    start: Snapshot,
    end: Snapshot,
    before: Wish | None,
    behaviour: Behaviour,
    done: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """Everything in the end that is not as the wish, the start and others' deeds say that it must be."""
    return list(Preconditions(wish, start, end, before, behaviour, done).wrongs())


def _declared(value: Any, wanted: Any, default: Any) -> str:
    """A default need not be written where the key is absent, nor removed where it is there."""
    given = default if value is None else value
    if _same(value, wanted) or _same(given, wanted) or (wanted is None and _same(value, default)):
        return ""
    return f"is {value!r}, not {wanted!r}"


def _same(one: Any, other: Any) -> bool:
    return json.dumps(_plain(one), sort_keys=True) == json.dumps(_plain(other), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _document_value(key: str, value: Any) -> str:
    if key in ("scopes", "categories"):
        value = sorted(value or ())
    if key == "visibility":
        value = value or "private"
    return json.dumps(value or "", sort_keys=True)
