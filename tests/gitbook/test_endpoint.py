"""Which endpoints a token may be sent to."""

from __future__ import annotations

import pytest

from reconciler.errors import UsageError
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.client.endpoint import endpoint
from reconciler.resources.values import Secret

PLAIN = ["http://localhost:8080", "http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:80"]
FAR = [
    "http://api.gitbook.com",
    "http://10.0.0.1",
    "http://localhost.evil.test",
    "http://127.0.0.1.evil.test",
]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.gitbook.com", "https://api.gitbook.com"),
        ("https://api.gitbook.com/", "https://api.gitbook.com"),
        ("https://api.gitbook.com/v1", "https://api.gitbook.com"),
        (" https://api.gitbook.com/v1/ ", "https://api.gitbook.com"),
        ("https://proxy.test/gitbook/v1", "https://proxy.test/gitbook"),
        ("https://v1.test/v12", "https://v1.test/v12"),
        (" https://proxy.test:8443/gitbook/ ", "https://proxy.test:8443/gitbook"),
    ],
)
def test_an_https_endpoint_is_taken_as_it_is(text: str, url: str) -> None:
    found = endpoint(text)

    assert (str(found), found.proxied) == (url, True)


@pytest.mark.parametrize("text", [*PLAIN, "http://sandbox.localhost"])
def test_plain_http_is_for_this_machine_and_for_no_proxy(text: str) -> None:
    assert not endpoint(text).proxied


@pytest.mark.parametrize("text", FAR)
def test_plain_http_to_another_machine_is_refused_unless_forced(text: str) -> None:
    with pytest.raises(UsageError, match="--insecure-http"):
        endpoint(text)
    with pytest.raises(UsageError, match="--insecure-http"):
        Client(endpoint=text, token=Secret("t"))

    assert endpoint(text, insecure_http=True).url == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.gitbook.com",
        "ftp://x.test",
        "https://",
        "https://[",
        "https://x:port",
        "https://x?y=1",
        "https://x#y",
    ],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the endpoint"):
        endpoint(text)


def test_a_password_in_the_endpoint_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as raised:
        endpoint("https://me:hunter2@api.gitbook.com")

    assert "hunter2" not in str(raised.value)
