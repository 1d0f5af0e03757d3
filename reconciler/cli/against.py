"""`--against REF`: the files of another commit, read beside those that are planned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.config.yaml.files import STDIN
from reconciler.diagnostics import Problem, Severity
from reconciler.errors import ConfigError, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.pipeline import Comparison, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.config.sources.git import GitFiles, Repository
    from reconciler.pipeline import Choice, Planned

FEW = 3
"""Names that one sentence lists."""
NO_FORK = "so what the branch only lacks counts as its own change. Fetch more history to tell the two apart."
_OPTION = click.option(
    "--against",
    metavar="REF",
    help="Show first what the files change since this branch, tag or commit; then what was there before.",
)


def against_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--against`."""
    return _OPTION(command)


def comparison(session: Session, config: Config, ref: str) -> Comparison:
    """The files of a ref, and those that this branch was made from. Raises `UsageError` for no such ref."""
    from reconciler.config.sources.git import Repository  # noqa: PLC0415 - only with --against

    if STDIN in session.settings.paths:
        msg = f"--against {ref}: the standard input is in no commit; name files, or leave --against out"
        raise UsageError(msg)
    repository = Repository.around(Path(config.folder))
    commit = repository.commit(ref)
    other, notes = _version(session, config, repository, commit, ref)
    fork_point = repository.fork_point(commit)
    fork = None
    if fork_point not in ("", commit):
        fork, _ = _version(session, config, repository, fork_point, fork_point)
    elif not fork_point:
        notes += (f"This clone does not show where the branch has left {ref}; {NO_FORK}",)
    return Comparison(ref, commit, other, fork, notes)


def compared(
    session: Session, config: Config, planned: Planned, choice: Choice, against: Comparison | None
) -> Planned:
    """The plan with the origin of every change, if there is something to compare it with."""
    if against is None:
        return planned
    return compare(
        planned,
        config,
        against,
        table=KINDS,
        endpoint=session.endpoint,
        folder=session.folder,
        choice=choice,
    )


def _version(
    session: Session, config: Config, repository: Repository, commit: str, name: str
) -> tuple[Config, tuple[str, ...]]:
    """The files of a commit as far as they can be read, and what cannot."""
    from reconciler.config import load_readable  # noqa: PLC0415 - only where files are read
    from reconciler.config.sources.git import GitFiles  # noqa: PLC0415 - only with --against

    files = GitFiles(repository.top, commit)
    paths = tuple(path for path in session.settings.paths if _has_files(files, path))
    added = frozenset(path for path in session.settings.var_files if not files.is_there(path))
    files = GitFiles(repository.top, commit, added)
    empty = type(config)(organization=config.organization, resources={}, folder=config.folder, source=files)
    read = empty
    if paths:
        options = replace(session.options(), source=files, unset={})
        try:
            read = load_readable(paths, table=KINDS, options=options)
        except ConfigError as error:
            read = replace(empty, problems=error.problems)
    if read.organization not in ("", config.organization):
        read = replace(empty, organization=read.organization, problems=(Problem("", "another organization"),))
    return read, tuple(_notes(session, config, read, paths, added, name))


def _has_files(files: GitFiles, path: str) -> bool:
    """Whether the commit has the file, or a part in the folder."""
    from reconciler.config.yaml.files import parts_of  # noqa: PLC0415 - only where files are read
    from reconciler.config.yaml.findings import Findings  # noqa: PLC0415

    return bool(parts_of(Path(path), Findings(files))) if files.is_folder(path) else files.is_there(path)


def _notes(
    session: Session,
    config: Config,
    read: Config,
    paths: tuple[str, ...],
    added: frozenset[str],
    name: str,
) -> Iterator[str]:
    missing = [path for path in session.settings.paths if path not in paths]
    if missing:
        yield f"{name} does not have {_listed(missing)}: all that is declared there is this branch's."
    if added:
        yield f"{name} does not have {_listed(sorted(added))}, which was read as it is now."
    if read.organization not in ("", config.organization):
        yield f"The files of {name} are for another organization, {read.organization}: nothing is compared."
        return
    errors = [problem for problem in read.problems if problem.severity is Severity.ERROR]
    if errors:
        count = f"{len(errors):,} problem{'s' * (len(errors) > 1)}"
        yield f"The files of {name} have {count}, so not all of it can be compared. The first: {errors[0]}"


def _listed(names: list[str]) -> str:
    """A few names, and how many more."""
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    return f"{', '.join(names[:FEW])}{more}"
