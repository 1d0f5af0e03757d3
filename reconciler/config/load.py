"""Paths → Config: runs every stage of reading, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.config.expressions.fill import Fill
from reconciler.config.expressions.scope import Scope
from reconciler.config.expressions.slips import check_slips
from reconciler.config.language.catalogue import Catalogue, read_catalogue
from reconciler.config.language.declare import Declare
from reconciler.config.language.masks import check_masks
from reconciler.config.language.settings import Top
from reconciler.config.sources.disk import DISK
from reconciler.config.yaml import files
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.nodes import Map
from reconciler.diagnostics import Severity, not_ignored
from reconciler.errors import ConfigError
from reconciler.resources.kind import public_keys
from reconciler.resources.secret_names import SecretNames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.config.options import Options
    from reconciler.config.sources.disk import FileSource
    from reconciler.diagnostics import Problem
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, Resource


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Config:
    """What the files declare, expressions and selectors resolved. It holds secrets, so it has no repr."""

    organization: str
    resources: Mapping[Address, Resource]
    """The declared resources, parents before children."""
    prune: str = "none"
    """`none`, `managed` or `all`."""
    protect: tuple[str, ...] = ()
    """Globs of addresses that must not be deleted, with catalogue names replaced by ids."""
    heal: tuple[str, ...] = ()
    """Globs of addresses that `apply --heal` may set back, with catalogue names replaced by ids."""
    ignore: Mapping[str, str] = field(default_factory=dict)
    """The rules whose warnings are not shown, each with the reason."""
    max_deletes: int | float | None = None
    """A number of deletes, or as `float` a share of the live resources (0.3); `None` if not set."""
    mask: tuple[str, ...] = ()
    """More names whose values are masked, beside the built-in ones."""
    names: SecretNames = field(default_factory=SecretNames)
    """Which keys are secret by their names."""
    catalogue: Catalogue = field(default_factory=Catalogue)
    problems: tuple[Problem, ...] = ()
    """Warnings; of `load_readable` errors too."""
    files: tuple[str, ...] = ()
    """Every YAML file that was read, in order."""
    named: tuple[str, ...] = ()
    """Every file that one of them names: a script, an icon."""
    silent: tuple[str, ...] = ()
    """The input files with no key except `version`."""
    folder: Path
    """The first path's folder."""
    source: FileSource = DISK
    """Where the files were read from."""


def load(paths: Sequence[str], *, table: Table, options: Options) -> Config:
    """What the paths declare; later ones override earlier ones. Raises `ConfigError` with all problems."""
    config = load_readable(paths, table=table, options=options)
    if any(problem.severity is Severity.ERROR for problem in config.problems):
        raise ConfigError(config.problems)
    return config


def load_readable(paths: Sequence[str], *, table: Table, options: Options) -> Config:
    """As much of what the paths declare as can be read; errors are among its `problems`.

    Only for comparing: what has an error may lack fields. Raises `ConfigError` where nothing can be read.
    """
    findings = Findings(options.source)
    folder = files.first_folder(paths, options.source)
    project = files.project_folder(folder)
    root = files.read_all(paths, options=options, findings=findings)
    if not findings.files:
        findings.stop()
    scope = Scope(
        options=options,
        findings=findings,
        words=[kind.word for kind in table.values() if kind.file.catalogue],
    )
    fill = Fill(scope=scope, findings=findings, project=project)
    top = Top(root, table=table, fill=fill, findings=findings, options=options)
    top.check_keys()
    check_slips(root, table=table, findings=findings)
    _define(scope, root, options, findings)
    catalogue = read_catalogue(root, table=table, fill=fill, findings=findings)
    settings = top.read(catalogue)
    names = SecretNames(settings.mask, settings.unmask, public_keys(table))
    fill = Fill(scope=scope, findings=findings, project=project, names=names)
    declare = Declare(
        table=table, catalogue=catalogue, scope=scope, fill=fill, findings=findings, project=project
    )
    resources = {resource.address: resource for resource in declare.resources(root)}
    fill.warn_of_literals()
    check_masks(root, keys=fill.keys, findings=findings)
    return Config(
        organization=settings.organization,
        resources=resources,
        prune=settings.prune,
        protect=settings.protect,
        heal=settings.heal,
        ignore=settings.ignore,
        max_deletes=settings.max_deletes,
        mask=settings.mask,
        names=names,
        catalogue=catalogue,
        problems=not_ignored(findings.problems, settings.ignore),
        files=tuple(dict.fromkeys(findings.files)),
        named=tuple(dict.fromkeys(findings.named)),
        silent=tuple(findings.silent),
        folder=folder,
        source=options.source,
    )


def _define(scope: Scope, root: Map, options: Options, findings: Findings) -> None:
    variables = root.get("variables")
    if isinstance(variables, Map):
        scope.define(variables)
    for path in options.var_files:
        scope.define(files.read_file(Path(path), findings))
    scope.check_variables()
