"""`python -m tests.mutation [NUMBER [SEED]]`: puts faults into `plan` and `apply`, lists what nobody finds.

Own code, because what is run is not a test suite alone: the explorer finds most, in a few seconds.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.mutation.faults import Fault, faults_of
from tests.mutation.hunt import NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("reconciler/plan", "reconciler/apply")
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
NUMBER, SEED, ENOUGH = 200, 1, 0.95


def every_fault() -> list[Fault]:
    """All faults of the packages, in order."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [fault for path in paths for fault in faults_of(path, ROOT)]


def equivalents() -> Mapping[str, str]:
    """Faults that change nothing that anybody could see, each with the reason."""
    known: Mapping[str, str] = yaml.safe_load(EQUIVALENT.read_text("utf-8")) or {}
    return known


def is_found(snapshot: Path, fault: Fault) -> bool:
    """Whether the explorer or a test finds it, or it never ends."""
    module = fault.name.partition(" ")[0]
    with tempfile.TemporaryDirectory() as folder:
        here = shutil.copytree(snapshot, Path(folder) / "gbsync")
        (here / module).write_text(fault.text, encoding="utf-8")
        command = [sys.executable, "-m", "tests.mutation.hunt", module]
        environ = {**os.environ, "PYTHONPATH": str(here), "PYTHONDONTWRITEBYTECODE": "1"}
        ended = subprocess.run(command, cwd=here, env=environ, capture_output=True, check=False)
    return ended.returncode != NOT_FOUND


def _snapshot(folder: Path) -> Path:
    """A copy of what is run, so that work on the code may go on."""
    for name in ("reconciler", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def main(number: int, seed: int) -> int:
    """Says each survivor and the share that was found. 1 where that is too small."""
    known, survived = equivalents(), 0
    faults = [fault for fault in every_fault() if fault.name not in known]
    chosen = random.Random(seed).sample(faults, min(number, len(faults)))  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(partial(is_found, _snapshot(Path(folder))), chosen)
        for count, (fault, found) in enumerate(zip(chosen, results, strict=True), 1):
            survived += not found
            if not found:
                sys.stdout.write(f"survived: {fault.name}  (line {fault.line})\n")
            sys.stderr.write(f"{count} of {len(chosen)}\n")
            sys.stdout.flush()
    share = 1 - survived / len(chosen)
    sys.stdout.write(f"{len(chosen) - survived} of {len(chosen)} faults found ({share:.1%}), seed {seed}\n")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*words, *(NUMBER, SEED)[len(words) :]))
