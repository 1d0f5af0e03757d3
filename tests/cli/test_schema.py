"""`gbsync schema`: what editors are given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reconciler.cli import run
from reconciler.config.format.schema import json_schema
from reconciler.gitbook.kinds.table import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema(KINDS)


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    assert run(["schema", "--out", str(tmp_path / "gbsync.schema.json")]) == 0
    assert json.loads((tmp_path / "gbsync.schema.json").read_text("utf-8")) == json_schema(KINDS)
