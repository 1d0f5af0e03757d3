"""YAML files with positions, overlays, expressions, documents and selectors → Config."""

from reconciler.config.catalogue import Catalogue, Member, translated
from reconciler.config.load import Config, load
from reconciler.config.options import Options
from reconciler.config.reread import reread

__all__ = ["Catalogue", "Config", "Member", "Options", "load", "reread", "translated"]
