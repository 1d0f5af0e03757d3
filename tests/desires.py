"""Generated files for an organization: what its people might want of it, in the words of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from reconciler.sandbox import ORGANIZATION
from reconciler.sandbox.records import LEVELS

if TYPE_CHECKING:
    from reconciler.sandbox import Store
    from reconciler.sandbox.records import Installation, Integration

TEXTS = st.sampled_from(["", "US", "EU", "x", "on", "0123"])
NUMBERS = st.sampled_from([0, 1, 1.5, -3])
PRUNES = ("none", "managed", "all")


def fitting(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A value that the schema takes."""
    if "enum" in item:
        return st.sampled_from(item["enum"])
    return {"number": NUMBERS, "boolean": st.booleans()}.get(item["type"], TEXTS)


@st.composite
def configured(draw: st.DrawFn, screen: dict[str, Any]) -> dict[str, Any]:
    """Declared keys of one level: what is required always, the rest sometimes, now and then a removal."""
    if "properties" not in screen:
        free = st.one_of(TEXTS, NUMBERS, st.none(), st.lists(NUMBERS, max_size=2))
        return draw(st.dictionaries(st.sampled_from(["free", "other"]), free, max_size=2))
    found: dict[str, Any] = {}
    for key, item in screen["properties"].items():
        if item["type"] == "button" or key.startswith("$"):
            continue
        if key in screen["required"]:
            found[key] = draw(fitting(item))
        elif draw(st.booleans()):
            found[key] = draw(st.one_of(fitting(item), st.none()))
    return found


@st.composite
def bodies(draw: st.DrawFn, screen: dict[str, Any]) -> dict[str, Any]:
    """The body of an installation or a binding."""
    if "${{ x }}" in screen.get("required", ()):
        return {}
    body: dict[str, Any] = {}
    if draw(st.booleans()):
        body["configuration"] = draw(configured(screen))
        if "properties" in screen and draw(st.booleans()):
            body["ownership"] = "exact"
    if draw(st.integers(0, 3)) == 0:
        body["externalIds"] = draw(
            st.lists(st.sampled_from(["one", "two", "three"]), max_size=2, unique=True)
        )
    return body


@st.composite
def installations(draw: st.DrawFn, store: Store, integration: Integration) -> dict[str, Any]:
    """One installation and its bindings."""
    there = store.installations_of(integration=integration.name)
    pin = {"id": draw(st.sampled_from(there)).id} if len(there) > 1 else {}
    if draw(st.integers(0, 9)) == 0:
        return {**pin, "absent": True}
    screens = integration.document["configurations"]
    body: dict[str, Any] = {**pin, **draw(bodies(screens.get("account", {})))}
    if draw(st.booleans()):
        body["prune"] = draw(st.sampled_from(PRUNES))
    for level in LEVELS:
        selection = draw(st.sampled_from([None, "all", "selected"]))
        if selection:
            body[f"{level}_selection"] = selection
        if integration.document["target"] in ("all", level):
            live = _live(there, pin)
            implicit = (selection or (getattr(live, f"{level}_selection") if live else "selected")) == "all"
            found = draw(_bindings(store, level, screens.get(level, {}), implicit=implicit))
            body |= {f"{level}s": found} if found else {}
    return body


def _live(there: list[Installation], pin: dict[str, str]) -> Installation | None:
    return next((item for item in there if item.id == pin.get("id", item.id)), None)


@st.composite
def _bindings(
    draw: st.DrawFn, store: Store, level: str, screen: dict[str, Any], *, implicit: bool
) -> dict[str, Any]:
    targets = store.spaces if level == "space" else store.sites
    found = {}
    for target in targets:
        if ":" not in target and draw(st.booleans()):
            gone = not implicit and draw(st.integers(0, 4)) == 0
            found[target] = {"absent": True} if gone else draw(bodies(screen))
    return found


def publishable(integration: Integration) -> Integration:
    """The integration with a document that could be published as it is."""
    document = dict(integration.document)
    for screen in document["configurations"].values():
        for item in screen.get("properties", {}).values():
            item["type"] = "string" if item["type"] == "date" else item["type"]
    document["scopes"] = [scope for scope in document["scopes"] if scope != "new:scope"]
    title = _whole(document["title"].strip())
    document |= {
        "title": title if len(title) > 1 else "Plain",
        "description": _whole(document["description"][:100]),
        "summary": _whole(document["summary"]),
    }
    return replace(integration, document=document)


def _whole(text: str) -> str:
    """The text without halves of characters, which no JSON could hold."""
    return text.encode(errors="ignore").decode()


@st.composite
def publishes(draw: st.DrawFn, integration: Integration) -> dict[str, Any]:
    """An integration of the organization's own: its script, and some readable fields."""
    choices = {
        "title": ["Plain", "Other"],
        "description": ["", "short"],
        "scopes": [integration.document["scopes"][::-1], ["openapi:read"]],
        "contentSecurityPolicy": ["", "script-src a", {"script-src": " a;"}],
    }
    found: dict[str, Any] = {"script": draw(st.sampled_from(["// script", "// new"])), "secrets": {}}
    return found | {
        name: draw(st.sampled_from(choices[name])) for name in draw(st.sets(st.sampled_from([*choices])))
    }


@st.composite
def desires(draw: st.DrawFn, store: Store) -> dict[str, Any]:
    """A whole file."""
    document: dict[str, Any] = {
        "version": 1,
        "organization": ORGANIZATION,
        "prune": draw(st.sampled_from(PRUNES)),
    }
    own, installed = {}, {}
    for name, integration in tuple(store.integrations.items()):
        if integration.organization == ORGANIZATION:
            store.integrations[name] = publishable(integration)
    for name, integration in store.integrations.items():
        if integration.organization == ORGANIZATION and draw(st.booleans()):
            own[name] = draw(publishes(integration))
        duplicates = len(store.installations_of(integration=name)) > 1
        if draw(st.booleans()) or duplicates:
            installed[name] = draw(installations(store, integration))
    return (
        document
        | ({"integrations": own} if own else {})
        | ({"installations": installed} if installed else {})
    )
