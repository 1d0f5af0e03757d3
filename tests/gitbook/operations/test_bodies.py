"""The bodies of operations take what the reference lets a request have, and no null at any depth."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from reconciler.gitbook.operations.bodies import PublishIntegration, UpdateInstallation
from reconciler.gitbook.operations.body_errors import body_errors

BODY: dict[str, Any] = {
    "organization": "org",
    "title": "Acme",
    "description": "",
    "script": "x",
    "scopes": [],
    "blocks": [{"id": "b", "title": "Block", "markdown": {"codeblock": "c", "body": "b"}}],
    "contentSources": [{"id": "s", "title": "Source", "configuration": {"componentId": "c"}}],
    "externalLinks": [{"label": "A", "url": "https://a.example"}],
    "configurations": {
        "account": {"properties": {"text": {"type": "string", "enum": ["a"]}, "size": {"type": "number"}}}
    },
}


def test_a_whole_body_is_taken() -> None:
    assert body_errors(PublishIntegration, BODY) == []


@pytest.mark.parametrize(
    "path",
    [
        ("summary",),
        ("icon",),
        ("blocks",),
        ("blocks", 0, "description"),
        ("blocks", 0, "icon"),
        ("blocks", 0, "urlUnfurl"),
        ("blocks", 0, "markdown"),
        ("contentSources", 0, "description"),
        ("contentSources", 0, "icon"),
        ("externalLinks", 0, "label"),
        ("configurations", "site"),
        ("configurations", "account", "required"),
        ("configurations", "account", "properties", "text", "title"),
        ("configurations", "account", "properties", "text", "default"),
        ("configurations", "account", "properties", "text", "enum"),
        ("configurations", "account", "properties", "size", "default"),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_a_null_is_refused_wherever_it_stands(path: tuple[Any, ...]) -> None:
    body = copy.deepcopy(BODY)
    owner: Any = body
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = None
    problems = body_errors(PublishIntegration, body)

    assert problems
    assert all(problem.startswith(f"body.{path[0]}") for problem in problems)
    assert all("must be " in problem or "is none of" in problem for problem in problems)


def test_a_configuration_may_have_nulls_since_they_remove_keys() -> None:
    assert body_errors(UpdateInstallation, {"configuration": {"a": None, "b": {"c": None}}}) == []
