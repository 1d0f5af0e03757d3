"""Shell completion that knows the files: addresses, by id and by the catalogue's name."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from reconciler.errors import GbsyncError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.resource import Resource


class AddressType(click.ParamType):  # type: ignore[type-arg] # generic only since click 8.4
    """An address or a glob of addresses; completes what the files declare."""

    name = "address"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """The declared addresses that begin so; none where the files cannot be read."""
        return [item for item in _items(ctx.params) if item.value.startswith(incomplete)]


def _items(params: dict[str, Any]) -> Iterator[CompletionItem]:
    """A completion never complains: what cannot be read completes nothing."""
    from reconciler.config import Options, load  # noqa: PLC0415 - only when a shell asks
    from reconciler.gitbook.kinds import KINDS  # noqa: PLC0415 - only when a shell asks

    paths = params.get("paths") or (".",)
    environ = {"GITBOOK_ORGANIZATION": "unknown", **os.environ}
    with suppress(GbsyncError, OSError):
        for resource in load(paths, table=KINDS, options=Options(environ=environ)).resources.values():
            yield from _spellings(resource)


def _spellings(resource: Resource) -> Iterator[CompletionItem]:
    label = resource.declaration.label if resource.declaration else ""
    yield CompletionItem(str(resource.address), help=label)
    if label and (parent := resource.address.parent):
        yield CompletionItem(f"{parent}/{resource.address.kind.rsplit('_', 1)[-1]}/{label}")


ADDRESS = AddressType()
