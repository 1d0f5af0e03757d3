"""A toy world of two kinds, shelves written whole and books: the engine knows nothing of GitBook."""

from __future__ import annotations

from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel

from reconciler.diagnostics import Place
from reconciler.errors import AlreadyExists
from reconciler.lock.document import Base
from reconciler.plan.build import Policy
from reconciler.resources.kind import Assumed, Checks, FileSyntax, Handle, Kind, Mark, Writing, table
from reconciler.resources.resource import Address, Declaration, Facts, Resource, State
from reconciler.resources.schema import Property, Schema
from reconciler.resources.values import reveal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class ShelfSpec(BaseModel):
    """A shelf: replaced whole, with a stamp that is never shown again."""

    name: str | None = None
    motto: Annotated[str | None, Assumed("")] = None
    colours: Annotated[list[str] | None, Mark.UNORDERED, Assumed([])] = None
    stamp: Annotated[str | None, Mark.WRITE_ONLY] = None


class BookSpec(BaseModel):
    """A book on a shelf, with labels that readers stick on too."""

    title: str | None = None
    labels: Annotated[dict[str, Any] | None, Mark.KEYED, Assumed({})] = None


class World:
    """What the toy server holds; it counts requests and can be told to fail at one of them."""

    def __init__(self) -> None:
        self.shelves: dict[str, dict[str, Any]] = {}
        self.books: dict[tuple[str, str], dict[str, Any]] = {}
        self.requests = 0
        self.writes: list[str] = []
        self.rate = None
        self.fail_at: int | None = None
        self.failure: Exception = AlreadyExists("")

    def count(self, write: str = "") -> None:
        """One request; raises where it was told to."""
        self.requests += 1
        if write:
            self.writes.append(write)
        if self.requests == self.fail_at:
            raise self.failure

    def register_secret(self, value: Any) -> None:
        """A toy quotes nothing."""

    def scrubbed(self, text: str, value: Any) -> str:
        """A toy has no secrets."""
        return text

    async def lag(self, attempt: int) -> None:
        """A toy does not lag."""

    @asynccontextmanager
    async def reserve(self, requests: int) -> AsyncIterator[None]:
        """Nothing paces a toy."""
        yield

    def within(self, reserved: object) -> AbstractContextManager[None]:
        """Nothing paces a toy."""
        return nullcontext()

    def at_once(self, most: int) -> int:
        """Nothing limits a toy."""
        return most


def _shelf(name: str, data: Mapping[str, Any]) -> Resource:
    visible = {key: value for key, value in data.items() if key not in ("stamp", "version")}
    hidden = frozenset({"stamp"}) if data.get("stamp") else frozenset()
    return Resource(
        Address.of("shelf", name), visible, Facts(id=name, version=data["version"], hidden=hidden)
    )


def _book(address: Address, data: Mapping[str, Any]) -> Resource:
    return Resource(address, dict(data), Facts(id=address.key, status="active"))


class ShelfCalls:
    """Shelves by name."""

    async def list(
        self, client: World, organization: str, parent: Resource | None
    ) -> AsyncIterator[Resource]:
        """Every shelf."""
        client.count()
        for name, data in client.shelves.items():
            yield _shelf(name, data)

    async def read(self, client: World, handle: Handle) -> Resource | None:
        """One shelf."""
        client.count()
        data = client.shelves.get(handle.address.key)
        return _shelf(handle.address.key, data) if data else None

    async def write(self, client: World, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """Replaces it and raises the version."""
        client.count(f"write {handle.address}")
        name = handle.address.key
        version = client.shelves.get(name, {"version": 0})["version"] + 1
        client.shelves[name] = {**reveal(dict(body)), "version": version}
        return _shelf(name, client.shelves[name])

    create = write

    async def delete(self, client: World, handle: Handle) -> bool:
        """Takes it down with its books."""
        client.count(f"delete {handle.address}")
        name = handle.address.key
        client.books = {key: value for key, value in client.books.items() if key[0] != name}
        return client.shelves.pop(name, None) is not None

    async def keys(self, client: World, organization: str) -> Mapping[str, str]:
        """The names of shelves."""
        return dict.fromkeys(client.shelves, "")


class BookCalls:
    """Books under their shelf."""

    async def list(
        self, client: World, organization: str, parent: Resource | None
    ) -> AsyncIterator[Resource]:
        """The books of one shelf."""
        assert parent is not None
        client.count()
        for (shelf, key), data in client.books.items():
            if shelf == parent.address.key:
                yield _book(Address.of("book", key, parent.address), data)

    def _key(self, handle: Handle) -> tuple[str, str]:
        return (handle.parent_id, handle.address.key)

    async def read(self, client: World, handle: Handle) -> Resource | None:
        """One book."""
        client.count()
        data = client.books.get(self._key(handle))
        return None if data is None else _book(handle.address, data)

    async def create(self, client: World, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """Puts an empty book there."""
        client.count(f"create {handle.address}")
        if self._key(handle) in client.books:
            msg = "there is one"
            raise AlreadyExists(msg)
        client.books[self._key(handle)] = {"labels": {"_shelfmark": f"x{len(client.books)}"}}
        return _book(handle.address, client.books[self._key(handle)])

    async def write(self, client: World, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """Replaces each field that the body has."""
        client.count(f"write {handle.address}")
        client.books[self._key(handle)] |= reveal(dict(body))
        return _book(handle.address, client.books[self._key(handle)])

    async def delete(self, client: World, handle: Handle) -> bool:
        """Takes it away."""
        client.count(f"delete {handle.address}")
        return client.books.pop(self._key(handle), None) is not None

    async def keys(self, client: World, organization: str) -> Mapping[str, str]:
        """The keys of books."""
        return {key: "" for _, key in client.books}


SCHEMA = Schema({"genre": Property("string"), "lent": Property("boolean", default=False)})

TOYS = table(
    Kind(
        "shelf",
        ShelfSpec,
        ShelfCalls(),
        FileSyntax("shelves"),
        writing=Writing("whole", reads_before_create=True),
    ),
    Kind(
        "shelf_book",
        BookSpec,
        BookCalls(),
        FileSyntax("books"),
        parent="shelf",
        checks=Checks(schema=lambda _address, _desired, _live: SCHEMA),
    ),
)


class InMemoryLockStore:
    """Keeps the base between runs, in memory."""

    def __init__(self) -> None:
        self.base = Base()
        self.saves = 0

    name = ""

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Nobody else applies."""
        yield

    def load(self) -> Base:
        """What was applied last."""
        return self.base

    def save(self, base: Base) -> None:
        """Replaces it."""
        self.base = base
        self.saves += 1

    async def record(self, base: Base) -> None:
        """As `save`."""
        self.save(base)

    def check(self) -> None:
        """Nobody takes it over."""


def declared(**bodies: Mapping[str, Any]) -> State:
    """A desired state: `shelf__a={...}`, `shelf__a__book__b={...}`; `absent=True` in a body declares that."""
    state = {}
    for name, body in bodies.items():
        address = Address(name.replace("__", "/"))
        state[address] = declare(address, body)
    return state


def declare(address: Address, body: Mapping[str, Any]) -> Resource:
    """One desired resource, as a file would declare it."""
    attributes = {key: value for key, value in body.items() if key not in ("absent", "exact", "prune")}
    declaration = Declaration(
        Place("toys.yaml", 1, 1),
        absent=bool(body.get("absent")),
        exact=bool(body.get("exact")),
        prune=str(body.get("prune", "")),
    )
    return Resource(address, {} if declaration.absent else attributes, declaration=declaration)


POLICY = Policy(organization="library")
