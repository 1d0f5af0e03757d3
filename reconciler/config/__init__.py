"""YAML files with positions, overlays, expressions, documents and selectors → Config."""

from reconciler.config.expressions.reread import reread
from reconciler.config.language.catalogue import Catalogue, Member, translated
from reconciler.config.load import Config, load, load_readable
from reconciler.config.options import Options

__all__ = [
    "Catalogue",
    "Config",
    "Member",
    "Options",
    "load",
    "load_readable",
    "not_ignored",
    "reread",
    "translated",
]
