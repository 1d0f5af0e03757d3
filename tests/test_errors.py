"""What an error says to whom: its subject is left out for readers who have it before them."""

from __future__ import annotations

from reconciler.errors import ApiError


def test_an_error_of_a_call_names_its_operation_its_subject_and_its_status() -> None:
    error = ApiError("too many", operation="updateInstallation", subject="installation/slack", status=422)

    assert str(error) == "updateInstallation installation/slack: too many (HTTP 422)"
    assert error.about("installation/slack") == "updateInstallation: too many (HTTP 422)"
    assert error.about("installation/github") == str(error)
    assert ApiError("no answer").about("installation/slack") == "no answer"
