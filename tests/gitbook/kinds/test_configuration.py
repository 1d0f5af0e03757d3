"""A declared configuration against a schema that anybody may have published: problems, never a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.diagnostics import Place
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.binding import binding_of
from reconciler.gitbook.kinds.installation import installation_of
from reconciler.gitbook.kinds.integration import integration_of
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import Base
from reconciler.plan.build import Policy, plan
from reconciler.resources.resource import Address, Declaration, Live, Resource, State
from reconciler.resources.values import Secret

INSTALLED = Address("installation/x")
BOUND = Address("installation/x/site/site_a")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(["a", "b", "token"])
PROPERTY = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "number", "boolean", "button", "date"]) | JSON,
        "enum": st.lists(JSON, max_size=3) | JSON,
        "default": JSON,
        "title": JSON,
    },
)
PROPERTIES = st.dictionaries(KEYS, st.one_of(PROPERTY, PROPERTY, JSON), max_size=3)
SCREEN = st.fixed_dictionaries(
    {},
    optional={
        "properties": st.one_of(PROPERTIES, PROPERTIES, JSON),
        "required": st.lists(KEYS | JSON, max_size=3) | JSON,
        "componentId": JSON,
    },
)
SCREENS = st.one_of(st.fixed_dictionaries({"account": SCREEN, "site": SCREEN}), SCREEN, JSON)
VALUES = JSON | st.builds(Secret, JSON) | st.just(Secret(known=False))
CONFIGURATIONS = st.dictionaries(KEYS, VALUES, max_size=3)


def published(screens: Any, **fields: Any) -> Resource:
    return integration_of({"name": "x", "version": 1, "configurations": screens, **fields})


def declared(address: Address, configuration: dict[str, Any], **how: Any) -> Resource:
    return Resource(address, {"configuration": configuration}, declaration=Declaration(Place("f"), **how))


def problems(screens: Any, configuration: dict[str, Any], **how: Any) -> list[str]:
    """What a plan says of an installation with this configuration under such a schema, a line each."""
    live: State = {item.address: item for item in (published(screens), installed({}))}
    desired: State = {INSTALLED: declared(INSTALLED, configuration, **how)}
    try:
        made = plan(desired, Live(live), Base(), table=KINDS, policy=Policy("org"))
    except ConfigError as error:
        return [f"{item.message}; {item.advice}" for item in error.problems]
    return [f"{item.message}; {item.advice}" for item in made.problems]


def installed(configuration: dict[str, Any]) -> Resource:
    data = {"id": "inst", "status": "active", "configuration": configuration}
    return installation_of(data, "x", published({}))


def one(**fields: Any) -> dict[str, Any]:
    """A schema of one key."""
    return {"account": {"properties": {"a": fields}}}


def test_an_enum_may_list_numbers() -> None:
    screens = one(type="number", enum=[1, 2.5])

    assert problems(screens, {"a": 2.5}) == []
    assert problems(screens, {"a": 3}) == ["a cannot be 3; write one of: 1, 2.5"]


def test_true_is_not_the_one_of_an_enum() -> None:
    assert problems(one(type="flag", enum=[1, 0]), {"a": True}) == ["a cannot be true; write one of: 1, 0"]


def test_an_enum_that_is_no_list_limits_nothing() -> None:
    assert problems(one(type="string", enum="abc"), {"a": "x"}) == []
    assert problems(one(type="number", enum=3), {"a": 4}) == []


@pytest.mark.parametrize("required", [3, "ab", [["a"]], [None]])
def test_keys_that_no_schema_has_are_not_required(required: Any) -> None:
    screens = {"account": {"properties": {"a": {"type": "string"}}, "required": required}}

    assert problems(screens, {}) == []


@settings(max_examples=200)
@given(SCREENS, CONFIGURATIONS, CONFIGURATIONS, st.booleans())
def test_whatever_schema_is_live_there_is_a_plan_or_there_are_problems(
    screens: Any,
    configuration: dict[str, Any],
    there: dict[str, Any],
    exact: bool,  # noqa: FBT001 - an axis
) -> None:
    live: State = {
        item.address: item
        for item in (
            published(screens),
            installation_of({"id": "i", "configuration": _clear(there)}, "x", published(screens)),
            binding_of({"site": "site_a", "configuration": _clear(there)}, INSTALLED, "site"),
        )
    }
    desired = {address: declared(address, configuration, exact=exact) for address in (INSTALLED, BOUND)}

    try:
        made = plan(desired, Live(live), Base(), table=KINDS, policy=Policy("org", prune="all"))
    except ConfigError:
        return

    assert len(made.steps) <= len(live)


def _clear(configuration: dict[str, Any]) -> dict[str, Any]:
    return {key: None if isinstance(value, Secret) else value for key, value in configuration.items()}
