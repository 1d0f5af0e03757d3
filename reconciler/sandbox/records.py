"""What GitBook stores: one frozen record per object. A change replaces the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["space", "site"]
LEVELS: tuple[Level, ...] = ("space", "site")
Selection = Literal["all", "selected"]
START = "2025-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization; `member` says whether the user's token belongs to it."""

    id: str
    hostname: str
    title: str
    member: bool = True


@dataclass(frozen=True, slots=True)
class Space:
    """A space. Its content is left out."""

    id: str
    organization: str
    title: str


@dataclass(frozen=True, slots=True)
class Site:
    """A published site and the spaces in it."""

    id: str
    organization: str
    title: str
    spaces: tuple[str, ...] = ()
    published: bool = True
    type: str = "premium"


@dataclass(frozen=True, slots=True)
class Integration:
    """The whole document that was published last, with what cannot be read back."""

    name: str
    organization: str
    document: dict[str, Any]
    version: int = 1
    verified: bool = False
    published: bool = True
    """False for one that was unpublished and left installations behind."""
    tunnel: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """An integration in an organization."""

    id: str
    integration: str
    organization: str
    configuration: dict[str, Any] = field(default_factory=dict)
    external_ids: tuple[str, ...] = ()
    space_selection: Selection = "selected"
    site_selection: Selection = "selected"
    paused: bool = False
    created_at: str = START
    updated_at: str = START

    @property
    def installation(self) -> str:
        """Its own id: what a binding has under this name."""
        return self.id

    @property
    def level(self) -> Literal["account"]:
        """Where its configuration stands in its integration's document."""
        return "account"


@dataclass(frozen=True, slots=True)
class Binding:
    """An installation on one space or site; `implied` ones exist because everything is selected."""

    installation: str
    level: Level
    id: str
    configuration: dict[str, Any] = field(default_factory=dict)
    external_ids: tuple[str, ...] = ()
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event that the integration's code got, and what the code logged."""

    id: str
    integration: str
    payload: dict[str, Any]
    installation: str = ""
    created_at: str = START
    status: Literal["success", "failed"] = "success"
    logs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Work that an integration queued for itself, to run after `schedule` seconds."""

    integration: str
    task: dict[str, Any]
    schedule: float = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """A temporary token that speaks for one installation."""

    token: str
    installation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The whole state at one moment: the format of a state file."""

    format: Literal[1]
    serial: int = 0
    """How many ids were given out; the next one follows from it."""
    organizations: tuple[Organization, ...] = ()
    sites: tuple[Site, ...] = ()
    spaces: tuple[Space, ...] = ()
    integrations: tuple[Integration, ...] = ()
    installations: tuple[Installation, ...] = ()
    bindings: tuple[Binding, ...] = ()
    events: tuple[Event, ...] = ()
    tasks: tuple[Task, ...] = ()
    grants: tuple[Grant, ...] = ()
    runs: dict[str, int] = field(default_factory=dict)
    """How often the code of each integration ran."""
    lock: dict[str, Any] = field(default_factory=dict)
    """gbsync's lock document. The sandbox stores it and does not read it."""
