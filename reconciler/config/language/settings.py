"""The settings at the top of the file: version, organization, prune, protect and limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.scope import BROKEN
from reconciler.config.language.catalogue import sections_of, translated
from reconciler.config.language.ignored import read_ignored
from reconciler.config.rules import structure
from reconciler.config.yaml.nodes import Map, Seq, key_of, value_of
from reconciler.config.yaml.parser import as_mapping, described, shown
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.config.expressions.fill import Fill
    from reconciler.config.language.catalogue import Catalogue
    from reconciler.config.options import Options
    from reconciler.config.yaml.findings import Findings
    from reconciler.diagnostics import Problem
    from reconciler.resources.kind import Table

VERSION = 1
KEYS = (
    "version",
    "organization",
    "prune",
    "max_deletes",
    "protect",
    "heal",
    "ignore",
    "mask",
    "unmask",
    "variables",
)
FREE = "x-"
"""gbsync ignores keys with this prefix: users put their anchors there."""
_SHARE = re.compile(r"(?P<percent>[0-9]{1,3}(?:\.[0-9]+)?) ?%")
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class FileSettings:
    """The settings at the top of the file."""

    organization: str = ""
    prune: str = "none"
    protect: tuple[str, ...] = ()
    heal: tuple[str, ...] = ()
    ignore: Mapping[str, str] = field(default_factory=dict)
    """The rules whose warnings are not shown, each with the reason."""
    max_deletes: int | float | None = None
    mask: tuple[str, ...] = ()
    unmask: tuple[str, ...] = ()


_ODD = "does not look like an organization's id"


def odd_organization(organization: str, table: Table) -> tuple[Problem, ...]:
    """A warning if the organization is most likely not an id, but a subdomain or a URL."""
    advice = next(filter(None, (kind.file.owner_advice(organization) for kind in table.values())), "")
    message = f"the organization `{shown(organization)}` {_ODD}"
    return (structure.ODD_ORGANIZATION.problem(message, advice),) if organization and advice else ()


class Top:
    """Reads the top of the merged file and reports its problems."""

    def __init__(self, root: Map, *, table: Table, fill: Fill, findings: Findings, options: Options) -> None:
        self._root = root
        self._table = table
        self._fill = fill
        self._findings = findings
        self._options = options

    def sections(self) -> tuple[str, ...]:
        """The sections that the file may have."""
        tops = (kind.file.section for kind in self._table.values() if not kind.parent)
        return tuple(dict.fromkeys((*sections_of(self._table), *tops)))

    def check_keys(self) -> None:
        """Reports unknown keys, sections that are not mappings, and a missing or unknown version."""
        known = (*KEYS, *self.sections())
        for key in self._root:
            if key not in known and not key.startswith(FREE):
                at = key_of(self._root.marks[key])
                advice = did_you_mean(key, known, f"known here: {', '.join(known)}")
                self._findings.add(structure.UNKNOWN_KEY, f"`{shown(key)}` is not known here", advice, at=at)
        for section in (*self.sections(), "variables"):
            if section in self._root and not isinstance(self._root[section], Map):
                value = self._root[section]
                rule = structure.NULL if value is None else structure.WRONG_TYPE
                body = {"variables": "VALUE", **dict.fromkeys(sections_of(self._table), "{id: ID}")}
                advice = as_mapping(value, body.get(section, "{}"), "write `{}`, or remove the line")
                self._say(rule, section, f"is {described(value)}, not a mapping", advice)
        self._check_version()

    def _check_version(self) -> None:
        if "version" not in self._root:
            message = "the file has no `version`" if self._root else "the file is empty"
            advice = "begin it with `version: 1`" + ("" if self._root else " and `organization: ID`")
            self._findings.add(structure.NO_VERSION, message, advice, at=self._root.at)
            return
        value = self._root["version"]
        if value == str(VERSION):
            self._say(
                structure.VERSION, "version", "is text, not a number", f"write {VERSION} without quotes"
            )
        elif value != VERSION or isinstance(value, bool):
            self._say(structure.VERSION, "version", "is not 1", "this gbsync reads only version 1")

    def read(self, catalogue: Catalogue) -> FileSettings:
        """The settings. A setting with a problem keeps its default."""
        return FileSettings(
            organization=self._organization(),
            prune=self._prune(),
            protect=self._globs("protect", catalogue),
            heal=self._globs("heal", catalogue),
            ignore=read_ignored(self._root, fill=self._fill, findings=self._findings),
            max_deletes=self._limit(),
            mask=tuple(name for name, _ in self._texts("mask")),
            unmask=tuple(name for name, _ in self._texts("unmask")),
        )

    def _globs(self, key: str, catalogue: Catalogue) -> tuple[str, ...]:
        globs = self._texts(key)
        for glob, at in globs:
            self._check_glob(glob, at)
        return translated((glob for glob, _ in globs), table=self._table, catalogue=catalogue)

    def _organization(self) -> str:
        if self._options.organization:
            return self._options.organization
        if "organization" not in self._root:
            if self._root and not self._options.default_organization:
                message = "no organization is given"
                advice = "add `organization: ID`, with the ID from app.gitbook.com/o/ID"
                self._findings.add(structure.NO_ORGANIZATION, message, advice, at=self._root.at)
            for problem in odd_organization(self._options.default_organization, self._table):
                self._findings.note(problem)
            return self._options.default_organization
        value = self._fill.public(self._root, "organization")
        if value is BROKEN:
            return ""
        if not isinstance(value, str) or not value.strip():
            rule = structure.EMPTY_TEXT if isinstance(value, str) else structure.WRONG_TYPE
            self._say(
                rule, "organization", f"is {described(value) if value else 'empty'}", "write the id as text"
            )
            return ""
        for problem in odd_organization(value, self._table):
            place = self._findings.value(self._root, "organization")
            self._findings.note(replace(problem, message=f"`organization` {_ODD}", place=place))
        return value.strip()

    def _prune(self) -> str:
        if "prune" not in self._root:
            return "none"
        value = self._fill.public(self._root, "prune")
        if value in ("none", "managed", "all"):
            return str(value)
        if value is not BROKEN:
            advice = did_you_mean(str(value), ("none", "managed", "all"), "write one of: none, managed, all")
            self._say(structure.NOT_ALLOWED, "prune", "is not one of the values allowed", advice)
        return "none"

    def _limit(self) -> int | float | None:
        if "max_deletes" not in self._root:
            return None
        value = self._fill.public(self._root, "max_deletes")
        if value is BROKEN:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        share = _SHARE.fullmatch(value) if isinstance(value, str) else None
        if share and float(share["percent"]) <= _WHOLE:
            return float(share["percent"]) / _WHOLE
        self._say(
            structure.BAD_LIMIT,
            "max_deletes",
            "is not a limit",
            "write a number such as 20, or a percentage such as 30%",
        )
        return None

    def _texts(self, key: str) -> list[tuple[str, int]]:
        if key not in self._root:
            return []
        items = self._root[key]
        if not isinstance(items, Seq):
            rule = structure.NULL if items is None else structure.WRONG_TYPE
            self._say(rule, key, f"is {described(items)}, not a list", "write [ITEM, ITEM]")
            return []
        return [text for index in range(len(items)) for text in self._text(items, index)]

    def _text(self, items: Seq, index: int) -> list[tuple[str, int]]:
        at = value_of(items.marks[index])
        value: Any = self._fill.public(items, index)
        if value is BROKEN:
            return []
        if not isinstance(value, str) or not value.strip():
            rule = structure.EMPTY_TEXT if isinstance(value, str) else structure.WRONG_TYPE
            what = "empty" if value == "" else described(value)
            self._findings.add(rule, f"this item is {what}, not a name", "write it as text", at=at)
            return []
        return [(value.strip(), at)]

    def _check_glob(self, glob: str, at: int) -> None:
        """Reports a pattern that cannot match, because its words are not those of any kind."""
        path: list[str] = []
        for word in glob.strip("/").split("/")[::2]:
            if "*" in word:
                return
            words = [kind.word for kind in self._table.values() if kind.parent == "_".join(path)]
            if word not in words:
                message = f"`{shown(glob)}` cannot match any address"
                where = f"under {path[-1]} there is" if path else "an address begins with"
                otherwise = (
                    f"{where} {' or '.join(sorted(words))}" if words else f"nothing is under {path[-1]}"
                )
                advice = did_you_mean(word, words, otherwise)
                self._findings.add(structure.BAD_GLOB, message, advice, at=at)
                return
            path.append(word)

    def _say(self, rule: Any, key: str, what: str, advice: str) -> None:
        self._findings.add(rule, f"`{key}` {what}", advice, at=value_of(self._root.marks[key]))
