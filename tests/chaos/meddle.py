"""Whoever else writes to the organization: colleagues in the app, and the integrations' own code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import httpx

from reconciler.sandbox import rules
from reconciler.sandbox.records import Binding

if TYPE_CHECKING:
    from reconciler.sandbox import Sandbox
    from reconciler.sandbox.records import Installation, Level
    from tests.chaos.story import Meddling, Story

_OBJECT = re.compile(r"/v1/integrations/([^/?]+)/installations/[^/?]+(?:/(space|site)s/([^/?]+))?")
HOTFIXED = "hotfix"
FOREIGN = "writtenByItsCode"
TEXTS = ("channel", "tracking_id", "api_token", "anything")


@dataclass
class Meddler:
    """Does each deed once, before a read is answered: never between another's read and its write."""

    sandbox: Sandbox
    story: Story
    reads: int = 0
    quiet: bool = False
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Per address what was written into its configuration."""
    waiting: list[Meddling] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting = list(self.story.meddling)

    def over(self, inner: httpx.AsyncBaseTransport) -> Meddled:
        """The transport, with the meddling before each read."""
        return Meddled(inner, self)

    def before(self, request: httpx.Request) -> None:
        """Does what is due before this request is answered."""
        if request.method != "GET" or self.quiet:
            return
        self.reads += 1
        about = address(request)
        for deed in [deed for deed in self.waiting if deed.reads <= self.reads]:
            if deed.deed in ("bind", "unbind") or deed.address == about:
                self.waiting.remove(deed)
                self._do(deed)

    def _do(self, deed: Meddling) -> None:
        _, name, *rest = deed.address.split("/")
        found = self.sandbox.store.installations_of(integration=name)
        if not found:
            return
        if deed.deed in ("bind", "unbind"):
            self._bound(deed, found[0], rest)
            return
        thing: Any = self._binding(found[0], rest) if rest else found[0]
        if thing is not None:
            self._written(deed, thing)

    def _binding(self, installation: Installation, rest: list[str]) -> Binding | None:
        return self.sandbox.store.bindings(installation.id, cast("Level", rest[0])).get(rest[1])

    def _bound(self, deed: Meddling, installation: Installation, rest: list[str]) -> None:
        if not rest or "Z" not in rest[1]:
            return
        level, store = cast("Level", rest[0]), self.sandbox.store
        there = self._binding(installation, rest)
        if deed.deed == "unbind" and there is not None:
            store.drop_binding(there)
        elif (
            deed.deed == "bind"
            and there is None
            and rules.allows(store.integrations[installation.integration], level)
        ):
            store.put_binding(Binding(installation.id, level, rest[1], {FOREIGN: deed.value}))

    def _written(self, deed: Meddling, thing: Any) -> None:
        store = self.sandbox.store
        written = {FOREIGN: deed.value}
        if deed.deed == "hotfix":
            written = dict.fromkeys([key for key in TEXTS if key in thing.configuration][:1], HOTFIXED)
        self.done.setdefault(deed.address, {}).update(written)
        new = replace(thing, configuration={**thing.configuration, **written})
        _ = store.put_binding(new) if isinstance(new, Binding) else store.put_installation(new)


class Meddled(httpx.AsyncBaseTransport):
    """A transport with somebody else at work before each read."""

    def __init__(self, inner: httpx.AsyncBaseTransport, meddler: Meddler) -> None:
        self._inner = inner
        self._meddler = meddler

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._meddler.before(request)
        return await self._inner.handle_async_request(request)


def address(request: httpx.Request) -> str:
    """The installation or binding that the request reads; empty for anything else."""
    found = _OBJECT.fullmatch(request.url.path)
    if not found:
        return ""
    name, level, target = found.groups()
    return f"installation/{name}/{level}/{target}" if level else f"installation/{name}"
