"""`gbsync probe`: what GitBook's API does where its reference is silent, tried in an organization."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler import __version__
from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import connection_options
from reconciler.cli.prompt import approve
from reconciler.clock import SystemClock
from reconciler.errors import GbsyncError, Incomplete, Interrupted, UsageError

if TYPE_CHECKING:
    from reconciler.cli.session import Session
    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own
    from reconciler.gitbook.probe.run import Findings, Probe
    from reconciler.render.probe import ProbeLine

ABOUT = """\
gbsync probe sends requests to {endpoint}, in organization {organization}:
  it publishes private integrations of its own ({prefix}…), whose code does nothing,
  installs one of them, on site {site} and space {space}, configures it, and deletes all of it again;{rest}
  it reads the lists of integrations, installations, sites and spaces. Nothing else is changed.
No other probe may run in this organization at the same time."""
ALL_SITES = "\n  for a moment it is on all sites of the organization (--named-only: it is not);"
BURST = (
    "\n  it sends up to {burst} reads as fast as possible, to see the rate limit (--burst 0: it does not);"
)


@click.command(
    "probe",
    cls=Sections,
    examples={
        "gbsync probe --site site_p4Xo1 --space 7fQm2WvA91bXcR0tYk3L --json findings.json": (
            "Try it in GITBOOK_ORGANIZATION; `gbsync sandbox --like findings.json` then does the same."
        ),
        "gbsync probe --sandbox --site site_p4Xo1 --space 7fQm2WvA91bXcR0tYk3L --auto-approve": (
            "See what it does, on the sandbox."
        ),
    },
)
@click.option("--site", required=True, metavar="ID", help="The site that it may use.")
@click.option("--space", required=True, metavar="ID", help="The space that it may use.")
@click.option("--json", "file", metavar="FILE", type=FILE, help="Write the findings to FILE, to share them.")
@click.option("--burst", type=click.IntRange(0, 1000), default=100, show_default=True, metavar="N",
              help="Send up to N reads as fast as possible, to see the rate limit; 0: do not.")  # fmt: skip
@click.option("--named-only", is_flag=True, help="Never select all sites, not even for a moment.")
@click.option("--auto-approve", is_flag=True, help="Do not ask, and remove what earlier probes left.")
@connection_options
def command(session: Session, *, auto_approve: bool, file: str | None, **options: Any) -> None:
    """Try what GitBook's API does where its reference is silent, with integrations of its own.

    Name an organization, a site and a space that are not used for anything important. It asks before it
    sends anything, and removes what it made, also after Ctrl-C. What a killed probe left is removed by the
    next one. The findings have no ids, no titles and no secrets.
    """
    session.declare_outputs({"--json": file})
    _check(session, file, options)
    if not auto_approve:
        click.echo(_about(session, **options), err=True)
        approve("Probe it")
    findings = asyncio.run(_probed(session, auto_approve=auto_approve, **options))
    _show(findings, file)
    _end(findings)


def _check(session: Session, file: str | None, options: dict[str, Any]) -> None:
    if not session.organization:
        msg = "no organization: set --organization or GITBOOK_ORGANIZATION"
        raise UsageError(msg)
    for name in ("site", "space"):
        if options[name].strip() in ("", ".", ".."):
            msg = f"--{name} {options[name]!r}: is no id"
            raise UsageError(msg)
    if file and file != "-" and not os.access(Path(file).parent, os.W_OK):
        msg = f"{file}: cannot be written; name another file"
        raise UsageError(msg)


def _about(session: Session, *, site: str, space: str, burst: int, named_only: bool) -> str:
    from reconciler.gitbook.probe.names import PREFIX  # noqa: PLC0415 - only to probe
    from reconciler.render.clean import clean  # noqa: PLC0415 - only to probe

    rest = ("" if named_only else ALL_SITES) + (BURST.format(burst=burst) if burst else "")
    names = {"organization": session.organization, "site": site, "space": space, "endpoint": session.endpoint}
    return ABOUT.format(prefix=PREFIX, rest=rest, **{key: clean(value) for key, value in names.items()})


async def _probed(
    session: Session, *, auto_approve: bool, site: str, space: str, burst: int, named_only: bool
) -> Findings:
    from reconciler.gitbook.probe.calls import Calls  # noqa: PLC0415 - only to probe
    from reconciler.gitbook.probe.own import Own  # noqa: PLC0415 - only to probe
    from reconciler.gitbook.probe.run import Probe  # noqa: PLC0415 - only to probe

    async with session.client() as client:
        calls = Calls(client, SystemClock(), max_wait=session.settings.max_wait)
        own = Own(session.organization, site, space)
        await _prepared(calls, own, auto_approve=auto_approve)
        return await _interruptible(Probe(calls, own, burst, everywhere=not named_only, tell=_tell))


async def _prepared(calls: Calls, own: Own, *, auto_approve: bool) -> None:
    """Removes what earlier probes left, after asking; raises `UsageError` for a wrong site or space."""
    from reconciler.gitbook.probe.answer import Unclear  # noqa: PLC0415 - only to probe
    from reconciler.gitbook.probe.own import leftovers, remove  # noqa: PLC0415 - only to probe

    try:
        await own.check_targets(calls)
        old = await leftovers(calls, own.organization)
        if old.names and not auto_approve:
            click.echo(f"An earlier probe left {', '.join(old.names)}.", err=True)
            approve("Remove that first")
        left = await remove(calls, old, own.organization)
    except Unclear as trouble:
        raise GbsyncError(f"probe: {trouble.reason}; may the token do this in this organization?") from None
    if left:
        msg = f"{', '.join(left)}: cannot be removed; remove it by hand, then run it again"
        raise GbsyncError(msg)


def _tell(what: str) -> None:
    click.echo(f"The probe {what}.", err=True)


async def _interruptible(probe: Probe) -> Findings:
    """The first SIGINT or SIGTERM ends the questions and removes what was made, the second leaves it."""
    loop = asyncio.get_running_loop()
    working = asyncio.ensure_future(probe.run())
    interrupts = 0

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts == 1:
            click.echo(
                "Stopping: removing what the probe made; press Ctrl-C again to leave it there.",
                file=sys.stderr,
            )
        working.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, interrupt)
    try:
        return await working
    except asyncio.CancelledError:
        msg = f"aborted; {probe.own.name} may be left there: the next gbsync probe removes it"
        raise Interrupted(msg) from None
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


def _show(findings: Findings, file: str | None) -> None:
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where something is shown
    from reconciler.render.probe import probe_document, probe_text  # noqa: PLC0415 - only where shown

    lines = _lines(findings)
    if file != "-":
        click.echo(probe_text(lines, findings.beside, width=output.width()))
    if file and not findings.interrupted:
        document = probe_document(lines, findings.beside, program=__version__)
        output.write(file, json_text(document), "json")


def _lines(findings: Findings) -> list[ProbeLine]:
    from reconciler.render.probe import ProbeLine  # noqa: PLC0415 - only where something is shown
    from reconciler.sandbox.behaviour import Behaviour  # noqa: PLC0415 - only where something is shown

    usual = Behaviour()
    return [
        ProbeLine(
            item.switch,
            item.title,
            item.asks,
            item.finding.value,
            item.finding.note,
            is_usual=getattr(usual, item.switch, None) == item.finding.value,
        )
        for item in findings.answered
    ]


def _end(findings: Findings) -> None:
    """Says how it ended; raises the error that is its exit code."""
    if findings.left:
        msg = f"{', '.join(findings.left)}: could not be removed; the next gbsync probe tries again"
        raise Incomplete(msg)
    if findings.interrupted:
        msg = "interrupted; what the probe made is removed"
        raise Interrupted(msg)
    click.echo(f"{findings.requests} requests; what the probe made is removed.", err=True)
    if findings.failed:
        msg = f"the probe could not go on: {findings.failed}"
        raise GbsyncError(msg)
