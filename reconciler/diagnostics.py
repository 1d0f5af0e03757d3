"""Places in files, and the problems found there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Path = tuple[str | int, ...]
"""The way to a value inside of a resource or a document: `("blocks", 0, "title")`."""


def dotted(path: Iterable[str | int]) -> str:
    """A path as people and the lock write it: `blocks.0.title`."""
    return ".".join(map(str, path))


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file: line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1
    selector: str = field(default="", compare=False)
    """For a line that speaks of several things at once, how it selects them: `tag:public`."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Snippet:
    """The line of a file that something is about; what is secret in it is masked."""

    code: str
    start: int
    """Where in the line it begins, from 0."""
    end: int
    byte: int
    """How many bytes of the file stand before it."""


def in_order(problems: Iterable[Problem], files: Sequence[str]) -> tuple[Problem, ...]:
    """The problems in the order of the files and the places in them, those without a place first."""
    numbers = {name: number for number, name in enumerate(files)}

    def rank(problem: Problem) -> tuple[int, int, int]:
        place = problem.place or Place("", 0, 0)
        return numbers.get(place.file, len(numbers) if problem.place else -1), place.line, place.column

    return tuple(sorted(problems, key=rank))


class Severity(StrEnum):
    """How bad a problem is: an error stops, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: *where: what is wrong; what to do*."""

    rule: str
    """The stable id of the rule, `GB012`."""
    message: str
    advice: str = ""
    place: Place | None = None
    address: str = ""
    severity: Severity = Severity.ERROR
    also: tuple[Place, ...] = ()
    """Other places that belong to it: the first of two duplicates, say."""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        subject = f" {self.address}" if self.address else ""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{where}{self.rule}{subject}: {self.message}{advice}"


def not_ignored(problems: Iterable[Problem], reasons: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems less the warnings of the rules that a reason stands for. An error is never ignored."""
    return tuple(
        problem for problem in problems if problem.severity is Severity.ERROR or problem.rule not in reasons
    )
