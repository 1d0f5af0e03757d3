"""What a kind says of itself: marks on the fields of its spec, and one row in the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from reconciler.resources.values import reveal, same

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from pydantic import BaseModel

    from reconciler.diagnostics import Problem
    from reconciler.resources.api import Api
    from reconciler.resources.resource import Address, Page, Resource, State
    from reconciler.resources.schema import Schema


class Mark(Enum):
    """What a field is; `Annotated[dict, Mark.KEYED]` in a spec."""

    KEYED = "owned key by key: only declared keys are compared and written"
    UNORDERED = "a set: order does not matter"
    WRITE_ONLY = (
        "cannot be read back: compared by fingerprint with the lock, for kinds that are written whole"
    )
    CREATE_ONLY = "sent when the resource is created, never compared"
    READ_ONLY = "never sent"
    SECRET = "every value in it is secret, whatever wrote it"  # noqa: S105
    ALWAYS = "sent with its assumed value when nobody sets it"
    SHOWN = "its name for people, in every plan and log: no secret may stand in it"
    SETTING = "speaks to gbsync, not to the API: neither compared nor sent"
    INITIAL = "the server gives it a value of its own when the resource is created"
    OPEN = "the server's owner adds to it: an unknown value or key in it goes through, with a warning"
    PIN = "a setting that says by its server id which object is meant, also with `absent: true`"


_UNSENT = frozenset({Mark.READ_ONLY, Mark.SETTING})
_UNSEEN = _UNSENT | {Mark.WRITE_ONLY, Mark.CREATE_ONLY}


@dataclass(frozen=True, slots=True)
class Compare:
    """How a field's declared value is compared with the live one, where equality is not enough."""

    same: Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Assumed:
    """What an absent value means: a missing description is `''`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Implicit:
    """With this value, children of a kind exist by themselves: they are not unmanaged and not pruned."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class FromFile:
    """How the bytes of `{file: PATH}` become a value where text is not enough; raises `ValueError`."""

    read: Callable[[bytes], str]
    suffix: str = ""
    """How the file's name must end."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind, as its spec annotates it."""

    name: str
    marks: frozenset[Mark] = frozenset()
    same: Callable[[Any, Any], bool] = same
    assumed: Any = None
    from_file: FromFile | None = None
    implicit: Implicit | None = None

    @property
    def compared(self) -> bool:
        """Whether its declared value is compared with the live one."""
        return self.marks.isdisjoint(_UNSEEN)

    @property
    def sent(self) -> bool:
        """Whether it is sent to the API."""
        return self.marks.isdisjoint(_UNSENT)

    def has(self, mark: Mark) -> bool:
        """Whether the field carries the mark."""
        return mark in self.marks


@dataclass(frozen=True, slots=True)
class Handle:
    """What a call needs to find one object: its organization, address, server id and its parent's."""

    organization: str
    address: Address
    id: str = ""
    parent_id: str = ""


C_contra = TypeVar("C_contra", bound="Api", contravariant=True)
"""The client that a kind's calls use: more than `Api`, because they know the server's operations."""


class Calls(Protocol[C_contra]):
    """How a kind is read and written. Each method sends as few requests as it can and validates the reply."""

    def list(self, client: C_contra, organization: str, parent: Resource | None) -> AsyncIterator[Resource]:
        """Everything of this kind (under `parent`), other kinds that the same replies carry among it."""
        ...

    async def read(self, client: C_contra, handle: Handle) -> Resource | None:
        """The object as it is now; `None` when it is not there."""
        ...

    async def create(self, client: C_contra, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The POST: make it. Raises `AlreadyExists` when it exists, `Ambiguous` when nobody knows."""
        ...

    async def write(self, client: C_contra, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The PATCH (or the POST that replaces): set `body`. Raises `TryAgain` when it was not made."""
        ...

    async def delete(self, client: C_contra, handle: Handle) -> bool:
        """Whether it was there; afterwards it is not."""
        ...

    async def keys(self, client: C_contra, organization: str) -> Mapping[str, str]:
        """The keys that a resource of a catalogue's kind may have, with titles."""
        ...


CallName = Literal["list", "read", "find", "create", "write", "delete"]
"""The calls of a kind; `find` is the read before a create, for a kind that has another one for it."""


def _no_document(document: Any) -> Any:
    return document


def _no_findings(_resource: Resource) -> Iterable[Problem]:
    return ()


def _no_advice(_organization: str) -> str:
    return ""


def _as_declared(resource: Resource, _organization: str) -> Resource:
    return resource


def _as_live(resource: Resource, _organization: str) -> Mapping[str, Any]:
    return resource.attributes


def _no_schema(_address: Address, _desired: State, _live: State) -> Schema | None:
    return None


def _anywhere(_parent: Resource) -> bool:
    return True


def _no_problems(_resource: Resource, _desired: State, _live: State) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSyntax:
    """How a file declares resources of a kind."""

    section: str = field(kw_only=False)
    """The key under which the file lists them: `spaces`."""
    key_pattern: str = r"^[^/]+$"
    key_max: int = 200
    catalogue: bool = False
    """Its keys are ids that the catalogue of the same section names."""
    id_pattern: str = ""
    """How an id of this kind usually looks; another one is taken for a misspelt name."""
    renamed_values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Values that the API renamed, and what they are called now."""
    expand: str = ""
    """The setting (`manifest`) that names a document whose fields come before the declared ones."""
    expand_settings: frozenset[str] = frozenset()
    """The settings that only speak of that document: `env`."""
    expand_document: Callable[[Any], Any] = _no_document
    """Turns that document (`Document` → `Expanded`, in `reconciler.config.language.document`) into fields."""
    owner_advice: Callable[[str], str] = _no_advice
    """What to write in place of an organization's id that cannot be one; empty when it can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """How resources of a kind are made and changed."""

    mode: Literal["whole", "patch"] = field(default="patch", kw_only=False)
    """`whole`: a write replaces all fields, so what is not declared is sent back as live."""
    after: str = ""
    """A kind whose resource of the same key comes first: an installation waits for its integration."""
    requires: frozenset[str] = frozenset()
    """Fields that must be declared to create one."""
    complete: Callable[[Resource, str], Resource] = _as_declared
    """Adds the kind's own defaults (given the organization) to a declared resource."""
    reads_before_create: bool = False
    """Creating it twice would do harm: before the POST the API is asked whether it exists."""
    read_requests: int = 1
    """How many requests `calls.read` sends for an object that is there."""
    create_requests: int = 1
    """How many requests `calls.create` sends."""
    write_requests: int = 1
    """How many requests `calls.write` sends."""

    def requests_of_create(self, *, reads: bool, patches: bool) -> int:
        """How many requests a create takes: a read before it and a PATCH after it where they are needed."""
        patches = patches and self.mode == "patch"
        reads = reads or self.reads_before_create
        return self.create_requests + reads * self.read_requests + patches * self.write_requests

    @property
    def requests_of_update(self) -> int:
        """How many requests an update takes: the read just before it, and the write."""
        return self.read_requests + self.write_requests


@dataclass(frozen=True, kw_only=True, slots=True)
class Checks:
    """What can be wrong with resources of a kind."""

    lint: Callable[[Resource], Iterable[Problem]] = _no_findings
    """What is wrong with, or odd about, a declared resource by itself."""
    check: Callable[[Resource, State, State], Iterable[Problem]] = _no_problems
    """What is wrong with a desired resource, given desired and live."""
    schema: Callable[[Address, State, State], Schema | None] = _no_schema
    """The schema in force after the plan, from desired and live: one for all resources of a family."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveSide:
    """What the API shows of a kind, and what an export takes from it."""

    stands_under: Callable[[Resource], bool] = _anywhere
    """Whether such a parent can have one at all; where not, its list is not asked for."""
    prunable: bool = True
    """The live list is complete, so that what is not declared is known: unmanaged, or pruned."""
    owned_by_many: bool = False
    """Deleting it takes it from others than this organization: asks for an allowance of its own."""
    own_ids: bool = False
    """The server gives each an id of its own, so that two may answer to one address."""
    page: Callable[[Any, str, Resource, int, str | None], Awaitable[Page]] | None = None
    """Reads one page of the list of such children: client, organization, parent, how many, and the cursor.

    It shows each object as a read of it alone would. `None` where a list shows less, or has no pages.
    """
    public_keys: frozenset[str] = frozenset()
    """Keys of its keyed field that look secret and that anybody can read, as `ROOT/KEY`."""
    exported: Callable[[Resource, str], Mapping[str, Any] | None] = _as_live
    """What an export names of a live resource, given the organization; `None` to leave the resource out."""


@dataclass(frozen=True)
class Kind:
    """One row of the table: all that the engine, the file's language and the renderers know of a kind."""

    name: str
    """`installation_space`; its words are the words of its addresses."""
    spec: type[BaseModel]
    """Its fields, all optional, annotated with marks; also the shape of its body in the file."""
    calls: Calls[Any]
    file: FileSyntax
    parent: str = ""
    """The kind whose resources it stands under."""
    writing: Writing = field(default_factory=Writing)
    checks: Checks = field(default_factory=Checks)
    live: LiveSide = field(default_factory=LiveSide)
    operations: Mapping[CallName, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The server's operations that each call may send: what a token must be allowed to do."""
    fields: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(_fields_of(self.spec)))

    @cached_property
    def word(self) -> str:
        """Its word in an address: `space`."""
        return self.name.rsplit("_", 1)[-1]

    @cached_property
    def unreadable(self) -> tuple[Field, ...]:
        """The fields that cannot be read back."""
        return tuple(item for item in self.fields.values() if item.has(Mark.WRITE_ONLY))

    @cached_property
    def keyed(self) -> str:
        """The field that is owned key by key; empty if none is."""
        return next((name for name, item in self.fields.items() if item.has(Mark.KEYED)), "")

    @cached_property
    def _implying(self) -> tuple[tuple[str, Implicit], ...]:
        """The fields by which children exist by themselves."""
        return tuple((name, item.implicit) for name, item in self.fields.items() if item.implicit)

    def implicit(self, attributes: Mapping[str, Any]) -> Mapping[str, str]:
        """The kinds of children that exist by themselves under such a resource; the field that says so."""
        return {item.kind: name for name, item in self._implying if attributes.get(name) == item.value}


Table = Mapping[str, Kind]


def table(*kinds: Kind) -> Table:
    """The kinds by name, parents first."""
    return MappingProxyType({kind.name: kind for kind in kinds})


def public_keys(kinds: Table) -> frozenset[str]:
    """The public keys of all kinds."""
    return frozenset().union(*(kind.live.public_keys for kind in kinds.values()))


def _fields_of(spec: type[BaseModel]) -> dict[str, Field]:
    return {
        info.alias or name: _field(info.alias or name, tuple(info.metadata))
        for name, info in spec.model_fields.items()
    }


def _field(name: str, metadata: tuple[Any, ...]) -> Field:
    own_comparison = next((item.same for item in metadata if isinstance(item, Compare)), None)
    assumed = next((item.value for item in metadata if isinstance(item, Assumed)), None)
    marks = frozenset(item for item in metadata if isinstance(item, Mark))
    if own_comparison is None and Mark.UNORDERED in marks:
        own_comparison = _same_set
    compare = _in_clear(own_comparison) if own_comparison else same
    from_file = next((item for item in metadata if isinstance(item, FromFile)), None)
    implicit = next((item for item in metadata if isinstance(item, Implicit)), None)
    return Field(name, marks, compare, assumed, from_file, implicit)


def _in_clear(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Compares what secrets hide: two masked secrets would always look equal."""
    return lambda one, other: compare(reveal(one), reveal(other))


def _same_set(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return set(map(str, one)) == set(map(str, other))
    return same(one, other)
