"""`make` installs what is locked: with the oldest pip, whatever came out since, and after an interruption."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from packaging.markers import Marker

from tests.registry import ROOT, mirror, pins

if TYPE_CHECKING:
    from pathlib import Path

LISTS = tuple(sorted((ROOT / "requirements").glob("*.txt")))
OLDEST = {11: "22.3", 12: "23.2.1"}.get(sys.version_info.minor, "24.2")
"""The oldest pip that runs on this Python; 22.3 is what Python 3.11.0 brought."""

EXTRAS_ARE_A_PROJECT = tuple(map(int, OLDEST.split("."))) < (23, 3)
SETTINGS = re.compile(r"PIP_|MAKE|MFLAGS|PYTHON|VIRTUAL_ENV|COV")
"""What the machine, or the make that runs the tests, has set for itself."""

VERSIONS = """
import importlib.metadata, json
print(json.dumps({one.name.lower().replace("_", "-").replace(".", "-"): one.version
                  for one in importlib.metadata.distributions()}))
"""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("install")]


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the oldest pip, from the registry that this machine's pip is configured for."""
    folder = tmp_path_factory.mktemp("pip")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(folder), f"pip=={OLDEST}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"pip {OLDEST} cannot be had from this machine's registry: {done.stderr[-200:]}")
    (wheel,) = folder.glob("pip-*.whl")
    return wheel


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry and lists that name its hashes."""
    folder = tmp_path_factory.mktemp("made")
    mirror(LISTS, folder / "simple", folder / "requirements")
    return folder


class Checkout:
    """A checkout of gbsync whose lists are those of the registry that it installs from."""

    def __init__(self, folder: Path, made: Path) -> None:
        self.folder = folder / "checkout"
        self.simple = folder / "simple"
        shutil.copytree(made / "simple", self.simple)
        shutil.copytree(made / "requirements", self.folder / "requirements")
        for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE", "scripts"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.folder / name)
        (self.folder / "reconciler").mkdir()
        shutil.copy(ROOT / "reconciler/__init__.py", self.folder / "reconciler")
        kept = {name: text for name, text in os.environ.items() if not SETTINGS.match(name)}
        self.environment = {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": self.simple.as_uri()}
        self.python = self.folder / ".venv/bin/python"
        self.marker = self.folder / ".venv.installing"

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def have(self, pip: Path) -> None:
        """Make the virtual environment beforehand, with this pip in it."""
        self.run(sys.executable, "-m", "venv", "--without-pip", ".venv")
        done = self.run(self.python, pip / "pip", "install", "--no-index", "--no-compile", pip)
        assert done.returncode == 0, done.stderr

    def make(self, target: str) -> subprocess.CompletedProcess[str]:
        return self.run("make", target, f"PYTHON={sys.executable}")

    def versions(self) -> dict[str, str]:
        """What is installed, without gbsync itself and the setuptools that Python 3.11 puts into its own."""
        found: dict[str, str] = json.loads(self.run(self.python, "-c", VERSIONS).stdout)
        assert found.pop("gbsync")
        found.pop("setuptools", None)
        return found

    def locked(self, *names: str) -> dict[str, str]:
        """What the lists lock for this system and this Python."""
        chosen = [pin for name in names for pin in pins(self.folder / f"requirements/{name}.txt")]
        return {pin.name: pin.version for pin in chosen if not pin.marker or Marker(pin.marker).evaluate()}


@pytest.fixture
def checkout(tmp_path: Path, made: Path) -> Checkout:
    return Checkout(tmp_path, made)


def test_the_oldest_pip_installs_what_is_locked_and_nothing_else(checkout: Checkout, oldest: Path) -> None:
    checkout.have(oldest)
    running = checkout.make(".venv/.run")
    assert running.returncode == 0, running.stderr
    assert checkout.versions() == checkout.locked("pip", "run")

    working = checkout.make(".venv/.dev")

    assert working.returncode == 0, working.stderr
    assert checkout.versions() == checkout.locked("pip", "run", "dev")
    assert checkout.make(".venv/.run").stdout.strip().endswith("is up to date.")


def test_each_list_is_enough_for_the_oldest_pip_by_itself(checkout: Checkout, oldest: Path) -> None:
    for path in LISTS:
        done = dry_run(checkout, oldest, "--require-hashes", "-r", f"requirements/{path.name}")

        assert done.returncode == 0, done.stderr
        assert ".post1" not in done.stdout


@pytest.mark.skipif(
    not EXTRAS_ARE_A_PROJECT, reason="pip 23.3 and newer know that coverage[toml] is coverage"
)
def test_without_the_extras_that_pip_reaches_for_the_newest(checkout: Checkout, oldest: Path) -> None:
    """What the lists were like: the registry of these tests does catch it."""
    path = checkout.folder / "requirements/dev.txt"
    entries = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(entry for entry in entries if "[" not in entry.split("==")[0]), "utf-8")

    done = dry_run(checkout, oldest, "--require-hashes", "-r", path)

    assert "all requirements must have their versions pinned with ==" in done.stderr
    assert ".post1" in dry_run(checkout, oldest, "deepdiff").stdout


def dry_run(checkout: Checkout, pip: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What this pip would install into an environment in which nothing is."""
    if not checkout.python.exists():
        checkout.run(sys.executable, "-m", "venv", "--without-pip", ".venv")
    return checkout.run(checkout.python, pip / "pip", "install", "--dry-run", *arguments)


def test_a_failed_install_says_what_to_do_and_an_interrupted_one_is_made_anew(
    checkout: Checkout, oldest: Path
) -> None:
    checkout.have(oldest)
    hidden = (checkout.simple / "click").rename(checkout.simple / "hidden")
    failed = checkout.make(".venv/.run")
    assert failed.returncode != 0
    assert "No matching distribution found for click" in failed.stderr
    assert "Then run the same command again" in failed.stderr
    hidden.rename(checkout.simple / "click")

    interrupt(checkout)
    assert not (checkout.folder / ".venv/.run").exists()
    done = checkout.make(".venv/.run")

    assert done.returncode == 0, done.stderr
    assert "the last install was interrupted" in done.stderr
    assert checkout.versions() == checkout.locked("pip", "run")
    assert not checkout.marker.exists()


def interrupt(checkout: Checkout) -> None:
    """Begin an install, and kill it as soon as pip begins its work: make, the shell and pip."""
    running = subprocess.Popen(
        ["make", ".venv/.run", f"PYTHON={sys.executable}"],  # noqa: S607 - make is where PATH says
        cwd=checkout.folder,
        env=checkout.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stderr
    for line in running.stderr:
        if line.startswith("installing what"):
            break
    time.sleep(1)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert checkout.marker.exists()


def test_two_installs_at_once_do_not_meet(checkout: Checkout) -> None:
    checkout.marker.write_text(f"{os.getpid()}\n", "utf-8")

    done = checkout.make(".venv/.run")

    assert done.returncode != 0
    assert f"process {os.getpid()} is installing into it; wait for its end" in done.stderr
    assert checkout.marker.exists()


def test_a_checkout_that_was_moved_makes_its_environment_anew(checkout: Checkout) -> None:
    venv = checkout.folder / ".venv"
    checkout.run(sys.executable, "-m", "venv", "--without-pip", ".venv")
    check = (checkout.folder / "scripts/venv", "--check", ".venv")
    assert checkout.run(*check).returncode == 0

    (venv / ".home").write_text("/somewhere/else\n", "utf-8")

    assert checkout.run(*check).returncode != 0
