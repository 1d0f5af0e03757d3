"""One run of the probe: its steps in order, the clean-up whatever comes, and the findings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.errors import AccessError, ApiError, GbsyncError
from reconciler.gitbook.probe import bound, configured, documents, listed, rates, removed, tokens
from reconciler.gitbook.probe.answer import Unclear
from reconciler.gitbook.probe.conclusions.documents import forms, left_out
from reconciler.gitbook.probe.conclusions.finding import Finding, Question, unknown
from reconciler.gitbook.probe.conclusions.table import NOT_ASKED, QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own

Step = Callable[[], Awaitable[Any]]
TITLES = {
    "documents": "Publishing",
    "installed": "Installing",
    "configured": "Configuring",
    "bound": "Binding",
    "selected": "Selecting all sites",
    "listed": "Lists",
    "turned": "Turning a page while the list changes",
    "removed": "Deleting",
    "rates": "Time and the rate limit",
}
"""What the questions of each step are about."""
NOT_POSSIBLE = "Not asked"
LEFT_OUT = "left out, as was asked for"


@dataclass(frozen=True, slots=True)
class Answered:
    """A switch of the sandbox, what was asked, and what was found."""

    switch: str
    title: str
    """What the questions around it are about."""
    asks: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run of the probe ends with."""

    answered: tuple[Answered, ...]
    beside: tuple[tuple[str, str], ...]
    """What no switch imitates: a sentence and its end."""
    requests: int
    left: tuple[str, ...] = ()
    """Names of integrations that could not be removed."""
    interrupted: bool = False
    failed: str = ""
    """Why nothing could be published or installed; empty if it could."""


@dataclass(slots=True)
class Probe:
    """The steps and their evidence."""

    calls: Calls
    own: Own
    burst: int
    """Requests that may be sent as fast as possible; 0: the rate limit is not looked for."""
    everywhere: bool
    """Whether all sites may be selected for a moment."""
    tell: Callable[[str], None]
    """Told what is done next."""
    _evidence: dict[str, Any] = field(default_factory=dict)
    _trouble: dict[str, str] = field(default_factory=dict)

    async def run(self) -> Findings:
        """Everything, and the clean-up, also when it is cancelled meanwhile or fails."""
        interrupted = False
        try:
            await self._steps()
        except asyncio.CancelledError:
            interrupted = True
        finally:
            left, interrupted = await self._cleaned(interrupted=interrupted)
        return Findings(
            tuple(map(self._answered, QUESTIONS))
            + tuple(Answered(name, NOT_POSSIBLE, "", unknown(reason)) for name, reason in NOT_ASKED.items()),
            tuple(self._beside()),
            self.calls.sent,
            left,
            interrupted,
            self._trouble.get("documents") or self._trouble.get("installed") or "",
        )

    async def _steps(self) -> None:
        calls, own = self.calls, self.own
        await self._take("rates", "reads, to see the rate limit", lambda: rates.observe(calls, self.burst))
        await self._take("documents", "publishes", lambda: documents.observe(calls, own))
        installed = await self._take("installed", "installs", lambda: configured.install(calls, own))
        if installed is not None:
            id_, selection = str(installed.reply.object["id"]), installed.as_read.object.get("site_selection")
            await self._take("configured", "configures", lambda: configured.configure(calls, own, id_))
            await self._take("bound", "binds", lambda: bound.bind(calls, own, id_, selection=str(selection)))
            if self.everywhere:
                await self._take("selected", "selects all sites", lambda: bound.select(calls, own, id_))
            else:
                self._trouble["selected"] = LEFT_OUT
            await self._take("tokens", "asks as a person", lambda: tokens.observe(calls, own, id_))
        await self._take("listed", "reads lists", lambda: listed.read(calls, own))
        await self._take("turned", "turns pages", lambda: listed.turn(calls, own))
        if installed is not None:
            await self._take("removed", "deletes", lambda: removed.observe(calls, own, id_))

    async def _take(self, step: str, what: str, work: Step) -> Any:
        """The evidence of a step; `None` where it could not be carried out, with the reason noted."""
        self.tell(what)
        try:
            evidence = self._evidence[step] = await work()
        except AccessError:
            raise
        except (Unclear, ApiError) as trouble:
            self._trouble[step] = trouble.reason if isinstance(trouble, Unclear) else _shortly(trouble)
            return None
        return evidence

    async def _cleaned(self, *, interrupted: bool) -> tuple[tuple[str, ...], bool]:
        """What the clean-up leaves. The first interrupt does not end it, also when it comes only now."""
        cleaning = asyncio.ensure_future(self._clean_up())
        try:
            return await asyncio.shield(cleaning), interrupted
        except asyncio.CancelledError:
            if interrupted:
                cleaning.cancel()
                await asyncio.wait({cleaning})
                raise
        return await cleaning, True

    async def _clean_up(self) -> tuple[str, ...]:
        """Removes what was made. Returns the names of what is left."""
        self.calls.begin_cleaning()
        if not self.own.published:
            return ()
        self.tell("removes what it made")
        try:
            return await self.own.clean_up(self.calls)
        except (Unclear, GbsyncError):
            return tuple(sorted(self.own.published))

    def _answered(self, question: Question) -> Answered:
        evidence = self._evidence.get(question.step)
        if evidence is None:
            finding = unknown(self._trouble.get(question.step, "the probe did not come to it"))
        else:
            finding = question.conclude(evidence)
        return Answered(question.switch, TITLES[question.step], question.asks, finding)

    def _beside(self) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        if "documents" in self._evidence:
            lines.append(("A field that a publish leaves out", left_out(self._evidence["documents"])))
            lines += forms(self._evidence["documents"])
        for step, what in (("installed", "installs"), ("bound", "binds")):
            if step in self._evidence:
                reply = self._evidence[step].reply
                keys = "with" if "configuration" in reply.object else "without"
                link = "with" if "location" in reply.headers else "without"
                lines.append(
                    (f"A POST that {what} answers {reply.status}", f"{keys} configuration, {link} Location")
                )
        statuses: Mapping[str, int] = self._evidence.get("tokens") or {}
        lines += [
            (f"With a person's token, {name} answers", str(status)) for name, status in statuses.items()
        ]
        return lines


def _shortly(error: ApiError) -> str:
    """The error without what the server says and without a subject: those may hold names."""
    return f"{error.operation or 'a request'} failed" + (f" with {error.status}" if error.status else "")
