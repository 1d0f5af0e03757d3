"""Classes in words, for every form of a plan: `98 sites of plausible`, their names, the values of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.classes import Form
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.columns import columns
from reconciler.render.plan.sentences import place_text
from reconciler.render.values import pair
from reconciler.resources.natural import natural
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.diagnostics import Place
    from reconciler.plan.classes import StepClass
    from reconciler.plan.drift import Item
    from reconciler.plan.step import Change, Notice, Step
    from reconciler.render.masks import Masks
    from reconciler.resources.resource import Address

ARROW = " → "
EXPAND = "--expand"
MOST_NAMED = 12
"""Names of one class that are shown on a terminal."""
MOST_DELETED = 100
"""Names of what one class deletes that are shown on a terminal."""
MOST_PLACES = 2


def word_of(address: Address) -> str:
    """The word of its kind: `site`."""
    return str(address.kind.rsplit("_", 1)[-1])


def counted_members(addresses: Sequence[Address]) -> str:
    """`98 sites`."""
    return counted(len(addresses), clean(word_of(addresses[0])))


def subject(item: StepClass, *, of_root: bool = True) -> str:
    """`98 sites of plausible, unlike 202 others`."""
    text = counted_members([step.address for step in item.steps])
    text = f"{text} of {clean(item.root)}" if of_root else text
    return f"{text}, unlike {counted(item.unlike, 'other')}" if item.unlike else text


def places_text(places: Sequence[Place]) -> str:
    """`gbsync.yaml:1575 (tag:public)`; of many places the first ones and how many there are."""
    lines = tuple(dict.fromkeys(map(place_text, places)))
    if len(lines) <= MOST_PLACES:
        return ", ".join(lines)
    return f"{lines[0]} and {len(lines) - 1:,} other lines"


def names_of(items: Iterable[Step | Notice | Item]) -> tuple[str, ...]:
    """What people call each of them. Where two have one name, the key tells them apart."""
    items = tuple(items)
    labels = [(item.label.strip() and item.label) or item.address.key for item in items]
    uses = Counter(labels)
    return tuple(
        clean(label if uses[label] == 1 or label == item.address.key else f"{label} ({item.address.key})")
        for label, item in zip(labels, items, strict=True)
    )


def by_name(item: Step | Notice | Item) -> tuple[object, ...]:
    """The natural order of names."""
    return natural(item.label or item.address.key), item.address


def more(count: int, flag: str = EXPAND) -> str:
    """`… and 86 more (--expand)`; without a flag where the rest can be seen without one."""
    return f"… and {count:,} more" + (f" ({flag})" if flag else "")


def some(names: Sequence[str], most: int, flag: str = EXPAND) -> str:
    """The names with commas between them, at most so many; then how many more there are."""
    # One more name is as short as saying that there is one more.
    if len(names) <= most + 1:
        return ", ".join(names)
    return ", ".join([*names[:most], more(len(names) - most, flag)])


def most_named(item: StepClass) -> int:
    """How many members of a class a terminal shows. What is deleted is named at greater length."""
    return MOST_DELETED if item.action is Action.DELETE else MOST_NAMED


def change_text(change: Change, masks: Masks) -> str:
    """Both values on one line: `25 → 50`; the only one if there is one."""
    before, after = pair(change.before, change.after, masks)
    if change.unknown:
        return f"(not readable){ARROW}{after}"
    if change.before is ABSENT:
        return after
    return before if change.after is ABSENT else f"{before}{ARROW}{after}"


@dataclass(frozen=True, slots=True)
class Value:
    """What one member of a class with a value each changes: its name, and its values on one line."""

    name: str
    text: str
    place: str
    """The line of the file, if it is not the same for all of the class."""


def values_of(item: StepClass, masks: Masks) -> tuple[Value, ...]:
    """The members of a class with their own values; nothing for a class without such."""
    if item.form is not Form.EACH:
        return ()
    varying, several = set(item.varying), len(item.varying) > 1
    different = len(item.places) > 1
    values = []
    for name, step in zip(names_of(item.steps), item.steps, strict=True):
        own = [change for change in step.changes if change.path in varying]
        texts = (
            f"{clean(change.name)} {change_text(change, masks)}" if several else change_text(change, masks)
            for change in own
        )
        place = next((change.place for change in own if change.place), step.place)
        values.append(Value(name, "; ".join(texts), place_text(place) if different else ""))
    return tuple(values)


def varying_text(item: StepClass) -> str:
    """The fields that have a value each, by name."""
    return ", ".join(clean(dotted(path)) for path in item.varying)


def widest(names: Iterable[str], most: int) -> int:
    """The width of a column of names; a longer name takes its own room."""
    return min(most, max(map(columns, names), default=0))


@dataclass(frozen=True, slots=True)
class Mention:
    """Notices that say the same of several resources."""

    notices: tuple[Notice, ...]

    @property
    def first(self) -> Notice:
        """The notice that stands for what all of them say."""
        return self.notices[0]

    def text(self, most: int, flag: str = EXPAND) -> str:
        """`98 sites of plausible  configuration.rate  (declared in b.yaml, not read): one, two`."""
        subject_text = f"{counted_members([item.address for item in self.notices])}"
        where = clean(dotted(self.first.path))
        note = f"({clean(self.first.note)})" if self.first.note else ""
        head = "  ".join(
            part for part in (f"{subject_text} of {clean(self.first.address.root.key)}", where, note) if part
        )
        return f"{head}: {some(names_of(self.notices), most, flag)}"


def mentions(notices: Iterable[Notice], *, expand: bool = False) -> tuple[Mention, ...]:
    """The notices, those that say the same of one kind under one root together; a link is never shared."""
    alike: dict[object, list[Notice]] = {}
    for item in notices:
        own = item.address if expand or item.link else item.address.root
        alike.setdefault((own, item.address.kind, item.path, item.note, item.link), []).append(item)
    return tuple(Mention(tuple(sorted(items, key=by_name))) for items in alike.values())
