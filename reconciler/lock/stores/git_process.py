"""Runs git in a repository of its own, with the configuration of the one that the user is in."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from reconciler.errors import LockError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIMEOUT = 60.0
"""Seconds for one command of git."""
TOKEN = "GBSYNC_LOCK_TOKEN"  # noqa: S105 - the name of a variable
USER_NAME = "GBSYNC_LOCK_USER"
CARRIED = re.compile(
    r"(http|credential|url|ssh|protocol|gpg)\..*|core\.(sshcommand|askpass|gitproxy)|user\..*"
)
"""The configuration that says how a remote is reached and who commits."""
PLACES = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|PREFIX|ALTERNATE_.*"
    r"|SHALLOW_FILE|CONFIG|CONFIG_(COUNT|KEY_\d+|VALUE_\d+|PARAMETERS))"
)
"""Variables with which git would use another repository: a hook of git runs with them."""
PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")
REMOTE = "gbsync"
"""What our repository calls the remote. Its address may hold a password, so it is on no command line."""
USER = {"user.name": "gbsync", "user.email": "gbsync@users.noreply.github.com"}
"""Who commits where git does not know that."""


class GitFailed(Exception):
    """A command of git failed; the text is what it said, without any password."""

    def __init__(self, said: str, code: int) -> None:
        self.code = code
        super().__init__(said or f"git ended with {code}")


@dataclass
class GitProcess:
    """Commands in a bare repository of our own, which is deleted with this object.

    Nothing in the user's repository changes. A shallow fetch there would make it a shallow clone, and two
    runs at a time would meet at its lock files.
    """

    remote: str
    """A name of `git remote`."""
    folder: str
    """A folder of the user's repository."""
    environ: Mapping[str, str] = field(repr=False)
    timeout: float = TIMEOUT

    @cached_property
    def url(self) -> str:
        """Where the remote is. Raises `UsageError` if there is no such remote."""
        try:
            url = self._where_user_is("remote", "get-url", "--push", self.remote).strip()
        except GitFailed as error:
            msg = (
                f"git:{self.remote}/…: git knows no such remote here ({error}); "
                "run gbsync in a clone, and take a name that `git remote` shows"
            )
            raise UsageError(msg) from None
        # `git remote` keeps a relative path as it is, and it is meant from the top of the work tree.
        local = Path(self._top, url)
        return str(local) if "://" not in url and local.is_dir() else url

    def __call__(self, *args: str, text: str = "") -> str:
        """What a command of git prints. Raises `GitFailed`."""
        return self._run(("git", *args), text, self._own_environ, self._repository)

    @cached_property
    def _top(self) -> str:
        with suppress(GitFailed):
            return self._where_user_is("rev-parse", "--show-toplevel").strip()
        return self.folder

    @cached_property
    def _repository(self) -> str:
        path = tempfile.mkdtemp(prefix="gbsync-lock-")
        weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)
        self._run(("git", "init", "--quiet", "--bare", path), "", self._plain_environ, path)
        return path

    @cached_property
    def _plain_environ(self) -> dict[str, str]:
        outer = {name: value for name, value in self.environ.items() if not PLACES.fullmatch(name)}
        return {**outer, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}

    @cached_property
    def _own_environ(self) -> dict[str, str]:
        """The environment of our commands. It has the settings: a command line can be seen by others."""
        environ, settings = {**self._plain_environ, "GIT_DIR": self._repository}, list(self._settings())
        environ["GIT_CONFIG_COUNT"] = str(len(settings))
        environ[USER_NAME], environ[TOKEN] = self._login or ("", "")
        for number, (name, value) in enumerate(settings):
            environ[f"GIT_CONFIG_KEY_{number}"], environ[f"GIT_CONFIG_VALUE_{number}"] = name, value
        return environ

    def _settings(self) -> Iterator[tuple[str, str]]:
        """The settings of the user's repository that are not those of the user anyway, then our own.

        `actions/checkout` writes its token into them as a header. With a token of our own it is left out.
        """
        named = dict(USER)
        own_token = self.environ.get(TOKEN, "")
        for scope, name, value in self._configuration():
            named.pop(name, None)
            if scope in ("local", "worktree", "command") and CARRIED.fullmatch(name):
                if own_token and name.startswith("http.") and name.endswith(".extraheader"):
                    continue
                yield name, value
        yield from named.items()
        yield "gc.auto", "0"
        parts = urlsplit(self.url)
        if not self._login:
            yield f"remote.{REMOTE}.url", self.url
            return
        host = parts.netloc.rpartition("@")[2]
        yield f"remote.{REMOTE}.url", urlunsplit(parts._replace(netloc=host))
        # The answer to git's question for a password, for this host alone and instead of other answers. The
        # shell that git starts for it takes the password from the environment.
        name = f"credential.{parts.scheme}://{host}.helper"
        yield name, ""
        yield name, f'!answer() {{ echo "username=${USER_NAME}"; echo "password=${TOKEN}"; }}; answer'

    @cached_property
    def _login(self) -> tuple[str, str] | None:
        """User and password: the token of the environment, or what the address of the remote holds.

        git would put that address on the command line of a program that it starts.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https"):
            return None
        if token := self.environ.get(TOKEN, ""):
            # GitLab takes a job's token only under this name; all others take any name.
            return (
                "gitlab-ci-token" if self.environ.get("CI_JOB_TOKEN") == token else "x-access-token"
            ), token
        return (unquote(parts.username or ""), unquote(parts.password)) if parts.password else None

    def _configuration(self) -> Iterator[tuple[str, str, str]]:
        """Scope, name and value of each setting in the user's repository."""
        words = self._where_user_is("config", "--list", "--show-scope", "-z", "--includes").split("\0")
        for scope, item in zip(words[::2], words[1::2], strict=False):
            name, _, value = item.partition("\n")
            yield scope, name, value

    def _where_user_is(self, *args: str) -> str:
        return self._run(("git", *args), "", dict(self.environ), self.folder)

    def _run(self, command: tuple[str, ...], text: str, environ: Mapping[str, str], folder: str) -> str:
        try:
            # In a session of its own: Ctrl-C in a terminal would otherwise end a push halfway.
            process = subprocess.Popen(  # noqa: S603 - our own words, and names that were checked
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environ,
                cwd=folder,
                start_new_session=sys.platform != "win32",
            )
        except OSError as error:
            msg = (
                f"git cannot be started ({error.strerror or error}); install git, or keep the lock in a file"
            )
            raise LockError(msg) from None
        with process:
            try:
                out, err = process.communicate(text.encode(), timeout=self.timeout)
            except BaseException as error:
                _end(process)
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                raise GitFailed(f"no answer in {self.timeout:g} s", -1) from None
        if process.returncode:
            raise GitFailed(self._scrubbed(err.decode(errors="replace")), process.returncode)
        return out.decode(errors="replace")

    def _scrubbed(self, text: str) -> str:
        token = self.environ.get(TOKEN, "")
        text = PASSWORD.sub("", text).replace(token, "(secret)") if token else PASSWORD.sub("", text)
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("hint:")]
        return "; ".join(lines)[:500]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git and the programs that it has started: they hold the pipes open."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
