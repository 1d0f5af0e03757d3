"""A lease: which run may apply to a section now. The value, and the JSON in which a store keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from reconciler.errors import LockError
from reconciler.resources.stored_json import Damaged, StoredModel, Text, check

FORMAT = 1
LENGTH = 300.0
"""Seconds after which a lease that nobody renews has expired."""
EVERY = 60.0
"""Seconds between two renewals."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who runs gbsync, and where."""

    name: str
    """The user and the machine: `ada@laptop`."""
    run: str = ""
    """The address of the run in CI, if there is one."""

    def __str__(self) -> str:
        return f"{self.name} ({self.run})" if self.run else self.name


@dataclass(frozen=True, slots=True)
class Lease:
    """What a run writes to keep others out. No two runs write the same: each has its own nonce."""

    section: str
    owner: Owner
    nonce: str
    since: str
    """When it was taken, by the clock of the owner's machine: only people read it."""
    length: float = LENGTH
    renewals: int = 0
    """Counted, so that each renewal is another text, and with it another revision."""

    def __str__(self) -> str:
        return f"{self.owner}, since {self.since}"


class _StoredOwner(StoredModel, extra="ignore"):
    name: Text
    run: Text = ""


class _StoredLease(StoredModel, extra="ignore"):
    section: Text
    owner: _StoredOwner
    nonce: Text
    since: Text
    length: float
    renewals: int


def encode_lease(lease: Lease | None) -> str:
    """The text of a lease; of `None` the text that says that nobody has it.

    A release writes that text. A store may delete without a condition only, and that could delete the lease
    of the next run.
    """
    document = {"format": FORMAT, "held": asdict(lease) if lease else None}
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def decode_lease(text: str, name: str) -> Lease | None:
    """The lease in a text; `None` if nobody has it. Raises `LockError` that says what is wrong with it."""
    try:
        document = json.loads(text)
        version = document["format"]
        if isinstance(version, int) and version > FORMAT:
            msg = f"{name}: the lease has format {version}, this program knows {FORMAT}; upgrade gbsync"
            raise LockError(msg)
        if version != FORMAT:
            raise _damaged(name)
        if document["held"] is None:
            return None
        stored = check(_StoredLease, document["held"])
    except (ValueError, RecursionError, TypeError, KeyError, Damaged):
        raise _damaged(name) from None
    owner = Owner(stored.owner.name, stored.owner.run)
    return Lease(stored.section, owner, stored.nonce, stored.since, stored.length, stored.renewals)


def _damaged(name: str) -> LockError:
    msg = f"{name}: the lease is damaged; if no run is applying, `gbsync lock --release` makes it free"
    return LockError(msg)
