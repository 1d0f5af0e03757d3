"""What can go wrong, sorted by who can fix it.

    GbsyncError                       exit 1
      UsageError                      whoever typed the command
      ConfigError                     whoever wrote the files: carries every problem found
      AccessError                     whoever holds the token
      LockError                       whoever keeps the lock file
      Declined                        whoever was asked, and did not say yes
      Refused                         whoever may allow it              exit 3
      Stale                           whoever reviewed the plan         exit 4
      Incomplete                      whoever runs it again             exit 5
      Interrupted                     whoever pressed Ctrl-C            exit 130
      ApiError                        GitBook, or what lies on the way to it
        NotFound                      404
        AlreadyExists                 409
        Unavailable                   gave up after retrying: 429, 5xx, no connection, no time left
          Lagging                     one reply says that it exists, another one does not show it yet
        RateLimited                   the rate limit let nothing through for longer than --max-wait
        BadReply                      a reply that is not what the reference promises
        TryAgain                      a write that has to be built again from a fresh read before it is resent
          Limited                     the same, and it was not carried out: the rate limit refused it
        Ambiguous                     a write of which nobody knows whether it was carried out

A message is *where: what is wrong; what to do*. No code decides anything by the text of an error.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.diagnostics import Problem


class GbsyncError(Exception):
    """An error that gbsync can explain. It is shown as a message, never with a traceback."""

    exit_code = 1


class UsageError(GbsyncError):
    """The command line asks for something that is not possible."""


class ConfigError(GbsyncError):
    """The files are wrong; every problem is reported at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class AccessError(GbsyncError):
    """The token is missing, wrong, or may not do this."""


class LockError(GbsyncError):
    """The lock file is damaged, newer than this program, or held by another run."""


class Declined(GbsyncError):
    """A person was asked and did not agree; nothing was touched."""


class Refused(GbsyncError):
    """A guard refuses the plan; nothing was touched."""

    exit_code = 3

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class Stale(GbsyncError):
    """What the saved plan was made from has changed since; nothing was touched.

    `reconciler.plan.conflict.ConflictingPlan` is the one that says what changed, value by value.
    """

    exit_code = 4

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class Incomplete(GbsyncError):
    """A part of the plan was applied and a part was not; the report says which."""

    exit_code = 5


class Interrupted(GbsyncError):
    """The user stopped it; steps in flight were finished and reported."""

    exit_code = 130


class ApiError(GbsyncError):
    """A call did not succeed. Never carries the token, a request body or a secret."""

    def __init__(
        self, message: str, *, operation: str = "", subject: str = "", status: int | None = None
    ) -> None:
        self.message = message
        self.operation = operation
        self.subject = subject
        self.status = status
        super().__init__(self.about(""))

    def about(self, known: str) -> str:
        """The whole message for readers who know what it is about: its subject is left out if it is that."""
        subject = "" if self.subject == known else self.subject
        where = " ".join(part for part in (self.operation, subject) if part)
        code = f" (HTTP {self.status})" if self.status is not None else ""
        return f"{where}: {self.message}{code}" if where else f"{self.message}{code}"


class NotFound(ApiError):
    """It does not exist, or the token may not see it."""


class AlreadyExists(ApiError):
    """It exists already."""


class Unavailable(ApiError):
    """GitBook could not be reached, or refused for too long."""


class Lagging(Unavailable):
    """One reply says that it exists, another one does not show it yet: lists and reads lag behind writes."""


class RateLimited(ApiError):
    """The rate limit lets nothing through for longer than anybody waits: this request was not made."""

    def __init__(self, reason: str, *, until: float) -> None:
        self.until = until
        at = datetime.fromtimestamp(until, UTC)
        super().__init__(f"rate limited until {at:%Y-%m-%d %H:%M:%S} UTC ({reason})")


class BadReply(ApiError):
    """The reply is not what the reference promises."""


class TryAgain(ApiError):
    """The write was perhaps not carried out. Before it is sent again it must be built from a fresh read.

    All waits are over when this is raised.
    """


class Limited(TryAgain):
    """The rate limit refused the write, so it was not made; it waits its turn like any other request."""


class Ambiguous(ApiError):
    """Nobody knows whether the write was carried out: the reply got lost."""
