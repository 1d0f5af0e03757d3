"""What is secret: by words, by shape, and by what the files say of a key."""

from __future__ import annotations

import pytest

from reconciler.gitbook.kinds.public_keys import PUBLIC_KEYS
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.kind import public_keys
from reconciler.resources.secret_names import SecretNames, has_secret_shape, looks_secret, wrapped
from reconciler.resources.values import Secret


@pytest.mark.parametrize(
    "text",
    [
        "postgres://u:hunter2@db.test/x",
        "see redis://:pw@cache:6379 there",
        "ghp_0123456789abcdefXYZ",
        "github_pat_11AAAAAAAAAAAAAAAAAAAA",
        "xoxb-123456789012-abc",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "glpat-0123456789abcdefghij",
        "https://hooks.slack.com/services/T0/B0/xyz",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
    ],
)
def test_these_texts_have_the_shape_of_a_secret(text: str) -> None:
    assert has_secret_shape(text)
    assert wrapped({"note": [text]}, looks_secret) == {"note": [Secret(text)]}


@pytest.mark.parametrize(
    "value",
    [
        "https://example.com/a:b@c",
        "user@host:path",
        "G-1ABC",
        "ghp",
        "xox",
        "a://b",
        12,
        None,
        True,
        "",
        "C0123",
    ],
)
def test_these_have_not(value: object) -> None:
    assert not has_secret_shape(value)


def test_a_mask_is_a_part_of_a_name_or_one_key_of_one_integration() -> None:
    names = SecretNames(mask=("house", "acme/channel"))

    assert names.is_secret("our_house_name", "slack")
    assert names.is_secret("channel", "acme")
    assert not names.is_secret("channel", "slack")


def test_what_is_unmasked_is_that_key_alone_and_a_mask_wins() -> None:
    names = SecretNames(mask=("other_key",), unmask=("acme/write_key", "site_key", "other_key"))

    assert names.is_readable("write_key", "acme")
    assert not names.is_readable("write_key", "slack")
    assert names.is_readable("site_key", "slack")
    assert not names.is_readable("site_keys", "slack")
    assert not names.is_readable("other_key", "slack")


def test_the_public_keys_of_official_integrations_are_readable_and_no_others() -> None:
    names = SecretNames(public=public_keys(KINDS))

    assert names.public == PUBLIC_KEYS
    assert not names.is_secret("write_key", "segment")
    assert names.is_secret("write_key", "acme-segment")
    assert names.is_secret("auth_token", "sentry")
    assert all(looks_secret(item.partition("/")[2]) for item in PUBLIC_KEYS), (
        "a list says no more than it must"
    )


def test_a_yes_and_nothing_tell_no_secret() -> None:
    value = {"use_token": True, "token": None, "keys": {"a": 1}}

    assert wrapped(value, looks_secret) == {"use_token": True, "token": None, "keys": Secret({"a": 1})}


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
def test_these_names_say_that_a_value_is_secret(name: str) -> None:
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
def test_these_names_do_not(name: str) -> None:
    assert not looks_secret(name)


def test_the_users_own_patterns_count_too() -> None:
    assert looks_secret("HOOK_URL", ("hook",))
    assert not looks_secret("HOOK_URL", ("hooks",))
