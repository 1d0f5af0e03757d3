"""An operation as a request."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.gitbook.client.message import SecretScrubber
from reconciler.gitbook.client.request import request
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.resources.values import Secret
from tests.canaries import Watch, canary

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
    assert OPERATIONS[operation].about(params, body) == subject


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_operation_can_be_asked_for(operation: Any) -> None:
    params = {param.name: f"x-{param.name}" for param in operation.params if param.required}

    made = request(operation, params, {})

    assert "{" not in made.target
    assert made.target.count("x-") == len(params)
    assert (made.content is None) == (operation.body is None)


def test_a_request_does_not_show_its_secrets() -> None:
    scrubber = SecretScrubber()
    scrubber.add("gb_api_token")
    made = request(
        OPERATIONS["publishIntegration"], NAMED, {"script": Secret("s3cr3t-script")}, scrubber=scrubber
    )

    assert "s3cr3t" not in repr(made)
    assert "gb_api_token" not in repr(made)


@pytest.mark.parametrize(
    ("secret", "withheld"),
    [
        ("long enough", False),
        ("short", True),
        ("a b c d e", True),
        (1234, True),
        (123456789, False),
        ("", False),
        (True, False),
        (None, False),
        ({"deep": ["short"]}, True),
    ],
    ids=repr,
)
def test_a_secret_that_is_too_short_to_be_cut_out_has_messages_withheld(
    secret: Any, *, withheld: bool
) -> None:
    made = request(OPERATIONS["publishIntegration"], NAMED, {"script": [Secret(secret)], "title": "abc"})

    assert made.withheld is withheld


@pytest.mark.parametrize("other", [Secret(known=False), {1, 2}], ids=["a secret that is not set", "no JSON"])
def test_a_body_that_cannot_be_written_leaves_no_secret_in_its_error(other: Any) -> None:
    with pytest.raises(UsageError) as raised:
        request(OPERATIONS["publishIntegration"], NAMED, {"script": Secret(canary("x")), "title": other})

    assert not Watch(errors=[raised.value]).found()
