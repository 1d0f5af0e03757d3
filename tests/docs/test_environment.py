"""The page about the machine's settings has every variable that a command's help names."""

from __future__ import annotations

import re

import click
import pytest

from reconciler.cli import gbsync
from reconciler.cli.helptext import Sections
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
SHOWN = gbsync.get_help(click.Context(gbsync, info_name="gbsync")).rpartition("Variables:")[2]
VARIABLES = sorted(
    set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", SHOWN)) - {"GBSYNC_COMMAND_OPTION", "GBSYNC_PLAN_TARGET"}
)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_of_the_help_is_on_the_page(name: str) -> None:
    assert f"`{name}" in PAGE


def test_there_are_variables_in_the_help() -> None:
    assert isinstance(gbsync, Sections)
    assert {"GITBOOK_TOKEN", "HTTPS_PROXY", "SSL_CERT_FILE", "GBSYNC_SECRETS_DIR"} <= set(VARIABLES)
