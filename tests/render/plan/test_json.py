"""The plan document: valid, complete, without a secret, and fit for the policy tools made for Terraform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import regopy
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reconciler.plan.step import Action, Change, Plan, Step
from reconciler.render.json import json_text
from reconciler.render.plan.json import plan_document
from reconciler.render.values import digest
from reconciler.resources.values import ABSENT, FileText, Secret, Source
from tests.conftest import ROOT
from tests.render.situations import (
    NOTES,
    PLANS,
    SLACK,
    config,
    create,
    delete,
    plan,
    publish,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((ROOT / "docs/plan-schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
POLICY = (ROOT / "examples/policies/no-deletes.rego").read_text("utf-8")
HIDDEN = ("s3cr3t", "hunter2")

json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.builds(Secret, st.just(HIDDEN[1]))
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=10,
)


def denied(document: Any) -> list[str]:
    """What the policy says about a document, by a real Rego engine."""
    rego = regopy.Interpreter()
    rego.add_module("no-deletes", POLICY)
    rego.set_input(document)
    found: list[str] = json.loads(str(rego.query("data.gbsync.deny")))["expressions"][0]
    return found


def only(document: dict[str, Any]) -> dict[str, Any]:
    (change,) = document["resource_changes"]
    found: dict[str, Any] = change["change"]
    return found


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("make", PLANS.values(), ids=PLANS)
def test_every_document_is_valid(make: Callable[[], Plan]) -> None:
    document = json.loads(json_text(plan_document(make())))

    assert not list(VALIDATOR.iter_errors(document))


def test_a_key_that_the_schema_does_not_know_is_an_error() -> None:
    document = {**plan_document(plan()), "surprise": 1}

    assert list(VALIDATOR.iter_errors(document))


def test_every_key_of_the_schema_is_described_or_speaks_for_itself() -> None:
    named = {
        "address",
        "label",
        "note",
        "link",
        "path",
        "organization",
        "endpoint",
        "gbsync",
        "change",
        "place",
    }
    silent = [
        f"{name}.{key}"
        for name, part in SCHEMA["$defs"].items()
        for key, value in part.get("properties", {}).items()
        if key not in named and not ({"description", "$ref", "items", "type", "enum", "const"} & value.keys())
    ]

    assert not silent


@given(json_values, json_values)
def test_a_document_of_any_value_is_valid_and_holds_no_secret(before: Any, after: Any) -> None:
    made = plan(update(config("key", before, after), config("gone", before), config("new", after=after)))
    text = json_text(plan_document(made))

    assert not list(VALIDATOR.iter_errors(json.loads(text)))
    assert HIDDEN[1] not in text


@given(json_values)
def test_a_secret_is_marked_wherever_its_mask_stands(value: Any) -> None:
    change = only(plan_document(plan(create(NOTES, config("key", after=value)))))

    def check(shown: Any, marks: Any, real: Any) -> None:
        if isinstance(real, Secret):
            assert marks is True
            assert shown == "(secret #1)"
        elif isinstance(real, dict):
            for key, item in real.items():
                check(shown[key], marks.get(key) if isinstance(marks, dict) else None, item)
        elif isinstance(real, list):
            for number, item in enumerate(real):
                check(shown[number], marks[number] if isinstance(marks, list) else None, item)
        else:
            assert not marks

    check(
        change["after"]["configuration"]["key"],
        change["after_sensitive"].get("configuration", {}).get("key"),
        value,
    )


def test_a_policy_that_forbids_deletes_finds_each_and_nothing_else() -> None:
    document = plan_document(plan(update(), create(), delete(), delete(SLACK)))

    assert sorted(denied(document)) == [
        "installation/googleanalytics/site/site_p4Xo1 may not be deleted",
        "installation/slack may not be deleted",
    ]
    assert denied(plan_document(plan(update(), create()))) == []


def test_a_create_has_no_before_and_its_id_is_unknown() -> None:
    change = only(plan_document(plan(create())))

    assert change["actions"] == ["create"]
    assert change["before"] is None
    assert change["after"] == {"configuration": {"channel": "C0456"}}
    assert change["after_unknown"] == {"id": True}


def test_a_delete_has_no_after_and_before_is_what_goes() -> None:
    change = only(plan_document(plan(delete())))

    assert change["actions"] == ["delete"]
    assert change["before"] == {"configuration": {"tracking_id": "G-1ABC"}}
    assert change["after"] is None


def test_an_update_shows_what_is_declared_on_both_sides() -> None:
    desired = {"configuration": {"a": 2, "same": "x", "gone": None}, "site_selection": "all"}
    changes = (config("a", 1, 2), config("gone", "y"), Change(("externalIds",), ["e"], ABSENT))
    change = only(plan_document(plan(update(*changes, desired=desired))))

    assert change["before"] == {
        "configuration": {"a": 1, "same": "x", "gone": "y"},
        "site_selection": "all",
        "externalIds": ["e"],
    }
    assert change["after"] == {"configuration": {"a": 2, "same": "x"}, "site_selection": "all"}


def test_files_and_fields_that_cannot_be_read_back_are_digests() -> None:
    change = only(plan_document(plan(publish())))

    assert change["before"]["script"] == "sha256:0123456789abcdef01234567"
    assert change["after"]["script"].startswith("sha256:")
    assert change["after"]["secrets"] == {"CLIENT_SECRET": "(secret #1)"}
    assert change["after_sensitive"] == {"secrets": {"CLIENT_SECRET": True}}


def test_a_name_declared_as_no_mapping_gives_way_to_its_keys() -> None:
    change = only(plan_document(plan(update(config("a", 1, 2), desired={"configuration": None}))))

    assert change["after"] == {"configuration": {"a": 2}}


def test_an_infinite_number_is_a_text() -> None:
    change = only(plan_document(plan(create(NOTES, config("key", after=float("inf"))))))

    assert change["after"]["configuration"]["key"] == "inf"


def test_a_plan_from_a_snapshot_cannot_be_applied() -> None:
    assert not plan_document(PLANS["from a snapshot"]())["applyable"]
    assert plan_document(plan(update()))["applyable"]


def test_values_of_every_sort_are_json() -> None:
    script = FileText.of("x", Source("file", "x.js"))
    step = Step(Action.CREATE, SLACK, (config("key", after=(1, script, Secret(HIDDEN[0]))),))
    change = only(plan_document(plan(step)))

    assert change["after"]["configuration"]["key"] == [1, digest("x"), "(secret #1)"]
    assert change["after_sensitive"] == {"configuration": {"key": [False, False, True]}}
