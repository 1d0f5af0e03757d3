"""Resolves pyproject.toml into the locked lists of requirements/: `make lock`.

What is locked already stays as it is, so that two runs write the same; `make lock UPGRADE=--upgrade` takes
the newest releases. The lists name no registry: pip asks the one that the machine is configured for.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).with_name("uv")
LISTS = {
    "dev": ("pyproject.toml", "--group=dev"),
    "run": ("pyproject.toml", "--group=checkout"),
    "bench": ("--group=bench",),
    "browser": ("--group=browser",),
    "pip": ("--group=installer",),
    "uv": ("--group=uv",),
}
"""What each list is made from. The first one holds nearly everything: the others take its versions."""

OPTIONS = (
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-strip-extras",
    "--no-annotate",
    "--no-header",
)
ENTRY = re.compile(r"^[a-z0-9].*(?:\n .*)*\n", re.MULTILINE)
"""An entry of a list: the package with its version, then a line for each hash."""

EXTRAS = re.compile(r"^([a-z0-9._-]+)\[[^]]*\]")


def resolve(name: str, options: list[str]) -> str:
    """The text of the list as uv resolves it."""
    path = f"requirements/{name}.txt"
    agreeing = () if name == "dev" else ("--constraints=requirements/dev.txt",)
    command = [
        PROGRAM,
        "pip",
        "compile",
        *OPTIONS,
        *options,
        *agreeing,
        f"--output-file={path}",
        *LISTS[name],
    ]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return (ROOT / path).read_text("utf-8")


def with_bases(text: str) -> str:
    """The list with `coverage==…` before `coverage[toml]==…`.

    pip before 23.3 takes the two for different projects: each that is asked for has to be pinned.
    """
    entries = ENTRY.findall(text)
    bases = [EXTRAS.sub(r"\1", entry) for entry in entries if EXTRAS.match(entry)]
    return "".join(
        sorted({*entries, *bases}, key=lambda entry: (re.split(r"[=\[ ]", entry, maxsplit=1)[0], entry))
    )


def main() -> None:
    """Write every list anew."""
    for name in LISTS:
        text = resolve(name, sys.argv[1:])
        (ROOT / "requirements" / f"{name}.txt").write_text(with_bases(text), "utf-8")


if __name__ == "__main__":
    main()
