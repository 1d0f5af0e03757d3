"""Everything that the planner works with: the states, the lock, the table of kinds, and the policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.plan.step import Limits
from reconciler.resources.secret_names import SecretNames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.lock.document import Base, LockEntry
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.redaction import Redactor
    from reconciler.resources.resource import Address, Live, State
    from reconciler.resources.targets import Selection


def _yes(_name: str) -> bool:
    return True


def _unnamed(_address: Address) -> str:
    return ""


def _itself(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class Policy:
    """What the files and the command line say about the run itself."""

    organization: str
    endpoint: str = ""
    prune: str = "none"
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    destroy: bool = False
    snapshot: bool = False
    read_only: bool = False
    """Nobody will apply the plan, so an error that only prevents applying it is a warning."""
    afterwards: bool = False
    """A plan of the same targets was applied just now, so what they named may be gone."""
    limits: Limits = field(default_factory=Limits)
    mask: tuple[str, ...] = ()
    """The user's own names of keys that hold secrets."""
    names: SecretNames = field(default_factory=SecretNames)
    """Which keys are secret by their names."""
    named: Callable[[Address], str] = _unnamed
    """The name that the files have for an address, declared or not; empty for none."""
    remembered: Callable[[str], str] = _itself
    """How the lock names a file."""
    file_was_read: Callable[[str], bool] = _yes
    """Whether this run has read the file that the lock names, or it no longer exists."""


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What every part of the planner works with."""

    desired: State
    """What is declared within reach, with `None` for every key that is to be removed."""
    seen: Live
    base: Base
    table: Table
    policy: Policy
    selection: Selection
    redactor: Redactor
    unset: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    """The fields in which a secret stands that is not set, of addresses that have such."""

    @property
    def live(self) -> State:
        """The live state."""
        return self.seen.state

    def kind(self, address: Address) -> Kind:
        """The row of an address."""
        return self.table[address.kind]

    def within(self, address: Address) -> bool:
        """Whether the run is about this address."""
        return self.selection.within(address)

    def label(self, address: Address) -> str:
        """The catalogue's name, also of what no file declares any more; else the title."""
        declared, live = self.desired.get(address), self.live.get(address)
        name = declared.declaration.label if declared and declared.declaration else ""
        return name or self.policy.named(address) or (live.facts.label if live else "")

    def entry(self, address: Address) -> LockEntry | None:
        """What the lock remembers of the address."""
        return self.base.entries.get(address)

    def prune(self, address: Address) -> str:
        """The prune mode for an address: its parent's own, else the file's."""
        parent = self.desired.get(address.parent) if address.parent else None
        own = parent.declaration.prune if parent and parent.declaration else ""
        return own or self.policy.prune

    def implicit(self, address: Address) -> str:
        """The field of its parent that makes it exist by itself once the plan is applied; else empty."""
        return self._by_itself(address, self.live, self.desired)

    def implicit_until_parent_changes(self, address: Address) -> bool:
        """Whether it exists by itself now, and no longer after the plan has changed its parent."""
        return bool(self._by_itself(address, self.live)) and not self.implicit(address)

    def _by_itself(self, address: Address, *states: State) -> str:
        above = address.parent
        if above is None:
            return ""
        attributes: dict[str, object] = {}
        for state in states:
            if parent := state.get(above):
                attributes |= parent.attributes
        return self.kind(above).implicit(attributes).get(address.kind, "")
