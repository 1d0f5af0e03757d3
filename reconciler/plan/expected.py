"""What a step decides on: which object it is, and the values that it had when the plan was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from reconciler.resources.values import ABSENT, Absent

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Identity:
    """Which object a step is about, by what the server says of it.

    A part that the step does not depend on is `None`; for the version it is `ABSENT`, because `None` means
    that the server told no version.
    """

    id: str | None = None
    parent: str | None = None
    """The server id of the parent: the same key under a new parent is another object."""
    version: int | Literal[Absent.ABSENT] | None = ABSENT
    """Of a kind that is written whole: a write over a newer version would undo somebody's publish."""

    @property
    def stated(self) -> Mapping[str, Any]:
        """The parts that the step depends on, by name."""
        parts = {"id": self.id, "parent": self.parent}
        stated: dict[str, Any] = {name: value for name, value in parts.items() if value is not None}
        return stated if self.version is ABSENT else {**stated, "version": self.version}


@dataclass(frozen=True, slots=True)
class Expected:
    """What must still be so when a step is carried out.

    Identity and fields are two parts, because a kind may have a field that is called `version` or `id`.
    """

    identity: Identity = field(default_factory=Identity)
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Live values by name (`title`, `configuration.channel`); `ABSENT` for what was not there."""
    other_keys: tuple[str, ...] | None = None
    """For a deletion, the keys of the keyed field that are not in `fields`: a key that joins them is new."""
