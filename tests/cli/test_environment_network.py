"""Proxies, names and certificates as a machine may have them: one line that names the variable, exit 1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from reconciler import cli
from tests.gitbook.authority import Authority
from tests.gitbook.hosts import ConnectProxy, Host, Talk, answering, free_port, serving

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "gb_api_V3ryS3cretT0ken"
HTTPS = "https://gitbook.invalid"
CALL = ["api", "getIntegrationByName", "-p", "integrationName=slack"]
PASSWORD = "hunter2pa"
ASKING = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
)
FORBIDDING = b"HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n"


async def plain_speaking(talk: Talk) -> bool:
    await talk.reader.read(1)
    await talk.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    return False


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITBOOK_TOKEN", TOKEN)
    known = socket.getaddrinfo

    def looked_up(host: str, *args: Any, **options: Any) -> Any:
        """Some resolvers are slow to say that a name does not exist, and some know every name."""
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs one call with these variables; its exit code and all that it said on stderr."""

    def call(environ: dict[str, str], endpoint: str = HTTPS, timeout: int = 20) -> tuple[int, str]:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        code = cli.run([*CALL, "--endpoint", endpoint, "--timeout", str(timeout)])
        return code, capsys.readouterr().err

    return call


def lines(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.strip()]


# What cannot be read

UNREADABLE = [
    ({"ALL_PROXY": "socks5://127.0.0.1:1080"}, "ALL_PROXY: names a SOCKS proxy"),
    ({"ALL_PROXY": "socks5h://127.0.0.1:1080"}, "ALL_PROXY: names a SOCKS proxy"),
    ({"all_proxy": "socks4://127.0.0.1:1080"}, "all_proxy: names a SOCKS proxy"),
    ({"HTTPS_PROXY": "ftp://h"}, "HTTPS_PROXY: is no http:// or https:// address"),
    ({"HTTPS_PROXY": "http://h:abc"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": "http://127.0.0.1:99999"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": "http://127.0.0.1:0"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": "http://[::1"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": "http://"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": "http://two words"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": "http://a..b:80"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"https_proxy": "http://h/path"}, "https_proxy: has more after its host and port"),
    ({"HTTPS_PROXY": f"http://user:{PASSWORD}"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"HTTPS_PROXY": f"http://user:1/{PASSWORD}@h:80"}, "HTTPS_PROXY: has more after its host and port"),
    ({"HTTPS_PROXY": f"http://{PASSWORD}?x@h:80"}, "HTTPS_PROXY: has more after its host and port"),
    ({"HTTPS_PROXY": f"socks5://u:{PASSWORD}@h"}, "HTTPS_PROXY: names a SOCKS proxy"),
    ({"HTTPS_PROXY": f"http://u:{PASSWORD}@[::1"}, "HTTPS_PROXY: is no address with a host and a port"),
    ({"SSL_CERT_FILE": "{folder}/missing.pem"}, "SSL_CERT_FILE: {folder}/missing.pem: No such file"),
    ({"SSL_CERT_FILE": "{folder}"}, "SSL_CERT_FILE: {folder} is a folder"),
    ({"SSL_CERT_FILE": "{folder}/garbage.pem"}, "SSL_CERT_FILE: {folder}/garbage.pem has no certificate"),
    ({"SSL_CERT_FILE": "{folder}/empty.pem"}, "SSL_CERT_FILE: {folder}/empty.pem has no certificate"),
    ({"SSL_CERT_DIR": "{folder}/missing"}, "SSL_CERT_DIR: {folder}/missing is no folder"),
    ({"SSLKEYLOGFILE": "{folder}/missing/keys"}, "SSLKEYLOGFILE: {folder}/missing/keys: No such file"),
    ({"SSLKEYLOGFILE": "{folder}"}, "SSLKEYLOGFILE: {folder}: Is a directory"),
]


@pytest.mark.parametrize(("environ", "said"), UNREADABLE, ids=[str(row[0]) for row in UNREADABLE])
def test_a_variable_that_cannot_be_used_is_named_at_once(
    called: Any, tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    (tmp_path / "garbage.pem").write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    (tmp_path / "empty.pem").write_text("")
    filled = {name: value.replace("{folder}", str(tmp_path)) for name, value in environ.items()}

    code, err = called(filled)

    assert code == 1
    assert len(lines(err)) == 1
    assert said.replace("{folder}", str(tmp_path)) in err
    assert "unset it" in err or "name" in err
    assert PASSWORD not in err


@pytest.mark.parametrize("endpoint", [HTTPS, "http://127.0.0.1:9"])
def test_a_key_log_that_cannot_be_written_is_named_before_any_library_looks(endpoint: str) -> None:
    """In a process of its own: aiohttp makes a TLS context as it is imported, which reads the variable."""
    command = [sys.executable, "-m", "reconciler", *CALL, "--endpoint", endpoint]
    environ = {**os.environ, "SSLKEYLOGFILE": "/nowhere/keys"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: SSLKEYLOGFILE: /nowhere/keys: No such file or directory")
    assert len(lines(done.stderr)) == 1


UNUSED = [row[0] for row in UNREADABLE if "SSLKEYLOGFILE" not in row[0]]


@pytest.mark.parametrize("environ", UNUSED, ids=str)
def test_what_is_not_needed_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environ: dict[str, str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value.replace("{folder}", str(tmp_path)))

    assert cli.run([*CALL, "--sandbox"]) == 0
    with serving(Host(answering)) as port:
        assert cli.run([*CALL, "--endpoint", f"http://127.0.0.1:{port}"]) == 0


NAMES = [
    ("https://a..b.example", "two dots in a row"),
    ("https://.example", "two dots in a row"),
    (f"https://{'a' * 70}.example", "longer than 63"),
    (f"https://{'.'.join(['a' * 60] * 5)}", "more than 253"),
    ("https://two words.example", "no name has"),
    ("https://%41.example", "no name has"),
]


@pytest.mark.parametrize(("endpoint", "said"), NAMES, ids=[row[1] for row in NAMES])
def test_a_name_that_no_host_can_have_is_said_to_be_one(called: Any, endpoint: str, said: str) -> None:
    code, err = called({}, endpoint)

    assert code == 1
    assert len(lines(err)) == 1
    assert "endpoint" in err
    assert said in err


# What cannot be reached


def test_a_proxy_where_nobody_listens_is_named_whatever_no_proxy_says(called: Any) -> None:
    proxy = f"http://user:{PASSWORD}@127.0.0.1:{free_port()}"

    code, err = called({"HTTPS_PROXY": proxy, "NO_PROXY": "localhost,fe80::/10"})

    assert code == 1
    assert "no connection through the proxy http://127.0.0.1:" in err
    assert "of HTTPS_PROXY, where nobody listens; look at HTTPS_PROXY; gave up after 2 attempts" in err
    assert PASSWORD not in err


def test_the_unknown_name_of_a_proxy_is_not_blamed_on_the_endpoint(called: Any) -> None:
    code, err = called({"ALL_PROXY": "proxy.invalid:8080"})

    assert code == 1
    assert "gave up after 2 attempts" in err
    assert "the proxy http://proxy.invalid:8080 of ALL_PROXY, a name that nobody knows here" in err
    assert "endpoint" not in err


def test_the_unknown_name_of_an_endpoint_is_not_blamed_on_a_proxy(called: Any) -> None:
    code, err = called({})

    assert code == 1
    assert "no connection to gitbook.invalid, a name that nobody knows here; look at the network" in err
    assert "--endpoint or GITBOOK_ENDPOINT; gave up after 2 attempts" in err
    assert "PROXY" not in err


@pytest.mark.parametrize(
    ("refusal", "login", "said"),
    [
        (ASKING, "", "asks for a user name and password (HTTP 407)"),
        (ASKING, f"user:{PASSWORD}@", "does not take the user name and password given (HTTP 407)"),
        (FORBIDDING, f"user:{PASSWORD}@", "does not connect to gitbook.invalid (HTTP 403)"),
    ],
)
def test_a_refusal_of_the_proxy_is_said_and_not_met_by_asking_again(
    called: Any, refusal: bytes, login: str, said: str
) -> None:
    proxy = ConnectProxy(refusal)
    with serving(Host(answering), None, proxy):
        code, err = called({"HTTPS_PROXY": f"http://{login}127.0.0.1:{proxy.port}"})

    assert code == 1
    assert said in err
    assert "HTTPS_PROXY" in err
    assert len(proxy.asked) == 1
    assert PASSWORD not in err
    assert TOKEN.encode() not in proxy.asked[0]
    assert (b"Proxy-Authorization: Basic" in proxy.asked[0]) == bool(login)


@pytest.mark.parametrize(
    ("scheme", "answer", "said"),
    [
        ("http", b"SSH-2.0-OpenSSH_9.2\r\n", ", which gives no usable answer; look at HTTPS_PROXY"),
        ("http", b" ", "; look at HTTPS_PROXY"),
        (
            "http",
            b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all",
            ", which hung up; look at --endpoint and HTTPS_PROXY",
        ),
    ],
)
def test_what_only_seems_to_be_a_proxy_is_named(called: Any, scheme: str, answer: bytes, said: str) -> None:
    proxy = ConnectProxy(answer)
    with serving(Host(answering), None, proxy):
        code, err = called({"HTTPS_PROXY": f"{scheme}://u:{PASSWORD}@127.0.0.1:{proxy.port}"}, timeout=2)

    assert code == 1
    assert f"through the proxy {scheme}://127.0.0.1:{proxy.port} of HTTPS_PROXY" in err
    assert said in err
    assert PASSWORD not in err


def test_an_https_proxy_that_speaks_plain_http_is_found_out(called: Any) -> None:
    with serving(Host(answering, greeting=[plain_speaking] * 9)) as port:
        code, err = called({"HTTPS_PROXY": f"https://127.0.0.1:{port}"})

    assert code == 1
    assert f"the proxy https://127.0.0.1:{port} of HTTPS_PROXY: it does not answer with TLS" in err
    assert "gave up at once" in err


def test_the_password_of_a_proxy_is_sent_as_it_was_meant(called: Any) -> None:
    proxy = ConnectProxy(ASKING)
    with serving(Host(answering), None, proxy):
        called({"HTTPS_PROXY": f"http://us%40er:p%2Fw%3A@127.0.0.1:{proxy.port}"})

    assert b"Basic dXNAZXI6cC93Og==" in proxy.asked[0]


def test_an_https_endpoint_whose_port_speaks_plain_http_is_found_out(called: Any) -> None:
    with serving(Host(answering, greeting=[plain_speaking] * 9)) as port:
        code, err = called({}, f"https://127.0.0.1:{port}")

    assert code == 1
    assert "does not answer with TLS; is its port one for http://?" in err
    assert "gave up at once" in err


# Certificates

WRONG = {
    "for_another_host": "its certificate is for another host",
    "expired": "its certificate has expired",
    "not_yet_valid": "its certificate is not valid yet",
    "self_signed": "its certificate is self-signed",
    "good": "its certificate is from an authority that this machine does not know",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_each_fault_of_a_certificate_has_a_sentence_of_its_own(
    called: Any, tmp_path: Path, wrong: str
) -> None:
    authority, host = Authority(tmp_path), Host(answering)
    context = authority.self_signed(tmp_path) if wrong == "self_signed" else getattr(authority, wrong)()
    trusting = {} if wrong in ("good", "self_signed") else {"SSL_CERT_FILE": str(authority.file)}
    with serving(host, context) as port:
        code, err = called(trusting, f"https://localhost:{port}")

    assert code == 1
    assert len(lines(err)) == 1
    assert WRONG[wrong] in err
    assert not any(sentence in err for name, sentence in WRONG.items() if name != wrong)
    assert "gave up at once" in err
    assert not host.requests


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_an_authority_that_a_variable_names_is_trusted(called: Any, tmp_path: Path, variable: str) -> None:
    authority = Authority(tmp_path)
    with serving(Host(answering), authority.good()) as port:
        value = authority.file if variable == "SSL_CERT_FILE" else authority.hashed(tmp_path / "hashed")

        assert called({variable: str(value)}, f"https://localhost:{port}")[0] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="what the system trusts is in files on Linux alone")
def test_what_the_system_trusts_is_trusted_beside_the_variable(tmp_path: Path) -> None:
    from reconciler.gitbook.client.certificates import trusted  # noqa: PLC0415 - ssl alone

    plain = trusted({}).get_ca_certs()
    both = trusted({"SSL_CERT_FILE": str(Authority(tmp_path).file)}).get_ca_certs()

    assert plain
    assert len(both) == len(plain) + 1


# NO_PROXY


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("*", "api.example"),
        ("api.example", "api.example"),
        ("API.Example", "api.example"),
        ("example", "api.example"),
        (".example", "api.example"),
        ("*.example", "api.example"),
        ("other, example", "api.example"),
        ("other example", "api.example"),
        ("api.example:443", "api.example"),
        ("api.example:8443", "api.example:8443"),
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("[::1]:443", "[::1]"),
        ("fe80::/10", "[fe80::1]"),
        ("[fe80::]/10", "[fe80::1]"),
    ],
)
def test_no_proxy_exempts(listed: str, host: str) -> None:
    from reconciler.gitbook.client.proxy import proxy_for  # noqa: PLC0415 - pure

    assert proxy_for(f"https://{host}", {"HTTPS_PROXY": "h:1", "NO_PROXY": listed}) is None
    assert proxy_for(f"https://{host}", {"HTTPS_PROXY": "h:1", "no_proxy": listed}) is None


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("", "api.example"),
        ("pi.example", "api.example"),
        ("api.example.com", "api.example"),
        ("api.example:80", "api.example"),
        ("11.0.0.0/8", "10.1.2.3"),
        ("10.0.0.0/99", "10.1.2.3"),
        ("fe80::/10", "10.1.2.3"),
        ("[::1]:80", "[::1]"),
        (".", "api.example"),
        (",,", "api.example"),
    ],
)
def test_no_proxy_does_not_exempt(listed: str, host: str) -> None:
    from reconciler.gitbook.client.proxy import proxy_for  # noqa: PLC0415 - pure

    assert proxy_for(f"https://{host}", {"HTTPS_PROXY": "h:1", "NO_PROXY": listed}) is not None


@pytest.mark.parametrize(
    ("environ", "variable", "url"),
    [
        ({"HTTPS_PROXY": "http://h:1", "ALL_PROXY": "http://all:2"}, "HTTPS_PROXY", "http://h:1"),
        ({"HTTPS_PROXY": "http://h:1", "https_proxy": "http://low:3"}, "https_proxy", "http://low:3"),
        ({"ALL_PROXY": "all"}, "ALL_PROXY", "http://all:80"),
        ({"HTTPS_PROXY": "https://h"}, "HTTPS_PROXY", "https://h:443"),
        ({"HTTPS_PROXY": "http://[::1]:3128/"}, "HTTPS_PROXY", "http://[::1]:3128"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "all:2"}, "ALL_PROXY", "http://all:2"),
    ],
)
def test_the_nearest_variable_counts(environ: dict[str, str], variable: str, url: str) -> None:
    from reconciler.gitbook.client.proxy import proxy_for  # noqa: PLC0415 - pure

    found = proxy_for("https://api.example", environ)

    assert found is not None
    assert (found.variable, found.url) == (variable, url)
    assert proxy_for("https://api.example", {"HTTP_PROXY": "http://h:1"}) is None
