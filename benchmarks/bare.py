"""httpx alone: a client, and where things are."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import SANDBOX_TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token and nothing else."""
    import httpx  # noqa: PLC0415 - the floor alone

    headers = {"Authorization": f"Bearer {SANDBOX_TOKEN}"}
    async with httpx.AsyncClient(
        base_url=f"{url}/v1", headers=headers, trust_env=False, timeout=60
    ) as client:
        yield client


def installation_path(item: dict[str, Any]) -> str:
    """The path of an installation, from an item of the organization's list."""
    return f"/integrations/{item['integration']['name']}/installations/{item['installation']['id']}"


def level_of(item: dict[str, Any]) -> str:
    """`site` or `space`: where the integration works."""
    return str(item["integration"]["target"])
