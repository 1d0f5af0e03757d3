"""What the reference does not allow is refused with a reason; what it allows passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox import bodies, checks
from reconciler.sandbox.call import Refusal
from tests.sandbox.api import BANNER, Api, error

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": "B"}, "title must have at least 2 characters"),
        ({"title": "x" * 31}, "title must have at most 30 characters"),
        ({"summary": "x" * 2049}, "summary must have at most 2048 characters"),
        ({"visibility": "hidden"}, "visibility must be one of public, private, unlisted"),
        ({"previewImages": ["YQ=="] * 4}, "previewImages must have at most 3 items"),
        ({"icon": "a picture"}, "icon must be base64"),
        ({"secrets": {str(number): "" for number in range(21)}}, "secrets must have at most 20 keys"),
        ({"secrets": {"A": 1}}, "secrets.A must be a JSON string"),
        ({"blocks": [{"id": "a"}]}, "blocks[0].title is required"),
        ({"externalLinks": [{"label": "a", "url": "no url"}]}, "externalLinks[0].url must be a URL"),
        ({"externalLinks": [{"label": "a", "url": "http://[::"}]}, "externalLinks[0].url must be a URL"),
        ({"configurations": {"site": {}}}, "configurations.site.properties is required"),
        (
            {"configurations": {"site": {"componentId": "a", "properties": {}}}},
            "configurations.site is more than one thing at once",
        ),
        (
            {"configurations": {"site": {"properties": {}, "required": ["a", "a"]}}},
            "configurations.site.required must not repeat an item",
        ),
        (
            {"contentSecurityPolicy": {"script-src": 1}},
            "contentSecurityPolicy.script-src must be a JSON string",
        ),
        ({"title": None}, "title must be a JSON string"),
        (
            {"title": "B", "scopes": "all"},
            "title must have at least 2 characters; scopes must be a JSON array",
        ),
    ],
)
async def test_a_body_outside_the_reference_is_refused_with_every_reason(
    fields: dict[str, Any], message: str
) -> None:
    assert error(await Api().publish(**fields)) == (400, message)


async def test_what_is_missing_is_named() -> None:
    code, message = error(await Api()("POST /integrations/banner", {}))

    assert code == 400
    assert message.split("; ") == [
        f"{name} is required" for name in ("organization", "title", "description", "script", "scopes")
    ]


async def test_keys_that_the_reference_does_not_know_pass() -> None:
    assert (await Api().publish(somethingNew={"a": [1]})).status_code == 200


@pytest.mark.parametrize(
    "content", [b"", b"{", b"nonsense", b"\xff", b"NaN", b'{"a": 1e999}', b'{"a": "\\ud800"}', b"[" * 100_000]
)
def test_a_body_that_is_not_json_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal, match="400 the body is not JSON"):
        checks.body({}, content)


def test_a_whole_surrogate_pair_is_text() -> None:
    assert checks.body({}, b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@given(JSON)
def test_any_value_is_judged_without_falling_over(value: Any) -> None:
    for schema in bodies.BODIES.values():
        assert all(isinstance(problem, str) for problem in checks.problems(schema, value, ""))
        assert not list(checks.problems(schema, {**example(schema)}, ""))


def example(schema: Any) -> dict[str, Any]:
    """What every body with these required keys may look like."""
    known: dict[str, Any] = {
        **BANNER,
        "tunnelUrl": "x",
        "task": {},
        "space": "x",
        "siteId": "x",
        "componentId": "x",
        "props": {},
        "context": {"theme": "dark", "type": "configuration_site", "siteId": "x"},
    }
    return {name: known[name] for name in schema.get("required", ())}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"category": "fun"}, "category must be one of"),
        ({"blocks": "yes"}, "blocks must be a boolean"),
        ({"blockDomain": "a b"}, "blockDomain must match"),
        ({"blockDomain": "a" * 101}, "blockDomain must have at most 100 characters"),
        ({"limit": "1001"}, "limit must be at most 1000"),
        ({"limit": "-1"}, "limit must be at least 0"),
        ({"limit": "ten"}, "limit must be a number"),
    ],
)
async def test_a_parameter_outside_the_reference_is_refused(query: dict[str, str], message: str) -> None:
    code, said = error(await Api()("GET /integrations", **query))

    assert code == 400
    assert said.startswith(message)


async def test_a_required_parameter_is_asked_for() -> None:
    assert error(await Api()("GET /integrations/webhook/render")) == (400, "request is required")


async def test_a_name_that_is_too_long_is_refused() -> None:
    assert error(await Api()(f"GET /integrations/{'a' * 101}"))[0] == 400


async def test_a_parameter_that_nobody_knows_is_ignored() -> None:
    assert (await Api()("GET /integrations", sort="name")).status_code == 200
