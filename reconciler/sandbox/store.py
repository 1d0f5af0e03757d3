"""The sandbox's state: GitBook's records, their indexes, and the state file."""

from __future__ import annotations

import hashlib
import os
import string
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.errors import LockError, UsageError
from reconciler.inputs import read_bytes
from reconciler.sandbox.records import LEVELS, Document, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import TypeAdapter

    from reconciler.sandbox.records import (
        Binding,
        Grant,
        Installation,
        Integration,
        Level,
        Organization,
        Site,
        Space,
        Task,
    )

ID_LENGTH = 20
EVENTS_KEPT = 500
_LETTERS = string.digits + string.ascii_letters


class Store:
    """All records. The store knows identity and order; the handlers know the rules."""

    def __init__(self, document: Document | None = None) -> None:
        document = document or Document(format=1)
        self.serial = document.serial
        self.organizations: dict[str, Organization] = {item.id: item for item in document.organizations}
        self.sites: dict[str, Site] = {item.id: item for item in document.sites}
        self.spaces: dict[str, Space] = {item.id: item for item in document.spaces}
        self.integrations: dict[str, Integration] = {item.name: item for item in document.integrations}
        self.installations: dict[str, Installation] = {item.id: item for item in document.installations}
        self._bindings: dict[tuple[str, Level], dict[str, Binding]] = {}
        self.events: dict[str, list[Event]] = {}
        self.tasks: list[Task] = list(document.tasks)
        self.grants: dict[str, Grant] = {item.token: item for item in document.grants}
        self.runs: Counter[str] = Counter(document.runs)
        self.lock: dict[str, Any] = dict(document.lock)
        for binding in document.bindings:
            self.put_binding(binding)
        for event in document.events:
            self.events.setdefault(event.integration, []).append(event)

    def organization(self, name: str) -> Organization | None:
        """The organization of this id or hostname."""
        return self.organizations.get(name) or next(
            (item for item in self.organizations.values() if item.hostname == name), None
        )

    def installations_of(self, *, integration: str = "", organization: str = "") -> list[Installation]:
        """The installations of an integration, in an organization, or both; oldest first."""
        return [
            item
            for item in self.installations.values()
            if integration in ("", item.integration) and organization in ("", item.organization)
        ]

    def put_installation(self, installation: Installation) -> Installation:
        """Store it, as new or in place of the old record."""
        self.installations[installation.id] = installation
        return installation

    def bindings(self, installation: str, level: Level) -> Mapping[str, Binding]:
        """The bindings of an installation by the id of their space or site, oldest first."""
        return self._bindings.get((installation, level), {})

    def put_binding(self, binding: Binding) -> Binding:
        """Store it, as new or in place of the old record."""
        self._bindings.setdefault((binding.installation, binding.level), {})[binding.id] = binding
        return binding

    def drop_binding(self, binding: Binding) -> None:
        """Remove it."""
        del self._bindings[binding.installation, binding.level][binding.id]

    def drop_installation(self, installation: Installation) -> None:
        """Remove it with its bindings and tokens."""
        del self.installations[installation.id]
        for level in LEVELS:
            self._bindings.pop((installation.id, level), None)
        self.grants = {
            token: item for token, item in self.grants.items() if item.installation != installation.id
        }

    def drop_integration(self, integration: Integration) -> None:
        """Remove it with its installations and events."""
        for installation in self.installations_of(integration=integration.name):
            self.drop_installation(installation)
        self.events.pop(integration.name, None)
        del self.integrations[integration.name]

    def add_event(self, event: Event) -> None:
        """Store an event; the oldest ones are dropped."""
        events = self.events.setdefault(event.integration, [])
        events.append(event)
        if len(events) > EVENTS_KEPT:
            del events[0]

    def new_id(self) -> str:
        """An id that looks like GitBook's; the same history gives the same ids."""
        self.serial += 1
        number = int.from_bytes(hashlib.sha256(f"gbsync sandbox {self.serial}".encode()).digest())
        letters = []
        for _ in range(ID_LENGTH):
            number, rest = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[rest])
        return "".join(letters)

    def document(self) -> Document:
        """Everything at this moment, as one frozen value."""
        return Document(
            format=1,
            serial=self.serial,
            organizations=tuple(self.organizations.values()),
            sites=tuple(self.sites.values()),
            spaces=tuple(self.spaces.values()),
            integrations=tuple(self.integrations.values()),
            installations=tuple(self.installations.values()),
            bindings=tuple(_flat(self._bindings.values())),
            events=tuple(event for events in self.events.values() for event in events),
            tasks=tuple(self.tasks),
            grants=tuple(self.grants.values()),
            runs=dict(self.runs),
            lock=self.lock,
        )

    @classmethod
    def load(cls, path: Path | str) -> Store:
        """The state that `save` wrote. Raises `UsageError` for a file that holds none."""
        from pydantic import ValidationError  # noqa: PLC0415 - pydantic's weight only where a file is read

        try:
            return cls(_adapter().validate_json(read_bytes(path)))
        except OSError as error:
            msg = f"{path}: cannot be read ({error.strerror}); name another file for the sandbox's state"
            raise UsageError(msg) from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = dotted(first["loc"]) or "the document"
            msg = (
                f"{path}: no state of the sandbox ({where}: {first['msg']}); name another file, or delete it"
            )
            raise UsageError(msg) from None

    def save(self, path: Path | str) -> None:
        """Write the state by atomic replace: a reader sees the old file or the new one, never a part.

        Raises `LockError` with the cause where it cannot: the state has the lock in it.
        """
        try:
            self._replace(Path(path))
        except OSError as error:
            why = error.strerror or error
            msg = f"{path}: cannot be written ({why}); name another file for the sandbox's state"
            raise LockError(msg) from None

    def _replace(self, path: Path) -> None:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_adapter().dump_json(self.document(), indent=1))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _flat(groups: Iterable[Mapping[str, Binding]]) -> Iterable[Binding]:
    return (binding for group in groups for binding in group.values())


@cache
def _adapter() -> TypeAdapter[Document]:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Document)
