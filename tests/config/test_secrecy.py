"""Which names say that a value is secret."""

from __future__ import annotations

import pytest

from reconciler.resources.secret_names import looks_secret


@pytest.mark.parametrize(
    "name",
    [
        "TOKEN",
        "SLACK_TOKEN",
        "accessToken",
        "access-token",
        "tokens",
        "client_secret",
        "clientSecrets",
        "PASSWORD",
        "db_passwd",
        "key",
        "KEYS",
        "api_key",
        "apiKey",
        "APIKEY",
        "writeKey",
        "scriptKey",
        "private_key",
        "oauth_credentials",
        "credential",
        "Authorization",
        "bearer",
        "JWT",
        "passphrase",
        "refreshtoken",
        "SLACK_WEBHOOK_URL",
        "DEPLOY_PAT",
        "NPM_AUTH",
        "SENTRY_DSN",
        "SIGNING_PEM",
        "db.pass",
        "dbPass",
        "credentials",
        "api-keys",
    ],
)
def test_these_do(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "channel",
        "tracking_id",
        "monkey",
        "keyboard",
        "hockey",
        "default_channel",
        "region",
        "GITBOOK_ORGANIZATION",
        "CI",
        "url",
        "PATH",
        "author",
        "compass",
        "pattern",
        "passive_mode",
        "authorName",
    ],
)
def test_these_do_not(name: str) -> None:
    assert not looks_secret(name)


def test_the_users_own_patterns_count_too() -> None:
    assert looks_secret("HOOK_URL", ("hook",))
    assert not looks_secret("HOOK_URL", ("hooks",))
