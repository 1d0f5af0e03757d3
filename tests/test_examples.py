"""Every example is planned, applied and planned again, as the README says it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import run
from reconciler.config.format.schema import ID, MODELINE
from tests.conftest import ROOT
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = sorted(path for path in (ROOT / "examples").iterdir() if (path / "gbsync.yaml").exists())
BASES = sorted((ROOT / "examples").rglob("base.yaml"))
OVERLAYS = [(base, over) for base in BASES for over in sorted(base.parent.glob("*.yaml")) if over != base]
EXAMPLES = [*((folder,) for folder in FOLDERS), *OVERLAYS]
MANIFEST = "gitbook-manifest.yaml"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def given(example: tuple[Path, ...]) -> tuple[list[str], dict[str, str]]:
    """The paths of an example as somebody types them, and the environment that it wants."""
    paths = [path.relative_to(ROOT).as_posix() for path in example]
    secrets = example[0] / "secrets"
    return paths, {"GBSYNC_SECRETS_DIR": f"{paths[0]}/secrets"} if secrets.is_dir() else {}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda paths: paths[-1].stem)
def test_an_example_converges_over_three_runs(example: tuple[Path, ...], tmp_path: Path) -> None:
    paths, environ = given(example)
    same = (*paths, f"--sandbox={tmp_path / 'world.json'}")

    first = gbsync("plan", *same, "--detailed-exitcode", environ=environ)
    applied = gbsync("apply", *same, "--auto-approve", environ=environ)
    second = gbsync("plan", *same, "--detailed-exitcode", environ=environ)

    assert first.returncode == 2, first.stderr
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "Apply complete!" in applied.stdout
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.strip().endswith("No changes.")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda paths: paths[-1].stem)
def test_an_example_leaves_the_connection_that_somebody_authorized(
    example: tuple[Path, ...], tmp_path: Path
) -> None:
    world = tmp_path / "world.json"
    paths, environ = given(example)

    gbsync("apply", *paths, f"--sandbox={world}", "--auto-approve", environ=environ)

    installations = json.loads(world.read_text(encoding="utf-8"))["installations"]
    slack = next(item for item in installations if item["integration"] == "slack")
    assert slack["configuration"]["oauth_credentials"]["access_token"] == "sandbox-slack-access-token"


def test_the_starter_file_and_the_readmes_are_the_quickstart() -> None:
    quickstart = (ROOT / "examples" / "quickstart" / "gbsync.yaml").read_text(encoding="utf-8")
    starter = (ROOT / "reconciler" / "cli" / "starter.yaml").read_text(encoding="utf-8")

    assert quickstart == starter
    assert re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL) == [
        starter.split("\n", 1)[1]
    ]


def test_the_commands_of_the_readme_end_as_it_says(tmp_path: Path) -> None:
    lines = re.findall(r"^    (?:export|\.venv/bin/gbsync) .*$", README, re.MULTILINE)
    expected = [int(found[1]) for line in lines if (found := re.search(r"# (\d)", line))]
    typed = "\n".join(f"{line}\necho ended $?" for line in lines)
    typed = re.sub("(?<==)/tmp(?=/)", str(tmp_path), typed)
    typed = typed.replace(".venv/bin/gbsync", f"{sys.executable} -m reconciler")

    shown = subprocess.run(
        ["bash", "-c", typed],  # noqa: S607
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert [int(code) for code in re.findall(r"^ended (\d)$", shown.stdout, re.MULTILINE)] == [0, *expected]
    assert expected == [2, 0, 0]


def test_the_readme_leads_to_every_page_of_the_documents() -> None:
    links = {link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}

    assert not [link for link in links if not (ROOT / link).exists()]
    assert pages - links == {"docs/index.md"}


def test_every_example_is_formatted() -> None:
    files = [path for path in (ROOT / "examples").rglob("*.yaml") if path.name != MANIFEST]

    assert run(["fmt", "--check", *map(str, files)]) == 0


def test_every_example_names_its_schema_in_the_first_line() -> None:
    examples = (path for path in (ROOT / "examples").rglob("*.yaml") if path.name != MANIFEST)
    files = [path for path in examples if path.parent.name != "policies"]  # those are for other tools

    assert not [path for path in files if not path.read_text(encoding="utf-8").startswith(MODELINE)]


def test_the_schema_that_the_first_line_names_is_where_it_says() -> None:
    repository = "https://raw.githubusercontent.com/gbsync/gbsync/main/"
    kept = json.loads((ROOT / ID.removeprefix(repository)).read_text(encoding="utf-8"))

    assert ID.startswith(repository)
    assert kept["$id"] == ID


def test_the_demo_tells_the_whole_story() -> None:
    shown = gbsync("demo")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.count("Apply complete!") == 2
    assert shown.stdout.strip().endswith("No changes.")
