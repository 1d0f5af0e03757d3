"""`--approved`, `--reviewed`, `--heal`: documents that say which steps of a plan a run may carry out."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.complete import FILE
from reconciler.diagnostics import Severity
from reconciler.errors import ConfigError, UsageError
from reconciler.gitbook.kinds.table import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.config import Config
    from reconciler.pipeline import Planned
    from reconciler.plan.step import Plan

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--approved", metavar="FILE", type=FILE, help="Do only what this file of `plan --classes` approves."
    ),
    click.option(
        "--reviewed", metavar="PLAN", type=FILE, help="Do only the steps that this saved plan has too."
    ),
    click.option(
        "--heal",
        metavar="DRIFT",
        type=FILE,
        help="Set back only what this report of `drift --json` says changed in GitBook alone.",
    ),
)


@dataclass(frozen=True, slots=True)
class ApprovalOptions:
    """The document that narrows an apply, and what it is; empty if there is none."""

    option: str = ""
    path: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """The option, if it was given."""
        return (self.option,) if self.option else ()

    def __call__(self, planned: Planned, config: Config) -> Planned:
        """The plan less what the document does not allow. Raises `UsageError` for one of somewhere else."""
        if not self.option:
            return planned
        narrow = {"--approved": _approved, "--reviewed": _reviewed, "--heal": _healed}[self.option]
        return replace(planned, plan=narrow(planned, config, self.path))


def approval_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the three options, of which one may be given; the command gets `ApprovalOptions`."""

    @functools.wraps(command)
    def wrapped(*args: Any, approved: str | None, reviewed: str | None, heal: str | None, **rest: Any) -> Any:
        paths = {"--approved": approved, "--reviewed": reviewed, "--heal": heal}
        given = {option: path for option, path in paths.items() if path is not None}
        if len(given) > 1:
            msg = f"{', '.join(given)}: only one document can say what to do; leave the others out"
            raise UsageError(msg)
        only = next(iter(given.items()), ("", ""))
        return command(*args, approval=ApprovalOptions(*only), **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _approved(planned: Planned, config: Config, path: str) -> Plan:
    from reconciler.plan.approval.approved import unapproved  # noqa: PLC0415 - only with --approved
    from reconciler.plan.approval.document import load_approval  # noqa: PLC0415
    from reconciler.plan.approval.restrict import restricted  # noqa: PLC0415

    plan = planned.plan
    approval = load_approval(_yaml(path), name=path, endpoint=plan.endpoint, organization=config.organization)
    return restricted(plan, unapproved(plan, approval, table=KINDS), table=KINDS)


def _reviewed(planned: Planned, _config: Config, path: str) -> Plan:
    from reconciler.cli.json_documents import read_json  # noqa: PLC0415 - only with --reviewed
    from reconciler.plan.approval.restrict import restricted  # noqa: PLC0415
    from reconciler.plan.approval.reviewed import unreviewed  # noqa: PLC0415
    from reconciler.plan.saved import document  # noqa: PLC0415

    # Without a reader of secrets and files: nothing that the document names is opened.
    reviewed = document.load(read_json(path), name=path, table=KINDS)
    return restricted(planned.plan, unreviewed(planned.plan, reviewed, name=path), table=KINDS)


def _healed(planned: Planned, config: Config, path: str) -> Plan:
    from reconciler.cli.json_documents import read_json  # noqa: PLC0415 - only with --heal
    from reconciler.plan.approval.heal import healing, load_drift  # noqa: PLC0415
    from reconciler.plan.drift import drift  # noqa: PLC0415

    plan, base = planned.plan, planned.base
    report = load_drift(read_json(path), name=path, endpoint=plan.endpoint, organization=config.organization)
    drifted = drift(plan, config.resources, base, table=KINDS)
    return healing(plan, drifted, report, config.heal, base, table=KINDS)


def _yaml(path: str) -> Any:
    """The document of a YAML file. Raises `ConfigError` with what is wrong with it."""
    from reconciler.config.yaml.files import read_document  # noqa: PLC0415 - only with --approved

    document, problems = read_document(path)
    if errors := [problem for problem in problems if problem.severity is Severity.ERROR]:
        raise ConfigError(errors)
    return document
