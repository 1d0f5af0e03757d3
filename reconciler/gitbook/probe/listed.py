"""Reads lists: what the organization can install, the site's integrations, the probe's own events."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from reconciler.gitbook.probe.answer import Answer, Unclear, done
from reconciler.gitbook.probe.calls import LONG_PATIENCE
from reconciler.gitbook.probe.conclusions.listed import MOST, Listed, Turned
from reconciler.gitbook.probe.own import every

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own

LIST = "listOrganizationIntegrations"
FEW = 10
"""The `limit` with which pages are turned."""
PAGES = 6
"""So many with items, so that small pages show what they repeat too."""
EVENT_PAGES = 25
FURTHER = ("-a", "-b", "-c", "-d", "-e")
"""Ends of the names of further integrations, so that a list has five items which are our own."""
TWO = 2
MOST_EMPTY = 4
"""So many empty pages in a row are turned."""


async def read(calls: Calls, own: Own) -> Listed:
    """Reads; nothing is changed."""
    where = {"organizationId": own.organization}
    plain = done(await calls(LIST, where), LIST)
    most = done(await calls(LIST, {**where, "limit": MOST}), LIST)
    events = await _events(calls, own)
    site = await calls("listSiteIntegrations", {**where, "siteId": own.site})
    return Listed(
        plain=plain,
        most=most,
        pages=tuple(await _pages(calls, where, max(1, min(FEW, len(most.items) // 2)))),
        site=done(site, "listSiteIntegrations"),
        times=tuple(str(event.get("createdAt", "")) for event in events),
        enums=await _enums(calls, own, events),
    )


async def _pages(calls: Calls, where: Mapping[str, Any], limit: int) -> list[tuple[str, ...]]:
    pages: list[tuple[str, ...]] = []
    asked = {**where, "limit": limit}
    while sum(map(bool, pages)) < PAGES and len(pages) < PAGES * MOST_EMPTY:
        page = done(await calls(LIST, asked), LIST)
        pages.append(_names(page))
        if not page.next:
            break
        asked["page"] = page.next
    return pages


def _names(page: Answer) -> tuple[str, ...]:
    return tuple(str(item.get("name")) for item in page.items if isinstance(item, dict))


async def _events(calls: Calls, own: Own) -> list[Mapping[str, Any]]:
    operation = "listIntegrationEvents"
    return await every(calls, operation, own.integration, most=EVENT_PAGES)


async def _enums(calls: Calls, own: Own, events: list[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    met: dict[str, set[str]] = defaultdict(set)

    def meet(name: str, value: Any) -> None:
        if isinstance(value, str):
            met[name].add(value)

    for event in events:
        meet("event status", event.get("status"))
    owner = (await calls("getIntegrationByName", own.integration)).object.get("owner")
    meet("organization type", owner.get("type") if isinstance(owner, dict) else None)
    for site in await every(calls, "listSites", {"organizationId": own.organization}, most=1):
        meet("site type", site.get("type"))
        meet("site visibility", site.get("visibility"))
    return {name: frozenset(values) for name, values in met.items()}


async def turn(calls: Calls, own: Own) -> Turned:
    """Publishes five more, unpublishes the first of a page, and turns to the next page."""
    last = Answer(0)
    for end in FURTHER:
        last = done(await own.publish(calls, f"{own.name}{end}"), "publishIntegration")
    ours = {"organizationId": own.organization, "search": f"{own.name}-"}
    await _names_of(calls, own, ours, last, len(FURTHER))
    page = done(await calls(LIST, {**ours, "limit": TWO}), LIST)
    first = _names(page)
    if not page.next or not own.published.issuperset(first):
        raise Unclear("a list of five integrations does not come in pages, whatever `limit` says")
    gone = done(await calls("unpublishIntegration", {"integrationName": first[0]}), "unpublishIntegration")
    rest = await _names_of(calls, own, ours, gone, len(FURTHER) - 1)
    second = page
    for _ in range(MOST_EMPTY):
        second = done(await calls(LIST, {**ours, "limit": TWO, "page": second.next}), LIST)
        if second.items or not second.next:
            break
    return Turned(first=first, rest=rest, second=_names(second))


async def _names_of(
    calls: Calls, own: Own, where: Mapping[str, Any], since: Answer, number: int
) -> tuple[str, ...]:
    """The names of the five in their order, once so many are listed."""
    names: tuple[str, ...] = ()

    async def look() -> tuple[bool, Answer]:
        nonlocal names
        listed = await every(calls, LIST, where)
        names = tuple(dict.fromkeys(str(item.get("name")) for item in listed))
        return len(names) == number, Answer(0, number=calls.sent, time=calls.clock.time())

    lag, _ = await calls.appear(look, since, patience=LONG_PATIENCE)
    if lag is None or not all(name.startswith(f"{own.name}-") for name in names):
        raise Unclear("`search` does not find the probe's integrations by their name")
    return names
