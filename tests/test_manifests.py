"""Real manifests publish to the sandbox through `manifest:`, and planning them again is empty."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox.world import empty
from tests.conftest import SHARED
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path

NAMES = sorted(path.parent.name for path in (SHARED / "manifests").glob("*/gitbook-manifest.yaml"))


@pytest.mark.parametrize("name", NAMES or ["none"])
def test_a_real_manifest_publishes_and_converges(name: str, shared: Path, tmp_path: Path) -> None:
    manifest = (shared / "manifests" / name / "gitbook-manifest.yaml").read_text(encoding="utf-8")
    ours, environ = _project(name, manifest, shared, tmp_path)
    empty().save(tmp_path / "world.json")
    same = (str(tmp_path / "gbsync.yaml"), f"--sandbox={tmp_path / 'world.json'}")

    applied = gbsync("apply", *same, "--auto-approve", environ=environ)
    again = gbsync("plan", *same, "--detailed-exitcode", environ=environ)

    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert f"integration/{ours}" in applied.stdout
    assert again.returncode == 0, again.stdout + again.stderr


def _project(name: str, manifest: str, shared: Path, folder: Path) -> tuple[str, dict[str, str]]:
    """A project around the manifest as it is, with a built script; missing previews are left out."""
    shutil.copytree(shared / "manifests" / name, folder / name)
    (folder / name / "built.js").write_text("export default {};", encoding="utf-8")
    missing = [
        image for image in re.findall(r"\./assets/\S+", manifest) if not (folder / name / image).exists()
    ]
    found = re.search(r"^name: (\S+)$", manifest, re.MULTILINE)
    assert found is not None
    previews = "    previewImages: []\n" if missing else ""
    (folder / "gbsync.yaml").write_text(
        "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\nintegrations:\n"
        f"  {found[1]}:\n    manifest: {name}/gitbook-manifest.yaml\n    organization: acme\n"
        f"    script: {{file: {name}/built.js}}\n{previews}",
        encoding="utf-8",
    )
    variables = re.findall(r"\$\{\{ env\.(\w+) \}\}", manifest)
    return found[1], {variable: f"value-of-{variable}" for variable in variables}
