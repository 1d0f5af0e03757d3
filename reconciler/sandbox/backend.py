"""What all handlers use: the state, the switches, and what they look up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from reconciler.sandbox import rules, views
from reconciler.sandbox.call import bad_request, forbidden, not_found
from reconciler.sandbox.records import Binding, Event, Installation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reconciler.sandbox.behaviour import Behaviour
    from reconciler.sandbox.call import Call, Caller
    from reconciler.sandbox.records import Integration, Level, Organization, Site
    from reconciler.sandbox.store import Store

Record = TypeVar("Record", Installation, Binding)
T = TypeVar("T")


class Backend:
    """GitBook's side of the API, without HTTP."""

    def __init__(self, store: Store, behaviour: Behaviour, time: Callable[[], float]) -> None:
        self.store = store
        self.behaviour = behaviour
        self.requests = 0
        self._time = time
        self._fresh: dict[tuple[str, ...], int] = {}
        self._unreadable: dict[tuple[str, ...], int] = {}
        self._deleted: list[tuple[int, Installation | Binding]] = []
        self._made: dict[str, int] = {}

    def now(self) -> str:
        """The time as the API writes it."""
        moment = datetime.fromtimestamp(self._time(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def integration(self, call: Call, *, name: str = "") -> Integration:
        """The integration that the call names: 404 where the caller may not know of it."""
        name = name or call.name
        integration = self.store.integrations.get(name)
        if integration is None or not integration.published or not self.visible(integration, call.caller):
            raise not_found(what="integration", name=name)
        return integration

    def own_integration(self, call: Call) -> Integration:
        """The integration that the call names: 403 where another organization owns it."""
        integration = self.integration(call)
        if not self.store.organizations[integration.organization].member:
            msg = f"integration {integration.name} belongs to another organization"
            raise forbidden(msg)
        return integration

    def refuse_others(self, call: Call) -> None:
        """403 for the token of another integration: the reply has configurations and secrets in it."""
        if call.caller.kind != "user" and self.speaks_for(call.caller) != call.name:
            msg = f"the token belongs to {self.speaks_for(call.caller)}, not to {call.name}"
            raise forbidden(msg)

    def visible(self, integration: Integration, caller: Caller) -> bool:
        """Whether the caller may know of the integration."""
        if (integration.document.get("visibility") or "private") != "private":
            return True
        if caller.kind == "user":
            return self.store.organizations[integration.organization].member
        return self.speaks_for(caller) == integration.name

    def speaks_for(self, caller: Caller) -> str:
        """The integration whose token it is."""
        if caller.kind == "integration":
            return caller.subject
        return self.store.installations[caller.subject].integration

    def organization(self, call: Call) -> Organization:
        """The organization in the path: 403 where the caller does not belong to it."""
        organization = self.store.organizations.get(call.path["organizationId"])
        if organization is None:
            raise not_found(what="organization", name=call.path["organizationId"])
        if not self.belongs(call.caller, organization.id):
            msg = f"no access to organization {organization.id}"
            raise forbidden(msg)
        return organization

    def site(self, call: Call) -> Site:
        """The site in the path, of the organization in the path."""
        organization, name = self.organization(call), call.path["siteId"]
        site = self.store.sites.get(name)
        if site is None or site.organization != organization.id:
            raise not_found(what="site", name=name)
        return site

    def belongs(self, caller: Caller, organization: str) -> bool:
        """Whether the caller may see what the organization has."""
        if caller.kind == "user":
            return self.store.organizations[organization].member
        if caller.kind == "integration":
            return bool(self.store.installations_of(integration=caller.subject, organization=organization))
        return self.store.installations[caller.subject].organization == organization

    def installation(self, call: Call) -> Installation:
        """The installation in the path: 404 where there is none for this caller, 403 for another's token."""
        if call.path["installationId"] in self.store.installations:
            self.refuse_others(call)
        installation = self.store.installations.get(call.path["installationId"])
        reaches = (
            installation is not None
            and installation.integration == call.name
            and self._reaches(call.caller, installation)
        )
        if installation is None or not reaches or not self.readable("installation", installation.id):
            raise not_found(what="installation", name=call.path["installationId"])
        return installation

    def _reaches(self, caller: Caller, installation: Installation) -> bool:
        if caller.kind == "integration":
            return caller.subject == installation.integration
        if caller.kind == "integration-installation":
            return caller.subject == installation.id
        return self.store.organizations[installation.organization].member

    def note_created(self, *key: str) -> None:
        """Note that an object was just created, because lists and reads may lag behind."""
        if self.behaviour.read_lag:
            self._unreadable[key] = self.requests + self.behaviour.read_lag
        if self.behaviour.list_lag:
            self._fresh[key] = self.requests + self.behaviour.list_lag

    def note_deleted(self, record: Installation | Binding) -> None:
        """Note that an object was just deleted, because lists may lag behind."""
        if self.behaviour.delete_lag:
            self._deleted.append((self.requests + self.behaviour.delete_lag, record))

    def note_token(self, token: str) -> None:
        """Note when a temporary token was made."""
        self._made[token] = self.requests

    def is_good(self, token: str) -> bool:
        """Whether a temporary token has not expired."""
        life = self.behaviour.token_life
        return not life or self.requests <= self._made.get(token, self.requests) + life

    def readable(self, *key: str) -> bool:
        """Whether the object can be read by now."""
        return not self._unreadable or self._unreadable.get(key, 0) < self.requests

    def listed(self, items: Iterable[T], key: Callable[[T], tuple[str, ...]]) -> list[T]:
        """The items that lists show by now."""
        if not self._fresh:
            return list(items)
        return [item for item in items if self._fresh.get(key(item), 0) < self.requests]

    def with_deleted(self, items: Iterable[Record], was: Callable[[Any], bool]) -> Iterator[Record]:
        """The items, and the deleted ones that lists still show."""
        yield from items
        for until, record in self._deleted:
            if until >= self.requests and was(record):
                yield cast("Record", record)

    def check(self, schema: Mapping[str, Any], configuration: Mapping[str, Any]) -> None:
        """Refuse a configuration that the schema forbids, where the API checks that."""
        problems = (
            list(rules.problems(schema, configuration)) if self.behaviour.configuration == "checked" else []
        )
        if problems:
            raise bad_request("; ".join(problems))

    def written(self, item: Record, body: dict[str, Any]) -> Record:
        """The record after a PATCH with this body: `configuration` and `externalIds`."""
        integration = self.store.integrations[self.store.installations[item.installation].integration]
        if "configuration" in body:
            schema = rules.schema(integration, item.level)
            self.check(schema, body["configuration"])
            rules.refuse(schema, item.configuration, body["configuration"], self.behaviour)
            patched = rules.patched(schema, item.configuration, body["configuration"], self.behaviour)
            item = replace(item, configuration=patched)
        if "externalIds" in body:
            item = replace(item, external_ids=tuple(body["externalIds"]))
        return item

    def run(self, item: Record) -> Record:
        """The record after the integration's code ran. The code may write keys of its own."""
        self.store.runs[self.store.installations[item.installation].integration] += 1
        if self.behaviour.own_keys == "none":
            return item
        own = {"webhookId": f"wh_{item.id}", **item.configuration}
        if self.behaviour.own_keys == "always":
            own["lastSyncAttemptAt"] = self.now()
        return replace(item, configuration=own)

    def send_event(self, installation: Installation, kind: str, **payload: Any) -> None:
        """Send an event to the integration's code, and keep it with a line that the code logged."""
        number = self.store.new_id()
        payload_sent = {"eventId": number, "type": kind, "installationId": installation.id, **payload}
        logs = (f"handled {kind}",)
        self.store.add_event(
            Event(number, installation.integration, payload_sent, installation.id, self.now(), logs=logs)
        )

    def view(self, item: Binding, call: Call) -> dict[str, Any]:
        """A binding as this caller asked to see it."""
        extended = call.extended
        if extended is None:
            extended = self.behaviour.targets == "object"
        return views.binding(item, self.store, extended=extended)

    def bind(self, installation: Installation, level: Level, target: str, **fields: Any) -> Binding:
        """Create a binding, with the schema's defaults if the API fills them in."""
        schema = rules.schema(self.store.integrations[installation.integration], level)
        binding = Binding(installation.id, level, target, rules.filled(schema, {}, self.behaviour), **fields)
        self.note_created(installation.id, level, target)
        return self.store.put_binding(binding)
