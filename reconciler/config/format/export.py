"""Live state → the document of a file that declares it, so that a plan of that file has no steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.config.expressions.literal import Inexpressible, is_key, literal
from reconciler.config.format.naming import is_id, named
from reconciler.config.language.catalogue import sections_of
from reconciler.config.language.settings import VERSION
from reconciler.config.language.shape import keys_at
from reconciler.config.tokens import OWN_TOKENS
from reconciler.diagnostics import Place, Severity
from reconciler.resources.resource import Declaration, Resource
from reconciler.resources.values import has_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.redaction import Redactor
    from reconciler.resources.resource import Address, Live, State
    from reconciler.resources.schema import Schema

_DECLARED = Declaration(Place(""))


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """A key of a document with its value, and the comment lines above it. Texts are data, not YAML."""

    key: str
    value: Any
    """A JSON value, or a `Block`."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A mapping of a document, in order, and the comment lines below its last entry."""

    entries: tuple[ExportEntry, ...] = ()
    notes: tuple[str, ...] = ()
    short: bool = False
    """Whether it may stand on one line."""
    wide: bool = False
    """Whether that line may have any length."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which addresses are written, so that the document can be read beside files that declare others."""

    addresses: frozenset[Address]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per section of the catalogue the names by id that the files give already."""
    beside: bool = False
    """Whether there are such files: they say which organization it is."""


def export(
    live: Live,
    declared: State,
    *,
    table: Table,
    organization: str,
    redactor: Redactor,
    references: bool = False,
    part: Part | None = None,
) -> Block:
    """The document. Secrets are left out with a comment, or with `references` written as expressions.

    `declared` says what is pinned, and with `part` what is left to other files. What is not for a file to
    say is left out: what integrations assign, keys outside the schema, buttons, free-form configuration.
    """
    return _Export(live, declared, table, organization, redactor, references, part).document()


@dataclass(slots=True)
class _Export:
    live: Live
    declared: State
    table: Table
    organization: str
    redactor: Redactor
    references: bool
    part: Part | None = None
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    """Per section the name of each id."""
    below: dict[tuple[Address, str], list[Resource]] = field(default_factory=dict)
    """Per parent and kind what is to be declared under it."""
    secrets: set[str] = field(default_factory=lambda: set(OWN_TOKENS))
    """Names of secrets that are already used."""

    def document(self) -> Block:
        """The whole file: catalogue, then what it is for."""
        self._sort()
        sections = (
            *(ExportEntry(section, self._members(section)) for section in self.names),
            *(
                ExportEntry(kind.file.section, self._tops(kind))
                for kind in self.table.values()
                if not kind.parent
            ),
        )
        head: tuple[ExportEntry, ...] = (
            ExportEntry("version", VERSION),
            ExportEntry("organization", self.organization),
        )
        if self.part is not None and self.part.beside:
            head = ()
        return Block((*head, *(entry for entry in sections if entry.value.entries or entry.value.notes)))

    def _sort(self) -> None:
        titles: dict[str, dict[str, str]] = {section: {} for section in sections_of(self.table)}
        for address, resource in self.live.state.items():
            if address.parent and self.is_chosen(address) and not self._is_implied(resource):
                self.below.setdefault((address.parent, address.kind), []).append(resource)
                file = self.table[address.kind].file
                if file.catalogue and is_id(address.key):
                    titles[file.section][address.key] = resource.facts.label
        self.names = {section: self._named_all(section, by_id) for section, by_id in titles.items()}

    def _named_all(self, section: str, titles: Mapping[str, str]) -> dict[str, str]:
        """The names of ids: those that the files give, and new ones that are not among these."""
        known = self._known(section)
        new = {key: title for key, title in titles.items() if key not in known}
        return {
            **{key: known[key] for key in titles if key in known},
            **named(new, {*known, *known.values()}),
        }

    def _known(self, section: str) -> Mapping[str, str]:
        return self.part.names.get(section, {}) if self.part else {}

    def is_chosen(self, address: Address) -> bool:
        """Whether it is to be written: everything is, unless there is a choice."""
        return self.part is None or address in self.part.addresses

    def _stands_above(self, address: Address) -> bool:
        """Whether something that is chosen stands under it."""
        return any(parent == address for parent, _ in self.below)

    def _is_implied(self, resource: Resource) -> bool:
        """Whether it exists by itself and has nothing that a file could declare."""
        assert resource.address.parent is not None, "only what stands under another does"  # noqa: S101
        parent = self.live.state[resource.address.parent]
        if resource.address.kind not in self.table[parent.address.kind].implicit(parent.attributes):
            return False
        schema = self.schema(resource)
        keyed = resource.attributes.get(self.table[resource.address.kind].keyed) or {}
        return not any(keyed.get(key) is not None for key in (schema.settable if schema else ()))

    def schema(self, resource: Resource) -> Schema | None:
        """The schema in force for the resource."""
        return self.table[resource.address.kind].checks.schema(resource.address, {}, self.live.state)

    def _members(self, section: str) -> Block:
        """The catalogue: every name, and ids that would be taken for misspelt names."""
        looks = [kind.file.id_pattern for kind in self.table.values() if kind.file.section == section]
        names = sorted(
            (name, key)
            for key, name in self.names[section].items()
            if key not in self._known(section)
            and (name != key or not any(re.fullmatch(look, key) for look in looks))
        )
        return Block(tuple(ExportEntry(name, _member(key)) for name, key in names))

    def _tops(self, kind: Kind) -> Block:
        addresses = sorted(
            address
            for address in self.live.state
            if address.kind == kind.name and (self.is_chosen(address) or self._stands_above(address))
        )
        return self._section(kind, [(address.key, self.live.state[address]) for address in addresses])

    def _section(self, kind: Kind, items: list[tuple[str, Resource]]) -> Block:
        entries, notes = [], []
        for name, resource in items:
            exported = kind.live.exported(resource, self.organization)
            if exported is None:
                continue
            problem = self.refused(kind, resource, {})
            if problem or not is_id(resource.address.key):
                notes.append(f"{name}: left out, {problem or 'a file cannot name it'}")
            else:
                entries.append(ExportEntry(name, self._body(kind, resource, exported, name)))
        return Block(tuple(entries), tuple(notes))

    def refused(self, kind: Kind, resource: Resource, attributes: Mapping[str, Any]) -> str:
        """The error that a plan would report for the attributes; empty if there is none."""
        stated = Resource(resource.address, attributes, declaration=_DECLARED, schema=self.schema(resource))
        stated = kind.writing.complete(stated, self.organization)
        problems = (*kind.checks.lint(stated), *kind.checks.check(stated, {}, self.live.state))
        return next((problem.message for problem in problems if problem.severity is Severity.ERROR), "")

    def _body(self, kind: Kind, resource: Resource, exported: Mapping[str, Any], name: str) -> Block:
        body = _Body(self, kind, resource, name)
        if self.is_chosen(resource.address):
            body.fields(exported)
        elif resource.address not in self.declared:
            body.pin()
        for child in self.table.values():
            if child.parent == kind.name:
                body.add(child.file.section, self._section(child, self._named(resource, child)))
        return body.block()

    def _named(self, parent: Resource, child: Kind) -> list[tuple[str, Resource]]:
        names = self.names[child.file.section] if child.file.catalogue else {}
        children = self.below.get((parent.address, child.name), ())
        items = [(names.get(item.address.key, item.address.key), item) for item in children]
        return sorted(items, key=lambda item: (item[0], item[1].address))

    def secret(self, *words: str) -> str:
        """A new name for a secret: the words in capitals."""
        text = re.sub(r"[^A-Z0-9]+", "_", "_".join(words).upper()).strip("_")
        text = f"_{text}" if not text or text[0].isdigit() else text
        name, number = text, 1
        while name in self.secrets:
            number += 1
            name = f"{text}_{number}"
        self.secrets.add(name)
        return name


def _member(server_id: str) -> Block:
    return Block((ExportEntry("id", literal(server_id)),), short=True)


def _arranged(value: Any, kind: Kind, path: tuple[str | int, ...]) -> Any:
    """The value of a field with the keys inside of it in the order of the documentation."""
    match value:
        case dict():
            ranks = {key: rank for rank, key in enumerate(keys_at(kind.spec, path))}
            keys = sorted(value, key=lambda key: ranks.get(key, len(ranks)))
            return {key: _arranged(value[key], kind, (*path, key)) for key in keys}
        case list():
            return [_arranged(item, kind, (*path, index)) for index, item in enumerate(value)]
        case _:
            return value


@dataclass(slots=True)
class _Body:
    """The body of one resource, written field by field."""

    export: _Export
    kind: Kind
    resource: Resource
    name: str
    entries: list[ExportEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def block(self) -> Block:
        """What was written; on one line where that is short and there is nothing under it."""
        return Block(tuple(self.entries), tuple(self.notes), short=bool(self.kind.parent))

    def add(self, key: str, value: Any) -> None:
        """An entry below the notes so far; of an empty block only its notes."""
        if isinstance(value, Block) and not value.entries:
            self.notes += value.notes
            return
        self.entries.append(ExportEntry(key, value, tuple(self.notes)))
        self.notes.clear()

    def fields(self, exported: Mapping[str, Any]) -> None:
        """Writes everything that a file can say of it."""
        self.pin()
        for name in self.kind.fields:
            if name == self.kind.keyed:
                self.keyed(exported.get(name) or {})
            elif exported.get(name) is not None:
                self.field(name, exported[name])
        self.hidden()

    def pin(self) -> None:
        """Writes the id, if the address alone does not say which object is meant."""
        address, server_id = self.resource.address, self.resource.facts.id
        declared = self.export.declared.get(address)
        duplicates = self.export.live.duplicates.get(address, ())
        if not (duplicates or (declared and declared.declaration and declared.declaration.id)):
            return
        others = ", ".join(other for other in duplicates if other != server_id)
        if others:
            self.notes.append(f"there is another one, which this file does not name: {others}")
        self.add("id", literal(server_id))

    def field(self, name: str, value: Any) -> None:
        """Writes a field, unless it has its default value."""
        item = self.kind.fields[name]
        if item.assumed is not None and item.same(value, item.assumed):
            return
        if self.export.redactor.is_secret(self.resource.address, (name,)):
            self.notes.append(f"{name}: left out, it was made from a secret")
            return
        try:
            self.kind.spec.model_validate({name: value})
            text = literal(_arranged(value, self.kind, (name,)))
        except (ValidationError, Inexpressible):
            self.notes.append(f"{name}: left out, a file does not take its value")
            return
        problem = self.export.refused(self.kind, self.resource, {name: value})
        if problem:
            self.notes.append(f"{name}: left out, {problem}")
        else:
            self.add(name, text)

    def hidden(self) -> None:
        """Writes a comment about the fields that cannot be read back."""
        if self.resource.facts.hidden:
            names = ", ".join(sorted(self.resource.facts.hidden))
            self.notes.append(f"{names}: cannot be read back; declare them before you change what is above")

    def keyed(self, values: Mapping[str, Any]) -> None:
        """The field that is owned key by key: the keys of the schema, in its order."""
        schema = self.export.schema(self.resource)
        if schema is None:
            if values:
                self.notes.append(f"{self.kind.keyed}: has no schema; declare the keys that you want to own")
            return
        inner = _Body(self.export, self.kind, self.resource, self.name)
        for key in schema.properties:
            if key in schema.settable and values.get(key) is not None:
                inner.key(key, values[key])
        if inner.entries:
            self.add(self.kind.keyed, Block(tuple(inner.entries), tuple(inner.notes), short=True))
        elif inner.notes:
            self.notes += inner.notes
            self.add(self.kind.keyed, {})

    def key(self, key: str, value: Any) -> None:
        """One key, or the comment that stands for it."""
        path = (self.kind.keyed, key)
        if has_secret(self.export.redactor.shown(self.resource.address, path, value)):
            self._secret(key, value)
            return
        try:
            text = literal(value, nulls=True)
        except Inexpressible:
            text = None
        if text is None or not is_key(key):
            self.notes.append(f"{key}: left out, a file cannot say it")
            return
        problem = self._refused_key(key, value)
        if problem:
            self.notes.append(f"{key}: left out, {problem}")
        else:
            self.add(key, text)

    def _refused_key(self, key: str, value: Any) -> str:
        return self.export.refused(self.kind, self.resource, {self.kind.keyed: {key: value}})

    def _secret(self, key: str, value: Any) -> None:
        root = self.resource.address.root.key
        words = (root, key) if self.resource.address.parent is None else (root, self.name, key)
        text = f"${{{{ secret.{self.export.secret(*words)} }}}}"
        usable = isinstance(value, str) and value and is_key(key) and not self._refused_key(key, value)
        if self.export.references and usable:
            self.add(key, text)
        else:
            self.notes.append(f"{key}: {text}")
