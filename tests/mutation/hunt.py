"""`python -m tests.mutation.hunt MODULE`: is the fault in this module found? Exit 1 says yes.

First the explorer searches its smallest worlds, then the tests of planning and applying run, those of the
module first. The first thing that is wrong ends it.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

FOUND, NOT_FOUND = 1, 0
FEW = 3
"""So many worlds of each part are searched with one more thing."""
CPU = 60
"""Seconds for a fault; all that ends takes less."""
SLOW = ("test_plan_cases.py", "test_executor.py", "test_saved.py", "test_foreign_keys.py")


def main(module: str) -> int:
    """Whether the fault is found."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    return FOUND if _explored() or _tested(Path(module)) else NOT_FOUND


def _explored() -> bool:
    from tests.exploration.scopes import PARTS  # noqa: PLC0415 - what reads a fault may not end
    from tests.exploration.search import Found, once, worlds  # noqa: PLC0415 - the same
    from tests.exploration.world import Idle  # noqa: PLC0415 - the same

    found, parts = Found(), [worlds(*part.split(" ")) for part in PARTS]
    for stories in parts:
        for story in stories:
            found.look(story)
        for story in islice(stories, FEW):
            for other in once(story):
                with suppress(Idle):
                    found.look(other)
        if found.wrong:
            return True
    return False


def _tested(module: Path) -> bool:
    tests = Path("tests")
    files = [path for name in ("plan", "apply") for path in sorted((tests / name).glob("test_*.py"))]
    files += [tests / "test_pipeline.py", tests / "test_engine.py", tests / "resources" / "test_forms.py"]
    files.sort(key=lambda path: (path.name != f"test_{module.stem}.py", path.name in SLOW))
    options = ["-x", "-q", "-n0", "--no-header", "-p", "no:cacheprovider", "-p", "no:cov"]
    return pytest.main([*options, *map(str, files)]) != pytest.ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
