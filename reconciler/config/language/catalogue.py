"""The catalogue: names for ids, with tags and values, in sections such as `sites` and `spaces`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.compose import UNSET
from reconciler.config.expressions.scope import BROKEN
from reconciler.config.rules import catalogue, structure
from reconciler.config.yaml.nodes import Map, Seq, key_of, value_of
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.config.expressions.fill import Fill
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Table

KEYS = ("id", "tags", "vars")
TAG = "tag:"
ALL = "*"
_SIGNS = ("/", "*", ":")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the catalogue."""

    name: str
    id: str
    tags: tuple[str, ...] = ()
    vars: Map = field(default_factory=Map)
    """The values that `${{ site.X }}` reads, before expressions in them are filled in."""


def _no_sections() -> Mapping[str, Mapping[str, Member]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The members by section (`sites`) and name."""

    sections: Mapping[str, Mapping[str, Member]] = field(default_factory=_no_sections)
    _by_id: Mapping[str, Mapping[str, Member]] = field(default_factory=_no_sections)

    @classmethod
    def of(cls, sections: Mapping[str, Mapping[str, Member]]) -> Catalogue:
        """The catalogue with these members."""
        by_id = {
            section: {member.id: member for member in members.values()}
            for section, members in sections.items()
        }
        return cls(sections, by_id)

    def members(self, section: str) -> Mapping[str, Member]:
        """The members of a section, by name."""
        return self.sections.get(section, {})

    def find(self, section: str, name_or_id: str) -> Member | None:
        """The member of this name, else of this id."""
        return self.members(section).get(name_or_id) or self._by_id.get(section, {}).get(name_or_id)

    def id(self, section: str, name_or_id: str) -> str:
        """The id of a name; any other text is already an id."""
        member = self.members(section).get(name_or_id)
        return member.id if member else name_or_id

    def name(self, section: str, server_id: str) -> str:
        """The name of an id; empty if it has none."""
        member = self._by_id.get(section, {}).get(server_id)
        return member.name if member else ""

    def tags(self, section: str) -> frozenset[str]:
        """Every tag that a member of the section has."""
        return frozenset(tag for member in self.members(section).values() for tag in member.tags)


def sections_of(table: Table) -> tuple[str, ...]:
    """The sections that the catalogue may have."""
    return tuple(dict.fromkeys(kind.file.section for kind in table.values() if kind.file.catalogue))


def read_catalogue(root: Map, *, table: Table, fill: Fill, findings: Findings) -> Catalogue:
    """Reads the catalogue of a whole configuration and reports its problems."""
    reader = _CatalogueReader(fill, findings)
    sections = {}
    for section in sections_of(table):
        entries = root.get(section)
        if isinstance(entries, Map):
            members = reader.members(entries)
            sections[section] = MappingProxyType(members)
            _check_names(members, entries, findings)
    return Catalogue.of(MappingProxyType(sections))


class _CatalogueReader:
    def __init__(self, fill: Fill, findings: Findings) -> None:
        self._fill = fill
        self._findings = findings

    def members(self, entries: Map) -> dict[str, Member]:
        read = (self._member(entries, name) for name in entries)
        return {member.name: member for member in read if member is not None}

    def _member(self, entries: Map, name: str) -> Member | None:
        self._check_name(entries, name)
        body = entries[name]
        if not isinstance(body, Map):
            message = f"`{name}` has no `id`"
            self._findings.add(
                structure.WRONG_TYPE, message, f"write `{name}: {{id: ID}}`", at=value_of(entries.marks[name])
            )
            return None
        for key in body:
            if key not in KEYS:
                advice = did_you_mean(key, KEYS, "a member has `id`, `tags` and `vars`")
                self._findings.add(
                    structure.UNKNOWN_KEY, f"`{key}` is not known here", advice, at=key_of(body.marks[key])
                )
        server_id = self._id(entries, name, body)
        return Member(name, server_id, self._tags(body), self._vars(body)) if server_id else None

    def _check_name(self, entries: Map, name: str) -> None:
        sign = next((sign for sign in _SIGNS if sign in name), None)
        at = key_of(entries.marks[name])
        if not name.strip():
            self._findings.add(structure.EMPTY_TEXT, "the name is empty", "give it a name", at=at)
        elif "${{" in name:
            self._fill.refuse_key(entries, name)
        elif sign:
            message = f"the name `{name}` has a `{sign}` in it"
            self._findings.add(catalogue.NAME_FORM, message, "use letters, digits and `-_.`", at=at)

    def _id(self, entries: Map, name: str, body: Map) -> str:
        if "id" not in body:
            at = key_of(entries.marks[name])
            self._findings.add(structure.MISSING, f"`{name}` has no `id`", "add `id: ID`", at=at)
            return ""
        if self._fill.entry(body, "id") is UNSET:
            return str(
                body["id"]
            ).strip()  # The variable is not set, so the text of the expression stands for the id.
        value = self._fill.public(body, "id")
        return self._word(value, body.marks["id"], "the id")

    def _word(self, value: Any, mark: int, what: str) -> str:
        if value is BROKEN:
            return ""
        at = value_of(mark)
        if not isinstance(value, str):
            self._findings.add(structure.WRONG_TYPE, f"{what} is not text", "quote it", at=at)
            return ""
        if not value.strip():
            self._findings.add(structure.EMPTY_TEXT, f"{what} is empty", "fill it in", at=at)
        elif "/" in value:
            self._findings.add(
                structure.BAD_NAME, f"{what} has a `/` in it", "write the id alone, not a URL", at=at
            )
            return ""
        return value.strip()

    def _tags(self, body: Map) -> tuple[str, ...]:
        tags = body.get("tags", ())
        if not isinstance(tags, Seq):
            if "tags" in body:
                at = value_of(body.marks["tags"])
                self._findings.add(structure.WRONG_TYPE, "`tags` is not a list", "write [TAG, TAG]", at=at)
            return ()
        if any(self._fill.entry(tags, index) is UNSET for index in range(len(tags))):
            self._findings.partial = (
                True  # A selector's tag may be this unknown one, so `no such tag` must not be reported.
            )
        words = [
            self._word(self._fill.public(tags, index), tags.marks[index], "a tag")
            for index in range(len(tags))
        ]
        return tuple(dict.fromkeys(word for word in words if word))

    def _vars(self, body: Map) -> Map:
        held = body.get("vars")
        if not isinstance(held, Map):
            if "vars" in body:
                at = value_of(body.marks["vars"])
                self._findings.add(
                    structure.WRONG_TYPE, "`vars` is not a mapping", "write {NAME: VALUE}", at=at
                )
            return _NO_VARS
        for name, value in held.items():
            at = value_of(held.marks[name])
            if value is None:
                self._findings.add(structure.NULL, f"`{name}` is null", "give it a value", at=at)
            elif isinstance(value, dict | list):
                message = f"`{name}` is not a single value"
                advice = "write a text, a number or a boolean"
                self._findings.add(structure.WRONG_TYPE, message, advice, at=at)
        return held


_NO_VARS = Map()


def _check_names(members: Mapping[str, Member], entries: Map, findings: Findings) -> None:
    by_id: dict[str, Member] = {}
    for name, member in members.items():
        first = by_id.setdefault(member.id, member)
        if first is not member:
            place = findings.key(entries, first.name)
            message = f"{member.id} has two names, `{first.name}` at {place} and `{name}`"
            findings.add(
                catalogue.TWO_NAMES,
                message,
                "keep one of them",
                at=key_of(entries.marks[name]),
                also=(place,),
            )
    for name in members:
        other = by_id.get(name)
        if other is not None and other.name != name:
            place = findings.key(entries, other.name)
            message = f"the name `{name}` is the id of `{other.name}` at {place}"
            findings.add(
                catalogue.NAME_IS_ID, message, "rename it", at=key_of(entries.marks[name]), also=(place,)
            )


def translated(globs: Iterable[str], *, table: Table, catalogue: Catalogue) -> tuple[str, ...]:
    """Address globs with each catalogue name replaced by its id."""
    return tuple(_translated(glob, table, catalogue) for glob in globs)


def _translated(glob: str, table: Table, members: Catalogue) -> str:
    parts = glob.strip("/").split("/")
    sections = {kind.word: kind.file.section for kind in table.values() if kind.file.catalogue}
    for index in range(1, len(parts)):
        section = sections.get(parts[index - 1])
        if section is not None and (index % 2 or "**" in parts[:index]):
            parts[index] = members.id(section, parts[index])
    return "/".join(parts)
