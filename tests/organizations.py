"""Generated organizations for laws: integrations with any schema, set up in any way the API lets one."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from hypothesis import strategies as st

from reconciler.sandbox import ORGANIZATION, Behaviour, Store
from reconciler.sandbox.records import (
    LEVELS,
    Binding,
    Document,
    Installation,
    Integration,
    Organization,
    Site,
    Space,
)
from reconciler.sandbox.world import GITBOOK

if TYPE_CHECKING:
    from collections.abc import Iterator

ODD_TEXTS = (
    "",
    " ",
    "true",
    "on",
    "0123",
    "1e5",
    "null",
    "a: b # c",
    "- x",
    "[x",
    "%TAG",
    "*",
    "&a",
    "!t",
    "two\nlines",
    "two\nlines\n\n",
    "tab\there",
    "  led",
    "trailing ",
    "quote ' and \" and \\",
    "${{ secret.HOME }}",
    "$${{ x",
    "$ {{ x }}",
    "$$${{",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\u2028",
    "\ud800",
    "::error::pwned",
    "##[group]x",
    "=1+1",
    "<script>alert(1)</script>",
    "日本語",
    "e\u0301\u0301\u0301\u0301\u0301\u0301",
)
TITLES = st.sampled_from(
    ["Handbook", "handbook", "Hand book", "API", "日本", "!!", *ODD_TEXTS, "site-0", "site_a0"]
)
TEXTS = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=8))
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.one_of(st.sampled_from(["file", "<<", "a"]), TEXTS), inner, max_size=2),
    ),
    max_leaves=4,
)
KEYS = (
    "tracking_id",
    "auth_token",
    "region",
    "enabled",
    "limit",
    "press",
    "on",
    "a b",
    "${{ x }}",
    "<<",
    "file",
)


@st.composite
def properties(draw: st.DrawFn) -> dict[str, Any]:
    """One key of a schema."""
    kind = draw(st.sampled_from(["string", "string", "number", "boolean", "button", "date"]))
    found: dict[str, Any] = {"type": kind}
    if draw(st.booleans()):
        found["title"] = draw(st.sampled_from(["Plain title", "API Token"]))
    if kind == "string" and draw(st.booleans()):
        found["enum"] = ["US", "EU", ""]
    if kind == "button":
        return {**found, "callback_url": "/oauth", "button_text": "Go"}
    default = {"string": "US", "number": 1, "boolean": True}.get(kind)
    return {**found, "default": default} if draw(st.booleans()) and default is not None else found


@st.composite
def screens(draw: st.DrawFn) -> dict[str, Any]:
    """One level of an integration: a schema, or a component that it draws itself."""
    if draw(st.integers(0, 3)) == 0:
        return {"componentId": "config"}
    found = draw(st.dictionaries(st.sampled_from(KEYS), properties(), max_size=4))
    return {"properties": found, "required": draw(st.lists(st.sampled_from(KEYS), max_size=1))}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """What an integration's author published."""
    return {
        "title": draw(TITLES),
        "description": draw(st.one_of(TEXTS, st.just("x" * 120))),
        "visibility": "public",
        "target": draw(st.sampled_from(["all", "site", "space", "organization"])),
        "scopes": draw(
            st.lists(st.sampled_from(["openapi:read", "new:scope", "site:views:read"]), max_size=2)
        ),
        "categories": draw(st.lists(st.sampled_from(["other", "content"]), max_size=2)),
        "contentSecurityPolicy": draw(st.sampled_from(["", "script-src a; ", {"script-src": "a;"}])),
        "summary": draw(TEXTS),
        "script": "// script",
        "configurations": draw(st.dictionaries(st.sampled_from(["account", *LEVELS]), screens(), max_size=3)),
    }


@st.composite
def configurations(draw: st.DrawFn, screen: dict[str, Any]) -> dict[str, Any]:
    """What people and integrations have written: values that fit the schema, mostly, and foreign keys."""
    found = {}
    for key, item in screen.get("properties", {}).items():
        if draw(st.integers(0, 3)):
            found[key] = draw(st.one_of(_fitting(item), _fitting(item), VALUES))
    foreign = st.dictionaries(
        st.sampled_from(["webhookId", "oauth_credentials", "lastSyncAttemptAt"]), VALUES, max_size=2
    )
    return {**found, **draw(foreign)}


def _fitting(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in item:
        return st.sampled_from(item["enum"])
    numbers = st.one_of(st.integers(-5, 5), st.sampled_from([1.0, 0.5, 1e-7, 1e30]))
    return {"number": numbers, "boolean": st.booleans(), "string": TEXTS}.get(item["type"], VALUES)


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """A whole organization: some integrations its own, some installed twice, some on all sites."""
    ids = draw(
        st.lists(
            st.sampled_from(["site_a0", "site_a1", "site_a2", "handbok", "a:b"]), max_size=3, unique=True
        )
    )
    sites = [Site(server_id, ORGANIZATION, draw(TITLES)) for server_id in ids]
    spaces = [
        Space(f"space{number:015}", ORGANIZATION, draw(TITLES)) for number in range(draw(st.integers(0, 2)))
    ]
    integrations, installations, bindings = [], [], []
    for name in draw(st.sets(st.sampled_from(["slack", "Web.hook", "on", "null", "0123"]), max_size=3)):
        document = draw(documents())
        integrations.append(Integration(name, draw(st.sampled_from([GITBOOK, ORGANIZATION])), document))
        for number in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            made = draw(_installation(name, f"{name}{number}", document))
            installations.append(made)
            bindings += draw(_bindings(made, document, sites, spaces))
    organizations = (
        Organization(ORGANIZATION, "acme", "Acme"),
        Organization(GITBOOK, "gitbook", "GitBook", member=False),
    )
    return Store(
        Document(
            format=1,
            organizations=organizations,
            sites=tuple(sites),
            spaces=tuple(spaces),
            integrations=tuple(integrations),
            installations=tuple(installations),
            bindings=tuple(bindings),
        )
    )


@st.composite
def _installation(draw: st.DrawFn, name: str, server_id: str, document: dict[str, Any]) -> Installation:
    return Installation(
        server_id,
        name,
        ORGANIZATION,
        draw(configurations(document["configurations"].get("account", {}))),
        tuple(draw(st.lists(st.sampled_from(["one", "two"]), max_size=2, unique=True))),
        draw(st.sampled_from(["all", "selected"])),
        draw(st.sampled_from(["all", "selected"])),
        paused=draw(st.booleans()),
    )


@st.composite
def _bindings(
    draw: st.DrawFn, made: Installation, document: dict[str, Any], sites: list[Site], spaces: list[Space]
) -> list[Binding]:
    found = []
    ids = {"space": [item.id for item in spaces], "site": [item.id for item in sites]}
    implicit = {"space": made.space_selection == "all", "site": made.site_selection == "all"}
    for level in LEVELS:
        if document["target"] not in ("all", level) and draw(st.integers(0, 9)):
            continue
        for server_id in ids[level]:
            if implicit[level] or draw(st.booleans()):
                configuration = draw(configurations(document["configurations"].get(level, {})))
                implied = implicit[level] and not configuration
                found.append(Binding(made.id, level, server_id, configuration, implied=implied))
    return found


def switches() -> Iterator[Behaviour]:
    """The usual behaviour, and each other value of each switch that changes what is answered."""
    yield Behaviour()
    hints = get_type_hints(Behaviour)
    for item in fields(Behaviour):
        for value in get_args(hints[item.name]):
            if value != item.default:
                yield Behaviour(**{item.name: value})
    yield Behaviour(list_lag=1, read_lag=1, delete_lag=2)
    yield Behaviour(overlap=1, page_cap=2)
    yield Behaviour(page_cap=1, empty_pages="between")
    yield Behaviour(page_cap=1, cursor="offset")
    yield Behaviour(description_limit=200)


def pairs(number: int | None = None) -> Iterator[Behaviour]:
    """Two switches at a time: all pairs that can meet, or so many of them, spread over all."""
    chosen = [item for item in switches() if item != Behaviour()]
    every = [
        replace(one, **_turns(other))
        for one, other in combinations(chosen, 2)
        if not _turns(one).keys() & _turns(other).keys()
    ]
    step = 1 if number is None else -(-len(every) // number)
    yield from every[::step]


def _turns(behaviour: Behaviour) -> dict[str, Any]:
    """The switches that differ from the usual, with their values."""
    values = {item.name: getattr(behaviour, item.name) for item in fields(Behaviour)}
    return {name: value for name, value in values.items() if value != getattr(Behaviour(), name)}


def turned(behaviour: Behaviour) -> str:
    """The switches that differ from the usual."""
    found = [f"{item.name}={getattr(behaviour, item.name)}" for item in fields(Behaviour)]
    usual = [f"{item.name}={item.default}" for item in fields(Behaviour)]
    return ",".join(text for text in found if text not in usual) or "usual"


behaviours = st.sampled_from(list(switches()))
