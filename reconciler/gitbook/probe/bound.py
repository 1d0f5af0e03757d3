"""Binds the probe's installation to the site and the space that the user named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.probe.answer import Answer, Lag, Unclear, done
from reconciler.gitbook.probe.calls import LONG_PATIENCE
from reconciler.gitbook.probe.conclusions.bound import ROUTE_MISSING, Bound, Selected

if TYPE_CHECKING:
    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own

BIND, READ, UNBIND = (
    "installIntegrationOnSite",
    "getIntegrationSiteInstallation",
    "uninstallIntegrationFromSite",
)
LIST = "listIntegrationInstallationSites"
UPDATE = "updateIntegrationInstallation"


async def bind(calls: Calls, own: Own, id_: str, *, selection: str) -> Bound:
    """Binds the site, again, removes the binding, and binds the space."""
    if selection != "selected":
        body = {"site_selection": "selected", "space_selection": "selected"}
        done(await calls(UPDATE, own.installation(id_), body), UPDATE)
    reply = await calls(BIND, own.installation(id_), {"siteId": own.site})
    done(reply, BIND)
    list_lag, _ = await _listed(calls, own, id_, reply, is_there=True)
    again = await calls(BIND, own.installation(id_), {"siteId": own.site})
    _, as_read = await _read(calls, own, id_, reply)
    deleted = done(await calls(UNBIND, own.on_site(id_)), UNBIND)
    delete_lag, _ = await _listed(calls, own, id_, deleted, is_there=False)
    space = await calls("installIntegrationOnSpace", own.installation(id_), {"space": own.space})
    patched = None
    if space.status in ROUTE_MISSING:
        patched = await calls("updateIntegrationSpaceInstallation", own.on_space(id_), {"configuration": {}})
    return Bound(
        reply=reply,
        list_lag=list_lag,
        again=again,
        as_read=done(as_read, READ),
        delete_lag=delete_lag,
        space=space,
        space_patch=patched,
    )


async def select(calls: Calls, own: Own, id_: str) -> Selected:
    """Selects all sites and looks at the named one; then selects none, and looks again."""
    try:
        selected = done(await calls(UPDATE, own.installation(id_), {"site_selection": "all"}), UPDATE)
        lag, _ = await _read(calls, own, id_, selected)
    finally:
        # Also when the look fails: while all sites are selected, the integration is on each of them.
        undone = await calls(UPDATE, own.installation(id_), {"site_selection": "selected"})
    done(undone, UPDATE)
    gone = lag and await _gone(calls, own, id_, undone)
    return Selected(is_bound=lag is not None, is_kept=lag is not None and not gone)


async def _listed(
    calls: Calls, own: Own, id_: str, since: Answer, *, is_there: bool
) -> tuple[Lag | None, Answer]:
    async def look() -> tuple[bool, Answer]:
        answer = done(await calls(LIST, {**own.installation(id_), "limit": 1000}), LIST)
        return any(_site(item) == own.site for item in answer.items) is is_there, answer

    return await calls.appear(look, since, patience=LONG_PATIENCE)


def _site(item: object) -> object:
    site = item.get("site") if isinstance(item, dict) else None
    return site.get("id") if isinstance(site, dict) else site


async def _read(calls: Calls, own: Own, id_: str, since: Answer) -> tuple[Lag | None, Answer]:
    async def look() -> tuple[bool, Answer]:
        answer = await calls(READ, own.on_site(id_))
        return answer.ok, answer

    return await calls.appear(look, since)


async def _gone(calls: Calls, own: Own, id_: str, since: Answer) -> bool:
    async def look() -> tuple[bool, Answer]:
        answer = await calls(READ, own.on_site(id_))
        if not answer.ok and answer.status not in ROUTE_MISSING:
            raise Unclear(f"{READ} answers {answer.status}")
        return not answer.ok, answer

    lag, _ = await calls.appear(look, since)
    return lag is not None
