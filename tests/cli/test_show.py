"""A saved plan again, in every form, and its order as a picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = "examples/organization"
SECRETS = {"GBSYNC_SECRETS_DIR": f"{EXAMPLE}/secrets"}
SECRET = (ROOT / EXAMPLE / "secrets" / "BANNER_CLIENT_SECRET").read_text("utf-8").strip()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of the larger example, saved."""
    file = tmp_path_factory.mktemp("saved") / "plan.json"
    ended = gbsync("plan", EXAMPLE, "--sandbox", "--out", str(file), environ=SECRETS)

    assert ended.returncode == 0, ended.stderr
    return file


def test_it_reads_as_when_it_was_made(saved: Path) -> None:
    planned = gbsync("plan", EXAMPLE, "--sandbox", environ=SECRETS).stdout.splitlines()
    shown = gbsync("show", str(saved)).stdout.splitlines()

    def heads(lines: list[str]) -> list[str]:
        return [line for line in lines if line.startswith(("  +", "  ~", "  -"))]

    assert heads(shown) == heads(planned)
    assert shown[-1] == planned[-1]


def test_it_needs_neither_the_secrets_nor_a_token_and_shows_none(saved: Path) -> None:
    for form in ("text", "json", "markdown", "html"):
        ended = gbsync("show", str(saved), "--format", form)

        assert ended.returncode == 0, ended.stderr
        assert SECRET not in ended.stdout
        assert "(secret #1)" in ended.stdout


def test_what_it_shows_and_what_was_saved_are_valid_documents(saved: Path) -> None:
    schema = Draft202012Validator(json.loads((ROOT / "docs/plan-schema.json").read_text("utf-8")))
    shown = json.loads(gbsync("show", str(saved), "--format", "json").stdout)
    written = json.loads(saved.read_text("utf-8"))

    assert not list(schema.iter_errors(shown))
    assert not list(schema.iter_errors(written))
    assert [item["address"] for item in shown["resource_changes"]] == [
        item["address"] for item in written["resource_changes"]
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist"),
        ("version: 1\n", "is not a saved plan"),
        ("{", "not a saved plan that can be read"),
        ("{}", "is JSON, but not a saved plan"),
        ('{"gbsync": {}}', "is no saved plan of this program"),
    ],
)
def test_what_is_no_saved_plan_is_one_message(text: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_text(text, "utf-8")

    ended = gbsync("show", str(file))

    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_the_order_is_drawn_of_a_saved_plan_and_of_files(saved: Path) -> None:
    offline = gbsync("graph", str(saved))
    online = gbsync("graph", EXAMPLE, "--sandbox", environ=SECRETS)
    folded = gbsync("graph", str(saved), "--fold", "--format", "dot")

    assert offline.stdout == online.stdout
    assert offline.stdout.startswith("flowchart LR\n")
    assert folded.stdout.startswith("digraph plan {")
    assert "4 spaces of slack" in folded.stdout


def test_apply_writes_what_happens_in_terraforms_shape(saved: Path, tmp_path: Path) -> None:
    lines = tmp_path / "apply.jsonl"
    ended = gbsync("apply", str(saved), "--sandbox", "--json", str(lines), environ=SECRETS)
    events = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    kinds = [event["type"] for event in events]

    assert ended.returncode == 0, ended.stderr
    assert (kinds[0], kinds[-1]) == ("version", "change_summary")
    assert kinds.count("apply_start") == kinds.count("apply_complete") == kinds.count("planned_change")
    assert events[-1]["@message"] in ended.stdout
    assert SECRET not in lines.read_text("utf-8")


def test_a_stream_that_cannot_be_written_stops_before_anything_is_sent(saved: Path, tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    ended = gbsync("apply", str(saved), f"--sandbox={world}", "--json", "/nonexistent/x", environ=SECRETS)

    assert ended.returncode == 1
    assert "--json" in ended.stderr
    assert not world.exists()


@pytest.mark.parametrize("options", [("--target", "installation/slack"), ("--destroy",)], ids=" ".join)
def test_a_saved_plan_is_drawn_whole_or_not_at_all(options: tuple[str, ...], saved: Path) -> None:
    ended = gbsync("graph", str(saved), *options)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert f"{options[0]}: a saved plan is drawn whole" in ended.stderr
