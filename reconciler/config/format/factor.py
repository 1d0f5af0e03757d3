"""An exported document → one in which what is shared stands once, by tags and `vars`. Pure.

It declares the same as the document that it is made from, not a key more. `*` is never written: a member
that leaves an installation must leave a tag with it, and a new name of the catalogue must select nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.literal import literal
from reconciler.config.format.alike import arranged
from reconciler.config.format.export import Block, ExportEntry
from reconciler.config.format.set_names import can_vary, labels, value_names
from reconciler.config.language.catalogue import TAG, sections_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.config.format.alike import Alike, Arranged, Body, Path
    from reconciler.config.format.set_names import Value
    from reconciler.resources.kind import Kind, Table

Site = tuple[str, str]
"""Where the bindings of one kind stand: the installation's name, and the kind's."""


@dataclass(slots=True)
class _Section:
    """The bindings of one kind of one installation, and what they share."""

    root: str
    kind: Kind
    block: Block
    bodies: Mapping[str, Body]
    shared: Arranged
    tags: tuple[str, ...] = ()
    """The tag of each set."""


@dataclass(slots=True)
class _Members:
    """What one section of the catalogue says of its members."""

    tags: dict[str, list[str]] = field(default_factory=dict)
    vars: dict[str, dict[str, Any]] = field(default_factory=dict)

    def entry(self, name: str, entry: ExportEntry | None) -> ExportEntry:
        """The member with its tags and values, on one line; one that has only an id is named by it."""
        entries = entry.value.entries if entry else (ExportEntry("id", literal(name)),)
        if name in self.tags:
            entries += (ExportEntry("tags", self.tags[name]),)
        if name in self.vars:
            values = tuple(ExportEntry(key, value) for key, value in self.vars[name].items())
            entries += (ExportEntry("vars", Block(values, short=True)),)
        return ExportEntry(name, Block(entries, short=True, wide=True), entry.notes if entry else ())


def factored(document: Block, *, table: Table) -> Block:
    """The document with what its bindings share written once."""
    sections = list(_sections(document, table))
    members = {section: _Members() for section in sections_of(table)}
    changed: dict[Site, Block] = {}
    for name, described in members.items():
        here = [section for section in sections if section.kind.file.section == name]
        _tag(here)
        names = value_names((section.root, path) for section in here for path in _varied(section.shared))
        for section in here:
            _describe(section, described, names)
            changed[section.root, section.kind.name] = _written(section, names)
    return _rebuilt(document, table, members, changed)


def _sections(document: Block, table: Table) -> Iterator[_Section]:
    """Every section of bindings in which something is shared."""
    for top in (kind for kind in table.values() if not kind.parent):
        for root, _, kind, block in _children(document, top, table):
            bodies = {
                entry.key: body for entry in block.entries if (body := _flat(entry.value, kind)) is not None
            }
            shared = arranged(bodies, can_vary)
            if shared is not None:
                yield _Section(root, kind, block, bodies, shared)


def _children(document: Block, top: Kind, table: Table) -> Iterator[tuple[str, ExportEntry, Kind, Block]]:
    kinds = {
        kind.file.section: kind for kind in table.values() if kind.parent == top.name and kind.file.catalogue
    }
    for entry in _entries(document, top.file.section):
        for child in entry.value.entries:
            if child.key in kinds and isinstance(child.value, Block):
                yield entry.key, child, kinds[child.key], child.value


def _entries(document: Block, section: str) -> tuple[ExportEntry, ...]:
    return next((entry.value.entries for entry in document.entries if entry.key == section), ())


def _flat(block: Block, kind: Kind) -> Body | None:
    """The values of a body by their paths; `None` if something stands in it that has no place in a set."""
    body: Body = {}
    for entry in block.entries:
        if not isinstance(entry.value, Block):
            body[entry.key,] = entry.value
        elif entry.key == kind.keyed:
            body.update({(entry.key, inner.key): inner.value for inner in entry.value.entries})
        else:
            return None
    return body


def _varied(shared: Arranged) -> list[Path]:
    return sorted({path for item in shared.sets for path in item.varied})


def _tag(sections: list[_Section]) -> None:
    """Gives each set a tag; no two of them have one of the same name."""
    taken: set[str] = set()
    for section in sections:
        section.tags = labels(section.root, section.shared.sets, taken)


def _describe(section: _Section, members: _Members, names: Mapping[Value, str]) -> None:
    """Adds the tags of the section and its values to the members of the catalogue."""
    for item, tag in zip(section.shared.sets, section.tags, strict=True):
        for member in item.members:
            members.tags.setdefault(member, []).append(tag)
            own = section.shared.own.get(member, {})
            for path in item.body:
                if path in item.varied and path not in own:
                    values = members.vars.setdefault(member, {})
                    values[names[section.root, path]] = section.bodies[member][path]


def _written(section: _Section, names: Mapping[Value, str]) -> Block:
    """The section: its sets first, then what single members have beside them."""
    sets = tuple(
        ExportEntry(TAG + tag, _shared_body(section, item, names), _notes(section, item))
        for item, tag in zip(section.shared.sets, section.tags, strict=True)
    )
    selected = {member for item in section.shared.sets for member in item.members}
    own = section.shared.own
    single = tuple(
        replace(entry, value=_block(own[entry.key], section.kind)) if entry.key in selected else entry
        for entry in section.block.entries
        if entry.key in own or entry.key not in section.bodies
    )
    return replace(section.block, entries=(*sets, *single))


def _shared_body(section: _Section, item: Alike, names: Mapping[Value, str]) -> Block:
    word = section.kind.word
    body = {
        path: f"${{{{ {word}.{names[section.root, path]} }}}}" if path in item.varied else value
        for path, value in item.body.items()
    }
    return _block(body, section.kind)


def _block(body: Body, kind: Kind) -> Block:
    """The opposite of `_flat`."""
    keyed = tuple(
        ExportEntry(path[-1], value) for path, value in body.items() if path[0] == kind.keyed and path[1:]
    )
    fields = [ExportEntry(path[0], value) for path, value in body.items() if not path[1:]]
    if keyed:
        fields.insert(0, ExportEntry(kind.keyed, Block(keyed, short=True)))
    return Block(tuple(fields), short=True)


def _notes(section: _Section, item: Alike) -> tuple[str, ...]:
    """What the comments of the members say, once for each key."""
    if item.base:
        return ()
    texts: dict[str, dict[str, str]] = {}
    own = {entry.key: entry.value for entry in section.block.entries}
    for member in item.members:
        for note in _all_notes(own[member]):
            texts.setdefault(note.partition(":")[0], {})[member] = note
    return tuple(_note(key, texts[key], len(item.members)) for key in texts)


def _all_notes(value: Any) -> Iterator[str]:
    if isinstance(value, Block):
        for entry in value.entries:
            yield from (*entry.notes, *_all_notes(entry.value))
        yield from value.notes


def _note(key: str, texts: Mapping[str, str], members: int) -> str:
    distinct = set(texts.values())
    if len(distinct) == 1 and len(texts) == members:
        return distinct.pop()
    if len(texts) == 1:
        member, note = next(iter(texts.items()))
        return f"{member}: {note}"
    if all("${{ secret." in note for note in distinct):
        return f"{key}: left out, it is a secret; --secret-references writes a reference for each member"
    return f"{key}: left out on some of them; export without --factor says why"


def _rebuilt(
    document: Block, table: Table, members: Mapping[str, _Members], changed: Mapping[Site, Block]
) -> Block:
    """The document with another catalogue and other sections of bindings."""
    tops = {kind.file.section: kind for kind in table.values() if not kind.parent}
    head = [entry for entry in document.entries if entry.key not in (*members, *tops)]
    catalogue = (
        ExportEntry(section, Block(_catalogue(_entries(document, section), members[section])))
        for section in members
    )
    rest = [
        _with_sections(entry, tops[entry.key], table, changed)
        for entry in document.entries
        if entry.key in tops
    ]
    return replace(document, entries=(*head, *(entry for entry in catalogue if entry.value.entries), *rest))


def _catalogue(entries: tuple[ExportEntry, ...], members: _Members) -> tuple[ExportEntry, ...]:
    by_name = {entry.key: entry for entry in entries}
    names = sorted({*by_name, *members.tags})
    return tuple(members.entry(name, by_name.get(name)) for name in names)


def _with_sections(top: ExportEntry, kind: Kind, table: Table, changed: Mapping[Site, Block]) -> ExportEntry:
    kinds = {child.file.section: child.name for child in table.values() if child.parent == kind.name}

    def body(entry: ExportEntry) -> ExportEntry:
        children = (
            replace(child, value=changed.get((entry.key, kinds.get(child.key, "")), child.value))
            for child in entry.value.entries
        )
        return replace(entry, value=replace(entry.value, entries=tuple(children)))

    return replace(top, value=replace(top.value, entries=tuple(map(body, top.value.entries))))
