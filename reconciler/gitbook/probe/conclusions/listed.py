"""What reading lists showed: the sizes of pages, what they repeat, and in which order events come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.gitbook.probe.conclusions.finding import Finding, Question, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.gitbook.probe.answer import Answer

LISTED, TURNED = "listed", "turned"
MOST = 1000
"""The reference's largest `limit`."""
KNOWN_ENUMS: Mapping[str, frozenset[str]] = {
    "organization type": frozenset({"business", "community"}),
    "site type": frozenset({"basic", "premium", "ultimate", "sponsored", "legacy-basic", "legacy-premium"}),
    "site visibility": frozenset({"public", "unlisted", "share-link", "visitor-auth"}),
    "event status": frozenset({"success", "failed"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Pages of lists that are only read."""

    plain: Answer
    """A page without `limit`."""
    most: Answer
    """A page with the largest `limit`."""
    pages: tuple[tuple[str, ...], ...]
    """The names on consecutive pages of a small `limit`, empty pages too."""
    site: Answer
    """The list without page parameters: a site's integrations."""
    times: tuple[str, ...]
    """When the events were made, in the order in which they are listed."""
    enums: Mapping[str, frozenset[str]]
    """Values of enumerations that were met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A list of the probe's own integrations whose first item was deleted between two pages."""

    first: tuple[str, ...]
    """The first page, before."""
    rest: tuple[str, ...]
    """The whole list afterwards."""
    second: tuple[str, ...]
    """The page that the old cursor gives, afterwards."""


def _page_size(seen: Listed) -> Finding:
    size, cap = len(seen.plain.items), len(seen.most.items)
    if not seen.plain.next:
        return unknown(f"at least {size}: no list that was read is longer")
    if seen.most.next and cap <= size:
        return unknown(f"at least {size}: a page has no more, whatever `limit` says")
    return Finding(size)


def _page_cap(seen: Listed) -> Finding:
    size = len(seen.most.items)
    if not seen.most.next:
        return unknown(f"at least {size}: no list that was read is longer")
    return Finding(size, f"limit={MOST} was asked for")


def _overlap(seen: Listed) -> Finding:
    pages = [page for page in seen.pages if page]
    if len(pages) < 2:  # noqa: PLR2004 - two pages
        return unknown("no list that was read has two pages")
    counts = []
    for number, page in enumerate(pages[1:], start=1):
        before = {name for earlier in pages[:number] for name in earlier}
        counts.append((sum(name in before for name in page), len(before)))
    repeated = max(count for count, _ in counts)
    if all(count == number for count, number in counts):
        return unknown(f"at least {repeated}: each page repeats all before it")
    return Finding(repeated)


def _empty_pages(seen: Listed) -> Finding:
    if len(seen.pages) < 2:  # noqa: PLR2004 - two pages
        return unknown("no list that was read has two pages")
    return Finding("between" if () in seen.pages else "none")


def _count(seen: Listed) -> Finding:
    return Finding("told" if seen.most.object.get("count") is not None else "none")


def _unpaged(seen: Listed) -> Finding:
    size = len(seen.site.items)
    if seen.site.next:
        return Finding("cut", f"after {size}")
    if seen.plain.next and size > len(seen.plain.items):
        return Finding("whole", f"{size} items")
    return unknown(f"the site has {size} integrations: they fit on any page")


def _events(seen: Listed) -> Finding:
    first, last = (seen.times[0], seen.times[-1]) if seen.times else ("", "")
    if first == last:
        return unknown("fewer than two events were listed")
    return Finding("oldest-first" if first < last else "newest-first")


def _enums(seen: Listed) -> Finding:
    new = sorted(name for name, values in seen.enums.items() if values - KNOWN_ENUMS[name])
    if new:
        return Finding("new", f"in {', '.join(new)}")
    return Finding("known") if any(seen.enums.values()) else unknown()


def _cursor(seen: Turned) -> Finding:
    """Whether the second page begins where the first one ended, although an item before it is gone."""
    left = [name for name in seen.first if name in seen.rest]
    if len(left) + 1 != len(seen.first) or not seen.second:
        return unknown("the list could not be changed between two pages")
    size = len(seen.first)
    ends = _end(seen.rest, len(left) + size), _end(seen.rest, len(left) + 1 + size)
    last = seen.second[-1]
    if ends[0] == ends[1] or last not in ends:
        return unknown("the second page ends elsewhere")
    return Finding("key" if last == ends[0] else "offset")


def _end(names: Sequence[str], number: int) -> str:
    """The last of so many names."""
    return names[min(number, len(names)) - 1]


QUESTIONS = (
    Question("page_size", "Items on a page without `limit`", LISTED, _page_size),
    Question("page_cap", "Items on a page at most", LISTED, _page_cap),
    Question("overlap", "Items that a page repeats of those before it", LISTED, _overlap),
    Question("empty_pages", "Empty pages before others", LISTED, _empty_pages),
    Question("count", "How many items there are in all is", LISTED, _count),
    Question("unpaged", "A list without page parameters comes", LISTED, _unpaged),
    Question("events", "Events are listed", LISTED, _events),
    Question("enums", "Values of enumerations", LISTED, _enums),
    Question("cursor", "A cursor names the last item (key), or counts (offset)", TURNED, _cursor),
)
