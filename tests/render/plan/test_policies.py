"""Tools that read Terraform's plan JSON read ours: conftest's language, and checkov where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import regopy

from reconciler.render.json import json_text
from reconciler.render.plan.json import plan_document
from reconciler.resources.values import Secret
from tests.conftest import ROOT
from tests.render.situations import PLANS, config, plan, update

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.plan.step import Plan

CHECKOV = shutil.which("checkov")
REGO = """package gbsync
import rego.v1
planned contains resource.address if { some resource in input.planned_values.root_module.resources }
masked contains resource.address if {
  some resource in input.planned_values.root_module.resources
  resource.sensitive_values.configuration.token == true
}
"""


def answers(document: Any, name: str) -> list[str]:
    """What a rule of the module says about a document, by a real Rego engine."""
    rego = regopy.Interpreter()
    rego.add_module("gbsync", REGO)
    rego.set_input(document)
    (values,) = json.loads(str(rego.query(f"data.gbsync.{name}")))["expressions"]
    return sorted(values)


def document_of(made: Plan) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json_text(plan_document(made)))
    return document


@pytest.mark.parametrize("make", PLANS.values(), ids=PLANS)
def test_what_is_planned_stands_where_policies_look_for_it(make: Any) -> None:
    document = document_of(make())

    after = {
        item["address"]: item["change"]["after"]
        for item in document["resource_changes"]
        if item["change"]["after"] is not None
    }
    planned = document["planned_values"]["root_module"]["resources"]
    assert {item["address"]: item["values"] for item in planned} == after
    assert document["terraform_version"]
    assert answers(document, "planned") == sorted(after)


def test_a_policy_sees_that_a_value_is_secret_and_not_the_value() -> None:
    made = plan(update(config("token", "old", Secret("hunter2")), config("channel", "C0", "C1")))
    document = document_of(made)

    assert answers(document, "masked") == ["installation/slack"]
    assert "hunter2" not in json.dumps(document)


@pytest.mark.skipif(CHECKOV is None, reason="checkov brings a hundred packages, so it is no dependency")
@pytest.mark.parametrize(("channel", "failed"), [("C0GENERAL", 1), ("C0OTHER", 0)])
def test_checkov_finds_the_resources_and_fails_a_policy(tmp_path: Path, channel: str, failed: int) -> None:
    made = plan(update(config("default_channel", "C0", channel)))
    path = tmp_path / "plan.json"
    path.write_text(json_text(plan_document(made)), "utf-8")
    policies = str(ROOT / "examples" / "policies")
    options = ("--framework", "terraform_plan", "--external-checks-dir", policies, "--check", "CKV2_GBSYNC_1")

    done = subprocess.run(
        [str(CHECKOV), "-f", str(path), *options, "-o", "json", "--compact"],
        capture_output=True,
        text=True,
        check=False,
    )

    summary = json.loads(done.stdout)["summary"]
    assert summary["resource_count"] == 1
    assert (summary["failed"], summary["passed"]) == (failed, 1 - failed)
