"""Thousands of damaged files: whatever they say, what comes out is a configuration or a clean diagnosis."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.expressions.scope import BROKEN
from reconciler.config.format.fmt import formatted
from reconciler.config.rules import RULES
from reconciler.config.yaml.snippet import Snippets
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.table import KINDS
from tests.config.documents import ENVIRON, HOSTILE, json_values
from tests.config.files import read, write
from tests.conftest import NIGHTLY, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.diagnostics import Place, Problem

EXAMPLE = ROOT / "examples" / "organization"
SEEDS = sorted([*(ROOT / "examples").rglob("*.yaml"), *(ROOT / "tests" / "bad").glob("*.yaml")])
DOCUMENTS = 40_000 if NIGHTLY else 2_400
ROUNDS = 8
CANARY = "canary-that-nobody-may-see"
SPLINTERS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b": ",
        b"- ",
        b"\n",
        b"\n  ",
        b"\t",
        b"#",
        b"&a ",
        b"*a",
        b"<<: ",
        b"'",
        b'"',
        b"|\n",
        b">-\n",
    ),
    *(
        b"${{ ",
        b" }}",
        b"$${{",
        b"${{ env.CHANNEL }}",
        b"${{ secret.CANARY }}",
        b"${{ site.ga }}",
        b"${{ var.x }}",
    ),
    *(
        b"!!python/name:os.system",
        b"!!binary ",
        b"---\n",
        b"...\n",
        b"%YAML 1.1\n",
        b"? ",
        b"~",
        b"null",
        b"yes",
        b"0123",
    ),
    *(
        b".inf",
        b"1e400",
        b"\x00",
        b"\x1b[31m",
        b"\xff",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"\xef\xbb\xbf",
        b"\r\n",
        b"\r",
        b"\\",
    ),
    *(
        b"{file: ../../x}",
        b"{file: }",
        b"tag:public",
        b"'*'",
        b"absent: true",
        b"manifest: x",
        b"secrets: {A: 1}",
        b"secrets: {A: null}",
        b"envs: {default: null}",
        b"absent: ${{ env.CHANNEL }}",
        b"id: null",
    ),
)
"""Pieces that mean something to YAML or to gbsync."""


def damaged(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """The bytes after a few accidents."""
    for _ in range(dice.randint(1, 4)):
        at, upto = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        match dice.randrange(6):
            case 0:
                data = data[:at] + data[min(upto, at + 40) :]
            case 1:
                data = data[:at] + dice.choice(SPLINTERS) + data[at:]
            case 2:
                data = data[:upto] + data[at:upto][:80] + data[upto:]
            case 3:
                data = data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
            case 4:
                lines = data.split(b"\n")
                dice.shuffle(lines)
                data = b"\n".join(lines[: dice.randrange(len(lines) + 1)])
            case _:
                other = dice.choice(others)
                data = data[:at] + other[dice.randrange(len(other) + 1) :]
    return data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The larger example, in a project of its own."""
    shutil.copytree(EXAMPLE, tmp_path / "project")
    return write(tmp_path / "project", {".git/HEAD": "", "x.js": "x();\n"})


def problems_of(folder: Path, *paths: str, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """Every problem; where none is an error, nothing that is declared may be broken."""
    try:
        config = read(folder, *paths, environ=environ)
    except ConfigError as error:
        return error.problems
    broken = [address for address, item in config.resources.items() if any(is_broken(item.attributes))]

    assert not broken
    return config.problems


def is_broken(value: Any) -> Iterator[bool]:
    """Whether each value inside is what stands for one whose problem was noted."""
    if isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from is_broken(item)
    yield value is BROKEN


def assert_clean(found: tuple[Problem, ...], folder: Path) -> None:
    """Each problem names a rule and a place that exists, on one line of visible text, and shows no secret."""
    snippets = Snippets()
    for problem in found:
        said = str(problem)

        assert problem.rule in RULES
        assert problem.severity is RULES[problem.rule].severity
        assert said.isprintable(), repr(said)
        assert CANARY not in said
        assert len(problem.message) < 2_000
        assert problem.place is None or snippets.at(problem.place) or not is_text(folder, problem.place)


def is_text(folder: Path, place: Place) -> bool:
    """Whether the file is there and can be read, so that a line of it can be shown."""
    try:
        (folder / place.file).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return False
    return True


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_damaged_file_gets_a_clean_diagnosis(folder: Path, round_: int) -> None:
    dice = random.Random(round_)  # noqa: S311 - damage needs no secrecy
    sources = [path.read_bytes() for path in SEEDS if path.stat().st_size < 20_000]
    environ = {**ENVIRON, "CANARY": CANARY, "GITBOOK_ORGANIZATION": "Qm4TzvXb81LkWc0sYhEo"}
    parts = [path.name for path in folder.glob("*gbsync.yaml")]
    for number in range(DOCUMENTS // ROUNDS):
        data = damaged(dice.choice(sources), dice, sources)
        name = "only.yaml" if number % 2 else dice.choice(parts)
        kept = (folder / name).read_bytes() if name in parts else b""
        (folder / name).write_bytes(data)

        found = problems_of(folder, "." if name in parts else name, environ=environ)

        assert_clean(found, folder)
        if name in parts:
            (folder / name).write_bytes(kept)


def test_a_damaged_manifest_gets_a_clean_diagnosis(folder: Path) -> None:
    dice = random.Random(0)  # noqa: S311 - damage needs no secrecy
    manifest = folder / "integrations" / "banner" / "gitbook-manifest.yaml"
    sources = [manifest.read_bytes(), *(path.read_bytes() for path in SEEDS[:20])]
    environ = {**ENVIRON, "CANARY": CANARY, "GITBOOK_ORGANIZATION": "Qm4TzvXb81LkWc0sYhEo"}
    for _ in range(DOCUMENTS // 8):
        data = damaged(sources[0], dice, sources)
        manifest.write_bytes(data)

        assert_clean(problems_of(folder, environ=environ), folder)


@given(
    st.one_of(
        json_values(), st.dictionaries(st.sampled_from(["installations", "sites", "integrations"]), HOSTILE)
    )
)
def test_any_json_gets_a_clean_diagnosis(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    folder = write(tmp_path_factory.getbasetemp() / "json", {"gbsync.yaml": json.dumps(document)})

    assert_clean(problems_of(folder, environ=ENVIRON), folder)


def test_what_formatting_makes_of_a_damaged_file_can_be_formatted_again() -> None:
    dice = random.Random(1)  # noqa: S311 - damage needs no secrecy
    sources = [path.read_bytes() for path in SEEDS if path.stat().st_size < 5_000]
    for _ in range(DOCUMENTS // 8):
        try:
            once = formatted(damaged(dice.choice(sources), dice, sources).decode(), table=KINDS)
        except (ConfigError, UnicodeDecodeError):
            continue

        assert formatted(once, table=KINDS) == once
