"""Which bodies of a section are alike: sets with one body, and what single members have beside it. Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Path = tuple[str, ...]
Body = dict[Path, Any]
VARIES = "varies"
"""Stands for the value of a path that has another value on each member. No JSON text is equal to it."""
Profile = tuple[tuple[Path, str], ...]
"""What members of one set have in common: the JSON text of each value, or `VARIES`."""

SET_MIN = 3
"""Members that make a set. A smaller one would come and go with the change of one member."""
PAIR = 2
SHARE = 3
"""A path varies if that saves the lines of more than one in three members."""
LINES_MIN = 6
LINES_SHARE = 25
"""A section may have six lines, or one for every 25 members, before more is done to shorten it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A set of members with one body, in which `VARIES` stands for the value of each member."""

    base: Path
    """The path that the set is about; empty where it is about whole bodies."""
    body: Body
    varied: frozenset[Path]
    members: tuple[str, ...]
    profile: Profile
    main: bool = False
    """Whether no other set of its layer has more members."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """The bodies of a section as sets, and what is said of single members."""

    sets: tuple[Alike, ...]
    own: Mapping[str, Body]
    """Of members that are in no set or differ from theirs: what they have beside it."""


def arranged(bodies: Mapping[str, Body], can_vary: Callable[[Path, Any], bool]) -> Arranged | None:
    """The fewest lines that say the same, as far as a greedy search sees; `None` if nothing is shared.

    Where a path has few values, sets have one each. Where nearly every member has another value, the path
    varies. A path that only some of the members have, in no order, gets sets of its own.
    """
    texts = {
        member: {path: (json.dumps(value), can_vary(path, value)) for path, value in body.items()}
        for member, body in bodies.items()
    }
    layout = _Layout(texts)
    layout = replace(layout, varied=frozenset(layout.scattered()))
    limit = max(LINES_MIN, len(bodies) // LINES_SHARE)
    while layout.lines > limit:
        better = min(layout.changes(), key=lambda other: other.lines, default=layout)
        if better.lines >= layout.lines:
            break
        layout = better
    if layout.lines >= len(bodies):
        return None
    layers = [_Layer(layout, bodies, layer) for layer in layout.layers]
    own: dict[str, Body] = {}
    for layer in layers:
        for member, body in layer.own().items():
            own.setdefault(member, {}).update(body)
    return Arranged(tuple(item for layer in layers for item in layer.sets()), own)


@dataclass(frozen=True)
class _Layout:
    """How a section is taken apart: which paths vary, and which have sets of their own."""

    texts: Mapping[str, Mapping[Path, tuple[str, bool]]]
    varied: frozenset[Path] = frozenset()
    apart: tuple[Path, ...] = ()

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Every path of a body, in an order that does not depend on the members."""
        return tuple(sorted({path for texts in self.texts.values() for path in texts}))

    @property
    def layers(self) -> tuple[Path, ...]:
        """The layer of whole bodies, and one for each path that is apart."""
        return ((), *self.apart)

    @cached_property
    def lines(self) -> int:
        """How many lines it takes: one for each set, and one for each member in none."""
        return sum(_lines(Counter(self.profiles(layer).values())) for layer in self.layers)

    def profiles(self, layer: Path) -> dict[str, Profile]:
        """The profile of each member of a layer."""
        if layer:
            return {
                member: ((layer, self._mark(layer, texts[layer])),)
                for member, texts in self.texts.items()
                if layer in texts
            }
        return {
            member: tuple(
                (path, self._mark(path, text)) for path, text in texts.items() if path not in self.apart
            )
            for member, texts in self.texts.items()
        }

    def _mark(self, path: Path, text: tuple[str, bool]) -> str:
        return VARIES if path in self.varied and text[1] else text[0]

    def scattered(self) -> Iterator[Path]:
        """The paths that have another value on nearly every member, each looked at by itself."""
        for path in self.paths:
            alone = _Layout(
                {member: {path: texts[path]} for member, texts in self.texts.items() if path in texts}
            )
            saved = alone.lines - replace(alone, varied=frozenset({path})).lines
            if saved * SHARE > len(alone.texts):
                yield path

    def changes(self) -> Iterator[_Layout]:
        """The layouts that are one decision further."""
        for path in self.paths:
            if path not in self.varied:
                yield replace(self, varied=self.varied | {path})
        for path in self.paths:
            if path not in self.apart:
                yield replace(self, apart=(*self.apart, path))


def _lines(counts: Counter[Profile]) -> int:
    least = _least(counts)
    return sum(1 if count >= least else count for count in counts.values())


def _least(counts: Counter[Profile]) -> int:
    """How many members make a set: three, or two where nothing is shared by more."""
    return SET_MIN if max(counts.values(), default=0) >= SET_MIN else PAIR


class _Layer:
    """The sets of one layer: those that enough members have, and the members that nearly have one."""

    def __init__(self, layout: _Layout, bodies: Mapping[str, Body], base: Path) -> None:
        self._base = base
        self._bodies = bodies
        self._profiles = layout.profiles(base)
        counts = Counter(self._profiles.values())
        least = _least(counts)
        self._sets = sorted(profile for profile, count in counts.items() if count >= least)
        self._main = max(self._sets, key=lambda profile: counts[profile], default=())
        self._nearest = {
            profile: profile if count >= least else self._near(profile) for profile, count in counts.items()
        }

    def sets(self) -> Iterator[Alike]:
        """The sets, each with the members that differ from it in little."""
        members: dict[Profile, list[str]] = {}
        for member, profile in self._profiles.items():
            nearest = self._nearest[profile]
            if nearest is not None:
                members.setdefault(nearest, []).append(member)
        for profile in sorted(self._sets, key=lambda profile: profile != self._main):
            names = members[profile]
            example = next(self._bodies[name] for name in names if self._profiles[name] == profile)
            body = {path: example[path] for path, _ in profile}
            varied = frozenset(path for path, text in profile if text == VARIES)
            yield Alike(self._base, body, varied, tuple(names), profile, main=profile == self._main)

    def own(self) -> dict[str, Body]:
        """What members have beside their set, or all that they have."""
        own: dict[str, Body] = {}
        for member, profile in self._profiles.items():
            nearest = self._nearest[profile]
            if nearest != profile:
                shared = set(nearest or ())
                own[member] = {
                    item[0]: self._bodies[member][item[0]] for item in profile if item not in shared
                }
        return own

    def _near(self, profile: Profile) -> Profile | None:
        """The set with the most in common, if what differs can be said for the member alone."""
        texts = dict(profile)
        fitting = [other for other in self._sets if all(_gives_way(item, texts) for item in other)]
        common = {other: len(set(other) & set(profile)) for other in fitting}
        best = max(fitting, key=lambda other: common[other], default=None)
        return best if best is not None and common[best] else None


def _gives_way(item: tuple[Path, str], texts: Mapping[Path, str]) -> bool:
    """Whether a member can have another value. What it lacks stays, and mappings would be merged."""
    path, text = item
    return path in texts and not (text != texts[path] and text[0] == texts[path][0] == "{")
