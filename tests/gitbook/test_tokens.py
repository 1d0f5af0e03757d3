"""Of which sort a token is, and which operations take it."""

from __future__ import annotations

import pytest

from reconciler.errors import AccessError
from reconciler.gitbook.operations import OPERATIONS
from reconciler.gitbook.tokens import SORTS, check_token, sorts_of, takes
from reconciler.value import Secret


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("gb_api_x", {"user"}),
        ("gb_int_slack", {"integration"}),
        ("gb_tmp_x", {"integration-installation"}),
        ("eyJhbGciOi.eyJzdWIi.c2ln", {"integration", "integration-installation"}),
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


def test_the_wrong_sort_is_told_with_the_right_one() -> None:
    with pytest.raises(AccessError) as raised:
        check_token(OPERATIONS["queueIntegrationTask"], Secret("gb_api_hunter2"))

    assert "environment.apiTokens.integration" in str(raised.value)
    assert "hunter2" not in str(raised.value)
