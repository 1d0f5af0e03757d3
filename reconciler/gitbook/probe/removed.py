"""Uninstalls, deletes a binding of what is gone, installs once more, and unpublishes that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.probe.answer import Answer, done
from reconciler.gitbook.probe.bound import UNBIND
from reconciler.gitbook.probe.conclusions.removed import MISSING, Removed
from reconciler.gitbook.probe.configured import READ, readable
from reconciler.gitbook.probe.own import every

if TYPE_CHECKING:
    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own


async def observe(calls: Calls, own: Own, id_: str) -> Removed:
    """Removes the installation, and another one by unpublishing."""
    await own.uninstall(calls, id_)
    parentless = await calls(UNBIND, own.on_site(id_))
    again = done(await own.install(calls), "installIntegration")
    other = str(again.object["id"])
    await readable(calls, own, other, again)
    unpublished = await calls("unpublishIntegration", own.integration)
    is_left = unpublished.ok and not await _taken_along(calls, own, other, unpublished)
    if unpublished.ok and not is_left:
        own.installed.discard(other)
    return Removed(parentless=parentless, unpublished=unpublished, is_left=is_left)


async def _taken_along(calls: Calls, own: Own, id_: str, since: Answer) -> bool:
    """Whether neither a read nor a list shows the installation any more."""

    async def look() -> tuple[bool, Answer]:
        answer = await calls(READ, own.installation(id_))
        if answer.status != MISSING:
            return False, answer
        where = {"organizationId": own.organization, "search": own.name}
        pairs = await every(calls, "listOrganizationInstallations", where)
        ids = {item["installation"].get("id") for item in pairs if isinstance(item.get("installation"), dict)}
        return id_ not in ids, answer

    lag, _ = await calls.appear(look, since)
    return lag is not None
