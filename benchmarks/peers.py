"""The same work by others, on the same server: bare httpx, which only writes, and octoDNS with threads."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bare import installation_path, level_of, opened
from benchmarks.stopwatch import Stopwatch
from reconciler.sandbox import ORGANIZATION
from reconciler.sandbox.world import site_id, space_id

if TYPE_CHECKING:
    import httpx

ZONE = "example.com."


async def bare_writes(
    url: str, bindings: int, *, creates: bool = False, parallelism: int = 10, integrations: int = 10
) -> dict[str, Any]:
    """A PATCH for each binding, after a POST with `creates`, by httpx alone: nothing is read or compared."""
    async with opened(url) as client:
        listed = await client.get(f"/orgs/{ORGANIZATION}/installations", params={"limit": 1000})
        installed = {item["integration"]["name"]: item for item in listed.json()["items"]}
        numbers = iter(range(bindings))

        async def work() -> None:
            for number in numbers:
                item = installed[f"integration-{number % integrations}"]
                await _write(client, item, number // integrations, creates=creates)

        watch = Stopwatch()
        await asyncio.gather(*(work() for _ in range(parallelism)))
        return {**watch.read(), "requests": bindings * (1 + creates)}


async def _write(client: httpx.AsyncClient, item: dict[str, Any], number: int, *, creates: bool) -> None:
    level = level_of(item)
    above, target = f"{installation_path(item)}/{level}s", _target(level, number)
    if creates:
        body = {"siteId" if level == "site" else "space": target}
        (await client.post(above, json=body)).raise_for_status()
    changed = {"configuration": {"tracking_id": "G-BARE"}}
    (await client.patch(f"{above}/{target}", json=changed)).raise_for_status()


def _target(level: str, number: int) -> str:
    return (site_id if level == "site" else space_id)(number)


def octodns(url: str, bindings: int, *, threads: int = 10, integrations: int = 10) -> dict[str, Any]:
    """octoDNS: zones are installations, records are bindings; its provider lists, compares and writes.

    octoDNS itself reads zones in threads and writes one after the other. The provider here has threads for
    that too, as a fast one would.
    """
    import yaml  # noqa: PLC0415 - this peer alone
    from octodns.manager import Manager  # noqa: PLC0415 - in the group `bench`

    with tempfile.TemporaryDirectory() as folder:
        for number in range(integrations):
            names = [f"n{each:05}" for each in range(-(-(bindings - number) // integrations))]
            records = {name: {"type": "TXT", "ttl": 60, "value": "G-OTHER"} for name in names}
            path = Path(folder) / f"i{number}.{ZONE}yaml"
            path.write_text(yaml.safe_dump(records), encoding="utf-8")
        config = {
            "manager": {"max_workers": threads},
            "providers": {
                "files": {"class": "octodns.provider.yaml.YamlProvider", "directory": folder},
                "peer": {"class": "benchmarks.peers_octodns.Provider", "url": url, "threads": threads},
            },
            "zones": {
                f"i{number}.{ZONE}": {"sources": ["files"], "targets": ["peer"]}
                for number in range(integrations)
            },
        }
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        watch = Stopwatch()
        changes = Manager(str(path)).sync(dry_run=False, force=True)
        return {**watch.read(), "changes": changes}
