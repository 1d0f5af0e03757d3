"""Reads by the page: each object of a page is handed to its step, whose write follows at once.

A page is read together with the right to send all of its writes, so that nothing has to wait between them.
The next page is read ahead, so that it arrives when the writes of this one are answered. What is not on its
page, or was on it for too long, or is not as the plan saw it, is read alone by its step.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from reconciler.errors import GbsyncError, RateLimited
from reconciler.plan.pages import LONGEST, PageSize, next_page, pages, people_alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from reconciler.plan.pages import Family, Listed
    from reconciler.plan.step import Step
    from reconciler.resources.api import Api
    from reconciler.resources.resource import Address, Page, Resource

FRESH, SHARE = 0.01, 0.5
"""How long what a page shows may wait for its turn: so many seconds, or this share of what the read took."""
NEW = 0.3
"""Share of the latest measurement in an average."""


class _Average:
    """How many seconds something takes, as it went lately; `None` before the first time."""

    def __init__(self) -> None:
        self.seconds: float | None = None

    def take(self, seconds: float) -> None:
        """Takes in one more."""
        self.seconds = seconds if self.seconds is None else self.seconds + NEW * (seconds - self.seconds)


class _Shown:
    """What a page shows to steps that have not asked for it yet."""

    def __init__(self, items: dict[Address, Resource], reserved: object) -> None:
        self.items = items
        self.reserved = reserved
        self.first: float | None = None
        """When the first step has taken its object."""
        self.over = asyncio.Event()
        """Whether nobody uses it any more, nor will."""
        self._using = 0
        self._check()

    def take(self, address: Address) -> Resource | None:
        """The object, which then is used until it is let go."""
        resource = self.items.pop(address, None)
        if resource is not None:
            self._using += 1
            self.first = self.first or _now()
        return resource

    def let_go(self) -> None:
        """An object that was taken is used no more."""
        self._using -= 1
        self._check()

    def expire(self) -> None:
        """What nobody has taken by now is too old."""
        self.items.clear()
        self._check()

    def _check(self) -> None:
        if not self.items and not self._using:
            self.over.set()


@dataclass(slots=True)
class _Reading:
    """How far one list has been read again."""

    listed: Listed
    free: bool
    """Whether its steps wait for no other one, so that it may be read ahead."""
    queue: deque[Address]
    """What is sought and was not asked for yet, in the list's order."""
    at: int = 0
    """The position at which the next page begins."""
    cursor: str | None = None
    left: int = -1
    """How many objects pages are worth reading for; -1 while nobody has asked."""
    ready: asyncio.Future[None] | None = None
    """The page that is on its way."""
    pages: list[_Shown] = field(default_factory=list)

    def shows(self, address: Address) -> _Shown | None:
        """The page that the object is on, as long as it is fresh."""
        return next((page for page in self.pages if address in page.items), None)

    def passed(self, address: Address) -> bool:
        """Whether the object's page is behind, or will not be read."""
        return self.left == 0 or self.listed.order[address] < self.at

    def close(self) -> None:
        """No more pages of this list."""
        self.left = 0

    def next_page(self, most: int) -> PageSize | None:
        """The next page, with at most so many objects that are to be written."""
        order, sought = self.listed.order, self.listed.sought
        while self.queue and (self.queue[0] not in sought or order[self.queue[0]] < self.at):
            self.queue.popleft()
        ahead = [order[each] for each in islice(self.queue, LONGEST) if each in sought]
        return next_page(ahead, 0, self.at, most) if ahead and self.left > 0 else None

    def take_in(self, page: Page, size: PageSize) -> None:
        """Moves on to where this page ends."""
        order, came = self.listed.order, {item.address for item in page.items}
        end = 1 + max((order[address] for address in came if address in order), default=-1)
        self.left, self.cursor = max(0, self.left - size.writes), page.next
        if page.next is None or end <= self.at or len(came) < size.limit:
            self.close()
        self.at = max(self.at, end)


class PageReads:
    """The pages of one run: for each list one at a time, and at most one of them ahead of the steps."""

    def __init__(
        self,
        client: Api,
        organization: str,
        known: Mapping[Address, Resource],
        *,
        lists: Iterable[Listed],
        needing: AbstractSet[Address],
        parallelism: int,
    ) -> None:
        self._client = client
        self._organization = organization
        self._known = known
        self._most = parallelism
        self._readings: dict[Family, _Reading] = {
            (each.parent, each.kind.name): _Reading(
                each, each.sought.isdisjoint(needing), deque(each.positions)
            )
            for each in lists
        }
        self._tasks: set[asyncio.Task[None]] = set()
        self._took, self._answered = _Average(), _Average()
        self._stopped = False
        self.written: set[Address] = set()
        """What this run has written: a page that shows it older than that lags."""

    def stop(self) -> None:
        """From now on every object is read alone."""
        self._stopped = True

    async def aclose(self) -> None:
        """Ends the reads that nobody waits for any more."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @asynccontextmanager
    async def shown(self, step: Step) -> AsyncIterator[Resource | None]:
        """The object as its page shows it, for as long as its write takes; `None`: it is to be read alone.

        Raises `RateLimited` where the page would take longer than anybody waits.
        """
        reading = self._readings.get(step.address.family)
        page = await self._page_of(reading, step.address) if reading else None
        now = page.take(step.address) if page else None
        if reading is None or page is None or now is None:
            yield None
            return
        self._taken(reading, page)
        start = _now()
        try:
            # What is not as the plan saw it was changed, or the list lags: the object itself is asked.
            if self._stopped or now != self._known.get(step.address) or self._client.at_once(2) == 1:
                yield None
                return
            with self._client.within(page.reserved):
                yield now
            self._wrote(reading, _now() - start)
        finally:
            page.let_go()

    async def _page_of(self, reading: _Reading, address: Address) -> _Shown | None:
        """The page that shows the object, read now if need be; `None` where none does."""
        if address not in reading.listed.sought:
            return None
        if reading.left < 0:
            self._open(reading)
        try:
            while not (page := reading.shows(address)):
                if self._stopped or reading.passed(address) or not (reading.ready or self._begin(reading)):
                    return None
                assert reading.ready is not None, "one has begun"  # noqa: S101
                await asyncio.shield(reading.ready)
            return page
        finally:
            reading.listed.sought.discard(address)

    def _open(self, reading: _Reading) -> None:
        """Decides whether this list is read by the page, and how far."""
        listed, sizes = reading.listed, tuple[PageSize, ...]()
        if self._is_plain(listed, listed.objects):
            sizes = pages(tuple(listed.positions.values()), self._most)
        reading.left = sum(size.writes for size in sizes)

    def _is_plain(self, listed: Listed, objects: Iterable[Resource]) -> bool:
        schema = listed.kind.checks.schema(next(iter(listed.order)), {}, self._known)
        return people_alone(listed.kind, schema, objects)

    # reading a page

    def _begin(self, reading: _Reading) -> bool:
        """Starts to read the next page; whether there is one that is worth it."""
        most = self._client.at_once(self._most)
        possible = most > 1 and not self._stopped and reading.listed.parent in self._known
        size = reading.next_page(most) if possible else None
        if size is None:
            return False
        reading.ready = asyncio.get_running_loop().create_future()
        reading.ready.add_done_callback(lambda ready: ready.exception())  # perhaps nobody waits for it
        task = asyncio.ensure_future(self._read(reading, size, reading.ready))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _read(self, reading: _Reading, size: PageSize, ready: asyncio.Future[None]) -> None:
        """Reads a page, and keeps what its writes need reserved until they are answered."""
        failure: Exception | None = None
        try:
            async with self._client.reserve(1 + size.writes) as reserved:
                page = await self._page(reading, size, reserved)
                reading.pages.append(page)
                reading.ready = None
                ready.set_result(None)
                await page.over.wait()
                reading.pages.remove(page)
        except RateLimited as error:
            failure = error
        except GbsyncError:
            pass  # each object is read alone then, and says itself what is wrong
        except Exception as error:  # noqa: BLE001 - a fault of ours: the steps that wait for the page report it
            failure = error
        if not ready.done():
            reading.close()
            reading.ready = None
            ready.set_exception(failure) if failure else ready.set_result(None)

    async def _page(self, reading: _Reading, size: PageSize, reserved: object) -> _Shown:
        listed, start = reading.listed, _now()
        read_page = listed.kind.live.page
        assert read_page is not None, "only such lists are read by the page"  # noqa: S101
        parent = self._known[listed.parent]
        page = await read_page(self._client, self._organization, parent, size.limit, reading.cursor)
        took = _now() - start
        self._took.take(took)
        reading.take_in(page, size)
        if any(map(self._lags, page.items)):
            self.stop()
        elif not self._is_plain(listed, page.items):
            reading.close()
        else:
            wanted = (item for item in page.items if item.address in listed.sought)
            shown = _Shown({item.address: item for item in islice(wanted, size.writes)}, reserved)
            asyncio.get_running_loop().call_later(max(FRESH, SHARE * took), shown.expire)
            return shown
        return _Shown({}, reserved)

    def _lags(self, item: Resource) -> bool:
        """Whether an object of ours is shown older than our own write."""
        return item.address in self.written and item.attributes != self._known[item.address].attributes

    # reading ahead

    def _taken(self, reading: _Reading, page: _Shown) -> None:
        """Once all writes of a page are sent, reads the next so that it arrives when they are answered."""
        if page.items or page.first is None or self._answered.seconds is None:
            return
        early = max(0.0, self._answered.seconds - (self._took.seconds or 0.0))
        wait = max(0.0, page.first + early - _now())
        asyncio.get_running_loop().call_later(wait, self._ahead, reading)

    def _wrote(self, reading: _Reading, seconds: float) -> None:
        first = self._answered.seconds is None
        self._answered.take(seconds)
        if first:
            self._ahead(reading)

    def _ahead(self, reading: _Reading) -> None:
        """Starts to read a page before a step asks for it, unless one is on its way or waits already."""
        readings = list(self._readings.values())
        if any(each.ready or any(page.items for page in each.pages) for each in readings):
            return
        for each in readings[readings.index(reading) :]:
            if each.left < 0 and each.free:
                self._open(each)
            if each.left > 0 and self._begin(each):
                return


def _now() -> float:
    return asyncio.get_running_loop().time()
