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
    from collections.abc import Iterator

    from tests.exploration.world import Tale

OBJECTS = ("app", "installation", "site")
THINGS = ("-", "bare", "a", "B", "null", "absent")
LIVE = ("-", "bare", "a", "B", "null")
BEHAVIOURS: tuple[dict[str, Any], ...] = (
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
BEFORE = (None, Wish("bare"), Wish("bare", "bare"), Wish("bare", "a"), Wish("bare", "B"))
BEFORE_OF_INSTALLATION = (None, Wish("bare"), Wish("a"), Wish("B"), Wish("bare", "bare"))
BEFORE_OF_APP = (None, Wish(app="a"), Wish(app="B"))
OPTIONS: tuple[tuple[str, str, Any], ...] = (
    ("wish", "prune", "managed"),
    ("wish", "prune", "all"),
    ("wish", "exact", True),
    ("wish", "pin", "right"),
    ("wish", "pin", "wrong"),
    ("wish", "protect", "installation"),
    ("wish", "protect", "sites"),
    ("start", "twin", True),
    ("start", "connected", False),
    ("", "saved", True),
    *(("behaviour", *next(iter(body.items()))) for body in BEHAVIOURS),
)
"""What else a story may have, one at a time: part, field, value."""


def fits(story: Story) -> bool:
    """Whether such a file can be, and says something, and whether such a world can be."""
    wish, start, before = story.wish, story.start, story.before
    bare = wish.installation in ("-", "absent")
    return not (
        (bare and (wish.site != "-" or wish.other != "-" or wish.exact))
        or (wish.pin and wish.installation == "-")
        or (wish.app == "absent" and not bare)
        or (wish.protect and wish.prune == "none" and "absent" not in (wish.app, *wish.things))
        or (start.installation == "-" and (start.site != "-" or start.other != "-" or start.twin))
        or (start.app == "-" and start.installation != "-")
        or (start.ours and (before is None or before.app != start.app))
    )


def canonical(story: Story) -> Story:
    """The story with the values renamed in the order in which they are told: one for all that are equal so.

    Where the server changes letters, a value is more than a name.
    """
    if story.behaviour.normalises:
        return story
    values: dict[str, str] = {}
    titles: dict[str, str] = {}

    def named(names: dict[str, str], said: str) -> str:
        return names.setdefault(said, "aB"[min(len(names), 1)]) if said in ("a", "B") else said

    def renamed(item: Any) -> Any:
        things = {name: named(values, getattr(item, name)) for name in ("installation", "site", "other")}
        return replace(item, **things, app=named(titles, item.app))

    wish, start = renamed(story.wish), renamed(story.start)
    return replace(story, wish=wish, start=start, before=renamed(story.before) if story.before else None)


def files(what: str, said: str) -> Iterator[Wish]:
    """The files that say this of one object, the only one with a key; what is above and under it is plain."""
    apps, installations, sites = {
        "app": ((said,), ("-", "bare", "absent"), ("-",)),
        "installation": (("-",), (said,), ("-", "bare", "absent")),
        "site": (("-",), ("bare", "absent"), (said,)),
    }[what]
    for app, installation, site in itertools.product(apps, installations, sites):
        yield Wish(installation, site, app=app)


def starts(what: str) -> Iterator[Start]:
    """What is live of the same."""
    if what == "app":
        for app, ours, installation in itertools.product(("-", "a", "B"), (False, True), ("-", "bare")):
            yield Start(installation, app=app, ours=ours)
        return
    things = (LIVE, ("-", "bare")) if what == "installation" else (("-", "bare"), LIVE)
    for installation, site in itertools.product(*things):
        yield Start(installation, site)


def worlds(what: str, said: str) -> list[Story]:
    """What is declared, live and remembered, each for itself; smallest first."""
    befores = {"app": BEFORE_OF_APP, "installation": BEFORE_OF_INSTALLATION, "site": BEFORE}[what]
    stories = itertools.starmap(Story, itertools.product(files(what, said), starts(what), befores))
    return sorted({canonical(story): None for story in stories if fits(story)}, key=lambda item: item.size)


def with_option(story: Story, option: tuple[str, str, Any]) -> Story | None:
    """The story with one thing that is not as usual, where that can be and is something else."""
    part, name, value = option
    if not part:
        other = replace(story, **{name: value})
    else:
        other = replace(story, **{part: replace(getattr(story, part), **{name: value})})
    return canonical(other) if other != story and fits(other) and canonical(other) != story else None


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


def once(story: Story) -> Iterator[Story]:
    """The story with one more thing: an option, or something that happens at a gap between two requests."""
    for option in OPTIONS:
        if (other := with_option(story, option)) is not None:
            yield other
    yield from around(story)


def twice(story: Story) -> Iterator[Story]:
    """The story with two more things."""
    for number, option in enumerate(OPTIONS):
        if (other := with_option(story, option)) is None:
            continue
        for second in OPTIONS[number + 1 :]:
            if (both := with_option(other, second)) is not None:
                yield both
        yield from around(other)
    yield from pairs(story)


def thrice(story: Story) -> Iterator[Story]:
    """The story with an option, and two things that happen."""
    for option in OPTIONS:
        if (other := with_option(story, option)) is not None:
            yield from pairs(other)


def around(story: Story) -> Iterator[Story]:
    """The story with one thing that happens, at every gap between two requests."""
    for at in range(1, tell(story).requests + 1):
        for what in (*FAULTS, *DEEDS):
            yield replace(story, events=(Event(at, what),))


def pairs(story: Story) -> Iterator[Story]:
    """Two things that happen. A crash ends the run, so nothing of that run follows it."""
    requests = tell(story).requests
    for first, second in itertools.combinations_with_replacement(range(1, requests + 3), 2):
        for one, other in itertools.product((*DEEDS, *FAULTS), (*FAULTS, *DEEDS)):
            if first < second or (one in DEEDS and one != other):
                yield replace(story, events=(Event(first, one), Event(second, other)))


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
