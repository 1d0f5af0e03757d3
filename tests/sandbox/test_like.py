"""Findings of the probe become settings of the sandbox; what are no findings is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.render.json import json_text
from reconciler.render.probe import ProbeLine, probe_document
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.like import settings_of


def lines(**values: Any) -> list[ProbeLine]:
    return [ProbeLine(name, "Configuring", "It", value) for name, value in values.items()]


def test_each_value_becomes_a_setting_and_no_value_none() -> None:
    document = probe_document(lines(patch="merges", page_cap=None, list_lag=3, latency=0.5), [], program="1")

    settings, lacking = settings_of(json_text(document).encode(), "findings.json")

    assert Behaviour.parse(settings) == Behaviour(patch="merges", list_lag=3, latency=0.5)
    assert not lacking


def test_a_switch_that_this_program_lacks_is_named() -> None:
    document = probe_document(lines(patch="merges", colour="green"), [], program="9")

    assert settings_of(json_text(document).encode(), "findings.json") == (["patch=merges"], ["colour"])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "has no findings"),
        ({"format": 2, "switches": {}}, "was written by a newer gbsync (format 2)"),
        ({"format": 1, "switches": []}, "has no findings"),
        ({"format": 1, "switches": {"patch": "merges"}}, "has no findings"),
        ({"format": 1, "switches": {"patch": {"value": ["merges"]}}}, "has no findings"),
        ({"format": 1, "switches": {"patch": {"value": True}}}, "has no findings"),
    ],
)
def test_what_are_no_findings_is_refused(document: Any, message: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(UsageError) as refused:
        settings_of(text.encode(), "findings.json")

    assert message in str(refused.value)
    assert str(refused.value).startswith("findings.json: ")
