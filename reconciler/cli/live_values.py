"""`drift --write`: which live values can be put into the files, where, and what else they would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.literal import Inexpressible, literal
from reconciler.config.expressions.template import Reference, has_expression, pieces
from reconciler.config.format.edit import Edit, Sheet, Uneditable
from reconciler.config.yaml.files import STDIN_NAME
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.drift import What, Who
from reconciler.render.yaml import flow_text
from reconciler.resources.values import ABSENT, has_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reconciler.config import Config
    from reconciler.config.format.edit import Entry
    from reconciler.diagnostics import Path, Place
    from reconciler.plan.drift import Drift, Item, Move
    from reconciler.resources.resource import Address

Value = tuple["Address", "Path"]
"""A field of a resource."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A live value that can stand in a file."""

    item: Item
    move: Move
    file: str
    line: int
    edit: Edit
    also: tuple[Value, ...] = ()
    """What takes its value from the same line and has moved to the same value."""
    others: tuple[Value, ...] = ()
    """What takes its value from the same line, and would be changed by it."""

    @property
    def values(self) -> tuple[Value, ...]:
        """All that has the live value afterwards."""
        return ((self.item.address, self.move.path), *self.also, *self.others)


@dataclass(frozen=True, slots=True)
class Left:
    """What is not put into a file, and why."""

    address: Address
    name: str
    reason: str


@dataclass(slots=True)
class Proposals:
    """What `--write` can do with a drift."""

    config: Config
    texts: Mapping[str, str]
    """The files as they were read."""
    possible: list[Proposal] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    _sheets: dict[str, Sheet] = field(default_factory=dict)
    _moves: dict[Value, Move] = field(default_factory=dict)
    _done: set[Value] = field(default_factory=set)
    _lines: dict[Path, dict[Place, list[Value]]] = field(default_factory=dict)
    """Per path what each line declares."""
    _members: dict[tuple[str, str], list[Address]] = field(default_factory=dict)
    """The bindings on each site or space."""

    def of(self, drift: Drift) -> None:
        """Sorts everything that moved into what can be written and what cannot."""
        self._moves = {(item.address, move.path): move for item in drift.items for move in item.moves}
        for item in drift.items:
            if item.what is not What.CHANGED:
                self.left.append(Left(item.address, "", _FATES[item.what]))
                continue
            for move in item.moves:
                if (item.address, move.path) not in self._done:
                    self._sort(item, move)

    def _sort(self, item: Item, move: Move) -> None:
        try:
            proposal = self._proposal(item, move)
        except Uneditable as reason:
            self.left.append(Left(item.address, move.name, str(reason)))
        else:
            self.possible.append(proposal)
            self._done.update(((item.address, move.path), *proposal.also))

    def _proposal(self, item: Item, move: Move) -> Proposal:
        text = _text(move)
        place = move.place
        if place is None or place.file not in self.texts:
            raise Uneditable(_NOT_A_FILE if place and place.file == STDIN_NAME else _NO_LINE)
        entry = self._sheet(place.file).at(place.line, place.column, move.path[-1])
        reference = _reference(entry)
        if reference is None:
            return self._placed(item, move, text, place.file, entry, self._on_line(place, move.path))
        file, member_entry = self._member_value(item, reference)
        users = self._on_member(item, reference)
        return self._placed(item, move, text, file, member_entry, users)

    def _placed(
        self, item: Item, move: Move, text: str, file: str, entry: Entry, users: Iterable[Value]
    ) -> Proposal:
        rest = [value for value in users if value != (item.address, move.path)]
        also = tuple(value for value in rest if self._moved_so(value, move))
        others = tuple(value for value in rest if value not in also)
        edit = Edit(entry.start, entry.end, text)
        return Proposal(item, move, file, entry.line, edit, also, others)

    def _moved_so(self, value: Value, move: Move) -> bool:
        other = self._moves.get(value)
        return other is not None and other.who is move.who and _same(other.live, move.live)

    def _sheet(self, file: str) -> Sheet:
        if file not in self._sheets:
            self._sheets[file] = Sheet(self.texts[file])
        return self._sheets[file]

    def _on_line(self, place: Place, path: Path) -> Iterable[Value]:
        """Every field that the line at a place declares."""
        if path not in self._lines:
            lines: dict[Place, list[Value]] = {}
            for address, resource in self.config.resources.items():
                at = resource.declaration and resource.declaration.places.get(path)
                if at:
                    lines.setdefault(at, []).append((address, path))
            self._lines[path] = lines
        return self._lines[path].get(place, ())

    def _member_value(self, item: Item, reference: Reference) -> tuple[str, Entry]:
        """Where the catalogue has the value that a member gives to a name."""
        kind = KINDS[item.address.kind]
        member = self.config.catalogue.find(kind.file.section, item.address.key)
        if reference.scope != kind.word or member is None:
            msg = (
                f"it is made from ${{{{ {reference.scope}.{reference.name} }}}}, which may be used elsewhere"
            )
            raise Uneditable(msg)
        path = (kind.file.section, member.name, "vars", reference.name)
        for file in reversed(self.config.files):
            entry = self._sheet(file).of(path) if file in self.texts else None
            if entry is not None and _reference(entry) is None:
                return file, entry
        msg = f"no line of {member.name} has the value {reference.name} by itself"
        raise Uneditable(msg)

    def _on_member(self, item: Item, reference: Reference) -> Iterator[Value]:
        """Every field on the member of a binding that reads one of its values."""
        if not self._members:
            for address in self.config.resources:
                self._members.setdefault((address.kind, address.key), []).append(address)
        for address in self._members[item.address.kind, item.address.key]:
            declaration = self.config.resources[address].declaration
            for path, place in declaration.places.items() if declaration else ():
                if self._reads(place, path, reference):
                    yield address, path

    def _reads(self, place: Place, path: Path, reference: Reference) -> bool:
        try:
            entry = self._sheet(place.file).at(place.line, place.column, str(path[-1]))
        except (Uneditable, KeyError):
            return False
        return entry.scalar is not None and reference in pieces(entry.scalar)


_NO_LINE = "no line of a file says it"
_NOT_A_FILE = "it came from the standard input"
_FATES = {
    What.VANISHED: "it is not live any more; remove it from the file, or let `gbsync apply` make it again",
    What.APPEARED: "no file declares it; `gbsync export --only ADDRESS` writes it",
    What.DECLARED: "it was never applied; `gbsync apply` makes it",
    What.DROPPED: "the file does not want it any more; `gbsync apply` deletes it",
}


def _text(move: Move) -> str:
    """The live value as it stands in a file. Raises `Uneditable` for one that no line can or may have."""
    if has_secret(move.live) or has_secret(move.file):
        msg = "it is secret"
    elif move.who is Who.FILE:
        msg = "only the file has changed; `gbsync apply` makes it live"
    elif move.live is ABSENT or move.unknown:
        msg = "there is no live value"
    elif move.file is ABSENT:
        msg = _NO_LINE
    else:
        try:
            return flow_text(literal(move.live, nulls=True))
        except Inexpressible:
            msg = "a file cannot say the live value"
    raise Uneditable(msg)


def _reference(entry: Entry) -> Reference | None:
    """The expression that a value is, if it is one. Raises `Uneditable` for a text with one inside."""
    if entry.scalar is None:
        if has_expression(entry.text):
            msg = "an expression stands in its value"
            raise Uneditable(msg)
        return None
    parts = pieces(entry.scalar)
    if all(isinstance(part, str) for part in parts):
        return None
    if len(parts) == 1 and isinstance(parts[0], Reference):
        return parts[0]
    msg = "an expression is a part of its value"
    raise Uneditable(msg)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def expected(config: Config, accepted: list[Proposal]) -> dict[Address, Mapping[str, Any]]:
    """What the files declare once the accepted values are in them."""
    attributes = {address: resource.attributes for address, resource in config.resources.items()}
    for proposal in accepted:
        for address, path in proposal.values:
            attributes[address] = _with(attributes[address], path, proposal.move.live)
    return attributes


def _with(value: Mapping[str, Any], path: Path, live: Any) -> Mapping[str, Any]:
    key, *rest = path
    return {**value, str(key): _with(value[str(key)], tuple(rest), live) if rest else live}
