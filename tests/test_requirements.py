"""The locked lists in requirements/: each package pinned by hash, no address, in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LISTS = tuple(sorted((ROOT / "requirements").glob("*.txt")))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

every_list = pytest.mark.parametrize("path", LISTS, ids=[path.stem for path in LISTS])


def entries(path: Path) -> list[str]:
    """The entries of a list, each on one line."""
    return path.read_text("utf-8").replace("\\\n", "").splitlines()


def pinned(path: Path) -> Iterator[tuple[str, str]]:
    """Each package with its version; one that differs by platform or Python comes more than once."""
    for line in entries(path):
        name, version = line.split(";")[0].split(" --hash")[0].strip().split("==")
        yield canonicalize_name(name), version


def asked(group: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for, of which `group` is the locked list."""
    if group == "dev":
        yield from map(Requirement, PROJECT["project"]["dependencies"])
    for item in PROJECT["dependency-groups"][group]:
        if isinstance(item, dict):
            yield from asked(item["include-group"])
        else:
            yield Requirement(item)


@every_list
def test_every_package_is_pinned_by_hash(path: Path) -> None:
    loose = [
        line
        for line in entries(path)
        if not re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ]

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


def test_the_lists_agree_on_every_package() -> None:
    found = {path.stem: set(pinned(path)) for path in LISTS}
    names = {name for name, _ in found["dev"]}
    other = {pin for path in LISTS for pin in found[path.stem] if pin[0] in names}

    assert other <= found["dev"]


def test_dependencies_have_bounds_and_no_pins() -> None:
    requirements = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    operators = {item.name: sorted(bound.operator for bound in item.specifier) for item in requirements}

    assert set(map(tuple, operators.values())) == {("<", ">=")}
