"""`gbsync apply`: make it so."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from reconciler import pipeline as reconcile
from reconciler.apply.scheduler import Options
from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.cli.planning import allowance_options, choice_options, guard, plan_files
from reconciler.cli.prompt import approve
from reconciler.cli.reading_progress import reading_lists
from reconciler.cli.saved_plans import saved_document
from reconciler.errors import GbsyncError, Incomplete, Interrupted, Unavailable, UsageError
from reconciler.gitbook.kinds.table import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.apply.report import Report
    from reconciler.apply.scheduler import Run
    from reconciler.cli.planning import ChoiceOptions
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.gitbook.client.client import Client
    from reconciler.pipeline import Choice, Planned
    from reconciler.plan.guards import Allowances


@click.command(
    "apply",
    cls=Sections,
    examples={
        "gbsync apply": "Plan, show the plan, ask, and carry it out.",
        "gbsync apply plan.json --events events.jsonl": "Carry out a saved plan; keep an audit log.",
    },
)
@session_options
@choice_options
@allowance_options
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--parallelism",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="How many steps run at the same time.",
)
@click.option("--fail-fast", is_flag=True, help="Start no further step after the first failure.")
@click.option("--events", metavar="FILE", type=FILE, help="Append each event as a JSON line: the audit log.")
@click.option(
    "--json", metavar="FILE", type=FILE, help="Write each event in the format of `terraform apply -json`."
)
@click.option("--verify", is_flag=True, help="Plan again after the apply, and report what still differs.")
def command(session: Session, **options: Any) -> int:
    """Change GitBook to match the files, or carry out exactly a saved PLAN.

    With paths, apply plans, shows the plan and asks on the terminal. A saved plan counts as approved.
    """
    session.declare_outputs({"--events": options["events"], "--json": options["json"]})
    report = asyncio.run(_run(session, **options))
    output.show_report(report, color=session.settings.color)
    output.summarize(report)
    if report.interrupted:
        msg = "interrupted; the next apply continues from what is live"
        raise Interrupted(msg)
    if report.complete:
        return 0
    if session.sent.writes:
        part = f"applied in part, {report.limited}" if report.limited else "applied in part"
        msg = report.unrecorded or f"{part}; the report above says what is left"
        raise Incomplete(msg)
    if report.limited:
        msg = f"nothing was sent: {report.limited}; run it again after that"
        raise Unavailable(msg)
    msg = f"{report.unrecorded or 'the report above says why'}; nothing was sent"
    raise GbsyncError(msg)


async def _run(
    session: Session,
    *,
    choose: ChoiceOptions,
    allowed: Allowances,
    auto_approve: bool,
    verify: bool,
    parallelism: int,
    **how: Any,
) -> Report:
    how = {**how, "parallelism": parallelism}
    saved = saved_document(session.settings.paths)
    if saved is not None:
        _refuse((*choose.given, "--verify") if verify else choose.given)
        async with session.client(parallelism=parallelism) as client:
            planned = await _from_file(session, client, saved)
            guard(planned.plan, allowed)
            return await _carried_out(session, client, planned, **how)
    config = session.config()
    async with session.client(parallelism=parallelism) as client:
        planned = await plan_files(session, config, client, choose(config))
        output.show_plan(planned.plan, color=session.settings.color)
        guard(planned.plan, allowed)
        if planned.plan.steps and not auto_approve:
            _refuse_unseen()
            approve("Carry out this plan")
        report = await _carried_out(session, client, planned, **how)
        if verify and report.complete:
            report = await _verified(session, config, client, choose(config), report)
        return report


async def _verified(
    session: Session, config: Config, client: Client, choice: Choice, report: Report
) -> Report:
    """The report with what still differs. If that cannot be planned, the report is shown before the error."""
    try:
        again = await plan_files(session, config, client, replace(choice, afterwards=True))
    except GbsyncError:
        output.show_report(report, color=session.settings.color)
        output.summarize(report)
        raise
    return replace(report, remaining=again.plan)


def _refuse_unseen() -> None:
    """Raises `UsageError` if the plan that somebody is to approve could not be shown."""
    if output.unread():
        msg = "the plan could not be shown completely, so nobody can approve it; check what reads stdout"
        raise UsageError(msg)


def _refuse(options: Sequence[str]) -> None:
    """Raises `UsageError` for options that a saved plan has no use for."""
    if options:
        msg = (
            f"{', '.join(options)}: a saved plan is carried out exactly as it was reviewed; "
            "leave this out, or name the files instead"
        )
        raise UsageError(msg)


async def _carried_out(
    session: Session,
    client: Client,
    planned: Planned,
    *,
    parallelism: int,
    fail_fast: bool,
    events: str | None,
    json: str | None,
) -> Report:
    from reconciler.cli.json_stream import json_stream_to  # noqa: PLC0415 - only while applying
    from reconciler.cli.permissions import preflight  # noqa: PLC0415 - only while applying
    from reconciler.cli.progress import observed  # noqa: PLC0415 - only while applying

    await preflight(client, planned.plan)
    with json_stream_to(json, planned.plan) as stream:
        async with observed(planned.plan, events, session.request_log) as observe:
            options = Options(parallelism, fail_fast, stream.before(observe))
            lock_store = session.lock_store(planned.plan.organization, planned.kept)
            run = reconcile.apply(planned, client, lock_store, table=KINDS, options=options)
            report = await _interruptible(run)
        stream.end(report)
        return report


async def _from_file(session: Session, client: Client, document: dict[str, Any]) -> Planned:
    from reconciler.config import reread  # noqa: PLC0415 - only for a saved plan
    from reconciler.plan.saved import document as planfile  # noqa: PLC0415 - only for a saved plan

    name = session.settings.paths[0]
    read = reread(session.options())
    saved = planfile.load(document, name=name, table=KINDS, read=read)
    session.check_outputs(lock=saved.kept)
    client.register_secret([step.desired for step in saved.plan.steps])
    with reading_lists() as lists:
        return await reconcile.recheck(
            saved,
            client,
            session.lock_store(saved.plan.organization, saved.kept),
            table=KINDS,
            endpoint=session.endpoint,
            organization=session.settings.organization or "",
            lists=lists,
        )


async def _interruptible(run: Run) -> Report:
    """The first SIGINT or SIGTERM stops starting steps, the second aborts those in flight."""
    loop = asyncio.get_running_loop()
    working = asyncio.ensure_future(run.work())

    def interrupt() -> None:
        if run.interrupted:
            working.cancel()
        else:
            # Not `err=True`: the line comes above the bar.
            click.echo(
                "Stopping: waiting for the steps in progress; press Ctrl-C again to abort them.",
                file=sys.stderr,
            )
            run.stop()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, interrupt)
    try:
        return await working
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)
