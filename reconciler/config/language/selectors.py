"""Which sites or spaces each key of a section selects, and what is declared for each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.config.language import catalogue as cat
from reconciler.config.rules import catalogue, structure, values
from reconciler.config.yaml import overlays as overlay
from reconciler.config.yaml.nodes import Map, key_of, value_of
from reconciler.config.yaml.parser import described, shown
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.config.language.catalogue import Catalogue
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Kind


@dataclass(frozen=True, slots=True)
class Selected:
    """One id with everything that is declared for it."""

    id: str
    body: Map
    at: int
    """The packed position of the most specific key that selects it."""
    label: str = ""
    selectors: tuple[tuple[str, Map], ...] = ()
    """The keys that select it together with others, and what each of them declares."""
    shared: bool = False
    """Whether other ids have the same body, so that it is filled in only once."""


@dataclass(slots=True)
class _Choice:
    tags: list[str] = field(default_factory=list)
    own: str = ""
    implicit: bool = False

    def keys(self, order: tuple[str, ...]) -> tuple[str, ...]:
        """The keys that select it: `*`, tags in the order of the member's `tags`, its name or id."""
        tags = [cat.TAG + tag for tag in order if tag in self.tags]
        return (*([cat.ALL] if self.implicit else []), *tags, *([self.own] if self.own else []))


class SectionSelection:
    """Resolves the keys of one section. Reports keys that select nothing, or the same site or space twice."""

    def __init__(
        self, entries: Map, *, kind: Kind, catalogue: Catalogue, findings: Findings, address: str
    ) -> None:
        self._entries = entries
        self._kind = kind
        self._catalogue = catalogue
        self._findings = findings
        self._address = address
        self._choices: dict[str, _Choice] = {}
        self._merged: dict[tuple[str, ...], Map] = {}

    def selected(self) -> Iterator[Selected]:
        """Each id once, in the order in which the section first selects it."""
        for key, body in self._entries.items():
            if "${{" in key:
                self._note(
                    values.KEY_EXPRESSION,
                    "an expression cannot be a key",
                    "write a name, an id or a tag",
                    key,
                )
            elif isinstance(body, Map):
                self._choose(key)
            else:
                self._refuse_body(key, body)
        for server_id, choice in self._choices.items():
            yield self._one(server_id, choice)

    def _one(self, server_id: str, choice: _Choice) -> Selected:
        member = self._catalogue.find(self._kind.file.section, server_id)
        keys = choice.keys(member.tags if member else ())
        body = self._merged.get(keys)
        if body is None:
            body = overlay.layered(self._entries[key] for key in keys)
            if keys[-1] != choice.own:
                self._merged[keys] = body
        at = key_of(self._entries.marks[keys[-1]])
        selectors = tuple((key, self._entries[key]) for key in keys if key != choice.own)
        name = member.name if member else ""
        return Selected(server_id, body, at, name, selectors, shared=keys[-1] != choice.own)

    def _choose(self, key: str) -> None:
        section = self._kind.file.section
        members = self._catalogue.members(section)
        if key == cat.ALL:
            if not members:
                message = f"`*` selects nothing: the catalogue has no {section}"
                self._note(catalogue.EMPTY_SELECTION, message, f"add names under `{section}:`", key)
            for member in members.values():
                self._choice(member.id).implicit = True
        elif key.startswith(cat.TAG):
            self._choose_tag(key)
        elif ":" in key:
            message = f"`{shown(key)}` is not a selector"
            advice = did_you_mean(
                key, (cat.TAG + tag for tag in self._catalogue.tags(section)), "use tag:NAME, a name or an id"
            )
            self._note(catalogue.UNKNOWN_SELECTOR, message, advice, key)
        else:
            self._choose_own(key)

    def _choose_tag(self, key: str) -> None:
        section, tag = self._kind.file.section, key.removeprefix(cat.TAG).strip()
        if not tag:
            self._note(catalogue.UNKNOWN_SELECTOR, "`tag:` has no name after it", "write tag:NAME", key)
            return
        tagged = [member for member in self._catalogue.members(section).values() if tag in member.tags]
        for member in tagged:
            self._choice(member.id).tags.append(tag)
        if not tagged:
            known = self._catalogue.tags(section)
            message = f"no member of `{section}` has the tag `{shown(tag)}`"
            self._note(
                catalogue.UNKNOWN_TAG,
                message,
                did_you_mean(tag, known, "add the tag to a member, or remove this line"),
                key,
            )

    def _choose_own(self, key: str) -> None:
        section = self._kind.file.section
        server_id = self._catalogue.id(section, key)
        if self._catalogue.find(section, key) is None and not self._check_id(key):
            return
        choice = self._choice(server_id)
        if choice.own:
            first = self._findings.key(self._entries, choice.own)
            message = f"`{key}` and `{choice.own}` at {first} are the same {self._kind.word}"
            at = key_of(self._entries.marks[key])
            self._findings.add(
                catalogue.NAME_AND_ID,
                message,
                "keep one of them",
                at=at,
                address=self._address,
                also=(first,),
            )
        choice.own = key

    def _check_id(self, key: str) -> bool:
        section, word = self._kind.file.section, self._kind.word
        if (
            not re.fullmatch(self._kind.file.key_pattern, key)
            or len(key) > self._kind.file.key_max
            or not key.strip()
        ):
            self._note(
                structure.BAD_NAME,
                f"`{shown(key)}` cannot be the id of a {word}",
                "copy its id from the app",
                key,
            )
            return False
        if self._kind.file.id_pattern and re.fullmatch(self._kind.file.id_pattern, key):
            return True
        close = self._findings.near(key, self._catalogue.members(section))
        if close:
            message = f"`{shown(key)}` is not in the catalogue"
            self._note(catalogue.NEAR_NAME, message, f"did you mean `{close}`?", key)
        elif self._kind.file.id_pattern:
            message = f"`{shown(key)}` is not in the catalogue and does not look like the id of a {word}"
            self._note(catalogue.ODD_ID, message, f"add it under `{section}:` if it is a name", key)
        return True

    def _choice(self, server_id: str) -> _Choice:
        return self._choices.setdefault(server_id, _Choice())

    def _refuse_body(self, key: str, body: object) -> None:
        rule = structure.NULL if body is None else structure.WRONG_TYPE
        message = f"`{shown(key)}` is {described(body)}, not a mapping"
        at = value_of(self._entries.marks[key])
        self._findings.add(rule, message, "write its fields, or `{}` for none", at=at, address=self._address)

    def _note(self, rule: object, message: str, advice: str, key: str) -> None:
        at = key_of(self._entries.marks[key])
        self._findings.add(rule, message, advice, at=at, address=self._address)  # type: ignore[arg-type]
