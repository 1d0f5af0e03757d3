"""The table of rules: stable ids, examples that do what they say, a page that is up to date."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from reconciler.config.rules import RULES
from reconciler.config.rules.page import page, whole
from reconciler.config.yaml.files import LARGEST
from tests.config.files import problems, write
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.config.rules.rule import Rule
    from reconciler.diagnostics import Problem

WRITE = os.environ.get("GBSYNC_GOLDEN") == "write"
PAGE = ROOT / "docs" / "rules.md"
ENVIRON = {"CHANNEL": "C0123", "SLACK_TOKEN": "made-up-for-a-test", "GITBOOK_TOKEN": "made-up-for-a-test"}
OFFLINE = [rule for rule in RULES.values() if not rule.live]


def found(rule: Rule, example: str, folder: Path, *, bad: bool) -> tuple[Problem, ...]:
    """The problems of an example, in a folder with the files that it names."""
    files = rule.files if bad else {**rule.files, **rule.mended}
    write(folder, {name: text.encode("latin-1") for name, text in files.items()})
    write(folder, {"secrets/BROKEN": b"\xff\xfe"})
    with (folder / "backup.yaml").open("wb") as large:
        large.truncate(LARGEST + 1)  # without a byte on the disk
    text = whole("" if rule.paths else example)
    write(folder, {"gbsync.yaml": text.encode(rule.encoding if bad else "utf-8")})
    paths = rule.paths if bad else ()
    return problems(folder, *paths, environ=ENVIRON, secrets_dir=folder / "secrets")


@pytest.mark.parametrize("rule", OFFLINE, ids=lambda rule: rule.id)
def test_the_wrong_example_breaks_the_rule_and_no_other(rule: Rule, tmp_path: Path) -> None:
    broken = found(rule, rule.bad, tmp_path, bad=True)

    assert {problem.rule for problem in broken} == {rule.id}
    assert {problem.severity for problem in broken} == {rule.severity}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_right_example_has_no_problem(rule: Rule, tmp_path: Path) -> None:
    assert not found(rule, rule.good, tmp_path, bad=False)


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.live], ids=lambda rule: rule.id)
def test_what_only_the_organization_can_tell_is_fine_offline(rule: Rule, tmp_path: Path) -> None:
    assert not [
        problem for problem in found(rule, rule.bad, tmp_path, bad=True) if problem.severity == "error"
    ]


def test_ids_are_stable_in_form_and_unique() -> None:
    assert all(re.fullmatch(r"GB\d{3}", rule) for rule in RULES)
    assert len({rule.title for rule in RULES.values()}) == len(RULES)


def test_a_message_of_the_program_names_a_rule_of_the_table() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "reconciler").rglob("*.py"))

    assert set(re.findall(r'"(GB\d{3})"', code)) <= RULES.keys()


def test_the_page_is_what_the_table_says() -> None:
    if WRITE:
        PAGE.write_text(page(), encoding="utf-8")

    assert PAGE.read_text("utf-8") == page()
