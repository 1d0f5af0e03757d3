"""A small GitBook in memory: one integration, and every behaviour that the reference leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal

APP = "acme"
ORGANIZATION = "0rgAcme7fQm2WvA91bXc"
SITES = ("site_1", "site_2")
OAUTH, WEBHOOK = "oauth_credentials", "webhookId"
"""Keys that the integration writes; no schema has them."""
DEFAULT = "d"
TITLE, SCRIPT = "Acme ", "export default {}"
"""What comes before the integration's title, and the script that the file gives it."""
MASK = "********"
GONE, CONFLICT = 404, 409
SCHEMA = {
    "properties": {
        "k": {"type": "string", "title": "Channel"},
        "d": {"type": "string", "title": "Locale", "default": DEFAULT},
    }
}

Key = tuple[str, ...]
"""`(installation id,)` or `(installation id, site id)`; `()` is the integration itself."""
Flat = dict[Key, dict[str, Any]]
"""Every object with its configuration."""


Snapshot = tuple[Any, ...]
"""A state of the server, as a value."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a server may do where the reference is silent."""

    post: Literal["conflicts", "returns existing", "creates a second"] = "conflicts"
    patch: Literal["replaces", "merges"] = "replaces"
    fills: bool = False
    """Sets the schema's defaults in every configuration that it stores."""
    selection: Literal["selected", "all"] = "selected"
    """The `site_selection` that an installation has at first."""
    lag: int = 0
    """For how many requests a list does not show what was made."""
    normalises: bool = False
    """Stores texts in lower case."""
    masks: bool = False
    """Shows the connection's credentials as a mask."""
    restores: bool = False
    """The integration answers each PATCH by writing back the whole configuration of its set-up, later."""

    def __str__(self) -> str:
        """What is not as usual."""
        usual = Behaviour()
        odd = (f.name for f in fields(self) if getattr(self, f.name) != getattr(usual, f.name))
        return ", ".join(f"{name}: {getattr(self, name)}" for name in odd) or "as usual"


@dataclass(slots=True)
class Installed:
    """An installation with its bindings."""

    id: str
    configuration: dict[str, Any]
    selection: str = "selected"
    bindings: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden_until: int = 0
    """Lists show it from this request on."""
    late: dict[str, int] = field(default_factory=dict)
    """The same for bindings."""


class Refusal(Exception):
    """A status that is no success."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply: status, JSON, and which objects it showed us."""

    status: int
    data: Any = None
    shown: Flat = field(default_factory=dict)


class Server:
    """The organization. Every method name of an operation is its id in the reference."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.published = True
        self.version = 1
        self.title = "a"
        self.script = ""
        """It cannot be read back; empty for one that is not ours."""
        self.installed: dict[str, Installed] = {}
        self.made = 0
        self.now = 0
        """The number of the last request."""
        self.set_up: Flat = {}
        """The configurations that the integration saw at its set-up."""
        self._flat: Flat | None = None

    # what the oracle and the adversary see

    def flat(self) -> Flat:
        """Every object with its configuration, as it is now. Nobody may change what this returns."""
        if self._flat is None:
            self._flat = self._objects()
        return self._flat

    def changed(self) -> None:
        """Something has changed, or may have."""
        self._flat = None

    def _objects(self) -> Flat:
        found = self._of_app()
        for item in self.installed.values():
            found[item.id,] = dict(item.configuration)
            found |= {(item.id, site): dict(held) for site, held in item.bindings.items()}
        return found

    def _of_app(self) -> Flat:
        return {(): {"version": self.version, "k": self.title}} if self.published else {}

    def implicit(self, key: Key) -> bool:
        """Whether a binding exists by itself."""
        return len(key) > 1 and key[0] in self.installed and self.installed[key[0]].selection == "all"

    def install(self, configuration: dict[str, Any], name: str = "", *, lag: int = 0) -> Installed:
        """A new installation."""
        self.made += 1
        item = Installed(name or f"inst_{self.made}", configuration, hidden_until=self.now + lag)
        self.installed[item.id] = item
        return item

    def stored(self, held: dict[str, Any]) -> dict[str, Any]:
        """A configuration as it is kept."""
        found = {key: value for key, value in held.items() if value is not None}
        if self.behaviour.normalises:
            found = {k: v.lower() if isinstance(v, str) and k == "k" else v for k, v in found.items()}
        return {**({"d": DEFAULT} if self.behaviour.fills else {}), **found}

    def snapshot(self) -> Snapshot:
        """All that what comes next depends on, whatever the number of the last request."""
        installed = tuple(
            (
                item.id,
                _frozen(item.configuration),
                item.selection,
                tuple((site, _frozen(held)) for site, held in item.bindings.items()),
                self._later(item.hidden_until),
                tuple((site, later) for site, until in item.late.items() if (later := self._later(until))),
            )
            for item in self.installed.values()
        )
        saved = tuple((key, _frozen(held)) for key, held in self.set_up.items())
        app = self.published, self.version, self.title, self.script, self.made
        return app, installed, saved if self.behaviour.restores else ()

    def _later(self, until: int) -> int:
        return max(0, until - self.now)

    def restore(self, snapshot: Snapshot, number: int) -> None:
        """Makes it so again, after the request of this number."""
        app, installed, _ = snapshot
        self.published, self.version, self.title, self.script, self.made = app
        self.now, self._flat = number, None
        self.installed = {
            name: Installed(
                name,
                dict(configuration),
                selection,
                {site: dict(held) for site, held in bindings},
                number + hidden,
                {site: number + later for site, later in late},
            )
            for name, configuration, selection, bindings, hidden, late in installed
        }

    # views

    def _held(self, held: dict[str, Any]) -> dict[str, Any]:
        if self.behaviour.masks and OAUTH in held:
            return {**held, OAUTH: MASK}
        return dict(held)

    def _app(self) -> dict[str, Any]:
        return {
            "name": APP,
            "version": self.version,
            "title": TITLE + self.title,
            "target": "site",
            "scopes": [],
            "owner": {"id": ORGANIZATION},
            "configurations": {"account": SCHEMA, "site": SCHEMA},
        }

    def _view(self, item: Installed) -> dict[str, Any]:
        return {
            "id": item.id,
            "status": "active",
            "configuration": self._held(item.configuration),
            "externalIds": [],
            "site_selection": item.selection,
            "space_selection": "selected",
        }

    def _binding(self, item: Installed, site: str) -> dict[str, Any]:
        return {
            "site": site,
            "status": "active",
            "configuration": self._held(item.bindings[site]),
            "externalIds": [],
        }

    def _one(self, item: Installed) -> Answer:
        return Answer(200, self._view(item), {(item.id,): dict(item.configuration)})

    def _bound(self, item: Installed, site: str, status: int = 200) -> Answer:
        return Answer(status, self._binding(item, site), {(item.id, site): dict(item.bindings[site])})

    def _item(self, params: dict[str, Any]) -> Installed:
        if (item := self.installed.get(params["installationId"])) is None:
            raise Refusal(GONE)
        return item

    def _site(self, params: dict[str, Any]) -> tuple[Installed, str]:
        item, site = self._item(params), params["siteId"]
        if site not in item.bindings:
            raise Refusal(GONE)
        return item, site

    # operations

    def handle(self, operation: str, params: dict[str, Any], body: Any) -> Answer:
        """The answer to one request. Raises `Refusal`."""
        if method(operation) != "GET":
            self.changed()
        answer: Answer = getattr(self, operation)(params, body)
        return answer

    def getIntegrationByName(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        if not self.published:
            raise Refusal(GONE)
        return Answer(200, self._app(), self._of_app())

    def publishIntegration(self, _params: dict[str, Any], body: Any) -> Answer:  # noqa: N802 - the operation's id
        self.version += 1
        self.published, self.script = True, body["script"]
        self.title = body["title"].removeprefix(TITLE)
        return Answer(200, self._app(), self._of_app())

    def unpublishIntegration(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        there, self.published = self.published, False
        self.script = ""
        self.installed.clear()
        return Answer(205 if there else 204)

    def listOrganizationIntegrations(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        return Answer(200, [self._app()] if self.published else [], self._of_app())

    def listSites(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        return Answer(200, [{"id": site, "title": site} for site in SITES])

    def listOrganizationInstallations(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        items = [item for item in self.installed.values() if item.hidden_until <= self.now]
        pairs = [{"integration": self._app(), "installation": self._view(item)} for item in items]
        shown: Flat = {(item.id,): dict(item.configuration) for item in items}
        return Answer(200, pairs, {**(self._of_app() if items else {}), **shown})

    def getOrganizationIntegrationStatus(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        if not self.installed:
            raise Refusal(GONE)
        return Answer(200, {"status": "active"})

    def getIntegrationInstallationById(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        return self._one(self._item(params))

    def installIntegration(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        if not self.published:
            raise Refusal(GONE)
        there = next(iter(self.installed.values()), None)
        if there and self.behaviour.post == "conflicts":
            raise Refusal(CONFLICT)
        if there and self.behaviour.post == "returns existing":
            return self._one(there)
        item = self.install(self.stored({}), lag=self.behaviour.lag)
        item.selection = self.behaviour.selection
        if item.selection == "all":
            item.bindings = {site: self.stored({}) for site in SITES}
        return self._one(item)

    def updateIntegrationInstallation(self, params: dict[str, Any], body: Any) -> Answer:  # noqa: N802 - the operation's id
        item = self._item(params)
        if "configuration" in body:
            item.configuration = self._patched(item.configuration, body["configuration"])
        if "site_selection" in body:
            item.selection = body["site_selection"]
        return self._one(item)

    def _patched(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        return self.stored({**old, **new} if self.behaviour.patch == "merges" else new)

    def uninstallIntegration(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        return Answer(205 if self.installed.pop(params["installationId"], None) else 204)

    def listIntegrationInstallationSites(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        item = self._item(params)
        sites = [site for site in item.bindings if item.late.get(site, 0) <= self.now]
        shown: Flat = {(item.id, site): dict(item.bindings[site]) for site in sites}
        return Answer(200, [self._binding(item, site) for site in sites], shown)

    def getIntegrationSiteInstallation(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        return self._bound(*self._site(params))

    def installIntegrationOnSite(self, params: dict[str, Any], body: Any) -> Answer:  # noqa: N802 - the operation's id
        item, site = self._item(params), body["siteId"]
        if site in item.bindings:
            if self.behaviour.post == "conflicts":
                raise Refusal(CONFLICT)
            return self._bound(item, site)
        item.bindings[site] = self.stored({})
        item.late[site] = self.now + self.behaviour.lag
        return self._bound(item, site, 201)

    def updateIntegrationSiteInstallation(self, params: dict[str, Any], body: Any) -> Answer:  # noqa: N802 - the operation's id
        item, site = self._site(params)
        if "configuration" in body:
            item.bindings[site] = self._patched(item.bindings[site], body["configuration"])
        return self._bound(item, site)

    def uninstallIntegrationFromSite(self, params: dict[str, Any], _body: Any) -> Answer:  # noqa: N802 - the operation's id
        item = self._item(params)
        return Answer(205 if item.bindings.pop(params["siteId"], None) is not None else 204)


def _frozen(held: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(held.items())


METHODS = {
    "get": "GET",
    "list": "GET",
    "install": "POST",
    "publish": "POST",
    "update": "PATCH",
    "un": "DELETE",
}


@cache
def method(operation: str) -> str:
    """The HTTP method of an operation."""
    return next(name for word, name in METHODS.items() if operation.startswith(word))


def target(operation: str, params: dict[str, Any], body: Any) -> Key:
    """The object that a write is about; of a POST of a new one its parent, or nothing."""
    if "installationId" not in params:
        return ()
    site = params.get("siteId") or (body or {}).get("siteId") if "Site" in operation else None
    return (params["installationId"], site) if site else (params["installationId"],)


def usual(behaviour: Behaviour, name: str) -> Behaviour:
    """The behaviour with one field as usual."""
    return replace(behaviour, **{name: getattr(Behaviour(), name)})
