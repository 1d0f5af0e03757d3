"""The laws, checked on what the server saw: this shares no code with the engine.

A window is what nobody can close, as there is no ETag: what others do after our last reading of an object and
before the write that follows it at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.exploration.server import APP, DEFAULT, MASK, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.exploration.server import Key
    from tests.exploration.story import Story, Wish
    from tests.exploration.world import Entry, Round, Tale

OURS = frozenset(SCHEMA["properties"])
STALE, REFUSED = 4, 3
OF_APP = ("getIntegrationByName", "publishIntegration", "unpublishIntegration")
"""The operations that are about the integration itself."""
LISTS = ("", "listOrganizationInstallations", "listIntegrationInstallationSites")


def wrongs(tale: Tale) -> Iterator[str]:
    """Every law that the tale breaks: `law: what happened`."""
    remembered = _Remembered(tale.story)
    for item in tale.rounds:
        known = (remembered.before, remembered.applied)
        if known not in item.verdicts:
            item.verdicts[known] = tuple(_Law(tale.story, item, remembered).wrongs())
        yield from item.verdicts[known]
        remembered.after(item)
    yield from _settles(tale)


def address(key: Key) -> str:
    """The address of an object."""
    if not key:
        return f"integration/{APP}"
    return f"installation/{APP}" + (f"/site/{key[1]}" if len(key) > 1 else "")


class _Remembered:
    """What we manage, for `prune: managed`: what an applied file named, by address."""

    def __init__(self, story: Story) -> None:
        self.before = story.before
        self.applied: Wish | None = None
        self._wish = story.wish

    def names(self, key: Key) -> bool:
        """Whether a file that was applied named the object."""
        files = (self.before, self.applied)
        return any(file is not None and file.said(key) not in ("-", "absent") for file in files)

    def named_key(self, key: Key) -> bool:
        """Whether a file that was applied set the object's key."""
        files = (self.before, self.applied)
        return any(file is not None and file.said(key) in ("a", "B", "null") for file in files)

    def after(self, item: Round) -> None:
        """From now on what this round named may be ours."""
        if item.log:
            self.applied = self._wish


class _Law:
    """The laws of one round."""

    def __init__(self, story: Story, item: Round, remembered: _Remembered) -> None:
        self.wish = story.wish
        self.item = item
        self.log = item.log
        self.remembered = remembered
        self.steps = {step[1]: step for step in item.steps}
        self.told: dict[Key, dict[str, Any]] = {}
        for entry in self.log:
            if entry.phase == "plan" and entry.ours:
                self.told |= entry.shown

    def wrongs(self) -> Iterator[str]:
        """Every law that the round breaks."""
        for index, entry in enumerate(self.log):
            if entry.writes and entry.phase != "apply":
                yield f"asked only: {entry.what} was sent while planning"
            if entry.committed:
                match entry.method:
                    case "PATCH":
                        yield from self._foreign(index, entry)
                        yield from self._overwritten(index, entry)
                    case "DELETE":
                        yield from self._deleted(index, entry)
                    case "POST" if entry.what == "publishIntegration":
                        yield from self._published(index, entry)
                    case "POST":
                        yield from self._twice(index, entry)
        yield from self._untouched()
        if not self.item.crashed:
            yield from self._report()
            yield from self._code()

    # windows

    def _reading(self, index: int, key: Key) -> int:
        """Where in the log an answer showed us the object last, before `index`; -1 for never."""
        found = (at for at in range(index - 1, -1, -1) if self._reads(self.log[at], key))
        return next(found, -1)

    def _reads(self, entry: Entry, key: Key) -> bool:
        """Whether a reply told of the object; a list of installations is no reading of the integration."""
        if not key and entry.phase == "apply":
            return entry.what in OF_APP
        return key in entry.shown

    def _before_gap(self, index: int) -> int:
        """Where our last request before this one stands; -1 for none."""
        return next((at for at in range(index - 1, -1, -1) if self.log[at].ours), -1)

    def _listing(self, index: int, key: Key) -> int:
        """Where the last list before `index` stands in which the object is, or would be; -1 for none."""
        listed = (at for at in range(index - 1, -1, -1) if key and self.log[at].what == LISTS[len(key)])
        return next((at for at in listed if key[:-1] == self.log[at].about[: len(key) - 1]), -1)

    def _in_gap(self, index: int, key: Key) -> bool:
        """Whether somebody changed the object after our last request about it, and that one showed it to us.

        Steps that go at once take turns: what others of them send lies in the window of each.
        """
        last = self._reading(index, key)
        if last < 0 or any(not self._beside(entry, key) for entry in self._ours(last + 1, index)):
            return False
        return self._changed(last, index, key)

    def _ours(self, first: int, end: int) -> list[Entry]:
        return [entry for entry in self.log[first:end] if entry.ours]

    def _beside(self, entry: Entry, key: Key) -> bool:
        """Whether it is a request of another step that goes at once with this one."""
        at_once = "-" not in (self.wish.site, self.wish.other)
        return at_once and entry.phase == "apply" and entry.about != key

    def _changed(self, last: int, index: int, key: Key) -> bool:
        others = (self.log[at] for at in range(last + 1, index))
        return any(entry.before.get(key) != entry.after.get(key) for entry in others if not entry.ours)

    def _while_deciding(self, index: int, key: Key) -> bool:
        """The same for a deletion, which reads its object, and then lists what is under it."""
        last = max(self._reading(index, key), self._listing(index, key))
        if last < 0:
            last = self._before_gap(index)
        between = [
            entry for entry in self._ours(last, index) if not (entry.writes and self._beside(entry, key))
        ]
        if any(entry.phase != "apply" or entry.writes for entry in between) or len(between) > 4:
            return False
        return self._changed(last, index, key)

    # the laws

    def _foreign(self, index: int, entry: Entry) -> Iterator[str]:
        """No key of others is lost outside the window."""
        was, now = entry.before.get(entry.about, {}), entry.after.get(entry.about, {})
        for name, value in was.items():
            if name in OURS or value is None or now.get(name) == value:
                continue
            if self._in_gap(index, entry.about):
                continue
            what = "is written over by its mask" if now.get(name) == MASK else "is lost"
            yield f"foreign keys: {name} of {address(entry.about)} {what}"

    def _overwritten(self, index: int, entry: Entry) -> Iterator[str]:
        """Nothing is overwritten unless the plan showed what, in this very object."""
        was, now = entry.before.get(entry.about, {}), entry.after.get(entry.about, {})
        step = self.steps.get(address(entry.about))
        changes = {name: (before, after) for name, before, after in step[3]} if step else {}
        for name in sorted(OURS):
            old, new = was.get(name), now.get(name)
            if old == new or (name == "d" and old in (None, DEFAULT) and new in (None, DEFAULT)):
                continue
            shown = changes.get(f"configuration.{name}")
            if shown and shown[0] == old and _same(shown[1], new):
                continue
            if not self._in_gap(index, entry.about):
                yield f"shown first: {name} of {address(entry.about)} was {old!r}, became {new!r}"
        if step and step[0] == "update" and len(entry.about) == 1 and step[2] != entry.about[0]:
            yield f"shown first: {address(entry.about)} is another object than the plan showed"

    def _deleted(self, index: int, entry: Entry) -> Iterator[str]:
        """Nothing goes that is undeclared, protected, not shown, or not as it was shown."""
        for key in sorted(entry.before.keys() - entry.after.keys()):
            where, held = address(key), entry.before[key]
            joined = key not in self.told and self._while_deciding(index, key)
            if self.wish.protects(key) and not joined:
                yield f"deletions: {where} is protected, and deleted"
            if key in entry.implicit and not (held.keys() - {"d"}):
                continue
            step = self.steps.get(where)
            shown = step is not None and step[0] == "delete"
            if not (shown and key in self.told):
                if not joined:
                    yield f"deletions: {where} is deleted, and the plan does not show it"
                continue
            if not self._asked(key):
                yield f"deletions: {where} is deleted, and nobody asked for it"
            if self._late(key, held) and not self._while_deciding(index, key):
                yield f"deletions: {where} is deleted, and is not as the plan showed it"

    def _late(self, key: Key, held: dict[str, Any]) -> bool:
        told = self.told[key]
        if any(held.get(name) != told.get(name) for name in OURS if not _is_default(name, held, told)):
            return True
        return bool(_names(held) - _names(told) - OURS)

    def _asked(self, key: Key) -> bool:
        """Whether the file wants it to go."""
        said = self.wish.said(key)
        if said == "absent":
            return True
        if len(key) > 1 and self._asked(key[:1]):
            return True
        if said != "-" or not key:
            return False
        if self.wish.prune == "all":
            return not self.wish.pin or len(key) > 1
        return self.wish.prune == "managed" and self.remembered.names(key)

    def _twice(self, index: int, entry: Entry) -> Iterator[str]:
        """Nothing is made twice that a list could show."""
        made = entry.after.keys() - entry.before.keys()
        if entry.what != "installIntegration" or not made:
            return
        there = [key for key in entry.before if len(key) == 1 and key not in entry.hidden]
        last = self._before_gap(index)
        new = set(self.log[last].after) if last >= 0 else set()
        if any(key in new for key in there):
            yield f"once only: {address(there[0])} was there, and was made again"
        elif there and self.item.ended.code == 0:
            yield "once only: there are two installations now, and the exit code is 0"

    def _published(self, index: int, entry: Entry) -> Iterator[str]:
        """A publish replaces what the plan showed, and nothing that somebody published since; and once."""
        step, where = self.steps.get(address(())), address(())
        if step is None or step[0] not in ("create", "update") or self.wish.app in ("-", "absent"):
            yield f"only what is planned: {where} was published, and has no step"
        was, told = entry.before.get(()), self.told.get(())
        if was != told and not self._in_gap(index, ()):
            yield f"shown first: {where} was {was}, and the plan showed {told}"
        if sum(item.committed and item.what == entry.what for item in self.log[: index + 1]) > 1:
            yield f"once only: {where} was published twice"

    def _untouched(self) -> Iterator[str]:
        """What no step names is not written."""
        for entry in self.log:
            if entry.writes and entry.method == "PATCH" and address(entry.about) not in self.steps:
                yield f"only what is planned: {address(entry.about)} was written, and has no step"

    def _report(self) -> Iterator[str]:
        """The report says what is so."""
        for action, where, outcome, message in self.item.ended.results:
            wrote = [entry for entry in self.log if self._is_about(entry, where) and entry.writes]
            holds = self._holds(action, where)
            if outcome in ("done", "already applied") and not holds and not self._meddled(where):
                yield f"the report: {action} of {where} is {outcome}, and it is not so"
            if outcome == "skipped" and wrote:
                yield f"the report: {where} was skipped, and {wrote[0].what} was sent"
            if outcome == "failed" and holds and self._ours_did(wrote) and not message.startswith("is there"):
                yield f"the report: {action} of {where} failed, and is done all the same"
        if self.item.ended.code != REFUSED and self.item.ended.results:
            named = {where for _, where, *_ in self.item.ended.results}
            if named != self.steps.keys():
                yield "the report: not every step has an outcome"

    def _is_about(self, entry: Entry, where: str) -> bool:
        if not entry.ours or entry.phase != "apply":
            return False
        if where == address(()):
            return entry.what in OF_APP
        if entry.method == "POST":
            made = entry.after.keys() - entry.before.keys()
            return any(address(key) == where for key in made) or address(entry.about) == where
        return address(entry.about) == where

    def _ours_did(self, wrote: list[Entry]) -> bool:
        """Whether a write of ours was carried out, and reading it back was not kept from us."""
        readable = not any(entry.fault for entry in self.log if entry.ours and not entry.writes)
        alone = all(entry.ours for entry in self.log if entry.phase == "apply")
        return readable and alone and any(entry.committed for entry in wrote)

    def _meddled(self, where: str) -> bool:
        """Whether somebody else changed it after our last request about it, a list at the end aside."""
        about = [at for at, entry in enumerate(self.log) if self._is_about(entry, where)]
        if not about:
            about = [at for at, entry in enumerate(self.log) if where in map(address, entry.shown)]
        last = max(about, default=-1)
        return any(self._differs(entry, where) for entry in self.log[last + 1 :] if not entry.ours)

    def _differs(self, entry: Entry, where: str) -> bool:
        keys = (key for key in entry.before.keys() | entry.after.keys() if address(key) == where)
        return any(entry.before.get(key) != entry.after.get(key) for key in keys)

    def _holds(self, action: str, where: str) -> bool:
        """Whether what a step was for is so."""
        there = {key: held for key, held in self.item.end.items() if address(key) == where}
        if action == "delete":
            told = [
                key for key in self.told if address(key) == where and (not key or self.wish.meant(key[0]))
            ]
            return not any(key in there for key in told)
        return any(self._fits(where, key, held) for key, held in there.items())

    def _fits(self, where: str, key: Key, held: dict[str, Any]) -> bool:
        """Whether it has what the file says, and what the step showed beside."""
        said = self.wish.said(key)
        value = held.get("k")
        changes = {name: after for name, _, after in self.steps[where][3]}
        if said == "null":
            return value is None
        if said == "bare":
            return "configuration.k" not in changes or _same(changes["configuration.k"], value)
        return _same(said, value)

    def _code(self) -> Iterator[str]:
        """The exit code is true."""
        ended, sent = self.item.ended, any(entry.writes for entry in self.log)
        if ended.code in (1, REFUSED, STALE) and sent:
            yield f"the exit code: {ended.code} says that nothing was sent, and something was"
        if ended.code == 5 and not sent:
            yield "the exit code: 5 says that something was sent, and nothing was"
        if ended.code == 0 and any(step[2] not in ("done", "already applied") for step in ended.results):
            yield "the exit code: 0, and a step did not succeed"


def _names(held: dict[str, Any]) -> set[str]:
    return {name for name, value in held.items() if value is not None}


def _is_default(name: str, *held: dict[str, Any]) -> bool:
    return name == "d" and all(item.get(name) in (None, DEFAULT) for item in held)


def _same(asked: Any, kept: Any) -> bool:
    """Equal, or lower case of it: what the normalising server makes."""
    if isinstance(asked, str) and isinstance(kept, str):
        return kept in (asked, asked.lower())
    return asked == kept or (asked is None and kept is None)


def _settles(tale: Tale) -> Iterator[str]:
    """After at most a few runs a plan is empty, and all is as the file says."""
    last = tale.rounds[-1]
    if last.ended.code in (1, REFUSED) and not any(entry.writes for entry in last.log):
        if not last.ended.results:
            return
    elif not tale.resolve_intent:
        if not tale.story.behaviour.restores:  # an integration that undoes every write leaves no end
            yield f"an end: still {len(last.steps)} steps after {len(tale.rounds)} runs"
        return
    if tale.resolve_intent:
        yield from _as_wished(tale.story, last)
        if quiet(tale.story) and len(tale.rounds) > 2:
            yield f"an end: nobody interfered, and it took {len(tale.rounds) - 1} runs"


def quiet(story: Story) -> bool:
    """Whether nobody interferes, and the server is as usual in time."""
    return not (story.events or story.behaviour.lag or story.behaviour.restores)


def _as_wished(story: Story, last: Round) -> Iterator[str]:
    """What the file says of what is there, and that all of it is there."""
    wish, end = story.wish, last.end
    for key, held in end.items():
        said = wish.said(key)
        if said == "absent":
            yield f"as wished: {address(key)} is to be absent, and is there"
        if said in ("a", "B") and not _same(said, held.get("k")):
            yield f"as wished: k of {address(key)} is {held.get('k')!r}, not {said!r}"
        if said == "null" and held.get("k") is not None:
            yield f"as wished: k of {address(key)} is {held.get('k')!r}, and is to be removed"
        if said == "bare" and wish.exact and held.get("k") is not None:
            yield f"as wished: k of {address(key)} is set, and ownership is exact"
        free = wish.pin or wish.protects(key) or key in last.implicit
        if wish.prune == "all" and said == "-" and key and not free:
            yield f"as wished: {address(key)} is in no file, and prune is all"
    there = {address(key) for key in end}
    named = {f"installation/{APP}": wish.installation, f"integration/{APP}": wish.app}
    if wish.installation not in ("-", "absent"):
        named |= {
            f"installation/{APP}/site/{site}": said
            for site, said in (("site_1", wish.site), ("site_2", wish.other))
        }
    for where, said in named.items():
        if said not in ("-", "absent") and where not in there and wish.app != "absent":
            yield f"as wished: {where} is not there"
