"""The benchmark's server as an octoDNS provider: a zone is an installation, a TXT record a binding."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import requests
from octodns.provider.base import BaseProvider
from octodns.record import Create, Record

from reconciler.sandbox import SANDBOX_TOKEN
from reconciler.sandbox.world import site_id, space_id


class Provider(BaseProvider):  # type: ignore[misc] # octoDNS has no types
    """Reads a zone with one list, and writes its changes in threads."""

    SUPPORTS = frozenset({"TXT"})
    SUPPORTS_GEO = False
    SUPPORTS_ROOT_NS = False

    def __init__(self, id: str, url: str, threads: int) -> None:  # noqa: A002 - octoDNS names it so
        self.log = logging.getLogger(id)
        super().__init__(id)
        self._url = url
        self._own = local()
        self._pool = ThreadPoolExecutor(threads)

    @property
    def _session(self) -> requests.Session:
        """One connection for each thread."""
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
            self._own.session.trust_env = False
            self._own.session.headers["Authorization"] = f"Bearer {SANDBOX_TOKEN}"
        session: requests.Session = self._own.session
        return session

    def _call(self, method: str, path: str, **how: Any) -> Any:
        reply = self._session.request(method, f"{self._url}/v1{path}", timeout=60, **how)
        reply.raise_for_status()
        return reply.json()

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:  # noqa: FBT001, FBT002, ARG002
        """The records of a zone as they are."""
        level, path = _where(zone.name)
        items = self._call("GET", path, params={"limit": 1000})["items"]
        for item in items:
            value = item["configuration"].get("tracking_id", "-")
            data = {"type": "TXT", "ttl": 60, "value": value}
            zone.add_record(Record.new(zone, f"n{item[level][-5:]}", data, source=self, lenient=True))
        return bool(items)

    def _apply(self, plan: Any) -> None:
        list(self._pool.map(lambda change: self._change(plan.desired.name, change), plan.changes))

    def _change(self, zone: str, change: Any) -> None:
        level, path = _where(zone)
        key = (site_id if level == "site" else space_id)(int(change.record.name[1:]))
        if isinstance(change, Create):
            self._call("POST", path, json={"siteId" if level == "site" else "space": key})
        body = {"configuration": {"tracking_id": change.new.values[0]}}
        self._call("PATCH", f"{path}/{key}", json=body)


def _where(zone: str) -> tuple[str, str]:
    number = int(zone.split(".", maxsplit=1)[0][1:])
    level, name = "space" if number % 2 else "site", f"integration-{number}"
    return level, f"/integrations/{name}/installations/id-{name}/{level}s"
