"""The login that GitBook's own command line has stored."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.gitbook.client.login import login_file, stored_login

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = {"token": "gb_api_abc", "endpoint": "https://api.gitbook.com"}
OTHER = {"token": "gb_api_old", "endpoint": "https://old.test"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (LOGIN, LOGIN),
        ({"envs": {"default": LOGIN, "staging": OTHER}}, LOGIN),
        ({**OTHER, "envs": {"default": LOGIN}}, LOGIN),
        ({**OTHER, "envs": {"default": {"endpoint": "https://api.gitbook.com"}}}, OTHER),
        ({"token": " gb_api_abc "}, {"token": "gb_api_abc"}),
        ({"endpoint": "https://api.gitbook.com"}, {}),
        ({"token": 5, "envs": []}, {}),
        ([], {}),
    ],
    ids=range(8),
)
def test_the_login_is_read_from_where_the_vendor_keeps_it(document: Any, found: Any) -> None:
    login_file().parent.mkdir(parents=True)
    login_file().write_text(json.dumps(document), encoding="utf-8")

    assert stored_login() == found


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_a_damaged_login_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")

    assert stored_login(path) == {}


def test_without_a_login_there_is_none() -> None:
    assert stored_login() == {}


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        ("linux", ".config/gitbook-nodejs/config.json"),
        ("darwin", "Library/Preferences/gitbook-nodejs/config.json"),
        ("win32", "AppData/Roaming/gitbook-nodejs/Config/config.json"),
    ],
)
def test_each_system_has_its_place(
    home: Path, monkeypatch: pytest.MonkeyPatch, platform: str, path: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert login_file() == home / path


def test_the_place_can_be_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "elsewhere"))

    assert login_file() == home / "elsewhere" / "gitbook-nodejs" / "config.json"
