"""One story: what the file says, what is live, what was applied before, and who does what at which gap."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import yaml

from tests.exploration.server import (
    APP,
    DEFAULT,
    OAUTH,
    ORGANIZATION,
    SCHEMA,
    SCRIPT,
    SITES,
    TITLE,
    WEBHOOK,
    Behaviour,
    Server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RIGHT, WRONG = "inst_1", "inst_wrong"
COLLEAGUE = "c"
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """A file. A thing is `-` (not named), `bare`, `absent`, or the value of its key: `a`, `B`, `null`."""

    installation: str = "bare"
    site: str = "-"
    other: str = "-"
    """The second site."""
    pin: Literal["", "right", "wrong"] = ""
    prune: Literal["none", "managed", "all"] = "none"
    exact: bool = False
    protect: Literal["", "site", "sites", "installation"] = ""
    app: str = "-"
    """The integration itself: not named, `absent`, or the value of its title."""

    def document(self) -> Body:
        """The file as JSON, which YAML contains."""
        top: Body = {"version": 1, "organization": ORGANIZATION, "prune": self.prune}
        if self.protect:
            site = SITES[0] if self.protect == "site" else "*"
            under = "" if self.protect == "installation" else f"/site/{site}"
            top["protect"] = [f"installation/{APP}{under}"]
        if self.app != "-":
            top["integrations"] = {APP: {"absent": True} if self.app == "absent" else self._app()}
        if (body := self._thing(self.installation)) is None:
            return top
        if self.pin:
            body["id"] = RIGHT if self.pin == "right" else WRONG
        things = ((SITES[0], self.site), (SITES[1], self.other))
        bound = {site: self._thing(said) for site, said in things if said != "-"}
        top["installations"] = {APP: {**body, **({"sites": bound} if bound else {})}}
        return top

    def _app(self) -> Body:
        fields = {"title": TITLE + self.app, "script": SCRIPT, "secrets": {}, "scopes": [], "target": "site"}
        return {**fields, "configurations": {"account": SCHEMA, "site": SCHEMA}}

    def _thing(self, said: str) -> Body | None:
        if said == "-":
            return None
        if said == "absent":
            return {"absent": True}
        keys = {} if said == "bare" else {"configuration": {"k": None if said == "null" else said}}
        return {**keys, **({"ownership": "exact"} if self.exact else {})}

    def said(self, key: tuple[str, ...]) -> str:
        """What the file says of an object, by its key; `absent` from above wins."""
        if not key or self.app == "absent":
            return self.app
        if self.installation == "absent" and self.meant(key[0]):
            return "absent"
        if not self.meant(key[0]):
            return "-"
        return self.installation if len(key) == 1 else self._site(key[1])

    def _site(self, site: str) -> str:
        said = {SITES[0]: self.site, SITES[1]: self.other}.get(site, "-")
        return "-" if self.installation in ("-", "absent") else said

    def meant(self, installation: str) -> bool:
        """Whether the file is about the installation with this id."""
        return not self.pin or installation == (RIGHT if self.pin == "right" else WRONG)

    @property
    def things(self) -> tuple[str, str, str]:
        """What it says of installation and sites."""
        return self.installation, self.site, self.other

    def protects(self, key: tuple[str, ...]) -> bool:
        """Whether the file protects an installation or binding."""
        match self.protect:
            case "installation":
                return len(key) == 1
            case "sites":
                return len(key) == 2
            case "site":
                return len(key) == 2 and key[1] == SITES[0]
        return False


@dataclass(frozen=True, slots=True)
class Start:
    """What is live at first: a thing is `-` (not there), `bare`, `null`, or the value of its key."""

    installation: str = "bare"
    site: str = "-"
    other: str = "-"
    app: str = "a"
    """The title of the integration; `-` where it is not published."""
    ours: bool = False
    """Nobody has published it since the file that was applied last."""
    twin: bool = False
    """A second installation, of the same integration."""
    connected: bool = True
    """The integration has written its connection into each configuration."""

    def put(self, server: Server) -> None:
        """Makes the server so."""
        server.published, server.title, server.version = self.app != "-", self.app, 2 if self.ours else 3
        server.script = SCRIPT if self.ours else ""
        if self.installation == "-":
            return
        item = server.install(self._held(self.installation, server), RIGHT)
        for site, said in zip(SITES, (self.site, self.other), strict=True):
            if said != "-":
                item.bindings[site] = self._held(said, server)
        if self.twin:
            server.install(self._held("bare", server), "inst_2")
        server.set_up = server.flat()

    def _held(self, said: str, server: Server) -> Body:
        value = {} if said == "bare" else {"k": None if said == "null" else said}
        own = {OAUTH: "granted"} if self.connected else {}
        filled = {"d": DEFAULT} if server.behaviour.fills else {}
        return {**filled, **value, **own}


Fault = Literal["lost before", "lost after", "crash before", "crash after"]
FAULTS: tuple[Fault, ...] = ("lost before", "lost after", "crash before", "crash after")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at the request with this number: before it, or to it."""

    at: int
    what: str
    """A fault, or the name of a deed."""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that one run of the explorer depends on."""

    wish: Wish = field(default_factory=Wish)
    start: Start = field(default_factory=Start)
    before: Wish | None = None
    """The file that was applied last, with this lock."""
    behaviour: Behaviour = field(default_factory=Behaviour)
    saved: bool = False
    """The plan is saved, and applied from the file."""
    events: tuple[Event, ...] = ()

    @property
    def size(self) -> int:
        """How much there is to tell."""
        usual, found = Story(), len(self.events) * 3
        for name in ("wish", "start", "behaviour"):
            mine, other = asdict(getattr(self, name)), asdict(getattr(usual, name))
            found += sum(mine[key] != other[key] for key in mine)
        return found + (asdict(self.before) != asdict(Wish()) if self.before else 0) + self.saved

    def text(self) -> str:
        """The story as YAML: what is not as usual."""
        usual = Story()
        told: Body = {name: _odd(getattr(self, name), getattr(usual, name)) for name in _PARTS}
        told = {name: body for name, body in told.items() if body}
        if self.before is not None:
            told["before"] = _odd(self.before, Wish())
        if self.saved:
            told["saved"] = True
        if self.events:
            told["events"] = [{"at": event.at, "what": event.what} for event in self.events]
        return yaml.safe_dump(told, sort_keys=False)


_PARTS = ("wish", "start", "behaviour")


def _odd(mine: Any, usual: Any) -> Body:
    mine, usual = asdict(mine), asdict(usual)
    return {key: value for key, value in mine.items() if value != usual[key]}


def told(document: Mapping[str, Any]) -> Story:
    """The story of a YAML document."""
    before = document.get("before")
    return Story(
        Wish(**document.get("wish", {})),
        Start(**document.get("start", {})),
        None if before is None else Wish(**before),
        Behaviour(**document.get("behaviour", {})),
        document.get("saved", False),
        tuple(Event(item["at"], item["what"]) for item in document.get("events", ())),
    )


# what others do


def _first(server: Server) -> Body | None:
    item = next(iter(server.installed.values()), None)
    return None if item is None else item.configuration


def _sites(server: Server) -> dict[str, Body]:
    item = next(iter(server.installed.values()), None)
    return {} if item is None else item.bindings


def _set(held: Body | None, key: str, value: Any) -> None:
    if held is not None:
        held[key] = value


def _drop(held: Body | None, key: str) -> None:
    if held is not None:
        held.pop(key, None)


def _bind(server: Server, site: str, value: str) -> None:
    item = next(iter(server.installed.values()), None)
    if item is not None and site not in item.bindings:
        item.bindings[site] = server.stored({"k": value} if value else {})


def _unbind(server: Server, site: str) -> None:
    _sites(server).pop(site, None)


def _install(server: Server) -> None:
    if server.published and not server.installed:
        server.install(server.stored({"k": COLLEAGUE}))


def _install_another(server: Server) -> None:
    if server.published and len(server.installed) == 1:
        server.install(server.stored({}))


def _publish(server: Server) -> None:
    server.published, server.title, server.script = True, COLLEAGUE, ""
    server.version += 1


def _unpublish(server: Server) -> None:
    server.published, server.script = False, ""
    server.installed.clear()


def _reinstall(server: Server) -> None:
    if old := next(iter(server.installed.values()), None):
        del server.installed[old.id]
        server.install({}).bindings = {site: {} for site in old.bindings}


def _restore(server: Server) -> None:
    for key, held in server.set_up.items():
        item = server.installed.get(key[0]) if key else None
        if item is not None and len(key) == 1:
            item.configuration = dict(held)
        elif item is not None and key[1] in item.bindings:
            item.bindings[key[1]] = dict(held)


DEEDS: Mapping[str, tuple[str, Callable[[Server], None]]] = {
    "sets the installation's key": ("colleague", lambda s: _set(_first(s), "k", COLLEAGUE)),
    "removes the installation's key": ("colleague", lambda s: _drop(_first(s), "k")),
    "sets the binding's key": ("colleague", lambda s: _set(_sites(s).get(SITES[0]), "k", COLLEAGUE)),
    "removes the binding's key": ("colleague", lambda s: _drop(_sites(s).get(SITES[0]), "k")),
    "binds the site": ("colleague", lambda s: _bind(s, SITES[0], COLLEAGUE)),
    "binds the other site": ("colleague", lambda s: _bind(s, SITES[1], "")),
    "unbinds the site": ("colleague", lambda s: _unbind(s, SITES[0])),
    "installs": ("colleague", _install),
    "uninstalls": ("colleague", lambda s: s.installed.clear()),
    "installs again": ("colleague", _reinstall),
    "installs another": ("colleague", _install_another),
    "publishes": ("colleague", _publish),
    "unpublishes": ("colleague", _unpublish),
    "connects the installation": ("integration", lambda s: _set(_first(s), OAUTH, "granted anew")),
    "connects the binding": ("integration", lambda s: _set(_sites(s).get(SITES[0]), OAUTH, "granted anew")),
    "writes into the installation": ("integration", lambda s: _set(_first(s), WEBHOOK, "hook")),
    "writes into the binding": ("integration", lambda s: _set(_sites(s).get(SITES[0]), WEBHOOK, "hook")),
    "writes back what it saved": ("integration", _restore),
}
"""Who does it, and how."""


def without(story: Story, number: int) -> Story:
    """The story less one event."""
    return replace(story, events=story.events[:number] + story.events[number + 1 :])
