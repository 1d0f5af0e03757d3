"""A package registry in a folder, on which every locked package has a newer release too.

The releases are small wheels with the real metadata, so that an installer resolves what it would elsewhere.
Only what an install runs is whole: pip and what builds gbsync. They are made from what is installed here.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Self

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
RUN_BY_AN_INSTALL = ("pip", "hatchling", "editables")
OF_THE_INSTALLER = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


@dataclass(frozen=True)
class Pin:
    """One entry of a locked list."""

    name: str
    extras: frozenset[str]
    version: str
    marker: str

    @classmethod
    def parse(cls, line: str) -> Self:
        requirement = Requirement(line.partition(" --hash")[0])
        (bound,) = requirement.specifier
        name = canonicalize_name(requirement.name)
        return cls(name, frozenset(requirement.extras), bound.version, str(requirement.marker or ""))

    def line(self, digest: str) -> str:
        """The entry with the hash of another wheel."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}=={self.version}{marker} --hash=sha256:{digest}\n"


def pins(path: Path) -> tuple[Pin, ...]:
    """The entries of a locked list."""
    return tuple(map(Pin.parse, path.read_text("utf-8").replace("\\\n", "").splitlines()))


def installed(name: str) -> Distribution | None:
    """What is installed here of that name; nothing if it is for other systems or for the browser tests."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def needed(names: tuple[str, ...]) -> set[str]:
    """The packages, and all that they depend on here."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            asked = map(Requirement, distribution(name).requires or ())
            waiting += [item.name for item in asked if not item.marker or item.marker.evaluate({"extra": ""})]
    return found


def _metadata(pin: Pin, version: str) -> str:
    """The metadata of a release that asks for what the real one asks for."""
    known = installed(pin.name)
    lines = ["Metadata-Version: 2.1", f"Name: {pin.name}", f"Version: {version}"]
    if known:
        lines += [f"Provides-Extra: {extra}" for extra in known.metadata.get_all("Provides-Extra") or ()]
        lines += [f"Requires-Dist: {asked}" for asked in known.requires or ()]
    return "\n".join(lines) + "\n"


def _small(pin: Pin, version: str) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel that has metadata and nothing else."""
    yield f"{_stem(pin.name, version)}.dist-info/METADATA", _metadata(pin, version).encode()
    yield f"{_stem(pin.name, version)}.dist-info/WHEEL", b"Wheel-Version: 1.0\nTag: py3-none-any\n"


def _whole(pin: Pin) -> Iterator[tuple[str, bytes]]:
    """The files of the wheel that was installed here."""
    known = distribution(pin.name)
    assert known.version == pin.version, f"{pin.name} {known.version} is installed: make test"
    for file in known.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in OF_THE_INSTALLER:
            yield file.as_posix(), Path(str(file.locate())).read_bytes()


def _stem(name: str, version: str) -> str:
    return f"{name.replace('-', '_')}-{version}"


def _wheel(folder: Path, pin: Pin, version: str, files: Iterator[tuple[str, bytes]]) -> Path:
    """A wheel of these files, with the list of their digests that each wheel has."""
    path = folder / f"{_stem(pin.name, version)}-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files:
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}\n")
            archive.writestr(name, content)
        archive.writestr(f"{_stem(pin.name, version)}.dist-info/RECORD", "".join(record))
    return path


def publish(pin: Pin, folder: Path, whole: Container[str]) -> str:
    """Put the locked release and a newer one on the registry; gives the hash of the locked one."""
    page = folder / pin.name
    page.mkdir(parents=True, exist_ok=True)
    files = _whole(pin) if pin.name in whole else _small(pin, pin.version)
    locked = _wheel(page, pin, pin.version, files)
    newer = f"{pin.version}.post1"
    _wheel(page, pin, newer, _small(pin, newer))
    links = [f'<a href="{path.name}">{path.name}</a>\n' for path in sorted(page.glob("*.whl"))]
    (page / "index.html").write_text("<!DOCTYPE html>\n" + "".join(links), "utf-8")
    return hashlib.sha256(locked.read_bytes()).hexdigest()


def mirror(lists: Iterable[Path], folder: Path, requirements: Path) -> None:
    """Make a registry in `folder` of all that the lists lock, and write the lists with its hashes."""
    whole = needed(RUN_BY_AN_INSTALL)
    digests: dict[tuple[str, str], str] = {}
    requirements.mkdir(parents=True)
    for path in lists:
        lines = []
        for pin in pins(path):
            key = pin.name, pin.version
            if key not in digests:
                digests[key] = publish(pin, folder, whole)
            lines.append(pin.line(digests[key]))
        (requirements / path.name).write_text("".join(lines), "utf-8")
