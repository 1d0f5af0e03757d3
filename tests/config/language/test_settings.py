"""The top of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.files import ORGANIZATION, declared, problems, read, write

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    config = declared(tmp_path, "")

    assert (config.organization, config.prune, config.protect) == (ORGANIZATION, "none", ())
    assert (config.max_deletes, config.mask, config.resources) == (None, (), {})


def test_everything_may_come_from_expressions(tmp_path: Path) -> None:
    text = (
        "prune: '${{ var.prune }}'\nmax_deletes: ${{ var.most }}\nprotect: ['installation/${{ env.NAME }}']\n"
        "mask: ['${{ env.NAME }}']\nvariables: {prune: all, most: 7}\n"
    )
    config = declared(tmp_path, text, environ={"NAME": "slack"})

    assert (config.prune, config.max_deletes, config.protect) == ("all", 7, ("installation/slack",))
    assert config.mask == ("slack",)


@pytest.mark.parametrize(
    ("text", "limit"), [("0", 0), ("20", 20), ("30%", 0.3), ("'5.5 %'", 0.055), ("100%", 1.0)]
)
def test_a_limit_is_a_number_or_a_share(tmp_path: Path, text: str, limit: float) -> None:
    found = declared(tmp_path, f"max_deletes: {text}\n").max_deletes

    assert found == pytest.approx(limit)
    assert type(found) is type(limit)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "in-the-file-20-chars"),
        ({"default_organization": "other"}, "in-the-file-20-chars"),
        ({"organization": "given"}, "given"),
    ],
)
def test_the_file_names_the_organization_unless_it_is_overridden(
    tmp_path: Path, options: dict[str, str], expected: str
) -> None:
    write(tmp_path, {"gbsync.yaml": "version: 1\norganization: in-the-file-20-chars\n"})

    assert read(tmp_path, **options).organization == expected


def test_without_one_in_the_file_the_default_counts(tmp_path: Path) -> None:
    write(tmp_path, {"gbsync.yaml": "version: 1\n"})

    assert read(tmp_path, default_organization="other").organization == "other"
    assert [problem.rule for problem in problems(tmp_path)] == ["GB024"]


def test_an_overridden_organization_is_not_looked_up(tmp_path: Path) -> None:
    write(tmp_path, {"gbsync.yaml": "version: 1\norganization: ${{ env.NOWHERE }}\n"})

    assert read(tmp_path, organization="given").organization == "given"


@pytest.mark.parametrize(
    "glob", ["**", "installation/**", "*/slack", "installation/slack/site/*", "/integration/a"]
)
def test_globs_that_can_match_are_taken(tmp_path: Path, glob: str) -> None:
    assert declared(tmp_path, f"protect: ['{glob}']\n").protect == (glob.strip("/"),)


@pytest.mark.parametrize("organization", ["acme-docs", "https://app.gitbook.com/o/7fQm2WvA91bXcR0tYk3L"])
def test_what_is_no_id_is_said_wherever_it_comes_from(tmp_path: Path, organization: str) -> None:
    write(tmp_path, {"named.yaml": "version: 1\norganization: ${{ env.ORG }}\n", "bare.yaml": "version: 1\n"})
    (named,) = problems(tmp_path, "named.yaml", environ={"ORG": organization})
    (bare,) = problems(tmp_path, "bare.yaml", default_organization=organization)

    assert (named.rule, bare.rule) == ("GB025", "GB025")
    assert organization in bare.message
    assert named.advice == bare.advice
    assert not problems(tmp_path, "bare.yaml", default_organization="7fQm2WvA91bXcR0tYk3L")
