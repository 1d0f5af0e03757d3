"""An operation as a request."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.gitbook.operations import OPERATIONS
from reconciler.gitbook.request import request, subject_of

NAMED = {"integrationName": "slack"}
INSTALLED = {**NAMED, "installationId": "i1"}


@pytest.mark.parametrize(
    ("operation", "params", "body", "subject"),
    [
        ("listIntegrations", {}, None, ""),
        ("listSites", {"organizationId": "o1"}, None, "organization/o1"),
        ("getIntegrationByName", NAMED, None, "integration/slack"),
        ("publishIntegration", NAMED, {"organization": "o1", "title": "Slack"}, "integration/slack"),
        ("installIntegration", NAMED, {"organization": "o1"}, "installation/slack"),
        (
            "getOrganizationIntegrationStatus",
            {**NAMED, "organizationId": "o1"},
            None,
            "installation/slack",
        ),
        ("updateIntegrationInstallation", INSTALLED, {}, "installation/slack"),
        ("installIntegrationOnSpace", INSTALLED, {"space": "s1"}, "installation/slack/space/s1"),
        ("installIntegrationOnSite", INSTALLED, {"siteId": "s1"}, "installation/slack/site/s1"),
        (
            "getIntegrationSpaceInstallation",
            {**INSTALLED, "spaceId": "s1"},
            None,
            "installation/slack/space/s1",
        ),
        ("listIntegrationEvents", NAMED, None, "integration/slack"),
    ],
)
def test_a_request_says_what_it_is_about(operation: str, params: Any, body: Any, subject: str) -> None:
    assert subject_of(OPERATIONS[operation], params, body) == subject


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_operation_can_be_asked_for(operation: Any) -> None:
    params = {param.name: f"x-{param.name}" for param in operation.params if param.required}

    made = request(operation, params, {})

    assert "{" not in made.target
    assert made.target.count("x-") == len(params)
    assert (made.content is None) == (operation.body is None)


def test_a_request_does_not_show_its_secrets() -> None:
    made = request(OPERATIONS["publishIntegration"], NAMED, {"script": "s3cr3t"}, secrets=("gb_api_token",))

    assert "s3cr3t" not in repr(made)
    assert "gb_api_token" not in repr(made)
