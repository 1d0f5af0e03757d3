"""Organizations as they grow: many sites, configured by hand in a few ways, with some that differ."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from reconciler.sandbox import ORGANIZATION, Store
from reconciler.sandbox.records import (
    Binding,
    Document,
    Installation,
    Integration,
    Level,
    Organization,
    Site,
    Space,
)
from reconciler.sandbox.world import GITBOOK
from tests.organizations import ODD_TEXTS, TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS: tuple[Level, ...] = ("site", "site", "site", "space", "site")
PROPERTIES: dict[str, Any] = {
    "tracking_id": {"type": "string"},
    "region": {"type": "string"},
    "sample_rate": {"type": "number"},
    "anonymize": {"type": "boolean"},
    "consent": {"type": "string"},
    "auth_token": {"type": "string"},
    "rules": {"type": "object"},
}


def estate(bindings: int, *, integrations: int = 5, seed: int = 0) -> Store:
    """An organization with this many bindings, whose members are set up in a few ways each."""
    chance = random.Random(seed)  # noqa: S311 - no secret is made of it
    each = -(-bindings // integrations)
    made = [
        Binding(
            f"inst{number}",
            LEVELS[number % 5],
            _id(LEVELS[number % 5], member),
            _setup(chance, number, member),
        )
        for number in range(integrations)
        for member in range(each)
    ]
    return organization(integrations, each, made)


def organization(
    integrations: int, members: int, bindings: list[Binding], titles: tuple[str, ...] = ()
) -> Store:
    """The organization that has these bindings."""
    names = titles or tuple(f"Docs {number}" for number in range(members))
    return Store(
        Document(
            format=1,
            organizations=(
                Organization(ORGANIZATION, "acme", "Acme"),
                Organization(GITBOOK, "gitbook", "GitBook", member=False),
            ),
            sites=tuple(Site(_id("site", number), ORGANIZATION, names[number]) for number in range(members)),
            spaces=tuple(
                Space(_id("space", number), ORGANIZATION, names[number]) for number in range(members)
            ),
            integrations=tuple(
                Integration(name(number), GITBOOK, _document(LEVELS[number % 5]))
                for number in range(integrations)
            ),
            installations=tuple(
                Installation(f"inst{number}", name(number), ORGANIZATION) for number in range(integrations)
            ),
            bindings=tuple(bindings),
        )
    )


def changed(store: Store, member: int, number: int, configuration: dict[str, Any] | None) -> Store:
    """The organization after somebody changed one binding, or with `None` removed it."""
    level = LEVELS[number % 5]
    where = (f"inst{number}", level, _id(level, member))
    bindings = [
        replace(item, configuration=configuration or {}) if _where(item) == where else item
        for item in store.document().bindings
        if configuration is not None or _where(item) != where
    ]
    return Store(replace(store.document(), bindings=tuple(bindings)))


def configuration(store: Store, member: int, number: int) -> dict[str, Any]:
    """How a binding is configured."""
    level = LEVELS[number % 5]
    where = (f"inst{number}", level, _id(level, member))
    return dict(next(item.configuration for item in store.document().bindings if _where(item) == where))


def _where(item: Binding) -> tuple[str, str, str]:
    return item.installation, item.level, item.id


def name(number: int) -> str:
    """The name of an integration."""
    return ("analytics", "banner", "search", "slack", "widget")[number % 5] + (
        f"-{number}" if number > 4 else ""
    )


def _id(level: Level, number: int) -> str:
    return f"site_{number:05}" if level == "site" else f"space{number:015}"


def _document(level: str) -> dict[str, Any]:
    return {
        "title": "One of many",
        "description": "One of many.",
        "visibility": "public",
        "target": level,
        "scopes": [],
        "script": "//",
        "configurations": {level: {"properties": PROPERTIES}},
    }


def _setup(chance: random.Random, number: int, member: int) -> dict[str, Any]:
    """A way to configure a member: two teams, an id of its own, and now and then something odd."""
    public = member % 3 > 0
    ways: dict[str, Any] = {"region": "EU" if public else "US", "sample_rate": 25 if public else 100}
    if number % 2 == 0:
        ways["tracking_id"] = f"G-{number}{member:05}"
    if number % 3 == 0 and public:
        ways["anonymize"] = True
    if number % 3 == 1 and chance.random() < 0.5:
        ways["consent"] = chance.choice(["banner", "none"])
    if chance.random() < 0.01:
        ways["sample_rate"] = chance.randrange(1, 99)
    return ways


VALUES = st.one_of(
    st.sampled_from(["EU", "US", "x" * 300, *ODD_TEXTS]),
    st.sampled_from([1, 1.0, True, False, 0, 2**60]),
    st.sampled_from([{}, {"a": 1}, {"a": 1, "b": 2}, [1], [{"a": None}], ["${{ x }}"]]),
)


@st.composite
def alike(draw: st.DrawFn) -> Store:
    """A small organization in which much is shared, and odd values stand among the usual ones."""
    members, integrations = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    usual = draw(st.dictionaries(st.sampled_from(list(PROPERTIES)), VALUES, max_size=4))
    bindings = list(_alike(draw, usual, members, integrations))
    titles = tuple(draw(TITLES) for _ in range(members))
    return organization(integrations, members, bindings, titles)


def _alike(draw: st.DrawFn, usual: dict[str, Any], members: int, integrations: int) -> Iterator[Binding]:
    odd = st.dictionaries(st.sampled_from(list(PROPERTIES)), VALUES, max_size=2)
    for number in range(integrations):
        level = LEVELS[number % 5]
        for member in range(members):
            own = draw(st.one_of(st.just({}), st.just({"tracking_id": f"G-{member}"}), odd))
            dropped = draw(st.sets(st.sampled_from(list(PROPERTIES)), max_size=1))
            body = {key: value for key, value in {**usual, **own}.items() if key not in dropped}
            if draw(st.integers(0, 5)):
                yield Binding(f"inst{number}", level, _id(level, member), body)
