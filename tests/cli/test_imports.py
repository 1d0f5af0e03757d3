"""What each command imports: libraries are paid for only where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitbook.hosts import Host, answering, serving

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = {
    "aiohttp",
    "asyncio",
    "click",
    "deepdiff",
    "httpx",
    "jinja2",
    "lzstring",
    "pydantic",
    "pygments",
    "rich",
    "ruamel",
    "starlette",
    "tenacity",
    "uvicorn",
    "yaml",
}
"""What takes long enough to import for anybody to wait for it."""

SCRIPT = """
import sys
from reconciler.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(end.code or 0, *sys.modules, file=sys.stderr)
"""
FILE = "examples/quickstart"
READING = {"click", "pydantic", "yaml"}
CALLING = {"asyncio", "httpx", "tenacity"}
"""On the sandbox in process; over the network it is aiohttp instead of httpx."""


def imported(*args: str) -> set[str]:
    """The libraries that are there when the command has ended well."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *args], cwd=ROOT, capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.splitlines()[-1].split()

    assert code == "0"
    return LIBRARIES.intersection(modules)


@pytest.mark.parametrize("args", [["--version"], ["--help"]])
def test_asking_for_the_version_or_help_imports_click_alone(args: list[str]) -> None:
    assert imported(*args) == {"click"}


def test_checking_a_file_imports_what_reads_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITBOOK_ORGANIZATION", "Qm4TzvXb81LkWc0sYhEo")

    assert imported("validate", FILE, "--offline") - {"asyncio"} == READING


def test_planning_and_applying_import_what_reads_files_and_calls_the_api() -> None:
    assert imported("plan", FILE, "--sandbox") == READING | CALLING
    assert imported("apply", FILE, "--sandbox", "--auto-approve") == READING | CALLING


def test_calling_over_the_network_imports_no_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITBOOK_TOKEN", "gb_api_x")
    call = ("api", "getIntegrationByName", "-p", "integrationName=slack")
    with serving(Host(answering)) as port:
        loaded = imported(*call, "--endpoint", f"http://127.0.0.1:{port}")

    assert loaded >= {"aiohttp", "tenacity"}
    assert "httpx" not in loaded
