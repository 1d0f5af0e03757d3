"""Options and environment → what a command works with: files, client, lock."""

from __future__ import annotations

import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.reading_progress import reading_files
from reconciler.cli.request_log import RequestLog
from reconciler.cli.sandbox_lock import SandboxLockStore, tell
from reconciler.cli.write_counter import WriteCounter
from reconciler.errors import AccessError, NotFound, UsageError
from reconciler.gitbook.client.endpoint import without_version
from reconciler.gitbook.kinds.table import KINDS
from reconciler.inputs import is_folder
from reconciler.lock.document import section_of
from reconciler.lock.stores.address import is_remote
from reconciler.lock.stores.file import LockFile
from reconciler.resources.values import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reconciler.config import Config, Options
    from reconciler.gitbook.client.client import Client
    from reconciler.lock.store import LockStore
    from reconciler.sandbox import Sandbox

ENDPOINT = "https://api.gitbook.com"
SANDBOX_ENDPOINT = "http://sandbox.localhost"
LOCK_NAME = "gbsync.lock"


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """The options that commands share, as the command line and the environment give them."""

    paths: tuple[str, ...] = (".",)
    variables: tuple[str, ...] = field(default=(), repr=False)
    var_files: tuple[str, ...] = ()
    sandbox: str | None = None
    """`None`: not at all; empty: in memory; else the file that keeps its state."""
    endpoint: str | None = None
    organization: str | None = None
    lock: str | None = None
    lock_timeout: float = 0.0
    timeout: float = 60.0
    max_wait: float = 600.0
    insecure_http: bool = False
    color: bool | None = None
    log: str = "warning"


@dataclass(slots=True)
class Session:
    """One command's connection to everything outside."""

    settings: SessionSettings
    request_log: RequestLog = field(default_factory=RequestLog)
    sent: WriteCounter = field(default_factory=WriteCounter)
    _sandbox: Sandbox | None = field(default=None)
    _outputs: Mapping[str, str | None] = field(default_factory=dict)
    _read: tuple[str, ...] = ()
    _declared: list[Mapping[str, Any]] = field(default_factory=list, repr=False)
    _config: Config | None = field(default=None, repr=False)
    _lock_stores: dict[tuple[str, str], LockStore] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.request_log.level = self.settings.log

    @property
    def endpoint(self) -> str:
        """Where requests go."""
        if self.settings.sandbox is not None:
            return SANDBOX_ENDPOINT
        return without_version(self.settings.endpoint or _login().get("endpoint") or ENDPOINT)

    @property
    def folder(self) -> Path:
        """The folder of the lock, which names files relative to it: --lock's, else the first path's."""
        named = self.settings.lock if self.settings.sandbox is None else self.settings.sandbox
        if named and not (self.settings.sandbox is None and is_remote(named)):
            return Path(named).parent
        return self.first_folder

    @property
    def first_folder(self) -> Path:
        """The folder of the first path."""
        first = self.settings.paths[0] if self.settings.paths else "."
        if first == "-":
            return Path()
        path = Path(first)
        return path if is_folder(path) else path.parent

    @property
    def sandbox(self) -> Sandbox | None:
        """The sandbox in process, with the state of its file."""
        if self.settings.sandbox is None:
            return None
        if self._sandbox is None:
            from reconciler.sandbox import Sandbox, Store  # noqa: PLC0415 - only with --sandbox

            file = self.settings.sandbox
            store = Store.load(file) if file and os.path.lexists(file) else None
            self._sandbox = Sandbox(store)
        return self._sandbox

    def config(self, *, unset: dict[str, None] | None = None) -> Config:
        """The files, read and checked. Raises `ConfigError` with every problem.

        With `unset`, an unset variable of the environment is no error but is noted there.
        """
        from reconciler.cli.saved_plans import refuse_plans  # noqa: PLC0415 - only where files are read
        from reconciler.config import load  # noqa: PLC0415 - only where files are read

        self.check_outputs()
        refuse_plans(self.settings.paths)
        with reading_files():
            options = replace(self.options(), unset=unset)
            config = load(self.settings.paths, table=KINDS, options=options)
        self.check_outputs(*config.files, *config.named)
        self._declared = [resource.attributes for resource in config.resources.values()]
        self._config = config
        return config

    def declare_outputs(self, outputs: Mapping[str, str | None], *read: str) -> None:
        """Notes what a command writes, and reads besides PATHS. Raises `UsageError` if two are one file."""
        self._outputs, self._read = dict(outputs), read
        self.check_outputs()

    def check_outputs(self, *read: str, lock: str = "") -> None:
        """Checks the outputs again, once more of the inputs or the lock's place is known."""
        from reconciler.cli.overwrites import LOCK, STATE, check  # noqa: PLC0415 - only where files are read

        settings = self.settings
        if settings.sandbox is None:
            stores = [(LOCK, settings.lock or lock or str(self.folder / LOCK_NAME))]
        else:
            stores = [(STATE, settings.sandbox)] if settings.sandbox else []
        read = (*settings.var_files, *self._read, *read)
        check(self._outputs, paths=settings.paths, read=read, stores=stores)

    def options(self) -> Options:
        """What reading the files depends on: variables, environment, secrets."""
        from reconciler.config import Options  # noqa: PLC0415 - only where files are read

        organization = self.organization
        return Options(
            variables=_pairs(self.settings.variables),
            var_files=self.settings.var_files,
            environ={**os.environ, **({"GITBOOK_ORGANIZATION": organization} if organization else {})},
            secrets_dir=_secrets_dir(),
            stdin=sys.stdin,
            default_organization=organization,
        )

    @property
    def organization(self) -> str:
        """The organization, if the files do not name one; empty if nothing does."""
        if self.sandbox is not None:
            from reconciler.sandbox import ORGANIZATION  # noqa: PLC0415 - only with --sandbox

            return ORGANIZATION
        return self.settings.organization or ""

    def lock_store(self, organization: str, of_plan: str = "") -> LockStore:
        """The store of the lock, the same one each time; `of_plan` is the one of a saved plan."""
        name = self.lock_name(of_plan)
        section = section_of(self.endpoint, organization)
        if (section, name) not in self._lock_stores:
            self._lock_stores[section, name] = self._new_lock_store(organization, name)
        return self._lock_stores[section, name]

    def lock_name(self, of_plan: str = "") -> str:
        """Where the lock is, if it is not the sandbox's: as --lock says, or a saved plan, or as usual."""
        return self.settings.lock or of_plan or str(self.folder / LOCK_NAME)

    def commit(self, of_plan: str = "") -> str:
        """The commit of the files, for the lock; empty if the files' own repository keeps the lock.

        There each commit has the lock that belongs to it, and a list that grows with each apply would make a
        change to commit after each one.
        """
        from reconciler.cli.applied_commit import commit_of, is_ours  # noqa: PLC0415 - only to apply

        name = self.lock_name(of_plan)
        if self.sandbox is None and not is_remote(name) and is_ours(Path(name)):
            return ""
        return commit_of(self.first_folder)

    def _new_lock_store(self, organization: str, name: str) -> LockStore:
        """A file, a store that machines share, or the sandbox's state."""
        timeout = self.settings.lock_timeout
        if self.sandbox is not None:
            file = self.settings.sandbox or ""
            return SandboxLockStore(self.sandbox, file, self.endpoint, organization, timeout)
        if is_remote(name):
            from reconciler.cli.remote_lock import remote_lock  # noqa: PLC0415 - only for such a lock

            return remote_lock(name, section_of(self.endpoint, organization), timeout)
        return LockFile.of(
            Path(name), endpoint=self.endpoint, organization=organization, timeout=timeout, tell=tell
        )

    @asynccontextmanager
    async def client(
        self, token: Secret | None = None, *, parallelism: int = 0, lock_store: LockStore | None = None
    ) -> AsyncIterator[Client]:
        """The open client, with this token or the user's. Raises `AccessError` if there is none.

        `parallelism` is how many steps run at the same time; each may have one request in progress, and
        beside them one page is read ahead. Once another run has taken `lock_store` over, every request
        raises `LockError` instead of being sent.
        """
        from reconciler.cli.fault_log import faults_logged  # noqa: PLC0415 - only to send requests
        from reconciler.gitbook.client.client import CONCURRENCY, Client, permitted  # noqa: PLC0415 - only to send requests

        sandbox = self.sandbox
        opened = Client(
            endpoint=self.endpoint,
            token=token or self._user_token(),
            transport=sandbox.transport() if sandbox else None,
            timeout=self.settings.timeout,
            concurrency=max(parallelism + 1, CONCURRENCY),
            max_wait=self.settings.max_wait,
            insecure_http=self.settings.insecure_http,
            environ=os.environ,
            observe=self.request_log,
            permit=lock_store.check if lock_store else permitted,
        )
        opened.register_secret(self._declared)
        with faults_logged(self.settings.log):
            async with opened:
                try:
                    yield opened
                except (AccessError, NotFound):
                    self._tell_odd_organization()
                    raise
                finally:
                    self.sent.writes += opened.writes
                    self.save_sandbox()

    def _tell_odd_organization(self) -> None:
        """Shows what is wrong with the organization's id before GitBook's "not found"."""
        from reconciler.cli.output import show_problems  # noqa: PLC0415 - only when something is wrong
        from reconciler.config.language.settings import odd_organization  # noqa: PLC0415 - only when something is wrong
        from reconciler.config.rules import structure  # noqa: PLC0415 - only when something is wrong

        problems = self._config.problems if self._config else odd_organization(self.organization, KINDS)
        odd = [problem for problem in problems if problem.rule == structure.ODD_ORGANIZATION.id]
        if odd:
            show_problems(odd)

    def save_sandbox(self) -> None:
        """Writes the sandbox's state to its file, if it has one."""
        if self._sandbox is not None and self.settings.sandbox and self._sandbox.commits:
            self._sandbox.store.save(self.settings.sandbox)

    def token(self, integration: str = "") -> Secret:
        """The token of the environment or of a login; on the sandbox, its user's or the integration's."""
        if self.sandbox is None:
            return self._own_token()
        from reconciler.sandbox.world import INTEGRATION_TOKEN  # noqa: PLC0415 - only with --sandbox

        return Secret(f"{INTEGRATION_TOKEN}{integration}" if integration else self.sandbox.token)

    def _user_token(self) -> Secret:
        from reconciler.gitbook.client.tokens import VARIABLE, check_user_token  # noqa: PLC0415 - only where requests are sent

        token = self.token()
        check_user_token(token, VARIABLE if _environ_token() else "the token of GitBook's own CLI login")
        return token

    @property
    def has_token(self) -> bool:
        """Whether there is a token at all, good or not."""
        return self.sandbox is not None or bool(_environ_token() or self._login_token())

    def _own_token(self) -> Secret:
        token = _environ_token()
        if token:
            return Secret(token)
        token = self._login_token()
        if token:
            click.echo("Using the token of GitBook's own CLI login.", err=True)
            return Secret(token)
        msg = (
            "no token: set GITBOOK_TOKEN to a personal access token (app.gitbook.com, Settings, Developer), "
            "or try --sandbox, which needs none"
        )
        raise AccessError(msg)

    def _login_token(self) -> str:
        login = _login()
        ours = login and self.endpoint == without_version(login.get("endpoint", ENDPOINT))
        return login["token"] if ours else ""


def _secrets_dir() -> Path | None:
    """The folder of secrets. If it does not exist, only a line says so: maybe no secret is needed."""
    named = os.environ.get("GBSYNC_SECRETS_DIR")
    if named and not is_folder(named):
        click.echo(f"GBSYNC_SECRETS_DIR: {named} is not a folder; no secret is read from it", err=True)
    return Path(named) if named else None


def _environ_token() -> str:
    return os.environ.get("GITBOOK_TOKEN", "").strip()


def _login() -> dict[str, str]:
    """The login that GitBook's own CLI has stored; empty if there is none, or if GITBOOK_TOKEN is set.

    A token and its endpoint belong together: a token is never sent to another endpoint.
    """
    if _environ_token():
        return {}
    from reconciler.gitbook.client.login import stored_login  # noqa: PLC0415 - only without a token of our own

    return stored_login()


def _pairs(items: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name:
            msg = f"--var {'=…' if equals else item}: is not NAME=VALUE"
            raise UsageError(msg)
        pairs[name] = value
    return pairs
