"""Installs the probe's integration, installs it again, and sends PATCHes to the installation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.gitbook.operations.operation import Param
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.gitbook.probe.answer import Answer, Lag, done
from reconciler.gitbook.probe.calls import LONG_PATIENCE
from reconciler.gitbook.probe.conclusions.configured import FIRST, OUTSIDE, SECOND, Configured, Installed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.calls import Calls
    from reconciler.gitbook.probe.own import Own

READ = OPERATIONS["getIntegrationInstallationById"]
STRANGE_READ = replace(READ, params=(*READ.params, Param(name="gbsync_probe")))
"""The read with a parameter that the reference does not have."""
MOMENT = 0.05
"""Seconds between two PATCHes, so that their times differ."""


async def readable(calls: Calls, own: Own, id_: str, since: Answer) -> tuple[Lag | None, Answer]:
    """How long it takes until the installation can be read, and the read."""

    async def look() -> tuple[bool, Answer]:
        answer = await calls(READ, own.installation(id_))
        return answer.ok, answer

    return await calls.appear(look, since, patience=LONG_PATIENCE)


async def install(calls: Calls, own: Own) -> Installed:
    """Installs it, and again. A second installation is removed at once."""
    reply = done(await own.install(calls), "installIntegration")
    id_ = str(reply.object["id"])
    lag, as_read = await readable(calls, own, id_, reply)
    done(as_read, READ.id)
    again = await own.install(calls)
    for other in sorted(own.installed - {id_}):
        await readable(calls, own, other, again)
        await own.uninstall(calls, other)
    return Installed(reply=reply, lag=lag, as_read=as_read, again=again)


async def configure(calls: Calls, own: Own, id_: str) -> Configured:
    """PATCHes the installation, and reads it after each."""

    async def patch(configuration: Mapping[str, Any]) -> tuple[Answer, Answer]:
        await calls.clock.sleep(MOMENT)
        reply = await calls(
            "updateIntegrationInstallation", own.installation(id_), {"configuration": configuration}
        )
        return reply, done(await calls(READ, own.installation(id_)), READ.id)

    first, first_as_read = await patch(FIRST)
    done(first, "updateIntegrationInstallation")
    second, second_as_read = await patch(SECOND)
    done(second, "updateIntegrationInstallation")
    null, null_as_read = await patch({**SECOND, "text": None})
    outside, outside_as_read = await patch({**SECOND, OUTSIDE: "a"})
    wrong, _ = await patch({**SECOND, "number": "many"})
    query = await calls(STRANGE_READ, {**own.installation(id_), "gbsync_probe": "1"})
    return Configured(
        first=first,
        first_as_read=first_as_read,
        second_as_read=second_as_read,
        null=null,
        null_as_read=null_as_read,
        outside=outside,
        outside_as_read=outside_as_read,
        wrong=wrong,
        query=query,
    )
