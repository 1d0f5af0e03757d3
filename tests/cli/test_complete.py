"""What a shell completes from the files: addresses and names; nothing, quietly, where they are broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.shell_completion import ShellComplete

from reconciler.cli import gbsync, run
from reconciler.cli.complete import ADDRESS, INTEGRATION
from tests.program import process as gbsync_

if TYPE_CHECKING:
    import click

TEXT = """\
version: 1
organization: ${{ env.GITBOOK_ORGANIZATION }}
sites:
  handbook: {id: site_p4Xo1, tags: [public, dev]}
integrations:
  acme-banner: {title: Acme}
installations:
  slack: {configuration: {token: "${{ secret.NOWHERE }}"}}
  googleanalytics:
    sites: {handbook: {}, site_k2Lm9: {}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file whose organization and secret are not set."""
    (tmp_path / "gbsync.yaml").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


SOURCES = {
    "bash": "complete -o nosort -F _gbsync_completion gbsync",
    "zsh": "compdef _gbsync_completion gbsync",
    "fish": "complete --no-files --command gbsync",
}


@pytest.mark.parametrize("shell", SOURCES)
def test_each_shell_gets_a_script_that_asks_the_program(shell: str) -> None:
    ended = gbsync_("--help", environ={"_GBSYNC_COMPLETE": f"{shell}_source"})

    assert ended.returncode == 0
    assert SOURCES[shell] in ended.stdout
    assert f"_GBSYNC_COMPLETE={shell}_complete" in ended.stdout


TYPED = r"""
eval "$(_GBSYNC_COMPLETE=bash_source gbsync)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_gbsync_completion gbsync
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("pl",), "plan"),
        (("plan", "--detailed"), "--detailed-exitcode"),
        (("api", "listSites"), "listSites"),
        (
            ("plan", "--target", "installation/googleanalytics/site/h"),
            "installation/googleanalytics/site/handbook",
        ),
    ],
    ids=" ".join,
)
def test_bash_completes_commands_options_operations_and_names(
    folder: Path, typed: tuple[str, ...], offered: str
) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-c", TYPED, "bash", "gbsync", *typed],  # noqa: S607
        cwd=folder,
        env={"PATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [offered]


@pytest.mark.parametrize("typed", ["plan gb", "apply --events gb", "validate --var-file gb", "init gb"])
def test_a_file_is_left_to_the_shell(typed: str) -> None:
    asked = {"_GBSYNC_COMPLETE": "bash_complete", "COMP_WORDS": f"gbsync {typed}"}

    ended = gbsync_(environ={**asked, "COMP_CWORD": str(len(typed.split()))})

    assert ended.stdout == "file,gb\n"


@pytest.mark.usefixtures("folder")
def test_a_tag_completes_from_the_catalogue() -> None:
    assert completed("matrix", "--tag", "") == ["dev", "public"]
    assert completed("matrix", "--tag", "p") == ["public"]


def completed(*typed: str) -> list[str]:
    """What a shell offers for the last word."""
    shell = ShellComplete(gbsync, dict(gbsync.context_settings), "gbsync", "_GBSYNC_COMPLETE")
    return [item.value for item in shell.get_completions(list(typed[:-1]), typed[-1])]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("option", ["--target", "--exclude"])
def test_an_address_completes_by_id_and_by_name(option: str) -> None:
    assert completed("plan", option, "installation/g") == [
        "installation/googleanalytics",
        "installation/googleanalytics/site/site_p4Xo1",
        "installation/googleanalytics/site/handbook",
        "installation/googleanalytics/site/site_k2Lm9",
    ]
    assert completed("apply", option, "integration/") == ["integration/acme-banner"]
    assert completed("plan", option, "nothing") == []


@pytest.mark.parametrize(
    "typed", [("plan", "prod.yaml", "--target"), ("plan", "prod.yaml", "--var", "a=1", "--target")]
)
def test_an_address_comes_from_the_paths_that_were_typed(folder: Path, typed: tuple[str, ...]) -> None:
    text = "version: 1\norganization: o\ninstallations: {github: {}}\n"
    (folder / "prod.yaml").write_text(text, encoding="utf-8")

    assert completed(*typed, "installation/") == ["installation/github"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", ["events", "token"])
def test_a_name_of_an_integration_completes(command: str) -> None:
    assert completed(command, "") == ["acme-banner", "slack", "googleanalytics"]
    assert completed(command, "sl") == ["slack"]


@pytest.mark.parametrize("text", [None, "installations: [", "version: 1\nnonsense: 1\n", "\udcff"])
def test_files_that_cannot_be_read_complete_nothing_and_say_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    (folder / "gbsync.yaml").unlink()
    if text is not None:
        (folder / "gbsync.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))

    assert completed("plan", "--target", "") == []
    assert completed("events", "") == []
    assert completed("matrix", "--tag", "") == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["events", "token"])
@pytest.mark.parametrize("name", ["a/b", "..", "a b", "", "x" * 101, "ä"])
def test_what_is_no_name_is_refused_before_anything_is_sent(
    capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    assert run([command, name, "--endpoint", "http://127.0.0.1:9"]) == 1
    assert "Invalid value for 'NAME'" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "text"), [(ADDRESS, "installation/**"), (INTEGRATION, "VA-Okta")])
def test_what_is_one_stays_as_it_is(kind: click.ParamType[Any], text: str) -> None:
    assert kind.convert(text, None, None) == text
