"""All that one planning looks at: states, lock, table, and what is said of the run itself."""

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
    """Nobody will apply the plan: what stands against applying it is a warning."""
    afterwards: bool = False
    """A plan of the same targets was applied: what they named may be gone by now."""
    limits: Limits = field(default_factory=Limits)
    mask: tuple[str, ...] = ()
    """The user's own names of keys that hold secrets."""
    names: SecretNames = field(default_factory=SecretNames)
    """Which keys are secret by their names."""
    remembered: Callable[[str], str] = _itself
    """How the lock names a file."""
    file_was_read: Callable[[str], bool] = _yes
    """Whether this run has read the file that the lock names, or it no longer exists."""


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What every part of the planner asks its questions of."""

    desired: State
    """What is declared within reach, with the keys that it is to lose set to `None`."""
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
        """What is there."""
        return self.seen.state

    def kind(self, address: Address) -> Kind:
        """The row of an address."""
        return self.table[address.kind]

    def within(self, address: Address) -> bool:
        """Whether the run is about this address."""
        return self.selection.within(address)

    def label(self, address: Address) -> str:
        """The catalogue's name, else the title."""
        declared, live = self.desired.get(address), self.live.get(address)
        name = declared.declaration.label if declared and declared.declaration else ""
        return name or (live.facts.label if live else "")

    def entry(self, address: Address) -> LockEntry | None:
        """What the lock remembers of the address."""
        return self.base.entries.get(address)

    def prune(self, address: Address) -> str:
        """The prune mode for an address: its parent's own, else the file's."""
        parent = self.desired.get(address.parent) if address.parent else None
        own = parent.declaration.prune if parent and parent.declaration else ""
        return own or self.policy.prune

    def implicit(self, address: Address) -> str:
        """The field of its parent by which it exists by itself once the plan is applied, if any."""
        return self._by_itself(address, self.live, self.desired)

    def implicit_until_parent_changes(self, address: Address) -> bool:
        """Whether it exists by itself now, and no longer once its parent is changed by the plan."""
        return bool(self._by_itself(address, self.live)) and not self.implicit(address)

    def _by_itself(self, address: Address, *states: State) -> str:
        above = address.parent
        if above is None:
            return ""
        laid: dict[str, object] = {}
        for state in states:
            if found := state.get(above):
                laid |= found.attributes
        return self.kind(above).implicit(laid).get(address.kind, "")
