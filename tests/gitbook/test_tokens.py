"""Of which sort a token is, and which operations take it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from reconciler.errors import AccessError
from reconciler.gitbook.client.tokens import (
    OAUTH,
    OAUTH_SCOPES,
    SORTS,
    check_token,
    check_user_token,
    sorts_of,
    takes,
)
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.resources.values import Secret


def signed(claims: Any) -> str:
    """A signed token with these claims; nobody checks its signature."""
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{text}.c2ln"


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("gb_api_x", {"user"}),
        ("gb_int_slack", {"integration"}),
        ("gb_tmp_x", {"integration-installation"}),
        ("eyJhbGciOi.eyJzdWIi.c2ln", {"integration", "integration-installation"}),
        (signed({"scope": "user:read", "sub": "u"}), {OAUTH}),
        (signed({"integration": "slack"}), {"integration", "integration-installation"}),
        ("whatever", set(SORTS)),
    ],
)
def test_a_token_says_by_its_form_whose_it_may_be(text: str, sorts: set[str]) -> None:
    assert sorts_of(Secret(text)) == sorts


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_operation_can_be_called_by_someone(operation: object) -> None:
    assert takes(operation)  # type: ignore[arg-type] # its type is the table's


def test_a_token_whose_sort_is_not_known_may_try() -> None:
    for operation in OPERATIONS.values():
        check_token(operation, Secret("whatever"))


@pytest.mark.parametrize(
    ("operation", "scope", "said"),
    [
        ("publishIntegration", "integration:publish user:read", ""),
        ("publishIntegration", "integration:read", "without the scope integration:publish"),
        (
            "uninstallIntegration",
            "integration:installations:write",
            "is the session of an application (OAuth);",
        ),
        ("queueIntegrationTask", "", "is the session of an application (OAuth);"),
    ],
)
def test_a_session_may_call_what_its_scopes_allow(operation: str, scope: str, said: str) -> None:
    token = Secret(signed({"scope": scope, "client_id": "c"}))
    if not said:
        check_token(OPERATIONS[operation], token)
        return

    with pytest.raises(AccessError) as raised:
        check_token(OPERATIONS[operation], token)
    assert said in str(raised.value)


def test_a_session_cannot_plan_and_the_message_says_why_and_where_it_comes_from() -> None:
    with pytest.raises(AccessError) as raised:
        check_user_token(Secret(signed({"scp": ["user:read"]})), "the token of GitBook's own CLI login")

    assert str(raised.value) == (
        "the token of GitBook's own CLI login is the session of an application (OAuth), which GitBook does "
        "not let list installations; set GITBOOK_TOKEN to a personal access token (app.gitbook.com, "
        "Settings, Developer); nothing was sent"
    )


def test_every_scope_is_of_an_operation() -> None:
    assert OAUTH_SCOPES.keys() <= OPERATIONS.keys()


def test_the_wrong_sort_is_told_with_the_right_one() -> None:
    with pytest.raises(AccessError) as raised:
        check_token(OPERATIONS["queueIntegrationTask"], Secret("gb_api_hunter2"))

    assert "environment.apiTokens.integration" in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("gb_int_hunter2", "the integration's own token"),
        ("gb_tmp_hunter2", "an installation's token"),
        ("eyJhunter2.eyJz.c2ln", "the integration's own token or an installation's token"),
    ],
)
def test_what_plans_takes_the_token_of_a_person(text: str, whose: str) -> None:
    with pytest.raises(AccessError) as raised:
        check_user_token(Secret(text))

    assert str(raised.value).startswith(f"GITBOOK_TOKEN is {whose}; set it to a personal access token")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("text", ["gb_api_x", "whatever"])
def test_a_token_that_may_be_a_persons_may_plan(text: str) -> None:
    check_user_token(Secret(text))
