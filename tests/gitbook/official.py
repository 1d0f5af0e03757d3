"""GitBook's own command line and client, from npm: software that this project did not write."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGE = "@gitbook/cli@0.25.1"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
SCRIPT = "export default {};"


@dataclass(frozen=True)
class Official:
    """The installed packages."""

    folder: Path

    def cli(self, *args: str, home: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """What `gitbook` says; its login is kept under `home`."""
        program = self.folder / "node_modules" / "@gitbook" / "cli" / "cli.js"
        return self._node(str(program), *args, home=home, environ=environ)

    def client(
        self, script: str, *, home: Path, environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What a script says that uses the client `@gitbook/api`."""
        (self.folder / "script.mjs").write_text(script, encoding="utf-8")
        return self._node(str(self.folder / "script.mjs"), home=home, environ=environ)

    def _node(self, *args: str, home: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        clean = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
        return subprocess.run(
            ["node", "--no-warnings", *args],  # noqa: S607 - whichever Node is installed
            cwd=home,
            env={**clean, **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def install(folder: Path) -> Official:
    """Both packages. Skips the test where Node or the registry is not to be had.

    No script of a package runs: that of the command line would download a tunnel.
    """
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("Node is not installed: GitBook's own command line cannot be compared with")
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(folder))
    try:
        done = subprocess.run(
            [npm, "install", *options, PACKAGE], capture_output=True, text=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not get {PACKAGE} within five minutes")
    if done.returncode:
        pytest.skip(f"npm cannot get {PACKAGE}: {done.stderr.strip()[-300:]}")
    return Official(folder)


@dataclass(frozen=True)
class Project:
    """A copy of a real manifest with all that it names: a stub for its script, and for missing images."""

    folder: Path
    name: str
    environ: Mapping[str, str]

    @classmethod
    def of(cls, manifest: Path, folder: Path) -> Project:
        """The project around `manifest`, in `folder`."""
        shutil.copytree(manifest.parent, folder)
        text = manifest.read_text("utf-8")
        stub = folder / _value(text, "script")
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(SCRIPT, "utf-8")
        for image in re.findall(r"\./[\w./-]+\.png", text):
            path = folder / image
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_bytes(PNG)
        variables = re.findall(r"\$\{\{\s*env\.(\w+)\s*\}\}", text)
        return cls(folder, _value(text, "name"), {name: f"value-of-{name}" for name in variables})

    def write_file(self, organization: str) -> None:
        """The file with which gbsync publishes the same."""
        (self.folder / "built.js").write_text(SCRIPT, "utf-8")
        (self.folder / "gbsync.yaml").write_text(
            "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\nintegrations:\n"
            f"  {self.name}:\n    manifest: gitbook-manifest.yaml\n    organization: {organization}\n"
            "    script: {file: built.js}\n",
            encoding="utf-8",
        )


def _value(manifest: str, key: str) -> str:
    match = re.search(rf"^{key}: *['\"]?([^\s'\"]+)", manifest, re.MULTILINE)
    assert match is not None, key
    return match[1]
