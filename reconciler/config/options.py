"""What the command line and the environment set for reading the files."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TextIO

from reconciler.config.sources.disk import DISK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconciler.config.sources.disk import FileSource


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that reading depends on beside the files."""

    variables: Mapping[str, str] = field(default_factory=_nothing, repr=False)
    """`--var NAME=VALUE`: wins over `var_files`, and they over `variables:` in the files."""
    var_files: tuple[str, ...] = ()
    """`--var-file FILE`: YAML mappings, later ones win."""
    environ: Mapping[str, str] = field(default_factory=_nothing, repr=False)
    secrets_dir: Path | None = None
    """A folder with one file per secret, used if the environment has no variable of that name."""
    stdin: TextIO | None = None
    """What the path `-` reads."""
    secret_patterns: tuple[str, ...] = ()
    """More patterns of names that make an `env` or `var` secret, beside the built-in ones."""
    organization: str = ""
    """Overrides the organization of the files."""
    default_organization: str = ""
    """The organization if neither the files nor `organization` give one."""
    unset: dict[str, None] | None = None
    """Given if only the files are checked: an `env.X` that is not set is opaque, and is added here."""
    source: FileSource = DISK
    """Where the files are read from; secrets always come from the environment and its folder."""
