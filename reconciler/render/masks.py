"""Numbered masks for secrets: a reader sees that a secret changed, but never what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.resources.digest import Digest, is_masked
from reconciler.resources.values import Secret, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.step import Plan


class Masks:
    """A number for each secret, in the order in which they first occur; equal values have the same number."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    @classmethod
    def of(cls, plan: Plan) -> Masks:
        """The masks of a plan, numbered in the order of its steps: the same in all outputs."""
        masks = cls()
        for step in plan.steps:
            for change in step.changes:
                masks.meet(change.before, change.after)
        return masks

    def meet(self, *values: Any) -> None:
        """Gives a number to every secret in the values."""
        for value in values:
            for secret in _secrets(value):
                self.number(secret)

    def number(self, secret: Secret | Digest) -> int:
        """The number of the secret; a new secret gets the next one."""
        return self._numbers.setdefault(_identity(secret), len(self._numbers) + 1)

    def text(self, secret: Secret | Digest) -> str:
        """`(secret #1)`."""
        return f"(secret #{self.number(secret)})"


def is_hidden(value: Any) -> bool:
    """Whether the value is a secret, or the digest of one."""
    return isinstance(value, Secret) or (isinstance(value, Digest) and is_masked(value.text))


def _identity(secret: Secret | Digest) -> object:
    if isinstance(secret, Digest):
        return ("digest", secret.text)
    # A secret that is not set here has no value; where it comes from tells it from others.
    return ("value", canonical(secret)) if secret.known else ("source", secret.parts)


def _secrets(value: Any) -> Iterator[Secret | Digest]:
    if is_hidden(value):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)
