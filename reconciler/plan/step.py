"""Change, Step, Plan: what is going to be done, frozen and complete for apply and for every renderer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.plan.expected import Expected
from reconciler.resources.digest import Salt
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.diagnostics import Place, Problem
    from reconciler.lock.document import LockEntry
    from reconciler.resources.resource import Address


class Action(StrEnum):
    """What a step does to its address."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Reason(StrEnum):
    """Why a step is there, where the action does not say it; names follow Terraform's `action_reason`."""

    NONE = ""
    DECLARED_ABSENT = "delete_because_declared_absent"
    NO_LONGER_DECLARED = "delete_because_no_longer_declared"
    NOT_DECLARED = "delete_because_not_declared"
    PARENT = "delete_because_parent"
    DEPENDENCY = "delete_because_dependency"
    DESTROY = "delete_because_destroy"
    FINGERPRINT_CHANGED = "update_because_write_only_field_changed"
    VERSION_MOVED = "update_because_published_elsewhere"
    NEVER_RECORDED = "update_because_never_recorded"
    LET_GO = "create_because_parent_lets_go"

    @property
    def sentence(self) -> str:
        """The reason for people."""
        return _SENTENCES[self]


_SENTENCES: Mapping[Reason, str] = {
    Reason.NONE: "",
    Reason.DECLARED_ABSENT: "the file says absent: true",
    Reason.NO_LONGER_DECLARED: "no file names it any more (prune: managed)",
    Reason.NOT_DECLARED: "no file declares it (prune: all)",
    Reason.PARENT: "is deleted together with its parent",
    Reason.DEPENDENCY: "is deleted first: what it depends on is deleted too",
    Reason.DESTROY: "--destroy was given",
    Reason.FINGERPRINT_CHANGED: "a field that cannot be read back has changed in the file",
    Reason.VERSION_MOVED: "someone else published since the last apply",
    Reason.NEVER_RECORDED: "the lock does not know what was published",
    Reason.LET_GO: "exists implicitly until its parent changes; created if it disappears then",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `before` and `after` are JSON values, `Secret`, `SealedText` or `ABSENT`."""

    path: tuple[str, ...]
    before: Any = ABSENT
    after: Any = ABSENT
    unknown: bool = False
    """The live value cannot be known: it is written to be sure, and the step's reason says why."""
    place: Place | None = None

    @property
    def symbol(self) -> str:
        """`+` set, `-` removed, `~` changed, `?` unknown: the meaning without colour."""
        if self.unknown:
            return "?"
        if self.before is ABSENT:
            return "+"
        return "-" if self.after is ABSENT else "~"

    @property
    def name(self) -> str:
        """The path as people write it: `configuration.channel`."""
        return dotted(self.path)


@dataclass(frozen=True, slots=True)
class Step:
    """One action on one address."""

    action: Action
    address: Address
    changes: tuple[Change, ...] = ()
    reason: Reason = Reason.NONE
    label: str = ""
    """The catalogue's name or the title. Text from outside."""
    place: Place | None = None
    expected: Expected = field(default_factory=Expected)
    """What it decides on, as it was live."""
    desired: Mapping[str, Any] = field(default_factory=dict)
    """The declared attributes that must hold afterwards; `None` in a keyed field removes that key."""
    left_out: frozenset[str] = frozenset()
    """Fields of `desired` that a whole write is sent without: it leaves them as `desired` has them."""
    needs: tuple[Address, ...] = ()
    """Addresses whose steps must have succeeded before this one starts."""
    requests: int = 1
    """How many requests it will take."""
    sends: bool = True
    """False where another step's request does it: what goes with a parent's delete."""

    @property
    def name(self) -> str:
        """What people call it: its label, else its key."""
        return self.label or self.address.key

    @property
    def symbol(self) -> str:
        """`+`, `~`, `-`; `?` where all that differs is unknown."""
        if self.action is Action.UPDATE and self.changes and all(change.unknown for change in self.changes):
            return "?"
        return {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}[self.action]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that no step touches and that a reviewer should know of."""

    address: Address
    label: str = ""
    path: tuple[str, ...] = ()
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A step that would be needed and that this run may not carry out."""

    step: Step
    why: str


class Origin(StrEnum):
    """Where a change comes from, by what another version of the files plans on the same live state."""

    BRANCH = "branch"
    UNKNOWN = "unknown"
    UNDOES = "undoes"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class StepOrigin:
    """The origin of a step, and of each of its changes."""

    step: Origin
    changes: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """What a plan was compared with, and what came of it."""

    ref: str
    """As the user wrote it. Text from outside."""
    commit: str
    origins: Mapping[Address, StepOrigin] = field(default_factory=dict)
    """Of every step."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why."""

    def of(self, address: Address) -> Origin:
        """The origin of a step; what no step touches was there before."""
        known = self.origins.get(address)
        return known.step if known else Origin.BEFORE

    def count(self, origin: Origin) -> int:
        """How many steps have this origin."""
        return sum(item.step is origin for item in self.origins.values())


SHARE = 0.3
_NO_SALT = Salt("")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the files allow: a number of deletions, or as `float` a share, and the addresses that stay."""

    max_deletes: int | float = SHARE
    protect: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    """Files that declare nothing. A failed job may have cut one short, so that alone deletes nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that apply needs, and everything a reviewer is told."""

    organization: str
    endpoint: str
    steps: tuple[Step, ...] = ()
    """In the order of display and, as far as order matters, of work: creates and updates, then deletions."""
    unmanaged: tuple[Notice, ...] = ()
    """Live, and no file declares it."""
    forgotten: tuple[Notice, ...] = ()
    """No longer managed, still set: a line was removed from the file and pruning does not cover it."""
    declared_in_unread_file: tuple[Notice, ...] = ()
    """In the lock, declared by a file that was not read in this run."""
    pending: tuple[Notice, ...] = ()
    """Waits for a person, with the link."""
    uncompared: tuple[Notice, ...] = ()
    """Neither equal nor different: a masked snapshot value, or a secret that is not set here."""
    problems: tuple[Problem, ...] = ()
    """Warnings; errors never get this far."""
    notes: tuple[str, ...] = ()
    """What is printed first: that there is no lock, that a list was refused."""
    partial: bool = False
    """`--target` or `--exclude` narrowed it."""
    destroy: bool = False
    snapshot: bool = False
    """Made from a recorded state: cannot be applied."""
    live_count: int = 0
    """How many resources were live within reach."""
    declared_count: int = 0
    """How many resources the files name, absent ones among them."""
    limits: Limits = field(default_factory=Limits)
    """What the guards hold it against, also when it was saved."""
    mask: tuple[str, ...] = ()
    """Names of the user's whose live values are masked, beside the usual ones."""
    secret_fields: frozenset[tuple[str, str, str]] = frozenset()
    """Root, kind and name of fields and keys that are secret, whatever they are called."""
    reads: int = 0
    """How many requests it took to make the plan."""
    pages: int = 0
    """How many pages of lists apply reads, in place of each object by itself."""
    closing: int = 0
    """How many lists apply asks for at its end: whether what it made is there twice."""
    rate: float | None = None
    """Requests per second that the API allows, as seen; `None` when it did not say."""
    lock_entries: Mapping[Address, LockEntry] = field(default_factory=dict)
    """Per declared address what the lock says once it is as declared."""
    forget: tuple[Address, ...] = ()
    """Addresses that leave the lock, deleted or not live any more."""
    labels: Mapping[Address, str] = field(default_factory=dict)
    against: Against | None = None
    """With `--against`: which steps are this branch's, and which were there before."""
    left_out: tuple[LeftOut, ...] = ()
    """Steps that an approval, a reviewed plan or a drift report does not cover: they are not in `steps`."""
    salt: Salt = _NO_SALT
    """Of the lock: what is secret in a fingerprint is digested with it."""

    @property
    def requests(self) -> int:
        """How many requests apply will send, retries aside."""
        return sum(step.requests for step in self.steps) + self.pages + self.closing

    def count(self, action: Action) -> int:
        """How many steps have this action."""
        return sum(step.action is action for step in self.steps)

    @property
    def summary(self) -> str:
        """Terraform's line, which tools look for."""
        if not self.steps and not self.left_out:
            return "No changes."
        create, update, delete = (self.count(action) for action in Action)
        return f"Plan: {create} to add, {update} to change, {delete} to destroy."
