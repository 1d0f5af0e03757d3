"""What can go wrong with a request. Faults are drawn from a seed, or listed by the request's number."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Fault(StrEnum):
    """A way to fail. Those that end in `-after` happen after the request took effect.

    On a port nothing can be refused that has been accepted: there `refused` is a reset.
    """

    LIMIT_SECONDS = "429-seconds"
    LIMIT_DATE = "429-date"
    LIMIT_HEADERS = "429-headers"
    ERROR = "500"
    ERROR_AFTER = "500-after"
    GATEWAY = "502"
    GATEWAY_AFTER = "502-after"
    UNAVAILABLE = "503"
    TIMEOUT = "504"
    TIMEOUT_AFTER = "504-after"
    HTML = "html"
    HTML_AFTER = "html-after"
    REFUSED = "refused"
    RESET = "reset"
    RESET_AFTER = "reset-after"
    TRUNCATED = "truncated-after"
    SLOW = "slow-after"
    HANG = "hang"
    HANG_AFTER = "hang-after"

    @property
    def commits(self) -> bool:
        """Whether the request takes effect although it fails."""
        return self.endswith("-after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Which request meets which fault. The same seed gives the same faults."""

    seed: int = 0
    rates: Mapping[Fault, float] = field(default_factory=dict)
    """The share of requests that meets each fault."""
    script: Mapping[int, Fault] = field(default_factory=dict)
    """Exact faults by the number of the request, which counts from 1."""
    operations: frozenset[str] = frozenset()
    """Only these operations fail at random; empty: all."""
    retry_after: int = 1
    """Seconds that a refused caller is told to wait."""
    slow: float = 5
    """Seconds that a slow reply takes."""
    silence: float = 3600
    """Seconds that a hanging request stays open, if the caller waits that long."""

    @classmethod
    def spread(cls, rate: float, *, seed: int = 0, kinds: Iterable[Fault] = tuple(Fault)) -> Faults:
        """Faults of all these kinds, which together hit `rate` of the requests."""
        kinds = tuple(kinds)
        return cls(seed=seed, rates=dict.fromkeys(kinds, rate / len(kinds)))

    @classmethod
    def parse(cls, texts: Iterable[str], *, seed: int = 0) -> Faults:
        """The faults that `KIND=RATE`, `all=RATE` and `KIND@NUMBER` ask for. Raises `UsageError`."""
        rates: dict[Fault, float] = {}
        script: dict[int, Fault] = {}
        for text in texts:
            try:
                _read(text, rates, script)
            except ValueError as error:
                msg = f"fault {text}: {error}"
                raise UsageError(msg) from None
        return cls(seed=seed, rates=rates, script=script)

    def at(self, number: int, operation: str) -> Fault | None:
        """The fault of the request with this number, if any."""
        if number in self.script:
            return self.script[number]
        if not self.rates or (self.operations and operation not in self.operations):
            return None
        drawn = random.Random(self.seed * 1_000_003 + number).random()  # noqa: S311 - repeatable is the point
        for kind, rate in self.rates.items():
            drawn -= rate
            if drawn < 0:
                return kind
        return None


NONE = Faults()


def _read(text: str, rates: dict[Fault, float], script: dict[int, Fault]) -> None:
    kind, sign, amount = text.partition("@" if "@" in text else "=")
    if not sign:
        msg = "says not how often; write KIND=RATE, all=RATE or KIND@NUMBER"
        raise ValueError(msg)
    if sign == "@":
        script[_counted(amount)] = _known(kind)
        return
    kinds = tuple(Fault) if kind == "all" else (_known(kind),)
    rates.update(dict.fromkeys(kinds, _share(amount) / len(kinds)))


def _known(kind: str) -> Fault:
    if kind not in tuple(Fault):
        msg = f"there is no {kind or 'such fault'}; there are {', '.join(Fault)}"
        raise ValueError(msg)
    return Fault(kind)


def _counted(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        msg = f"{text or 'nothing'} is no number of a request; they count from 1"
        raise ValueError(msg)
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        msg = f"{text or 'nothing'} is no share of the requests; write a number from 0 to 1"
        raise ValueError(msg)
    return share
