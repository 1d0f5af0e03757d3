"""What is wrong with a body is said once for each place, in the words of JSON, and never with a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gitbook.operations.bodies import (
    DevelopmentMode,
    PublishIntegration,
    Render,
    Task,
    UpdateInstallation,
)
from reconciler.gitbook.operations.body_errors import body_errors, body_findings

if TYPE_CHECKING:
    from pydantic import BaseModel

CONTEXT = {"type": "document", "theme": "red", "spaceId": 1, "editable": 1}
PUBLISH = {"organization": "o", "title": "Acme", "description": "", "script": "x", "scopes": []}
MARKDOWN = {"codeblock": "a", "body": "b", "x": 1}
SCHEMA = {"properties": {"a": {"type": "numbr"}, "b": {"type": "string", "default": 3}, "c": 1}}


@pytest.mark.parametrize(
    ("model", "body", "said"),
    [
        (PublishIntegration, [], ["body: must be an object"]),
        (DevelopmentMode, {}, ["body.tunnelUrl: is required"]),
        (
            DevelopmentMode,
            {"tunnelUrl": "", "all": "x"},
            [
                "body.tunnelUrl: must not be empty",
                "body.all: must be true or false",
            ],
        ),
        (
            Task,
            {"task": 1, "schedule": 1e6},
            [
                "body.task: must be an object",
                "body.schedule: must be at most 86400",
            ],
        ),
        (Task, {"task": {}, "schedule": -1}, ["body.schedule: must be at least 0"]),
        (
            UpdateInstallation,
            {"externalIds": ["1"] * 6, "site_selection": "al", "space_selection": 1, "configuration": []},
            [
                "body.configuration: must be an object",
                "body.externalIds: must have at most 5 items",
                "body.space_selection: is none of its values; it is one of all, selected",
                "body.site_selection: is none of its values; did you mean `all`?",
            ],
        ),
        (
            Render,
            {"componentId": "a", "props": {}, "context": {"type": "documents"}},
            ["body.context.type: is none of its values; did you mean `document`?"],
        ),
        (
            Render,
            {"componentId": "a", "props": {}, "context": {}, "action": {}},
            ["body.context.type: is required", "body.action.action: is required"],
        ),
        (
            Render,
            {"componentId": "a", "props": {}, "context": CONTEXT},
            [
                "body.context.theme: is none of its values; it is one of dark, light",
                "body.context.spaceId: must be text",
                "body.context.editable: must be true or false",
            ],
        ),
        (
            PublishIntegration,
            {**PUBLISH, "contentSecurityPolicy": 3, "configurations": {"site": SCHEMA}, "secrets": {"a": 1}},
            [
                "body.configurations.site.properties.a.type: is none of its values; did you mean `number`?",
                "body.configurations.site.properties.b.default: must be text",
                "body.configurations.site.properties.c: must be an object",
                "body.contentSecurityPolicy: must be text or an object",
                "body.secrets.a: must be text",
            ],
        ),
    ],
)
def test_each_place_is_named_once(model: type[BaseModel], body: Any, said: list[str]) -> None:
    assert sorted(body_errors(model, body)) == sorted(said)


@pytest.mark.parametrize(
    ("model", "body", "news"),
    [
        (
            DevelopmentMode,
            {"tunnelUrl": "x", "tunelUrl": 1},
            ["body.tunelUrl: this gbsync knows no such key; did you mean `tunnelUrl`?"],
        ),
        (
            PublishIntegration,
            {
                **PUBLISH,
                "scopes": ["site:metadata:reed", "site:tomorrow"],
                "blocks": [
                    {
                        "id": "a",
                        "title": "Aa",
                        "type": "block",
                        "markdown": {"codeblock": "a", "body": "b", "x": 1},
                    }
                ],
                "configurations": {"site": {"properties": {"a": {"type": "string", "tytle": ""}}}},
            },
            [
                "body.scopes.0: this gbsync knows no such value; did you mean `site:metadata:read`?",
                "body.scopes.1: this gbsync knows no such value; it is sent as it is",
                "body.blocks.0.type: this gbsync knows no such key; it is sent as it is",
                "body.blocks.0.markdown.x: this gbsync knows no such key; it is sent as it is",
                (
                    "body.configurations.site.properties.a.tytle: this gbsync knows no such key; "
                    "did you mean `title`?"
                ),
            ],
        ),
    ],
)
def test_what_is_only_unknown_is_news_at_any_depth(
    model: type[BaseModel], body: Any, news: list[str]
) -> None:
    findings = body_findings(model, body)

    assert findings.errors == ()
    assert sorted(findings.news) == sorted(news)


def test_a_word_that_gbsync_acts_on_is_no_news() -> None:
    findings = body_findings(PublishIntegration, {**PUBLISH, "visibility": "hidden", "target": "page"})

    assert len(findings.errors) == 2
    assert findings.news == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PublishIntegration.model_fields, *Render.model_fields]), inner)
    ),
    max_leaves=12,
)


@given(st.sampled_from([PublishIntegration, Render, Task, UpdateInstallation]), JSON)
def test_any_json_gets_words(model: type[BaseModel], body: Any) -> None:
    for line in body_errors(model, body):
        where, _, what = line.partition(": ")

        assert where.startswith("body")
        assert what
        assert "Input" not in line
        assert "pydantic" not in line
