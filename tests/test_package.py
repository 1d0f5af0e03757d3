"""The wheel and the sdist, installed as a user installs them: into a bare virtual environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler import __version__
from tests.registry import pins

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
INSIDE = {"reconciler/py.typed", "reconciler/__init__.py", "reconciler/cli/__init__.py"}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("package")]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)


def done(*command: str | Path, cwd: Path) -> str:
    """What the command prints; fails with all that it said unless it succeeds."""
    result = run(*command, cwd=cwd)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist of the checkout, and the wheel that is built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module", params=["*.whl", "*.tar.gz"], ids=["wheel", "sdist"])
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dist: Path) -> Path:
    """The programs of a new virtual environment that has gbsync and what it depends on, nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    locked = pins(ROOT / "requirements/run.txt")
    constraints = folder / "constraints.txt"
    constraints.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in locked), "utf-8")
    (built,) = dist.glob(request.param)
    install = pip(folder / "bin", "install", "--quiet", "--no-compile", "-c", constraints, built)
    done(*install, cwd=folder)
    return folder / "bin"


def pip(programs: Path, *args: str | Path) -> tuple[str | Path, ...]:
    """Our pip, at work in that environment: giving each a pip of its own takes five seconds of CPU."""
    return (sys.executable, "-m", "pip", "--python", programs / "python", *args)


def names(dist: Path) -> tuple[set[str], set[str]]:
    """The files in the wheel, and those in the sdist without its top folder."""
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive, tarfile.open(sdist) as source:
        return set(archive.namelist()), {name.partition("/")[2] for name in source.getnames()}


def test_the_wheel_has_the_whole_package_and_nothing_else(dist: Path) -> None:
    wheel, _ = names(dist)
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "reconciler").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    others = {name for name in wheel - package if ".dist-info/" not in name}

    assert wheel >= INSIDE
    assert package <= wheel
    assert not others


def test_the_sdist_has_what_testing_it_takes(dist: Path) -> None:
    _, sdist = names(dist)
    needed = {
        path.relative_to(ROOT).as_posix()
        for room in (
            "benchmarks/*.py",
            "docs/*",
            "examples/**/*",
            "requirements/*",
            "scripts/*",
            "tests/**/*",
        )
        for path in ROOT.glob(room)
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert INSIDE | needed | {"pyproject.toml", "Makefile", "README.md", "LICENSE", "CHANGELOG.md"} <= sdist
    assert ".github/workflows/ci.yml" in sdist


def converges(programs: Path, folder: Path) -> Sequence[int]:
    """The exit codes of plan, apply and plan again of the first example, on a sandbox in a new folder."""
    plan = (
        "plan",
        ROOT / "examples/quickstart",
        f"--sandbox={folder / 'sandbox.json'}",
        "--detailed-exitcode",
    )
    apply = ("apply", *plan[1:3], "--auto-approve")
    return [run(programs / "gbsync", *command, cwd=folder).returncode for command in (plan, apply, plan)]


def test_it_converges_in_a_bare_environment(bare: Path, tmp_path: Path) -> None:
    assert done(bare / "gbsync", "--version", cwd=tmp_path) == f"gbsync {__version__}\n"
    assert done(*pip(bare, "check"), cwd=tmp_path)
    assert converges(bare, tmp_path) == [2, 0, 0]


def test_the_package_is_typed_for_those_who_import_it(bare: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import reconciler\nreveal_type(reconciler.__version__)\n", "utf-8")

    said = done(
        sys.executable,
        "-m",
        "mypy",
        "--python-executable",
        bare / "python",
        "--config-file=",
        program,
        cwd=tmp_path,
    )

    assert said.endswith("Success: no issues found in 1 source file\n")
    assert 'Revealed type is "str"' in said.replace("builtins.", "")
