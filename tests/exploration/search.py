"""Stories, smallest first; worlds that are equal up to names once; and what is found is shrunk."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from tests.exploration.oracle import wrongs
from tests.exploration.server import Behaviour, usual
from tests.exploration.story import DEEDS, FAULTS, Event, Start, Story, Wish, without
from tests.exploration.world import Idle, tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.exploration.world import Tale

THINGS = ("-", "bare", "a", "B", "null", "absent")
LIVE = ("-", "bare", "a", "B", "null")
PRUNES = ("none", "managed", "all")
BEHAVIOURS = tuple(
    Behaviour(**body)
    for body in (
        {"post": "returns existing"},
        {"post": "creates a second"},
        {"patch": "merges"},
        {"fills": True},
        {"selection": "all"},
        {"lag": 3},
        {"normalises": True},
        {"masks": True},
        {"restores": True},
    )
)
BEFORE = (
    None,
    Wish("bare"),
    Wish("a"),
    Wish("bare", "bare"),
    Wish("bare", "a"),
    Wish("bare", "B"),
)


def fits(story: Story) -> bool:
    """Whether such a file can be, and says something."""
    wish, start = story.wish, story.start
    if wish.installation in ("-", "absent") and (wish.site != "-" or wish.other != "-" or wish.exact):
        return False
    if wish.pin and wish.installation == "-":
        return False
    if start.installation == "-" and (start.site != "-" or start.other != "-" or start.twin):
        return False
    return not (wish.app_absent and wish.installation not in ("-", "absent"))


def canonical(story: Story) -> Story:
    """The story with the values renamed in the order in which they are told: one for all that are equal so.

    Where the server changes letters, a value is more than a name.
    """
    if story.behaviour.normalises:
        return story
    names: dict[str, str] = {}

    def named(said: str) -> str:
        return names.setdefault(said, "aB"[min(len(names), 1)]) if said in ("a", "B") else said

    def renamed(item: Any) -> Any:
        return replace(
            item, **{name: named(getattr(item, name)) for name in ("installation", "site", "other")}
        )

    wish, start = renamed(story.wish), renamed(story.start)
    return replace(story, wish=wish, start=start, before=renamed(story.before) if story.before else None)


def files(*, bindings: bool, installations: bool) -> Iterator[Wish]:
    """The files about one object, or two, of one key."""
    for installation, site in itertools.product(
        THINGS if installations else ("bare",), THINGS if bindings else ("-",)
    ):
        for prune, exact in itertools.product(PRUNES, (False, True)):
            for pin in ("", "right", "wrong") if installations else ("",):
                for protect in ("", "site") if bindings else ("", "installation"):
                    yield Wish(installation, site, "-", pin, prune, exact, protect)  # type: ignore[arg-type]


def starts(*, bindings: bool, installations: bool) -> Iterator[Start]:
    """What is live of the same."""
    for installation, site in itertools.product(
        LIVE if installations else ("bare",), LIVE if bindings else ("-",)
    ):
        yield Start(installation, site)


def worlds(*, bindings: bool, installations: bool) -> Iterator[Story]:
    """File, live and remembered, each for itself."""
    seen: set[Story] = set()
    scope = {"bindings": bindings, "installations": installations}
    for wish, start, before in itertools.product(files(**scope), starts(**scope), BEFORE):
        story = canonical(Story(wish, start, before))
        if fits(story) and story not in seen:
            seen.add(story)
            yield story


@dataclass(slots=True)
class Found:
    """What a search has seen."""

    stories: int = 0
    behaviours: set[bytes] = field(default_factory=set)
    wrong: dict[str, Story] = field(default_factory=dict)
    """Per law and object the smallest story that breaks it."""

    def look(self, story: Story) -> Tale:
        """Tells a story, and keeps what is new of it."""
        tale = tell(story)
        self.stories += 1
        self.behaviours.add(tale.behaviour)
        for said in wrongs(tale):
            known = self.wrong.get(said)
            if known is None or story.size < known.size:
                self.wrong[said] = story
        return tale


def classes(stories: Iterable[Story], found: Found) -> list[tuple[Story, int]]:
    """Of stories in which the engine says, asks and is told the same the smallest, and its requests.

    What only matters once somebody interferes tells them apart too.
    """
    kept: dict[tuple[bytes, str, str], tuple[Story, int]] = {}
    for story in sorted(stories, key=lambda item: item.size):
        tale = found.look(story)
        kept.setdefault((tale.behaviour, story.wish.protect, story.wish.prune), (story, tale.requests))
    return list(kept.values())


def around(story: Story, requests: int) -> Iterator[Story]:
    """The story with one thing that happens, at every gap between two requests."""
    for at in range(1, requests + 1):
        for what in (*FAULTS, *DEEDS):
            yield replace(story, events=(*story.events, Event(at, what)))


def breaks(story: Story, law: str) -> bool:
    """Whether the story breaks the law; one whose event changes nothing is no story."""
    try:
        return law in set(wrongs(tell(story)))
    except Idle:
        return False


def shrunk(story: Story, law: str) -> Story:
    """The smallest story that is left when everything is taken out that the broken law does not need."""
    known = {story}
    while True:
        smaller = (
            item for item in _smaller(story) if item not in known and item.size <= story.size and fits(item)
        )
        for item in smaller:
            known.add(item)
            if breaks(item, law):
                story = item
                break
        else:
            return story


def _smaller(story: Story) -> Iterator[Story]:
    for number in range(len(story.events)):
        yield without(story, number)
    yield replace(story, before=None)
    yield replace(story, saved=False)
    for item in fields(Behaviour):
        yield replace(story, behaviour=usual(story.behaviour, item.name))
    yield from _plainer(story)
    for number, event in enumerate(story.events):
        if event.at > 1:
            earlier = replace(event, at=event.at - 1)
            yield replace(story, events=(*story.events[:number], earlier, *story.events[number + 1 :]))


def _plainer(story: Story) -> Iterator[Story]:
    """With one word of the file, or of what is live, as usual or not there."""
    for part in ("wish", "start"):
        body = getattr(story, part)
        for item in fields(body):
            things = ("bare", "-") if item.name in ("installation", "site", "other") else ()
            for value in (item.default, *things):
                yield replace(story, **{part: replace(body, **{item.name: value})})


def printed(story: Story, law: str) -> str:
    """The story for people: what was broken, the story as YAML, and every request and deed of it."""
    lines = [f"# {law}"]
    tale = tell(story, afresh=True)
    for number, item in enumerate(tale.rounds, 1):
        plan = ", ".join(f"{step[0]} {step[1]}" for step in item.steps) or "nothing"
        lines.append(f"# run {number} plans: {plan}")
        for entry in item.log:
            about = f" {'/'.join(entry.about)}" if entry.about else ""
            body = f" {entry.body}" if entry.body else ""
            end = f" -> {entry.fault or entry.status}" if entry.ours else ""
            lines.append(f"#   {entry.number:2} {entry.actor}: {entry.what}{about}{body}{end}")
        lines.append(f"# exit code {item.ended.code} {item.ended.why}".rstrip())
        lines += [
            f"#   {action} {where}: {how} {why}".rstrip() for action, where, how, why in item.ended.results
        ]
    return "\n".join([*lines, f"law: {law!r}", story.text()])
