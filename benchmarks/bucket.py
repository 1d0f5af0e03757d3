"""A server that is not the sandbox: the few operations that a run needs, a fixed time each, and a bucket.

It lives in a process of its own. It does no more than it must, so that what is measured is who asks; and it
measures itself how long ago an object was read when its PATCH arrives.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.server import in_a_process
from reconciler.sandbox.world import site_id, space_id

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from aiohttp import web

PAGE = 1000
BACKLOG = 512
KEY = {"type": "string", "title": "Tracking ID"}
PREFIXES = {"sites": site_id, "spaces": space_id}


@dataclass(frozen=True, kw_only=True)
class Bucketed:
    """What is served: installations with so many bindings in all, in the benchmark's usual pattern."""

    bindings: int
    integrations: int = 10
    room: int = 0
    """Bindings that there are sites and spaces for, made or not."""
    own_keys: bool = False
    """Whether the integrations keep a key of their own in each, so that nothing is read by the page."""
    latency: float = 0.02
    rate: float = 0
    """Requests per second that flow into the bucket; 0: no limit, and no headers."""
    burst: int = 0


def bucketed(what: Bucketed) -> AbstractContextManager[str]:
    """The URL of such a server, which lives until the block ends."""
    return in_a_process("benchmarks.bucket", asdict(what))


@dataclass
class _Bucket:
    """Requests that may be sent: `rate` flow in each second, `burst` fit in."""

    rate: float
    burst: int
    left: float = 0.0
    seen: float = 0.0

    def admits(self, now: float) -> bool:
        """Takes one out, if there is one."""
        self.left = min(self.burst, self.left + (now - self.seen) * self.rate) if self.seen else self.burst
        self.seen = now
        fits = self.left >= 1
        self.left -= fits
        return fits

    def headers(self) -> dict[str, str]:
        """What every reply says: like GitBook's, in whole seconds."""
        whole = time.time() + (self.burst - self.left) / self.rate
        return {
            "X-RateLimit-Limit": str(self.burst),
            "X-RateLimit-Remaining": str(int(self.left)),
            "X-RateLimit-Reset": str(int(whole) + 1),
        }


@dataclass
class _Organization:
    """The bindings of each installation, by the id of their site or space, and what was measured."""

    what: Bucketed
    bindings: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    read: dict[tuple[str, str], float] = field(default_factory=dict)
    """When each was shown last."""
    windows: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(self.what.bindings):
            name = f"integration-{number % self.what.integrations}"
            key = PREFIXES[_level(name)](number // self.what.integrations)
            own = {"webhookId": f"wh_{number}"} if self.what.own_keys else {}
            configuration = {"tracking_id": f"G-{number:06}", **own}
            self.bindings.setdefault(name, {})[key] = _binding(name, key, configuration)

    def installed(self) -> list[dict[str, Any]]:
        """Every integration with its installation."""
        return [_pair(f"integration-{number}") for number in range(self.what.integrations)]

    def targets(self, level: str) -> list[dict[str, str]]:
        """Every site or space."""
        each = -(-max(self.what.room, self.what.bindings) // self.what.integrations)
        return [{"id": PREFIXES[level](number), "title": f"Number {number}"} for number in range(each)]

    def page(self, name: str, query: Any) -> dict[str, Any]:
        """Some of the bindings of an installation, in order."""
        held = self.bindings.get(name, {})
        keys, start, limit = list(held), int(query.get("page", 0)), int(query.get("limit", 50))
        wanted = keys[start : start + min(limit, PAGE)]
        self.read.update({(name, key): time.perf_counter() for key in wanted})
        more = start + len(wanted) < len(keys)
        body: dict[str, Any] = {"items": [held[key] for key in wanted], "count": len(keys)}
        return {**body, "next": {"page": str(start + len(wanted))}} if more else body

    def post(self, name: str, key: str) -> dict[str, Any]:
        """Makes a binding."""
        self.read[name, key] = time.perf_counter()
        return self.bindings.setdefault(name, {}).setdefault(key, _binding(name, key, {}))

    def get(self, name: str, key: str) -> dict[str, Any]:
        """One binding."""
        self.read[name, key] = time.perf_counter()
        return self.bindings[name][key]

    def patch(self, name: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """Replaces what the body names."""
        if (name, key) in self.read:
            self.windows.append(time.perf_counter() - self.read.pop((name, key)))
        self.bindings[name][key] |= body
        return self.bindings[name][key]


def _level(name: str) -> str:
    return "spaces" if int(name.removeprefix("integration-")) % 2 else "sites"


def _pair(name: str) -> dict[str, Any]:
    level = _level(name)[:-1]
    screen = {"properties": {"tracking_id": KEY}, "required": ["tracking_id"]}
    integration = {
        "name": name,
        "version": 1,
        "title": name,
        "target": level,
        "owner": {"id": "gitbook"},
        "configurations": {level: screen},
    }
    installation = {"id": f"id-{name}", "status": "active", "configuration": {}, "externalIds": []}
    return {"integration": integration, "installation": installation}


def _binding(name: str, key: str, configuration: dict[str, Any]) -> dict[str, Any]:
    return {
        _level(name)[:-1]: key,
        "status": "active",
        "configuration": configuration,
        "externalIds": [],
        "installation": f"id-{name}",
    }


class _Server:
    """Answers each request after the latency, unless the bucket is empty."""

    def __init__(self, what: Bucketed) -> None:
        self._latency = what.latency
        self._organization = _Organization(what)
        self._bucket = _Bucket(what.rate, what.burst) if what.rate else None
        self._requests = self._refused = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The reply to one request."""
        from aiohttp import web  # noqa: PLC0415 - in this process alone

        if request.path == "/measured":
            return web.json_response(self._measured())
        self._requests += 1
        await asyncio.sleep(self._latency)
        headers = {}
        if self._bucket is not None:
            fits = self._bucket.admits(time.monotonic())
            headers = self._bucket.headers()
            if not fits:
                self._refused += 1
                return web.Response(status=429, headers={**headers, "Retry-After": "1"})
        body = await request.json() if request.can_read_body else None
        status = 201 if request.method == "POST" else 200
        return web.json_response(self._carried_out(request, body), status=status, headers=headers)

    def _carried_out(self, request: web.BaseRequest, body: Any) -> Any:
        held = self._organization
        match request.method, request.path.split("/")[2:]:
            case "GET", ["orgs", _, "installations"]:
                data = {"items": held.installed()}
            case "GET", ["orgs", _, level]:
                data = {"items": held.targets(level)}
            case "GET", ["integrations", name, "installations", _, _]:
                data = held.page(name, request.query)
            case "POST", ["integrations", name, "installations", _, _]:
                data = held.post(name, body.get("siteId") or body["space"])
            case "PATCH", ["integrations", name, "installations", _, _, key]:
                data = held.patch(name, key, body)
            case _, ["integrations", name, "installations", _, _, key]:
                data = held.get(name, key)
            case _, parts:
                raise ValueError(parts)
        return data

    def _measured(self) -> dict[str, Any]:
        windows = sorted(self._organization.windows) or [0.0]
        return {
            "requests": self._requests,
            "refused": self._refused,
            "median": statistics.median(windows),
            "worst": windows[-1],
            "99": windows[int(len(windows) * 0.99) - 1],
        }


async def _serve(what: Bucketed) -> None:
    from aiohttp import web  # noqa: PLC0415 - in this process alone

    runner = web.ServerRunner(web.Server(_Server(what).answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=BACKLOG)
    await site.start()
    port = runner.addresses[0][1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Bucketed(**json.loads(sys.argv[1]))))
