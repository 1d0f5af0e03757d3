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
from reconciler.cli.approvals import approval_options
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import expand_option, session_options
from reconciler.cli.planning import allowance_options, choice_options, guard, plan_files
from reconciler.cli.prompt import approve, ended_by_sigterm
from reconciler.cli.reading_progress import reading_lists
from reconciler.cli.saved_plans import saved_document
from reconciler.errors import GbsyncError, Incomplete, Interrupted, Unavailable, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.approval.restrict import restricted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.apply.report import Report
    from reconciler.apply.scheduler import Run
    from reconciler.cli.approvals import ApprovalOptions
    from reconciler.cli.planning import ChoiceOptions
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.gitbook.client.client import Client
    from reconciler.pipeline import Choice, Planned
    from reconciler.plan.guards import Allowances
    from reconciler.plan.saved import document as planfile

LEFT = 2


@click.command(
    "apply",
    cls=Sections,
    examples={
        "gbsync apply": "Plan, show the plan, ask, and carry it out.",
        "gbsync apply --approved approved.yaml": "Carry out only what that file approves.",
        "gbsync apply plan.json --events events.jsonl": "Carry out a saved plan; keep an audit log.",
    },
)
@session_options
@choice_options
@allowance_options
@approval_options
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option("--allow-older", is_flag=True, help="Apply a commit that is older than the one applied last.")
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
@expand_option
@click.option("--verify", is_flag=True, help="Plan again after the apply, and report what still differs.")
def command(session: Session, **options: Any) -> int:
    """Change GitBook to match the files, or carry out exactly a saved PLAN.

    With paths, apply plans, shows the plan and asks on the terminal. A saved plan counts as approved, and
    so does what --approved, --reviewed or --heal allows. All else that differs is shown, and left out.
    """
    read = options["approval"].path
    session.declare_outputs(
        {"--events": options["events"], "--json": options["json"]}, *([read] if read else [])
    )
    with ended_by_sigterm():
        report = asyncio.run(_run(session, **options))
    output.show_report(report, color=session.settings.color, expand=options["expand"])
    output.summarize(report)
    if report.interrupted:
        msg = "interrupted; the next apply continues from what is live"
        raise Interrupted(msg)
    if report.complete:
        return LEFT if report.plan.left_out else 0
    if session.sent.writes:
        part = f"applied in part, {report.limited}" if report.limited else "applied in part"
        msg = report.unrecorded or f"{part}; the report above says what is left"
        raise Incomplete(msg)
    if report.limited:
        msg = f"nothing was sent: {report.limited}; run it again after that"
        raise Unavailable(msg)
    msg = f"{report.unrecorded or 'the report above says why'}; nothing was sent"
    raise GbsyncError(msg)


async def _run(  # noqa: PLR0913 - one for each option that only this needs
    session: Session,
    *,
    choose: ChoiceOptions,
    allowed: Allowances,
    approval: ApprovalOptions,
    auto_approve: bool,
    verify: bool,
    allow_older: bool,
    parallelism: int,
    expand: bool,
    **how: Any,
) -> Report:
    how = {**how, "parallelism": parallelism}
    document = saved_document(session.settings.paths)
    if document is not None:
        given = (*choose.given, *approval.given)
        _refuse((*given, "--verify") if verify else given)
        saved = _saved_plan(session, document)
        lock_store = session.lock_store(saved.plan.organization, saved.kept)
        async with (
            session.client(parallelism=parallelism, lock_store=lock_store) as client,
            lock_store.hold(),
        ):
            planned = await _rechecked(session, client, saved)
            how["commit"] = _commit(session, planned, allow_older=allow_older)
            guard(planned.plan, allowed)
            return await _carried_out(session, client, planned, **how)
    config = session.config()
    lock_store = session.lock_store(config.organization)
    # Held before the lock is read, and until the end: what is shown and approved is what is carried out.
    async with session.client(parallelism=parallelism, lock_store=lock_store) as client, lock_store.hold():
        planned = approval(await plan_files(session, config, client, choose(config)), config)
        how["commit"] = _commit(session, planned, allow_older=allow_older)
        output.show_plan(planned.plan, color=session.settings.color, expand=expand)
        guard(planned.plan, allowed)
        if planned.plan.steps and not (auto_approve or approval.given):
            _refuse_unseen()
            approve("Carry out this plan")
        report = await _carried_out(session, client, planned, **how)
        if verify and report.complete:
            report = await _verified(session, config, client, choose(config), report)
        return report


def _commit(session: Session, planned: Planned, *, allow_older: bool) -> str:
    """The commit that is applied. Raises `Refused` if a newer one was applied already."""
    from reconciler.cli.applied_commit import refuse_older  # noqa: PLC0415 - only while applying

    commit = session.commit(planned.kept)
    if not allow_older:
        refuse_older(planned.base.commits, commit, session.first_folder)
    return commit


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
    # What this run was not allowed to do still differs, and was shown already.
    left_out = {item.step.address: item.why for item in report.plan.left_out}
    return replace(report, remaining=restricted(again.plan, left_out, table=KINDS))


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
    commit: str,
    events: str | None,
    json: str | None,
) -> Report:
    from reconciler.cli.json_stream import json_stream_to  # noqa: PLC0415 - only while applying
    from reconciler.cli.permissions import preflight  # noqa: PLC0415 - only while applying
    from reconciler.cli.progress import observed  # noqa: PLC0415 - only while applying

    await preflight(client, planned.plan)
    with json_stream_to(json, planned.plan) as stream:
        async with observed(planned.plan, events, session.request_log) as observe:
            options = Options(parallelism, fail_fast, stream.before(observe), commit=commit)
            lock_store = session.lock_store(planned.plan.organization, planned.kept)
            run = reconcile.apply(planned, client, lock_store, table=KINDS, options=options)
            report = await _interruptible(run)
        stream.end(report)
        return report


def _saved_plan(session: Session, document: dict[str, Any]) -> planfile.Saved:
    from reconciler.config import reread  # noqa: PLC0415 - only for a saved plan
    from reconciler.plan.saved import document as planfile  # noqa: PLC0415 - only for a saved plan

    name = session.settings.paths[0]
    read = reread(session.options())
    saved = planfile.load(document, name=name, table=KINDS, read=read)
    session.check_outputs(lock=saved.kept)
    return saved


async def _rechecked(session: Session, client: Client, saved: planfile.Saved) -> Planned:
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
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
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
        signal.signal(signal.SIGTERM, before)
