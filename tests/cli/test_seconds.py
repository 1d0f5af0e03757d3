"""A time on the command line is a number that passes."""

from __future__ import annotations

import pytest

from reconciler.cli import run


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "soon", ""])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("status", "--sandbox"), "--timeout"),
        (("plan", "--sandbox"), "--lock-timeout"),
        (("events", "slack", "--sandbox", "--follow"), "--interval"),
        (("sandbox",), "--latency"),
    ],
)
def test_nonsense_is_refused(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], option: str, value: str
) -> None:
    assert run([*command, f"{option}={value}"]) == 1
    assert f"Invalid value for '{option}'" in capsys.readouterr().err


def test_a_time_may_have_a_fraction(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "listSites", "--sandbox", "--timeout", "2.5"]) == 0
    assert "site_p4Xo1" in capsys.readouterr().out
