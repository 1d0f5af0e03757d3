"""With `--against`: the parts that a plan is shown in, the changes of this branch first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.plan.step import Action, Origin
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.plan.sentences import VERBS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.step import Against, Plan, Step

COMMIT: Final = 10
"""Characters of a commit's id that people are shown."""
_TITLES: Final[Mapping[Origin, str]] = {
    Origin.BRANCH: "Changed by these files",
    Origin.UNKNOWN: "Perhaps changed by these files",
    Origin.UNDOES: "Undone by these files: changed since the branch was made",
    Origin.BEFORE: "There before: drift, or not applied yet",
}
_REMARKS: Final[Mapping[Origin, str]] = {
    Origin.BRANCH: "",
    Origin.UNKNOWN: "perhaps there before",
    Origin.UNDOES: "undoes a newer change",
    Origin.BEFORE: "there before",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Steps that are shown together."""

    steps: tuple[Step, ...]
    title: str = ""
    """Empty where there is only one part."""
    is_folded: bool = False

    @property
    def sums(self) -> str:
        """What the steps do, in one line: `2 to add, 40 to change`."""
        counts = {action: sum(step.action is action for step in self.steps) for action in Action}
        return ", ".join(f"{number:,} to {VERBS[action]}" for action, number in counts.items() if number)


def parts(plan: Plan) -> tuple[Part, ...]:
    """The steps of the plan by origin, those that need a reviewer first; else all of them as one part."""
    if plan.against is None:
        return (Part(plan.steps),)
    by_origin = {
        origin: tuple(s for s in plan.steps if plan.against.of(s.address) is origin) for origin in Origin
    }
    return tuple(
        Part(steps, _TITLES[origin], origin is Origin.BEFORE) for origin, steps in by_origin.items() if steps
    )


def part_title(origin: Origin) -> str:
    """The heading of what has this origin."""
    return _TITLES[origin]


def remark(against: Against | None, step: Step, index: int) -> str:
    """What is to be said of one change where its step has changes of several origins; else empty."""
    origins = against.origins[step.address].changes if against and step.address in against.origins else ()
    return _REMARKS[origins[index]] if len(set(origins)) > 1 else ""


def comparison(against: Against | None) -> tuple[str, ...]:
    """What the plan was compared with, how much is whose, and what could not be compared."""
    if against is None:
        return ()
    ref, commit = clean(against.ref), clean(against.commit[:COMMIT])
    what = ref if against.commit.startswith(against.ref) else f"{ref} ({commit})"
    ours, total = len(against.origins) - against.count(Origin.BEFORE), len(against.origins)
    whose = "no step" if not ours else counted(ours, "step")
    first = (
        f"Compared with {what}: {whose} of {total:,} from these files." if total else f"Compared with {what}."
    )
    return (first, *map(clean, against.notes))
