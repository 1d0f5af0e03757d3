"""What a shell completes from the files: addresses and names; nothing, quietly, where they are broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.shell_completion import ShellComplete

from reconciler.cli import gbsync, run
from reconciler.cli.complete import ADDRESS, INTEGRATION

if TYPE_CHECKING:
    from pathlib import Path

    import click

TEXT = """\
version: 1
organization: ${{ env.GITBOOK_ORGANIZATION }}
sites:
  handbook: {id: site_p4Xo1}
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
