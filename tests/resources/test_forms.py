"""An API that stores another form of what it was sent: done, remembered, and no change in the next plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.report import Outcome
from reconciler.errors import ConfigError
from reconciler.resources.forms import is_form, is_mask
from reconciler.resources.values import Secret
from reconciler.rule_ids import MASKED
from tests.planning import plan_text, world

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {"installations": {"slack": {"configuration": {"default_channel": "C0"}}}}
FILE = 'installations: {slack: {configuration: {default_channel: "C1\\n"}}}'


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("a\n", "a"),
        ("Docs", "docs"),
        (["b", "a"], ["a", "b"]),
        (25, "25"),
        ("1e3", 1000),
        ("https://Docs.acme.dev", "https://docs.acme.dev/"),
        ("https://acme.dev:443/x", "https://acme.dev/x"),
    ],
)
def test_another_form_of_the_same_value_is_recognised(asked: Any, kept: Any) -> None:
    assert is_form(asked, kept)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("a", "b"),
        (["a"], ["a", "a"]),
        (True, 1),
        (True, "true"),
        ({"a": 1}, {"a": "1"}),
        ("nan", "x"),
        ("https://acme.dev/a", "https://acme.dev/b"),
        ("http://[", "http://[x"),
    ],
)
def test_another_value_is_no_form(asked: Any, kept: Any) -> None:
    assert not is_form(asked, kept)


def test_a_mask_is_one_sign_that_is_no_letter() -> None:
    assert all(map(is_mask, ("***", "********", "•••••")))
    assert not any(map(is_mask, ("", "**", "aaa", "111", "*-*", None, 1)))


async def test_a_normalised_value_is_done_and_the_next_plan_is_empty_with_a_note(tmp_path: Path) -> None:
    case = {"files": FILE, "live": PLAIN, "lock": {}, "with": {"behaviour": {"values": "trimmed"}}}
    made = world(tmp_path, case)
    report = await made.apply()
    for _ in range(2):
        again = await made.plan()

        assert report.complete, [result.message for result in report.results]
        assert plan_text(again.plan) == ""
        assert again.plan.notes == (
            (
                "installation/slack: the API keeps configuration.default_channel in another form than the "
                "file says, which is no change."
            ),
        )
        await made.apply(again)


async def test_a_normalised_value_that_somebody_changes_is_a_change(tmp_path: Path) -> None:
    case = {"files": FILE, "live": PLAIN, "lock": {}, "with": {"behaviour": {"values": "trimmed"}}}
    made = world(tmp_path, case)
    await made.apply()
    made.live("installation/slack")["configuration"]["default_channel"] = "C9"
    again = await made.plan()

    assert len(again.plan.steps) == 1
    assert again.plan.notes == ()


async def test_a_normalised_value_beside_a_change_fails_nothing(tmp_path: Path) -> None:
    case = {"files": FILE, "live": PLAIN, "lock": {}, "with": {"behaviour": {"values": "trimmed"}}}
    made = world(tmp_path, case)
    await made.apply()
    made.write("gbsync.yaml", FILE.replace("{default", "{other: x, default"))
    report = await made.apply()

    assert report.complete, [result.message for result in report.results]
    assert (await made.plan()).plan.steps == ()


async def test_a_secret_that_reads_back_as_a_mask_is_compared_by_its_digest(tmp_path: Path) -> None:
    files = 'installations: {slack: {configuration: {api_token: "${{ secret.TOKEN }}"}}}'
    how = {"behaviour": {"masks": "secrets"}, "env": {"TOKEN": "first-secret-value"}}
    made = world(tmp_path, {"files": files, "live": PLAIN, "lock": {}, "with": how})
    report = await made.apply()

    assert report.complete, [result.message for result in report.results]
    assert (await made.plan()).plan.steps == ()

    made.environ = {"TOKEN": "second-secret-value"}
    report = await made.apply()

    assert report.complete, [result.message for result in report.results]
    assert made.live("installation/slack")["configuration"]["api_token"] == "second-secret-value"
    assert (await made.plan()).plan.steps == ()


async def test_an_undeclared_value_that_reads_back_as_a_mask_is_never_written_back(tmp_path: Path) -> None:
    both: dict[str, Any] = {"api_token": "real", "default_channel": "C0"}
    live = {"installations": {"slack": {"configuration": both}}}
    how = {"behaviour": {"masks": "secrets"}}
    made = world(tmp_path, {"files": FILE, "live": live, "lock": {}, "with": how})
    with pytest.raises(ConfigError, match=MASKED) as raised:
        await made.plan()
    live = {"installations": {"slack": {"configuration": {"default_channel": "C0"}}}}
    made = world(tmp_path, {"files": FILE, "live": live, "lock": {}, "with": how})
    planned = await made.plan()
    store = made.sandbox.store
    old = store.installations_of(integration="slack")[0]
    store.put_installation(replace(old, configuration=both))
    (result,) = (await made.apply(planned)).results

    assert "declare it with its value" in str(raised.value)
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "configuration.api_token is not declared and reads back as a mask: a write would put the mask over "
        "what is really there; declare it with its value"
    )
    assert made.live("installation/slack")["configuration"]["api_token"] == "real"


def test_a_secret_that_a_snapshot_does_not_hold_is_no_mask() -> None:
    assert not is_mask(Secret(known=False))
    assert is_mask(Secret("****"))
