"""What a plan would do, as a file for people to approve: each class in words and as a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.plan.approval.document import approval_document
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean, inert
from reconciler.render.masks import Masks
from reconciler.render.plan.sentences import VERBS, label_text
from reconciler.render.values import pair
from reconciler.render.yaml import value_text
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Change, Plan, Step
    from reconciler.resources.kind import Table

FEW: Final = 4
"""Changes of one class that its words name."""
LONGEST: Final = 60
"""Characters of one value in the words."""
HEAD: Final = """\
# What `gbsync plan` would do, one entry for each class of equal steps. Remove what is not approved.
# `gbsync apply PATHS --approved FILE` does only what stands here, each fingerprint at most `max` times,
# and what is listed under `steps` only there. The words in `change` are for people: the fingerprints decide.
# This file is no signature: keep it where only approvers can write.
"""


def approval_text(plan: Plan, *, commit: str, table: Table) -> str:
    """The file as YAML. It holds no secret, but the salt of the digests of such."""
    masks = Masks.of(plan)
    document = approval_document(plan, commit=commit, table=table, words=_Words(masks))
    return HEAD + inert(value_text(document))


@dataclass(frozen=True, slots=True)
class _Words:
    masks: Masks

    def of_class(self, item: StepClass) -> str:
        return words(item, self.masks)

    def of_step(self, item: StepClass, step: Step) -> dict[str, str]:
        own = [change for change in step.changes if change.path in item.varying]
        name, value = label_text(step), ", ".join(_change(change, self.masks) for change in own)
        return {key: text for key, text in (("name", name), ("value", value)) if text}


def words(item: StepClass, masks: Masks) -> str:
    """What every step of a class does: `change 98 installation_site of plausible: …`."""
    step = item.first
    head = f"{VERBS[step.action]} {len(item.steps):,} {clean(item.kind)} of {clean(item.root)}"
    parts = (
        [_change(change, masks) for change in item.common[:FEW]] if step.action is not Action.DELETE else []
    )
    parts += [f"{clean('.'.join(path))}: a value each" for path in item.varying[:FEW]]
    more = len(step.changes) - len(parts) if step.action is not Action.DELETE else 0
    parts += [f"… {counted(more, 'more field')}"] if more > 0 else []
    parts += [step.reason.sentence] if step.reason.sentence else []
    return f"{head}: {', '.join(parts)}" if parts else head


def _change(change: Change, masks: Masks) -> str:
    before, after = (_brief(text) for text in pair(change.before, change.after, masks))
    if change.unknown:
        return f"{clean(change.name)} (not readable) → {after}"
    if change.before is ABSENT:
        return f"{clean(change.name)} {after}"
    return f"{clean(change.name)} {before} → {'(removed)' if change.after is ABSENT else after}"


def _brief(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
