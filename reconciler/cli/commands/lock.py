"""`gbsync lock`: show what was applied last, record what is live as that, or end the lease of a dead run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.cli.planning import empty_option, narrowing_options, plan_files, refuse_silent
from reconciler.cli.prompt import approve, ended_by_sigterm
from reconciler.errors import LockError, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.stores.remote import RemoteLock
from reconciler.pipeline import adopt
from reconciler.render.clean import clean
from reconciler.resources.targets import Selection, refuse_unmatched

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.lock.document import Base
    from reconciler.lock.store import LockStore
    from reconciler.pipeline import Choice
    from reconciler.plan.step import Plan
    from reconciler.resources.resource import Address


@click.command(
    "lock",
    cls=Sections,
    examples={
        "gbsync lock": "Show what was applied last.",
        "gbsync lock --adopt": "Record what is live as applied; change nothing in GitBook.",
        "gbsync lock --release": "End the lease of a run that was killed.",
    },
)
@session_options
@narrowing_options
@empty_option
@click.option(
    "--adopt",
    "adopting",
    is_flag=True,
    help="Record what is live as applied, and assume that script and secrets are as declared.",
)
@click.option(
    "--release", "releasing", is_flag=True, help="End the lease of the run that holds the lock, after asking."
)
@click.option("--auto-approve", is_flag=True, help="Do not ask before a release.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the output.",
)
def command(
    session: Session,
    *,
    choose: Callable[[Config], Choice],
    allow_empty: bool,
    adopting: bool,
    releasing: bool,
    auto_approve: bool,
    form: str,
) -> int:
    """Show what the lock records of the last apply, or record what is live as applied.

    --adopt only reads from GitBook. What differs from the files is not recorded: the next plan shows it.
    """
    if adopting and releasing:
        msg = "--adopt and --release: do different things; give one of them"
        raise UsageError(msg)
    config = session.config()
    lock_store = session.lock_store(config.organization)
    if releasing:
        _release(lock_store, auto_approve=auto_approve)
    elif adopting:
        with ended_by_sigterm():
            plan, published = asyncio.run(_adopt(session, config, choose(config), allow_empty=allow_empty))
        _say(plan, published)
    else:
        output.emit(_rendered(_narrowed(lock_store.load(), choose(config)), form), form)
    return 0


def _release(lock_store: LockStore, *, auto_approve: bool) -> None:
    """Ends the lease of another run, once somebody has seen whose it is."""
    if not isinstance(lock_store, RemoteLock):
        msg = (
            f"{lock_store.name or 'the sandbox'}: a file has no lease; "
            "the system frees it when the process ends that holds it, so end that process"
        )
        raise UsageError(msg)
    try:
        lease = lock_store.holder()
        whose = str(lease) if lease else ""
    except LockError as error:
        lease, whose = None, str(error)
    if not whose:
        click.echo("No run holds the lock.")
        return
    click.echo(f"{clean(lock_store.name)}: held by {clean(whose)}.")
    if not auto_approve:
        click.echo("If that run is still alive, it goes on for up to a minute: end it first.")
        approve("End this lease")
    lock_store.free(lease)
    click.echo("Released.")


def _narrowed(base: Base, choice: Choice) -> Base:
    """What is recorded of the addresses that were asked for."""
    if not (choice.targets or choice.excludes):
        return base
    recorded = [address for address in base.entries if address.kind in KINDS]
    refuse_unmatched(recorded, targets=choice.targets, excludes=choice.excludes)
    selection = Selection.of(recorded, table=KINDS, targets=choice.targets, excludes=choice.excludes)
    return replace(base, entries={item: base.entries[item] for item in recorded if selection.within(item)})


async def _adopt(
    session: Session, config: Config, choice: Choice, *, allow_empty: bool
) -> tuple[Plan, tuple[Address, ...]]:
    lock_store = session.lock_store(config.organization)
    async with session.client() as client, lock_store.hold():
        planned = await plan_files(session, config, client, choice)
        refuse_silent(planned.plan, allow_empty=allow_empty)
        return planned.plan, adopt(planned, lock_store)


def _say(plan: Plan, published: tuple[Address, ...]) -> None:
    """What was recorded, and what is still different."""
    from reconciler.render.amounts import counted  # noqa: PLC0415 - only where it is shown

    if plan.problems:
        output.show_problems(plan.problems)
    for address in published:
        click.echo(f"{clean(address)}: recorded as published as the files say.")
    touched = {step.address for step in plan.steps}
    recorded = len(published) + sum(address not in touched for address in plan.lock_entries)
    click.echo(f"Recorded {counted(recorded, 'address', 'addresses')}; GitBook is unchanged.")
    left = sum(
        step.address not in published or not all(change.unknown for change in step.changes)
        for step in plan.steps
    )
    if left:
        click.echo(f"A plan still has {counted(left, 'step')}; gbsync plan shows them.")


def _rendered(base: Base, form: str) -> str:
    from reconciler.render import lock as render  # noqa: PLC0415 - only where it is shown
    from reconciler.render.json import json_text  # noqa: PLC0415

    return json_text(render.lock_document(base)) if form == "json" else render.lock_text(base)
