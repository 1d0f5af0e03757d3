"""Address, Resource, State: the plain values that every stage speaks in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.diagnostics import Path, Place
    from reconciler.resources.schema import Schema

EMPTY: Mapping[Any, Any] = MappingProxyType({})


def _empty() -> Mapping[Any, Any]:
    return EMPTY


class Address(str):
    """`installation/slack/space/7fQm`: words and keys in turn. It is identity, order and display in one.

    Its kind and its parent are computed once, because the planner asks for them thousands of times.
    """

    __slots__ = ("_kind", "_parent")

    _kind: str
    _parent: Address | None

    @classmethod
    def of(cls, word: str, key: str, parent: Address | None = None) -> Address:
        """The address of `key` under `parent`."""
        address = cls("/".join((parent, word, key) if parent else (word, key)))
        address._parent = parent
        address._kind = _kind_under(parent.kind, word) if parent else word
        return address

    @property
    def kind(self) -> str:
        """The name of its row in the table: `installation_space`."""
        try:
            return self._kind
        except AttributeError:
            self._look()
            return self._kind

    @property
    def key(self) -> str:
        """The last key: an integration's name, a space's id."""
        return self[self.rfind("/") + 1 :]

    @property
    def parent(self) -> Address | None:
        """The address that it stands under, if any."""
        try:
            return self._parent
        except AttributeError:
            self._look()
            return self._parent

    def _look(self) -> None:
        """Works out its kind and its parent, of which one is seldom asked without the other."""
        words = self.rsplit("/", 2)
        self._parent = parent = _shared(words[0]) if len(words) == 3 else None  # noqa: PLR2004
        self._kind = _kind_under(parent.kind, words[1]) if parent else intern(str(words[0]))

    @property
    def family(self) -> tuple[Address, str]:
        """Its parent and its kind: much is the same for all that have both in common. At the top its own."""
        return self.parent or self, self.kind

    @property
    def lineage(self) -> tuple[Address, ...]:
        """Itself and all that it stands under, nearest first."""
        above = self.parent
        return (self, *above.lineage) if above is not None else (self,)

    @property
    def root(self) -> Address:
        """The address at the top of its tree; itself if it stands under nothing."""
        top, above = self, self.parent
        while above is not None:
            top, above = above, above.parent
        return top


@lru_cache(maxsize=64)
def _kind_under(kind: str, word: str) -> str:
    """The name of a kind, shared by all of its addresses."""
    return intern(f"{kind}_{word}")


@lru_cache(maxsize=1024)
def _shared(text: str) -> Address:
    """The address of a parent, shared by all of its children."""
    return Address(text)


@dataclass(frozen=True, slots=True)
class Facts:
    """What GitBook says about a live resource beside its attributes; nobody declares these."""

    id: str = ""
    status: str = ""
    """`active`, `pending` (a person must finish), `paused`, or whatever GitBook says next."""
    link: str = ""
    """Where a person finishes or looks at it in the app."""
    version: int | None = None
    hidden: frozenset[str] = frozenset()
    """Write-only fields that have a value there which cannot be read back."""
    label: str = ""
    """Its title, as people know it. Text from outside: data for every renderer."""
    extra: Mapping[str, Any] = field(default_factory=_empty)
    """What only the kind's own functions read."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a file says about a resource beside its attributes."""

    place: Place
    places: Mapping[tuple[str | int, ...], Place] = field(default_factory=_empty)
    """The place of each field, `("configuration", "channel")`."""
    absent: bool = False
    exact: bool = False
    """`ownership: exact`: claims the keys of the schema."""
    prune: str = ""
    """`none`, `managed` or `all` for what stands under it; empty: as at the top."""
    id: str = ""
    """A pinned server id."""
    label: str = ""
    """Its name in the catalogue."""
    left_out: frozenset[str] = frozenset()
    """Fields that it says nothing of on purpose: compared as the value they have here, and not sent."""
    extra: Mapping[str, Any] = field(default_factory=_empty)
    as_secret: Callable[[str], Any] | None = field(default=None, compare=False, repr=False)
    """The declared value of a key as a secret, for a key whose title in the schema says that it is one."""


@dataclass(frozen=True, slots=True, repr=False)
class Resource:
    """One object, desired or live. Both sides have this type, so a diff is set arithmetic over addresses.

    `attributes` maps the API's field names to JSON values (with `Secret` and `SealedText` among them). In a
    desired one they are the declared fields alone, and `None` in a keyed field removes that key.
    """

    address: Address
    attributes: Mapping[str, Any]
    facts: Facts = field(default_factory=Facts)
    declaration: Declaration | None = None
    schema: Schema | None = None
    """The schema in force for its keyed field; `None` where any key goes."""

    def __repr__(self) -> str:
        """Its address alone: in a live one all values are in clear."""
        return f"Resource({self.address})"

    @property
    def absent(self) -> bool:
        """Whether a file declares it absent."""
        return self.declaration is not None and self.declaration.absent


def written_at(resource: Resource, path: Path) -> Place | None:
    """Where a field, or the nearest one around it, stands in the files; `None` where none of them does."""
    if resource.declaration is None:
        return None
    outwards = (path[:length] for length in range(len(path), 0, -1))
    return next((place for step in outwards if (place := resource.declaration.places.get(step))), None)


def place_of(resource: Resource, path: Path = ()) -> Place | None:
    """Where a field stands in the files; its resource's place where it was not written there."""
    if resource.declaration is None:
        return None
    return written_at(resource, path) or resource.declaration.place


State = Mapping[Address, Resource]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    items: tuple[Resource, ...]
    next: str | None
    """The cursor of the page that follows; `None` at the end."""


@dataclass(frozen=True, slots=True, repr=False)
class Live:
    """The live state, and what else was learnt while it was read. Too large for a `repr`."""

    state: State
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=_empty)
    """Per kind the ids that a resource of it may have, with titles; only kinds that were looked up."""
    duplicates: Mapping[Address, tuple[str, ...]] = field(default_factory=_empty)
    """Addresses that more than one live object answers to, with the server ids."""
    pin_not_found: Mapping[Address, tuple[str, ...]] = field(default_factory=_empty)
    """Addresses that a file pins to a server id which is not live, with the ids that are."""
    unshown: frozenset[Address] = frozenset()
    """Addresses that are there, though no list shows them yet."""
    notes: tuple[str, ...] = ()
    reads: int = 0
    rate: float | None = None
    """Requests per second that the API allows, as seen."""
    snapshot: bool = False
