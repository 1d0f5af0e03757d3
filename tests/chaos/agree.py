"""Whether what a report says happened is what the sandbox's log says happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome
from reconciler.plan.step import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.apply.report import Report, Result
    from reconciler.sandbox import Behaviour
    from reconciler.sandbox.wire import LogEntry

MADE = ("install", "publish")
CHANGED = ("update",)
GONE = ("uninstall", "unpublish")


@dataclass(frozen=True)
class Seen:
    """An event, and how many requests the sandbox's log had then."""

    event: StepEvent
    log: int


@dataclass(frozen=True)
class Commits:
    """What the log says was changed at one address."""

    entries: tuple[LogEntry, ...]

    @property
    def operations(self) -> list[str]:
        return [entry.operation for entry in self.entries]

    def of(self, *verbs: str) -> int:
        """How many changes of these sorts."""
        return sum(entry.operation.startswith(verbs) for entry in self.entries)

    def configured(self, *, heard: bool) -> int:
        """How many PATCHes carried a configuration (and their reply arrived)."""
        return sum(
            entry.operation.startswith(CHANGED)
            and "configuration" in entry.body
            and not (heard and entry.fault)
            for entry in self.entries
        )


def wrongs(
    report: Report, log: Sequence[LogEntry], events: Sequence[Seen], behaviour: Behaviour, *, first: int
) -> list[str]:
    """Every disagreement between the report of one run, its events, and the log of its requests."""
    addresses = [result.step.address for result in report.results]
    found = (
        [] if addresses == [step.address for step in report.plan.steps] else ["not one result for each step"]
    )
    commits = {
        address: Commits(tuple(entry for entry in log if entry.committed and entry.subject == address))
        for address in {entry.subject for entry in log} | set(addresses)
    }
    for result in report.results:
        found += (
            f"{result.step.address}: {wrong}"
            for wrong in _result(result, commits[result.step.address], behaviour)
        )
    silent = {entry.subject for entry in log if entry.committed} - set(addresses)
    found += (f"{address}: was changed, and no step says so" for address in sorted(silent))
    return [*found, *_told(events, log, first)]


def _result(result: Result, commits: Commits, behaviour: Behaviour) -> Iterator[str]:
    action, outcome = result.step.action, result.outcome
    made, changed, gone = commits.of(*MADE), commits.of(*CHANGED), commits.of(*GONE)
    if outcome in (Outcome.SKIPPED, Outcome.ALREADY) and commits.entries:
        yield f"{outcome}, but {len(commits.entries)} changes were made: {commits.operations}"
    if outcome is Outcome.DONE and result.step.sends:
        if action is Action.DELETE and gone != 1:
            yield f"is said to be deleted, and was {gone} times"
        blind = action is Action.CREATE and (behaviour.list_lag or behaviour.cursor == "offset")
        if action is not Action.DELETE and not made + changed and not blind:
            yield "is said to be done, and nothing was"
    partly = behaviour.patch == "merges" or "did not take" in result.message
    if outcome is Outcome.FAILED and (gone or (changed and not partly)):
        yield f"is said to have failed, but changes were made: {commits.operations}"
    if made > 1:
        yield f"was made {made} times"
    if commits.configured(heard=False) > 1 and behaviour.patch == "replaces":
        yield f"was configured {commits.configured(heard=False)} times"
    if commits.configured(heard=True) > 1 + (behaviour.patch == "merges"):
        yield f"was configured {commits.configured(heard=True)} times, as the replies said"
    if action is not Action.DELETE and gone:
        yield "was deleted, which no step says"


def _told(events: Sequence[Seen], log: Sequence[LogEntry], first: int) -> Iterator[str]:
    """Each change was announced before it was made, and each step ended once."""
    announced: dict[str, int] = {}
    ends: set[str] = set()
    for seen in events:
        address = seen.event.address
        if seen.event.phase is Phase.SEND:
            announced.setdefault(address, seen.log - first)
        if seen.event.phase is Phase.END:
            if address in ends:
                yield f"{address}: ended twice"
            ends.add(address)
    for number, entry in enumerate(log):
        if entry.committed and announced.get(entry.subject, len(log)) > number:
            yield f"{entry.subject}: was changed before it was announced"
