"""`gbsync validate`: all problems at once, offline and with GitBook, for people, programs and GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION

if TYPE_CHECKING:
    from pathlib import Path

HEAD = f"version: 1\norganization: {ORGANIZATION}\n"
WRONG = HEAD + "installations:\n  slack: {site_selection: some, absnt: true}\n  git hub: {}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "gbsync.yaml").write_text(text, encoding="utf-8")


def test_files_that_are_right_have_no_problems(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, HEAD)

    assert run(["validate", "--offline"]) == 0
    assert capsys.readouterr().out == "No problems.\n"


def test_every_problem_is_told_at_once_in_the_order_of_the_file(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, WRONG)

    assert run(["validate", "--offline"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "gbsync.yaml:4:27",
        "gbsync.yaml:4:33",
        "gbsync.yaml:5:3",
    ]
    assert lines[-1] == "3 errors"


def test_a_warning_alone_does_not_fail(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, HEAD + "installations:\n  ga: {sites: {our-handbook: {}}}\n")

    assert run(["validate", "--offline"]) == 0
    assert "GB054" in capsys.readouterr().out


def test_with_strict_a_warning_is_an_error(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, HEAD + "integrations:\n  acme: {scopes: [site:metadata:reed]}\n")

    assert run(["validate", "--offline"]) == 0
    assert capsys.readouterr().out.endswith("1 warning\n")
    assert run(["validate", "--offline", "--strict"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        (
            "gbsync.yaml:4:19: GB110 integration/acme: `site:metadata:reed` is not known to this gbsync; "
            "did you mean `site:metadata:read`?"
        ),
        "1 error",
    ]


def test_programs_get_terraforms_diagnostics_with_the_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, WRONG)

    code = run(["validate", "--offline", "--format", "json"])

    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    first = document["diagnostics"][0]
    assert code == 1
    assert (document["valid"], document["error_count"], document["warning_count"]) == (False, 3, 0)
    assert first["severity"] == "error"
    assert first["range"]["start"] == {"line": 4, "column": 27, "byte": WRONG.index("some")}
    assert first["range"]["end"]["column"] == 31
    code_line, start, end = (
        first["snippet"][key] for key in ("code", "highlight_start_offset", "highlight_end_offset")
    )
    assert code_line[start:end] == "some"


def test_no_secret_is_quoted_with_its_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        here,
        HEAD + "integrations:\n  acme:\n    title: A\n    secrets:\n      PIN: 4711\n      TOKEN: [hunter2]\n"
        "    blocks: [{id: x, api_key: hunter3, title: Fine}]\n",
    )

    run(["validate", "--offline", "--format", "json"])

    shown = capsys.readouterr().out
    assert shown.count('"summary"') == 5
    assert not {"4711", "hunter2", "hunter3"} & set(shown.replace('"', " ").replace("[", " ").split())
    assert "hunter" not in shown


def test_a_line_of_broken_yaml_is_quoted_only_away_from_secrets(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, block in (("safe", "configuration"), ("odd", "secrets")):
        (here / f"{name}.yaml").write_text(f"installations:\n  slack:\n    {block}:\n      a: hunter2: x\n")

    run(["validate", "safe.yaml", "odd.yaml", "--offline", "--format", "json"])

    diagnostics = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [item["snippet"]["code"] for item in diagnostics] == ["      a: hunter2: x", "(secret)"]


def test_on_github_problems_are_annotations(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, WRONG)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    run(["validate", "--offline"])

    annotations = [line for line in capsys.readouterr().err.splitlines() if line.startswith("::error ")]
    assert len(annotations) == 3
    assert annotations[0].startswith("::error file=gbsync.yaml,line=4,col=27,title=GB019")


def test_with_gitbook_names_and_schemas_are_checked_too(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, HEAD + "installations:\n  slcak: {}\n  slack: {configuration: {oauth_credentials: x}}\n")

    assert run(["validate", "--offline"]) == 0
    assert run(["validate", "--sandbox"]) == 1
    shown = capsys.readouterr().out
    assert "GB606 installation/slcak" in shown
    assert "did you mean `slack`?" in shown
    assert "GB605 installation/slack" in shown


def test_without_a_token_the_files_alone_are_checked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, HEAD)

    assert run(["validate"]) == 0
    assert (
        capsys.readouterr().err
        == "No token is set, so only the files were checked; --offline does the same without this line.\n"
    )


def test_a_variable_and_a_file_of_variables_count(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, HEAD + "installations:\n  slack: {configuration: {a: '${{ var.a }}', b: '${{ var.b }}'}}\n")
    (here / "more.yaml").write_text("b: 5\n")

    assert run(["validate", "--offline"]) == 1
    assert run(["validate", "--offline", "--var", "a=1", "--var-file", "more.yaml"]) == 0
    assert capsys.readouterr().out.endswith("No problems.\n")


@pytest.mark.parametrize(
    ("token", "endpoint", "said"),
    [
        ("two words", "http://127.0.0.1:9", "characters that no token has"),
        ("gb_api_x", "http://gitbook.example", "shows the token to the network"),
        ("gb_int_x", "http://127.0.0.1:9", "set it to a personal access token"),
    ],
)
def test_a_token_that_cannot_be_used_is_no_reason_to_ask_nobody(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    token: str,
    endpoint: str,
    said: str,
) -> None:
    write(here, HEAD)
    monkeypatch.setenv("GITBOOK_TOKEN", token)

    assert run(["validate", "--endpoint", endpoint]) == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("token", ["", " "])
def test_without_a_token_the_files_are_checked_and_it_is_said(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    write(here, HEAD)
    monkeypatch.setenv("GITBOOK_TOKEN", token)

    assert run(["validate"]) == 0
    assert capsys.readouterr() == (
        "No problems.\n",
        "No token is set, so only the files were checked; --offline does the same without this line.\n",
    )


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_what_gitbook_knows_comes_in_the_order_of_the_file_too(
    here: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    write(
        here,
        HEAD + "installations:\n  googleanalytics:\n    sites:\n"
        "      site_zzz: {configuration: {tracking_id: null}}\n      site_p4Xo1: {configuration: {odd: 1}}\n"
        "  slack: {sites: {our-site: {}}, configuration: {oauth_credentials: x}}\n",
    )

    assert run([command, "--sandbox"]) == 1
    shown = capsys.readouterr()
    places = [line.split(":")[1:3] for line in (shown.out + shown.err).splitlines() if "gbsync.yaml:" in line]
    assert len(places) > 4
    assert places == sorted(places, key=lambda place: [int(number) for number in place])


def test_a_file_that_is_far_too_large_is_not_quoted_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)

    assert run(["validate", str(large), "--offline", "--format", "json"]) == 1

    (diagnostic,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert diagnostic["gbsync"]["rule"] == "GB096"
    assert "snippet" not in diagnostic or not diagnostic["snippet"]["code"]


def test_offline_no_variable_of_the_environment_has_to_be_set(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        here,
        "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\n"
        "installations: {slack: {configuration: {default_channel: '${{ env.CHANNEL }}'}}}\n",
    )

    assert run(["validate", "--offline"]) == 0
    assert capsys.readouterr() == (
        "No problems.\n",
        (
            "Not set here, so not checked: GITBOOK_ORGANIZATION, CHANNEL. A plan needs a value for each; "
            "an organization's id is the ID in app.gitbook.com/o/ID.\n"
        ),
    )


def test_what_is_not_set_is_said_beside_other_problems(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, HEAD + "installations: {slack: {id: '${{ env.SLACK }}', absnt: true}}\n")

    assert run(["validate", "--offline", "--format", "json"]) == 1
    shown = capsys.readouterr()
    assert shown.err == "Not set here, so not checked: SLACK. A plan needs a value for each.\n"
    assert json.loads(shown.out)["error_count"] == 1


def test_a_plan_still_needs_every_variable(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, HEAD + "installations: {slack: {configuration: {default_channel: '${{ env.CHANNEL }}'}}}\n")

    assert run(["plan", "--sandbox"]) == 1
    assert "GB032 installation/slack: the environment variable CHANNEL is not set" in capsys.readouterr().err
