"""`git:REMOTE/BRANCH`: the lock on a branch. A save is a commit, pushed over the one that was read."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field

from reconciler.lock.stores.documents import Moved, Stored, Unanswered
from reconciler.lock.stores.git_process import REMOTE, GitFailed, GitProcess

KEY = "gbsync.lock"
REF = "refs/gbsync/lock"
NO_SUCH_REF = 2
"""How `git ls-remote --exit-code` ends if the branch is not there."""
SUFFIX = ".lock"
TRIES = 3


@dataclass(slots=True)
class GitBranch:
    """A `DocumentStore` on a branch: a document is a file, and its revision git's name of the content."""

    git: GitProcess
    branch: str
    _head: str = field(default="", init=False)
    """The newest commit that is known here; empty if there is no branch."""
    _options: tuple[str, ...] = field(default=("--push-option=ci.skip",), init=False)
    """GitLab starts no pipeline for a push with this option. Servers without options refuse it."""

    @property
    def name(self) -> str:
        """As --lock names it."""
        return f"git:{self.git.remote}/{self.branch}"

    @property
    def key(self) -> str:
        """The file of the lock."""
        return KEY

    @property
    def conditional(self) -> bool:
        """True. A push that is not forced never replaces a commit that it does not stand on."""
        return True

    def read(self, key: str) -> Stored | None:
        """The file as it is on the branch now."""
        self._refresh()
        blob = self._blob(key)
        return Stored(self.git("cat-file", "blob", blob), blob) if blob else None

    def write(self, key: str, text: str, revision: str | None) -> str:
        """One commit on top of the commit that was read last, and a push that is never forced."""
        if (self._blob(key) or None) != revision:
            self._refresh()
            if (self._blob(key) or None) != revision:
                raise Moved
        head = self._head
        commit = self._commit(key, text)
        try:
            self._push(commit)
        except GitFailed as error:
            self._refresh()
            if self._head == head:
                raise Unanswered(str(error)) from None
            raise Moved(str(error)) from None
        self._head = commit
        return self._blob(key)

    def others(self) -> tuple[str, ...]:
        """Other lock files on the branch: before there was this store, each stage had its own."""
        if not self._head:
            return ()
        paths = self.git("ls-tree", "-r", "-z", "--name-only", self._head).split("\0")
        return tuple(path for path in paths if path.endswith(SUFFIX) and path != KEY)

    def now(self) -> float | None:
        """None: commits carry the clocks of those who made them."""
        return None

    def _refresh(self) -> None:
        """Fetches the newest commit of the branch, without its history."""
        ref = f"refs/heads/{self.branch}"
        try:
            newest = self._asked("ls-remote", "--exit-code", REMOTE, ref).split()[0]
            if newest != self._head:
                self._asked("fetch", "--quiet", "--no-tags", "--depth=1", REMOTE, f"+{ref}:{REF}")
                self._head = self.git("rev-parse", REF).strip()
        except GitFailed as error:
            if error.code != NO_SUCH_REF:
                raise Unanswered(str(error)) from None
            self._head = ""

    def _asked(self, *args: str) -> str:
        """What a command that only reads from the remote prints; it is tried again at once if it fails.

        One command is several requests over HTTP, so it fails more often than a request does.
        """
        for _ in range(TRIES - 1):
            try:
                return self.git(*args)
            except GitFailed as error:
                if error.code == NO_SUCH_REF:
                    raise
        return self.git(*args)

    def _blob(self, key: str) -> str:
        """The name that git gives to the file's content; empty if there is no such file."""
        if not self._head:
            return ""
        with suppress(GitFailed):
            return self.git("rev-parse", "--verify", "--quiet", f"{self._head}:{key}").strip()
        return ""

    def _commit(self, key: str, text: str) -> str:
        """A commit that differs from the head in this file alone; a first commit if there is no branch."""
        message = f"{_subject(key)}\n\n[skip ci]\n"
        lines = [
            f"commit {REF}",
            "mark :1",
            f"committer {self._committer()} {int(time.time())} +0000",
            f"data {len(message.encode())}",
            message,
            *([f"from {self._head}"] if self._head else []),
            f"M 100644 inline {key}",
            f"data {len(text.encode())}",
            text,
            "get-mark :1",
            "",
        ]
        with suppress(GitFailed):
            self.git("update-ref", "-d", REF)
        return self.git("fast-import", "--quiet", "--force", text="\n".join(lines)).strip()

    def _committer(self) -> str:
        return self.git("var", "GIT_COMMITTER_IDENT").rpartition(">")[0] + ">"

    def _push(self, commit: str) -> None:
        what = ("--quiet", REMOTE, f"{commit}:refs/heads/{self.branch}")
        try:
            self.git("push", *self._options, *what)
        except GitFailed:
            if not self._options:
                raise
            self.git("push", *what)
            self._options = ()


def _subject(key: str) -> str:
    if key.endswith(".lease"):
        return "Say which run is applying"
    return "Record what was applied" if key.endswith(SUFFIX) else "Record what is live"
