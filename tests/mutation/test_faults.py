"""The mutation tester itself: its faults are faults, and what is marked as none is still there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.mutation.__main__ import equivalents, every_fault
from tests.mutation.faults import faults_of

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''"""A module."""

def least(items: list[int], *, strict: bool = False) -> int | None:
    """The smallest one."""
    if strict and not items:
        raise ValueError
    return min(items) + 1 if items else None
'''


def test_each_fault_changes_one_thing(tmp_path: Path) -> None:
    (tmp_path / "least.py").write_text(SOURCE)
    whole = ast.unparse(ast.parse(SOURCE)).splitlines()
    faults = list(faults_of(tmp_path / "least.py", tmp_path))
    differing = [
        [line for line in fault.text.splitlines() if line not in whole and line.strip() != "pass"]
        for fault in faults
    ]

    assert [len(lines) <= 1 for lines in differing] == [True] * len(faults)
    assert "least.py least: And is Or: if strict and not items:" in {fault.name for fault in faults}
    assert {fault.name.split(": ")[1] for fault in faults} >= {"without not", "left out", "returns nothing"}


def test_every_fault_is_a_program_of_its_own_name() -> None:
    faults = every_fault()

    assert len({fault.name for fault in faults}) == len(faults) > 1000
    assert all(compile(fault.text, fault.name, "exec") for fault in faults[::50])


def test_what_is_marked_as_no_fault_is_still_there_with_a_reason() -> None:
    names = {fault.name for fault in every_fault()}

    assert set(equivalents()) <= names
    assert all(reason for reason in equivalents().values())
