"""Which files are read, and which may be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.config import Options, load
from reconciler.config.yaml.files import first_folder, project_folder
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.table import KINDS
from tests.config.files import HEAD, attributes, faults, problems, read, write

SCRIPT = "integrations:\n  acme: {script: {file: %s}}\n"


def test_a_folder_is_its_gbsync_files_in_order_and_nothing_else(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "z.gbsync.yaml": "installations: {z: {}}\n",
            "gbsync.yaml": HEAD,
            "a.gbsync.yaml": "installations: {a: {}}\n",
            "other.yaml": "nonsense: [\n",
            "deep/b.gbsync.yaml": "nonsense: [\n",
        },
    )
    config = read(tmp_path)

    assert [Path(file).name for file in config.files] == ["gbsync.yaml", "a.gbsync.yaml", "z.gbsync.yaml"]
    assert config.folder == tmp_path / "."


def test_stdin_is_a_file_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"x.js": "x();\n"})
    monkeypatch.chdir(tmp_path)
    config = read(Path(), "-", stdin=HEAD + SCRIPT % "x.js")

    assert config.files == ("<stdin>",)
    assert attributes(config, "integration/acme")["script"] == "x();\n"
    assert config.folder == Path()


def test_a_stdin_that_is_not_there_is_empty() -> None:
    found = problems(Path(), "-")

    assert [str(problem) for problem in found] == [
        "<stdin>:1:1: GB094: the file is empty; begin it with `version: 1` and `organization: ID`"
    ]


def test_a_missing_file_is_told_with_the_place_where_it_would_begin(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "nowhere.yaml")

    assert str(problem).startswith(f"{tmp_path / 'nowhere.yaml'}:1:1: GB001: ")


@pytest.mark.parametrize("paths", [("",), ("", "a.yaml"), ("a.yaml", "")])
def test_an_empty_path_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str]) -> None:
    write(tmp_path, {"a.yaml": HEAD})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="an empty path names no file"):
        load(paths, table=KINDS, options=Options())


@pytest.mark.parametrize("name", ["slack.gbsync.yml", "gbsync.yml"])
def test_a_part_that_would_be_left_out_is_an_error(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"gbsync.yaml": HEAD, name: "installations: {slack: {}}\n", "other.yml": "x: ["})

    (problem,) = problems(tmp_path)

    assert str(problem).startswith(f"{tmp_path / name}:1:1: GB095: ")


def test_a_file_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.config.yaml.files.LARGEST", 1000)
    write(tmp_path, {"a.yaml": HEAD.ljust(1000), "b.yaml": HEAD.ljust(1001)})

    assert not problems(tmp_path, "a.yaml")
    assert [problem.rule for problem in problems(tmp_path, "b.yaml")] == ["GB096"]
    assert [problem.rule for problem in problems(tmp_path, "-", stdin=HEAD.ljust(1001))] == ["GB096"]


def test_the_project_is_the_repository_above_the_first_path(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".git/HEAD": "", "shared/x.js": "x();\n", "docs/gbsync.yaml": HEAD + SCRIPT % "../shared/x.js"},
    )
    config = read(tmp_path, "docs")

    assert attributes(config, "integration/acme")["script"] == "x();\n"
    assert project_folder(tmp_path / "docs") == tmp_path.resolve()
    assert first_folder(["-"]) == Path()


def test_without_a_repository_the_project_is_the_folder(tmp_path: Path) -> None:
    write(tmp_path, {"x.js": "x();\n", "docs/gbsync.yaml": HEAD + SCRIPT % "../x.js"})

    assert [problem.rule for problem in problems(tmp_path, "docs")] == ["GB043"]


def test_a_link_does_not_lead_out_of_the_project_but_may_lead_about_in_it(tmp_path: Path) -> None:
    write(tmp_path, {"outside.js": "x();\n", "project/inside.js": "y();\n"})
    project = tmp_path / "project"
    (project / "out.js").symlink_to(tmp_path / "outside.js")
    (project / "in.js").symlink_to(project / "inside.js")
    (project / "up").symlink_to(tmp_path)

    assert "GB043" in faults(project, SCRIPT % "out.js")[0]
    assert "GB043" in faults(project, SCRIPT % "up/outside.js")[0]
    assert not faults(project, SCRIPT % "in.js")


@pytest.mark.parametrize("path", [".git/config", "a/../.git/config", "link", "sub/.git/config"])
def test_what_git_keeps_for_itself_is_not_named(tmp_path: Path, path: str) -> None:
    write(tmp_path, {".git/config": "token", "sub/.git/config": "token", "a/b": ""})
    (tmp_path / "link").symlink_to(tmp_path / ".git" / "config")

    assert "GB043" in faults(tmp_path, SCRIPT % path)[0]


def test_a_named_file_is_relative_to_the_file_that_names_it_also_in_an_overlay(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            "base/gbsync.yaml": HEAD + SCRIPT % "x.js",
            "base/x.js": "base();\n",
            "prod/over.yaml": SCRIPT % "x.js",
            "prod/x.js": "prod();\n",
        },
    )

    assert attributes(read(tmp_path, "base", "prod/over.yaml"), "integration/acme")["script"] == "prod();\n"


def test_a_missing_path_is_told_and_hides_what_it_may_have_had(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.yaml": "installations:\n  slack: {configuration: {a: '${{ var.gone }}', b: 1}, x: 1}\n"}
    )
    found = problems(tmp_path, "a.yaml", "nowhere.yaml")

    assert sorted(problem.rule for problem in found) == ["GB001", "GB017"]


def test_a_name_without_a_repository_is_what_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"sub/gbsync.yaml": HEAD})
    monkeypatch.chdir(tmp_path)

    assert load(["sub"], table=KINDS, options=Options()).files == ("sub/gbsync.yaml",)
    monkeypatch.chdir(tmp_path / "sub")
    assert load(["."], table=KINDS, options=Options()).files == ("gbsync.yaml",)
