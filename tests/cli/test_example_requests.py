"""Every example, applied and taken away again, sends only what the OpenAPI document asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from tests.conftest import ROOT
from tests.test_examples import EXAMPLES, given

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda paths: paths[-1].stem)
def test_an_example_comes_lawfully(
    example: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The validator stands between: see tests/conftest.py."""
    monkeypatch.chdir(ROOT)
    paths, environ = given(example)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert run(["apply", *paths, f"--sandbox={tmp_path / 'world.json'}", "--auto-approve"]) == 0


def test_an_example_goes_lawfully(tmp_path: Path) -> None:
    same = [str(ROOT / "examples" / "quickstart"), f"--sandbox={tmp_path / 'world.json'}", "--auto-approve"]

    assert run(["apply", *same]) == 0
    assert run(["apply", *same, "--destroy"]) == 0
