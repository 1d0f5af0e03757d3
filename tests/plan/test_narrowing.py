"""What a run is narrowed to: a target or an exclude that matches nothing is an error with a near miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.errors import UsageError
from reconciler.pipeline import Choice
from tests.planning import World, world

if TYPE_CHECKING:
    from pathlib import Path

FILES = "installations: {slack: {configuration: {default_channel: C1}}, mermaid: {}}"


def narrowed(folder: Path, choice: Choice) -> World:
    made = world(
        folder, {"files": FILES, "live": {"installations": {"slack": {}, "mermaid": {}}}, "lock": {}}
    )
    made.choice = choice
    return made


@pytest.mark.parametrize("option", ["--target", "--exclude"])
@pytest.mark.parametrize(
    ("glob", "said"),
    [
        ("installation/slakc", "did you mean `installation/slack`?"),
        ("installation.slack", "did you mean `installation/slack`?"),
        ("slack", "did you mean "),
        ("mermaids/**", "write an address as a plan shows it"),
        ("", "write an address as a plan shows it"),
    ],
)
async def test_a_narrowing_that_matches_nothing_is_an_error_with_a_near_miss(
    tmp_path: Path, option: str, glob: str, said: str
) -> None:
    choice = Choice(targets=(glob,)) if option == "--target" else Choice(excludes=(glob,))
    with pytest.raises(UsageError) as raised:
        await narrowed(tmp_path, choice).plan()

    assert str(raised.value).startswith(f"{option} {glob or repr(glob)}: matches nothing; {said}")


async def test_a_destroy_with_a_misspelt_exclude_destroys_nothing(tmp_path: Path) -> None:
    made = narrowed(tmp_path, Choice(excludes=("installation/slakc",), destroy=True))
    with pytest.raises(UsageError):
        await made.plan()

    assert made.sandbox.commits == ()


async def test_all_that_match_nothing_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        await narrowed(tmp_path, Choice(targets=("a", "b"))).plan()

    assert len(str(raised.value).splitlines()) == 2
