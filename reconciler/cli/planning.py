"""What `plan` and `apply` share: narrowing, allowances, guards."""

from __future__ import annotations

import functools
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.complete import ADDRESS
from reconciler.cli.reading_progress import reading_lists
from reconciler.config.language.catalogue import translated
from reconciler.errors import Refused
from reconciler.gitbook.kinds.table import KINDS
from reconciler.pipeline import Choice, Planned, plan
from reconciler.plan.guards import Allowances, refusals, silent_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.gitbook.client.client import Client
    from reconciler.plan.step import Plan
    from reconciler.resources.resource import Live

_CHOICES: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        type=ADDRESS,
        metavar="ADDRESS",
        help="Only this address, and what it depends on.",
    ),
    click.option(
        "--exclude",
        "excludes",
        multiple=True,
        type=ADDRESS,
        metavar="ADDRESS",
        help="Leave out this address, and what depends on it.",
    ),
    click.option("--destroy", is_flag=True, help="Plan the deletion of everything that the files declare."),
)
_ALLOWANCES: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--allow-deletes", type=click.IntRange(min=0), metavar="N", help="Allow exactly N deletions."
    ),
    click.option("--allow-unpublish", is_flag=True, help="Allow unpublishing integrations."),
    click.option("--allow-empty", is_flag=True, help="Allow files that declare nothing."),
)
empty_option = _ALLOWANCES[-1]
"""For a command that plans and applies nothing."""


@dataclass(frozen=True, slots=True)
class ChoiceOptions:
    """`--target`, `--exclude` and `--destroy` as they were typed; of a config they make a `Choice`."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    destroy: bool = False
    read_only: bool = False

    def __call__(self, config: Config) -> Choice:
        """What a run is about, the catalogue's names as ids."""
        ids = functools.partial(translated, table=KINDS, catalogue=config.catalogue)
        return Choice(ids(self.targets), ids(self.excludes), self.destroy, self.read_only)

    @property
    def given(self) -> tuple[str, ...]:
        """The options that were given, by name."""
        given = (("--target", self.targets), ("--exclude", self.excludes), ("--destroy", self.destroy))
        return tuple(name for name, value in given if value)


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--target`, `--exclude` and `--destroy`; the command gets them as `ChoiceOptions`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any, targets: tuple[str, ...], excludes: tuple[str, ...], destroy: bool, **rest: Any
    ) -> Any:
        return command(*args, choose=ChoiceOptions(targets, excludes, destroy), **rest)

    for option in reversed(_CHOICES):
        wrapped = option(wrapped)
    return wrapped


def narrowing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--target` and `--exclude` to a command that only looks; it gets what `choice_options` gives."""

    @functools.wraps(command)
    def wrapped(*args: Any, targets: tuple[str, ...], excludes: tuple[str, ...], **rest: Any) -> Any:
        return command(*args, choose=ChoiceOptions(targets, excludes, read_only=True), **rest)

    for option in reversed(_CHOICES[:2]):
        wrapped = option(wrapped)
    return wrapped


def allowance_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--allow-…`; the command gets `Allowances`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any, allow_deletes: int | None, allow_unpublish: bool, allow_empty: bool, **rest: Any
    ) -> Any:
        return command(*args, allowed=Allowances(allow_deletes, allow_unpublish, allow_empty), **rest)

    for option in reversed(_ALLOWANCES):
        wrapped = option(wrapped)
    return wrapped


def guard(plan: Plan, allowed: Allowances) -> None:
    """Raises `Refused` with every reason."""
    reasons = refusals(plan, table=KINDS, allowed=allowed)
    if reasons:
        raise Refused(reasons)


def refuse_silent(plan: Plan, *, allow_empty: bool) -> None:
    """Raises `Refused` where an input says nothing: what would be shown would not be so."""
    if reasons := tuple(silent_inputs(plan, Allowances(empty=allow_empty))):
        raise Refused(reasons)


async def plan_files(
    session: Session,
    config: Config,
    client: Client | None,
    choice: Choice | None = None,
    *,
    live: Live | None = None,
) -> Planned:
    """The plan of a session's files, with its lock and at its endpoint; with `live`, nothing is fetched."""
    with nullcontext() if live else reading_lists() as lists:
        return await plan(
            config,
            client,
            session.lock_store(config.organization),
            table=KINDS,
            endpoint=session.endpoint,
            folder=session.folder,
            choice=choice,
            live=live,
            lists=lists,
        )
