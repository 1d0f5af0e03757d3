"""The problems found so far, and the files that they stand in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.config.sources.disk import DISK
from reconciler.config.yaml import nodes as tree
from reconciler.diagnostics import Severity, in_order
from reconciler.errors import ConfigError
from reconciler.suggest import near

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reconciler.config.rules.rule import Rule
    from reconciler.config.sources.disk import FileSource
    from reconciler.diagnostics import Place, Problem


_LONGEST = 600
ERRORS_MAX = 1000
"""More would not help anybody, and a file with a million problems must not fill the memory."""
GUESSES_MAX = 50


def _too_many(last: Problem) -> Problem:
    message = f"there are more than {ERRORS_MAX:,} problems, and the rest of the files was not checked"
    return replace(last, message=message, advice="fix what the first ones have in common", address="")


def _visible(text: str) -> str:
    if text.isprintable() and len(text) <= _LONGEST:
        return text
    clean = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}…"


class Findings:
    """Collects the problems of one run of `load`, and numbers its files."""

    def __init__(self, source: FileSource = DISK) -> None:
        self.source = source
        """Where its files are read from."""
        self.files: list[str] = []
        self.folders: list[Path] = []
        self.roots: list[tree.Map] = []
        self.named: list[str] = []
        """Files that a file names, as paths to show."""
        self.silent: list[str] = []
        """Files with no key except `version`."""
        self.partial = False
        """Whether a file could not be read, so that something that seems missing may be in it."""
        self._problems: dict[Problem, None] = {}
        self._errors = 0
        self._guesses = 0

    def enter(self, name: str, folder: Path) -> int:
        """Gives a file its number. Paths in the file are relative to `folder`."""
        self.files.append(name)
        self.folders.append(folder)
        self.roots.append(tree.Map())
        return len(self.files) - 1

    @property
    def read(self) -> Iterable[tuple[str, tree.Map]]:
        """Every file so far with its mapping, which is empty if it could not be read."""
        return zip(self.files, self.roots, strict=True)

    def place(self, position: int) -> Place:
        """The place of a packed position."""
        return tree.unpack(position, self.files)

    def key(self, parent: tree.Map, key: str) -> Place:
        """Where a key stands."""
        return self.place(tree.key_of(parent.marks[key]))

    def value(self, parent: tree.Map | tree.Seq, key: str | int) -> Place:
        """Where a value stands."""
        return self.place(tree.value_of(tree.mark_of(parent, key)))

    def folder(self, position: int) -> Path:
        """The folder of the file that a position is in."""
        return self.folders[tree.file_of(position)]

    def add(
        self,
        rule: Rule,
        message: str,
        advice: str = "",
        *,
        at: Place | int | None = None,
        address: str = "",
        also: tuple[Place, ...] = (),
    ) -> None:
        """Reports something that breaks a rule. The same problem twice counts once."""
        if self.partial and rule.needs_all:
            return
        place = self.place(at) if isinstance(at, int) else at
        self.note(rule.problem(message, advice, place=place, address=address, also=also))

    def note(self, problem: Problem) -> None:
        """Adds a problem, with text quoted from a file shortened, and control characters replaced."""
        visible = replace(
            problem,
            message=_visible(problem.message),
            advice=_visible(problem.advice),
            address=_visible(problem.address),
        )
        self._errors += problem.severity is Severity.ERROR and visible not in self._problems
        self._problems[visible] = None
        if self._errors > ERRORS_MAX:
            raise ConfigError((*self.problems, _too_many(problem)))

    def near(self, name: str, known: Iterable[str]) -> str | None:
        """The near miss of a name. After many of them it gives none, because each takes a while."""
        self._guesses += 1
        return near(name, known) if self._guesses <= GUESSES_MAX else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem, in the order of the files and the places in them."""
        by_rule = sorted(self._problems, key=lambda problem: (problem.rule, problem.message))
        return in_order(by_rule, self.files)

    def stop(self) -> tuple[Problem, ...]:
        """The warnings. Raises `ConfigError` with all problems if one of them is an error."""
        problems = self.problems
        if any(problem.severity is Severity.ERROR for problem in problems):
            raise ConfigError(problems)
        return problems
