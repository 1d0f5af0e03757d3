"""The locked lists in requirements/: each package pinned by hash, no address, in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.registry import Pin, installed, pins

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LISTS = tuple(sorted((ROOT / "requirements").glob("*.txt")))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

GROUPS = {"run": "checkout", "pip": "installer"}
"""The lists that have another name than their group of pyproject.toml."""

PLATFORMS = (("posix", "nt"), ("linux", "darwin", "win32"), ("3.11", "3.12", "3.13", "3.14"))
ENTRY = re.compile(r"[a-z0-9._-]+(?:\[[a-z0-9,_-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}")

every_list = pytest.mark.parametrize("path", LISTS, ids=[path.stem for path in LISTS])


def entries(path: Path) -> list[str]:
    """The entries of a list, each on one line."""
    return path.read_text("utf-8").replace("\\\n", "").splitlines()


def pinned(path: Path) -> Iterator[tuple[str, str]]:
    """Each package with its version; one that differs by platform or Python comes more than once."""
    return ((pin.name, pin.version) for pin in pins(path))


def asked(name: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for, of which `name` is the locked list."""
    if name in {"run", "dev"}:
        yield from map(Requirement, PROJECT["project"]["dependencies"])
    yield from grouped(GROUPS.get(name, name))


def grouped(group: str) -> Iterator[Requirement]:
    for item in PROJECT["dependency-groups"][group]:
        if isinstance(item, dict):
            yield from grouped(item["include-group"])
        else:
            yield Requirement(item)


def wanted(pin: Pin) -> Iterator[Requirement]:
    """What the package of an entry asks for with the entry's extras, on any system and Python of ours."""
    known = installed(pin.name)
    for requirement in map(Requirement, (known.requires if known else None) or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**one}) for one in environments(pin.extras)):
            yield requirement


def environments(extras: frozenset[str]) -> Iterator[dict[str, str]]:
    """Each system and Python that gbsync runs on, with each of the extras and without one."""
    for system, platform, python, extra in product(*PLATFORMS, sorted(extras | {""})):
        yield {
            "os_name": system,
            "sys_platform": platform,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "extra": extra,
        }


@every_list
def test_every_package_is_pinned_by_hash(path: Path) -> None:
    loose = [line for line in entries(path) if not ENTRY.match(line)]

    assert not loose


@every_list
def test_no_list_says_where_packages_come_from(path: Path) -> None:
    assert not re.findall(r"\S*(?:://|--index|--extra-index|--find-links)\S*", path.read_text("utf-8"))


@every_list
def test_a_list_has_all_that_pyproject_asks_for_within_its_bounds(path: Path) -> None:
    versions = dict(pinned(path))
    outside = [
        str(requirement)
        for requirement in asked(path.stem)
        if versions.get(canonicalize_name(requirement.name), "0") not in requirement.specifier
    ]

    assert not outside, "make lock"


@every_list
def test_every_requirement_with_extras_of_a_locked_package_is_locked_with_its_extras(path: Path) -> None:
    """pip before 23.3 takes `coverage[toml]` for another project than the pinned `coverage`."""
    locked = pins(path)
    extras = {pin.name: pin.extras for pin in sorted(locked, key=lambda pin: len(pin.extras))}
    loose = [
        f"{pin.name} asks for {requirement}"
        for pin in locked
        for requirement in wanted(pin)
        if not requirement.extras <= extras.get(canonicalize_name(requirement.name), frozenset())
    ]

    assert not loose, "make lock"


def test_a_package_that_is_locked_with_extras_is_locked_without_them_too() -> None:
    for path in LISTS:
        locked = pins(path)
        plain = {(pin.name, pin.version) for pin in locked if not pin.extras}

        assert {(pin.name, pin.version) for pin in locked} == plain


def test_the_extras_of_packages_that_are_not_installed_here_are_few() -> None:
    """What is not installed here cannot be asked what it depends on."""
    unknown = {
        pin.name for path in LISTS if path.stem not in {"bench", "browser", "uv"} for pin in pins(path)
    }
    unknown = {name for name in unknown if installed(name) is None}

    assert unknown <= {"colorama"}


def test_the_lists_agree_on_every_package() -> None:
    found = {path.stem: set(pinned(path)) for path in LISTS}
    names = {name for name, _ in found["dev"]}
    other = {pin for path in LISTS for pin in found[path.stem] if pin[0] in names}

    assert other <= found["dev"]


def test_dependencies_have_bounds_and_no_pins() -> None:
    requirements = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    operators = {item.name: sorted(bound.operator for bound in item.specifier) for item in requirements}

    assert set(map(tuple, operators.values())) == {("<", ">=")}
