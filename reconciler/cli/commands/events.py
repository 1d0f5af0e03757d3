"""`gbsync events NAME`: the events that an integration received, and what it logged."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import output
from reconciler.cli.complete import INTEGRATION
from reconciler.cli.helptext import Sections
from reconciler.cli.json_documents import masked_document, reveal_option, show_document
from reconciler.cli.options import connection_options
from reconciler.cli.seconds import Seconds
from reconciler.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.cli.session import Session
    from reconciler.gitbook.client.client import Client

    Show = Callable[[list[dict[str, Any]]], None]

MOST = 1000


@click.command(
    "events",
    cls=Sections,
    examples={
        "gbsync events acme-banner --limit 5": "Show the five latest events.",
        "gbsync events acme-banner --follow": "Show new events until Ctrl-C.",
    },
)
@click.argument("name", type=INTEGRATION)
@click.option("--follow", is_flag=True, help="Show new events too, until Ctrl-C.")
@click.option(
    "--limit",
    type=click.IntRange(1, MOST),
    default=20,
    show_default=True,
    help="How many of the latest events.",
)
@click.option(
    "--interval",
    type=Seconds(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How often --follow asks for new events.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@reveal_option
@connection_options
def command(session: Session, *, name: str, form: str, reveal: bool, **options: Any) -> None:
    """Show the latest events of the integration NAME, oldest first, each with its trace.

    With --follow, JSON is one line per event.
    """
    show = showing(form, follow=options["follow"], reveal=reveal)
    asyncio.run(_events(session, name, show, **options))


def showing(form: str, *, follow: bool, reveal: bool) -> Show:
    """What shows a batch of events in this form."""

    def show(events: list[dict[str, Any]]) -> None:
        if form == "text":
            _show_text(events, reveal=reveal)
        elif follow:
            for event in events:
                show_document(event, reveal=reveal, indent=None)
        else:
            show_document({"items": events}, reveal=reveal)

    return show


async def _events(
    session: Session, name: str, show: Show, *, follow: bool, limit: int, interval: float
) -> None:
    seen: set[str] = set()
    async with session.client(session.token()) as client:
        first = await _latest(client, name, seen, limit)
        show(first)
        if not first:
            click.echo(f"integration/{name}: no event so far", err=True)
        while follow:
            await asyncio.sleep(interval)
            show(await _latest(client, name, seen, MOST))
            follow = not output.unread()


async def _latest(client: Client, name: str, seen: set[str], most: int) -> list[dict[str, Any]]:
    """The latest events that were not seen, oldest first, traced; afterwards they are seen."""
    events: list[dict[str, Any]] = []
    order = Order()
    async for event in client.items("listIntegrationEvents", {"integrationName": name}):
        order.add(event)
        if event["id"] not in seen:
            events.append(event)
        if order.newest_first and (event["id"] in seen or len(events) >= most):
            break
    # Sorting keeps the order of events of the same moment, and lists usually have the newest first.
    events.reverse()
    latest = sorted(events, key=_moment)[-most:]
    seen.update(event["id"] for event in events)
    return list(await asyncio.gather(*(_traced(client, name, event) for event in latest)))


class Order:
    """Whether a list of events plainly has the newest first. The reference promises no order.

    One event that is older than the one before it proves nothing, so many have to be.
    """

    ENOUGH = 100

    def __init__(self) -> None:
        self._is_falling = True
        self._older = 0
        self._last = math.inf

    def add(self, event: Mapping[str, Any]) -> None:
        """Takes in the next event of the list."""
        moment = _moment(event)
        self._is_falling = self._is_falling and moment <= self._last
        self._older += moment < self._last
        self._last = moment

    @property
    def newest_first(self) -> bool:
        """Whether enough events in a row were each no newer than the one before."""
        return self._is_falling and self._older >= self.ENOUGH


def _moment(event: Mapping[str, Any]) -> float:
    """When it was, in seconds; before all others where it does not say."""
    try:
        moment = datetime.fromisoformat(str(event.get("createdAt", "")))
    except ValueError:
        return -math.inf
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


async def _traced(client: Client, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event with its trace, if there is one."""
    try:
        reply = await client.call("getIntegrationEvent", {"integrationName": name, "eventId": event["id"]})
    except NotFound:
        return {"event": event}
    event_with_trace: dict[str, Any] = reply.data
    return event_with_trace


def _show_text(events: list[dict[str, Any]], *, reveal: bool) -> None:
    from reconciler.render.events import event_text  # noqa: PLC0415 - only for people

    for event in events:
        click.echo(event_text(masked_document(event, reveal=reveal)))
