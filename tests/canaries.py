"""Canaries: secrets wherever one can stand, and who looks for them in all that a command leaves."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import html
import json
import os
import signal
import types
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Sandbox, Store
from reconciler.sandbox.records import Binding, Event, Installation, Integration
from reconciler.sandbox.world import default

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

SITES = ("site_p4Xo1", "site_k2Lm9", "site_t7Rb3")
SPACES = ("7fQm2WvA91bXcR0tYk3L", "3hJk8PqZ52nMdS6uVx1B")
ENDPOINT = "http://127.0.0.1:9"
"""Where nobody listens: what is sent is answered in process."""


_SIGN: Final = "zq"


def mark(name: str) -> str:
    """What is looked for: no part of a canary without its mark is longer than a few signs."""
    return f"{_SIGN}{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:8]}"


def canary(name: str) -> str:
    """A secret like most."""
    return f"{mark(name)}-{mark(name)}"


def nasty(name: str) -> str:
    """A secret of several lines, with all that is escaped somewhere."""
    return '{0} "{0}"\n<{0}>&\\{0}/é🐎%{0}\t{0}'.format(mark(name))


OLD: Final = {
    "CLIENT_SECRET": canary("CLIENT_SECRET"),
    "PLAIN": canary("PLAIN"),
    "MANIFEST": canary("MANIFEST"),
    "ACCOUNT": canary("ACCOUNT"),
    "SPACE": canary("SPACE"),
    "SITE": canary("SITE"),
    "PIECE": canary("PIECE"),
    "NESTED": canary("NESTED"),
    "ACME_TOKEN": canary("ACME_TOKEN"),
    "MULTILINE": nasty("MULTILINE"),
    "EXTERNAL": canary("EXTERNAL"),
    "SCRIPT": canary("SCRIPT"),
    "SUMMARY": canary("SUMMARY"),
    "TITLE": canary("TITLE"),
    "DEFAULT": canary("DEFAULT"),
    "FORMER": canary("FORMER"),
    "SIBLING": canary("SIBLING"),
    "INNOCENT": canary("INNOCENT"),
}
"""What the variables hold at the first apply."""
CHANGED: Final = ("CLIENT_SECRET", "ACCOUNT", "SITE", "PIECE", "NESTED", "MULTILINE", "SUMMARY", "DEFAULT")
NEW: Final = {**OLD, **{name: OLD[name].replace(mark(name), mark(f"{name} now")) for name in CHANGED}}
"""What they hold afterwards: some were changed."""
_WORDS: Final = """
true a 1234 0 US EU C1 slack on null color string add change destroy configuration (secret) Plan: ~ + -
acme-crm endpoint (none) false integration
"""
LOW: Final = dict(zip(OLD, _WORDS.split(), strict=False))
"""In their place what stands on every page, or may."""
LOW_NOW: Final = {**LOW, **dict(zip(CHANGED, _WORDS.split()[len(OLD) :], strict=True))}
GIVEN: Final = {name: canary(name) for name in ("my_password", "other_password", "FOLDER", "written_key")}
"""Variables of the command line and of files, and a secret that is a file."""
_LITERALS = (
    "literal",
    "manifest literal",
    "overlay literal",
    *("by key", "by key now", "titled", "titled now", "in url"),
)
LITERAL: Final = {name: canary(name) for name in _LITERALS}
"""Secrets that stand in the files themselves."""
LIVE: Final = {
    name: canary(name) for name in ("oauth", "refresh", "by name", "by title", "inner", "event", "by pattern")
}
"""What only GitBook knows."""
TOKEN: Final = f"gb_api_{canary('token')}"
INTEGRATION_TOKEN: Final = f"gb_int_{canary('integration token')}"
UNSHOWN: Final = {"built": canary("built script"), "inline": canary("inline script")}
"""No secrets, but of a field that cannot be read back: shown as digests alone."""

MARKS: Final = {
    **{mark(name): name for name in (*OLD, *GIVEN, *LITERAL, *LIVE, "token", "integration token")},
    **{mark(f"{name} now"): f"{name} now" for name in CHANGED},
    **{mark(name): name for name in ("built script", "inline script")},
}
PROPERTIES: Final[dict[str, Any]] = {
    "connect": {"type": "button", "button_text": "Go", "callback_url": "/go"},
    "endpoint": {"type": "string"},
    "piece": {"type": "string"},
    "lines": {"type": "string"},
    "former": {"type": "string"},
    "auth_token": {"type": "string"},
    "entry": {"type": "string", "title": "API key"},
    "link": {"type": "string"},
    "signing_pem": {"type": "string"},
    "house_name": {"type": "string"},
    "region": {"type": "string", "enum": ["US", "EU"]},
    "limit": {"type": "number"},
}
FOREIGN: Final[dict[str, Any]] = {
    "oauth_credentials": {"access_token": LIVE["oauth"], "team": {"refresh_token": LIVE["refresh"]}},
    "auth_token": LIVE["by name"],
    "house_name": LIVE["by pattern"],
    "inner": {"api_key": LIVE["inner"], "note": "plain"},
    "region": "EU",
}
"""What stands in a configuration that no file declares."""

HEAD: Final = f"version: 1\norganization: {ORGANIZATION}\nmask: [house]\n"
CATALOGUE: Final = f"""\
sites:
  handbook: {{id: {SITES[0]}, tags: [public], vars: {{my_password: {GIVEN["written_key"]}}}}}
  api-docs: {{id: {SITES[1]}, tags: [public]}}
spaces:
  engineering: {{id: {SPACES[1]}}}
variables:
  written_key: {GIVEN["written_key"]}
  database: postgres://crm:{LITERAL["in url"]}@db.test/crm
"""
PUBLISHED: Final = """\
integrations:
  acme-crm:
    manifest: crm/gitbook-manifest.yaml
    env: production
    script: {file: crm/index.js}
    visibility: private
  acme-banner:
    title: Banner
    description: ''
    summary: "${{ secret.SUMMARY }} and more"
    visibility: private
    scopes: []
    script: |
      // INLINE
      go();
    configurations:
      account:
        properties:
          color: {type: string, title: "${{ secret.TITLE }}", default: "${{ secret.DEFAULT }}"}
    secrets:
      CLIENT_SECRET: ${{ secret.CLIENT_SECRET }}
      PLAIN: x-${{ env.PLAIN }}
      LITERAL: WRITTEN
      FOLDER: ${{ secret.FOLDER }}
  acme-tool:
    title: Tool
    description: ''
    visibility: private
    scopes: []
    script: const key = "${{ secret.SCRIPT }}";
    secrets: {}
""".replace("INLINE", UNSHOWN["inline"]).replace("WRITTEN", LITERAL["literal"])
INSTALLED: Final = """\
installations:
  acme-banner: {}
  acme-crm:
    configuration:
      endpoint: ${{ secret.ACCOUNT }}
      piece: https://example.com/${{ secret.PIECE }}/in
      lines: ${{ secret.MULTILINE }}
      former: ${{ secret.FORMER }}
      region: US
    externalIds: ["${{ secret.EXTERNAL }}"]
    sites:
      handbook:
        configuration:
          endpoint: ${{ secret.SITE }}
          piece: ${{ env.ACME_TOKEN }}
          auth_token: BY-KEY
          entry: TITLED
          signing_pem: ${{ env.INNOCENT }}
          link: ${{ var.database }}
      api-docs:
        configuration: {former: "${{ secret.FORMER }}", region: US}
    spaces:
      engineering:
        configuration: {endpoint: "${{ secret.SPACE }}", piece: "${{ var.my_password }}"}
  acme-form:
    configuration:
      settings: {hooks: ["${{ secret.NESTED }}"], on: true}
      more: ${{ var.other_password }}
  slack:
    configuration: {default_channel: C1}
"""
CHANGED_SINCE: Final = """\
installations:
  acme-banner: {}
  acme-crm:
    configuration:
      endpoint: ${{ secret.ACCOUNT }}
      piece: https://example.com/${{ secret.PIECE }}/in
      lines: ${{ secret.MULTILINE }}
      region: EU
    sites:
      handbook:
        configuration:
          endpoint: ${{ secret.SITE }}
          piece: ${{ site.my_password }}
          auth_token: BY-KEY
          entry: TITLED
          signing_pem: ${{ env.INNOCENT }}
          link: "${{ var.database }}?sslmode=require"
      api-docs:
        configuration: {region: EU}
    spaces:
      engineering:
        configuration: {endpoint: "${{ secret.SPACE }}", piece: "${{ var.my_password }}"}
  acme-form:
    configuration:
      settings: {hooks: ["${{ secret.NESTED }}"], on: false}
      more: ${{ var.written_key }}
  slack:
    configuration: {default_channel: C2, auth_token: null}
  mermaid: {absent: true}
"""
BEFORE: Final = f"{HEAD}{CATALOGUE}{PUBLISHED}{INSTALLED}".replace("BY-KEY", LITERAL["by key"]).replace(
    "TITLED", LITERAL["titled"]
)
AFTER: Final = f"{HEAD}{CATALOGUE}{PUBLISHED}{CHANGED_SINCE}".replace(
    "BY-KEY", LITERAL["by key now"]
).replace("TITLED", LITERAL["titled now"])
MANIFEST: Final = f"""\
name: acme-crm
title: Crm
description: ''
organization: acme
script: ./src/index.ts
scopes: []
target: all
configurations:
  account: {{properties: {json.dumps(PROPERTIES)}}}
  site: {{properties: {json.dumps(PROPERTIES)}}}
  space: {{properties: {json.dumps(PROPERTIES)}}}
secrets:
  MANIFEST: ${{{{ env.MANIFEST }}}}
  LITERAL: {LITERAL["manifest literal"]}
envs:
  production:
    secrets:
      MANIFEST: ${{{{ env.MANIFEST }}}}
      LITERAL: {LITERAL["overlay literal"]}
"""
FILES: Final = {
    "crm/gitbook-manifest.yaml": MANIFEST,
    "crm/index.js": f"// {UNSHOWN['built']}\n",
    "vars.yaml": f"other_password: {GIVEN['other_password']}\n",
    "secrets/FOLDER": GIVEN["FOLDER"],
}


def store() -> Store:
    """An organization with live secrets of every sort, before gbsync ever saw it."""
    made = default()
    for name, screens in (("acme-crm", {}), ("acme-form", {"account": {"componentId": "config"}})):
        document = {"title": name, "description": "", "target": "all", "scopes": [], "script": "//"}
        if screens:
            made.integrations[name] = Integration(
                name, ORGANIZATION, {**document, "visibility": "public", "configurations": screens}
            )
    slack = made.installations_of(integration="slack")[0]
    made.put_installation(dataclasses.replace(slack, configuration=dict(FOREIGN)))
    made.put_installation(Installation("fOrm0000000000000000", "acme-form", ORGANIZATION, dict(FOREIGN)))
    payload = {"eventId": "e1", "type": "setup", "previous": {"auth_token": LIVE["event"]}}
    made.add_event(Event("e1", "slack", payload, slack.id))
    return made


def haunt(made: Store) -> None:
    """After the first apply: others have written keys, and what no file declares holds a secret too."""
    for installation in made.installations_of(integration="acme-crm"):
        _haunted(made, installation)
        for level in ("site", "space"):
            for binding in list(made.bindings(installation.id, level).values()):
                made.put_binding(
                    dataclasses.replace(
                        binding, configuration={**FOREIGN, "entry": LIVE["by title"], **binding.configuration}
                    )
                )
        stray = {**FOREIGN, "entry": LIVE["by title"], "endpoint": OLD["SIBLING"], "former": OLD["SIBLING"]}
        made.put_binding(Binding(installation.id, "site", SITES[2], stray))


def _haunted(made: Store, installation: Installation) -> None:
    configuration = {**FOREIGN, "entry": LIVE["by title"], **installation.configuration}
    made.put_installation(dataclasses.replace(installation, configuration=configuration))


# how a server can quote


def _twice(text: str) -> str:
    return json.dumps(json.dumps(text))


SPELLINGS: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "json": lambda text: json.dumps(text)[1:-1],
    "json twice": _twice,
    "html": html.escape,
    "url": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 within": lambda text: base64.b64encode(f"k:{text}!".encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "upper": str.upper,
    "repr": repr,
    "bytes": lambda text: repr(text.encode()),
    "cut": lambda text: text[: len(text) * 2 // 3],
    "unicode": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
}


def as_json(message: str) -> tuple[bytes, dict[str, str]]:
    """As GitBook says it."""
    return json.dumps({"error": {"code": 400, "message": message}}).encode(), {
        "Content-Type": "application/json"
    }


def as_title(message: str) -> tuple[bytes, dict[str, str]]:
    """As a proxy's page says it."""
    return f"<html><title>{message}</title>{message}</html>".encode(), {"Content-Type": "text/html"}


def as_text(message: str) -> tuple[bytes, dict[str, str]]:
    """As plain text."""
    return message.encode(), {"Content-Type": "text/plain"}


def as_cut(message: str) -> tuple[bytes, dict[str, str]]:
    """JSON that ends too early."""
    return json.dumps({"error": {"message": message}}).encode()[:-4], {"Content-Type": "application/json"}


def as_header(message: str) -> tuple[bytes, dict[str, str]]:
    """In every header that anybody looks at."""
    text = quote(message, safe="/+-.= ")
    names = ("Content-Type", "Location", "Retry-After", "X-RateLimit-Remaining", "WWW-Authenticate", "Link")
    return b"<", dict.fromkeys(names, text)


def as_packing(message: str) -> tuple[bytes, dict[str, str]]:
    """In the header that says how the reply is packed."""
    return b"{}", {"Content-Encoding": quote(message, safe="")}


BODIES: Final = (as_json, as_title, as_text, as_cut, as_header, as_packing)


@dataclass
class Trouble:
    """What the server does with some requests in place of an answer."""

    status: int = 0
    """0: it resets the connection."""
    body: Callable[[str], tuple[bytes, dict[str, str]]] = as_json
    spelling: Callable[[str], str] = str
    methods: tuple[str, ...] = ("POST", "PATCH", "DELETE")
    after: bool = False
    """The request is carried out all the same."""
    spared: int = 0
    """So many requests are answered first."""

    def answer(self, request: httpx.Request, known: list[str]) -> httpx.Response:
        """The answer that quotes what it was sent and what it knows."""
        if not self.status:
            msg = "reset"
            raise httpx.ReadError(msg, request=request)
        message = " ".join(self.spelling(text) for text in known)
        content, headers = self.body(f"cannot take {message}")
        return httpx.Response(self.status, content=content, headers=headers, request=request)


class Quoting(httpx.AsyncBaseTransport):
    """A server that quotes secrets whenever it is in trouble; each time it begins with another one."""

    def __init__(self, sandbox: Sandbox, trouble: list[Trouble]) -> None:
        self._inner = sandbox.transport()
        self._trouble = trouble
        self._turn = 0
        self.known: tuple[str, ...] = ()
        """What it quotes beside what it was sent."""
        self.tells = True
        """It quotes what it holds of what is to be written too."""
        self.count = 0
        """Requests so far."""
        self.interrupts: set[int] = set()
        """At which requests somebody presses Ctrl-C."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        if self.count in self.interrupts:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)
        trouble = next((item for item in self._trouble if request.method in item.methods), None)
        if trouble is not None and trouble.spared:
            trouble.spared -= 1
            trouble = None
        if trouble is None:
            return await self._inner.handle_async_request(request)
        there = await self._there(request)
        if trouble.after:
            await self._inner.handle_async_request(request)
        return trouble.answer(request, self._quoted((await request.aread()).decode() + there, request))

    async def _there(self, request: httpx.Request) -> str:
        """What it holds of what is to be written."""
        if request.method == "GET" or not self.tells:
            return ""
        asked = httpx.Request("GET", request.url, headers=request.headers)
        return (await self._inner.handle_async_request(asked)).text

    def _quoted(self, text: str, request: httpx.Request) -> list[str]:
        """The token, and what stands in a text or is known; each time it begins with another one."""
        found = [value for value in every() if json.dumps(value)[1:-1] in text]
        found = [request.headers["Authorization"].removeprefix("Bearer "), *found, *self.known]
        self._turn += 1
        turn = self._turn % len(found)
        return [*found[turn:], *found[:turn]][:6]


def every() -> tuple[str, ...]:
    """Every canary that is a secret."""
    return tuple({*OLD.values(), *NEW.values(), *GIVEN.values(), *LITERAL.values(), *LIVE.values()})


def declared() -> tuple[str, ...]:
    """Every canary that the files have in the end."""
    gone = {"FORMER", "EXTERNAL", "SIBLING", "ACME_TOKEN"}
    written = tuple(LITERAL[name] for name in ("literal", "overlay literal", "by key now", "in url"))
    written += (GIVEN["my_password"], GIVEN["written_key"])
    return tuple({*(NEW[name] for name in NEW if name not in gone), *written})


# who looks for them


@lru_cache(maxsize=1 << 16)
def found_in(text: str) -> frozenset[str]:
    """The names of all canaries of which a part stands in a text, however it is spelled."""
    low = text.lower()
    found = {name for sign, name in MARKS.items() if sign in low} if _SIGN in low else set()
    return frozenset(found | {name for sign, name in _PACKED.items() if sign in text})


def _packed() -> Iterator[tuple[str, str]]:
    for sign, name in MARKS.items():
        yield sign.encode().hex(), name
        for offset in range(3):
            raw = base64.b64encode(b"\0" * offset + sign.encode()).decode().rstrip("=")
            yield raw[(0, 2, 3)[offset] : len(raw) - 1], name


_PACKED: Final = dict(_packed())
_UNSHOWN: Final = {"built script", "inline script"}
_TYPED: Final = {"my_password"}
"""What stands on the command line, which the system itself shows to everybody on the machine."""


@dataclass
class Watch:
    """Everything that a run made and that somebody might print."""

    values: list[Any] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    deep: bool = True
    """Whether to look at what hangs on an exception too, and at the variables of its frames."""

    def forget(self) -> None:
        """Lets go of everything."""
        self.values.clear()
        self.errors.clear()

    def found(self) -> set[str]:
        """The canaries that a value shows, or an exception with all that hangs on it."""
        shown = {f"value: {name}" for value in self.values for name in _shown_by(value)}
        return shown | {item for error in self.errors for item in _told_by(error, deep=self.deep)}


def _shown_by(value: Any) -> Iterator[str]:
    """Walks all that a value holds, but for secrets, which hold what they are for."""
    seen: set[int] = set()
    queue = [value]
    while queue:
        item = queue.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield from found_in(repr(item)) - _UNSHOWN
        if not isinstance(item, Secret):
            queue.extend(_inside(item))


def _inside(item: Any) -> list[Any]:
    if isinstance(item, dict | types.MappingProxyType):
        return [*item.keys(), *item.values()]
    if isinstance(item, list | tuple | set | frozenset):
        return [*item]
    if dataclasses.is_dataclass(item):
        return [getattr(item, entry.name) for entry in dataclasses.fields(item)]
    return []


def _told_by(error: BaseException | None, *, deep: bool) -> Iterator[str]:
    seen: set[int] = set()
    queue = [error]
    while queue:
        item = queue.pop()
        if item is None or id(item) in seen:
            continue
        seen.add(id(item))
        where = type(item).__name__
        texts = [repr(item), str(item), repr(item.args), repr(vars(item)), *getattr(item, "__notes__", ())]
        yield from (f"{where}: {name}" for text in texts for name in found_in(text))
        if deep:
            yield from (f"{where} {name}" for name in _kept_by(item.__traceback__))
            queue += [item.__cause__, item.__context__]


def _kept_by(traceback: types.TracebackType | None) -> Iterator[str]:
    """The canaries in the local variables of every frame, as a tracker of crashes would print them."""
    while traceback is not None:
        frame = traceback.tb_frame
        if "/tests/" not in frame.f_code.co_filename:
            for name, value in frame.f_locals.items():
                with contextlib.suppress(Exception):
                    shown = found_in(repr(value)) - _UNSHOWN - _TYPED
                    yield from (f"{frame.f_code.co_qualname}.{name}: {each}" for each in shown)
        traceback = traceback.tb_next


def written(folder: Path, but: set[Path]) -> dict[str, str]:
    """The text of every file in a folder, by name, but for some."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path not in but)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8", errors="replace") for path in files}


class Hurry:
    """A clock with which no wait takes any time."""

    def __init__(self) -> None:
        self._now = 1_900_000_000.0

    def time(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)
