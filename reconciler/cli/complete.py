"""Types of arguments that shells complete from the files: addresses, names of integrations, tags."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from reconciler.errors import GbsyncError
from reconciler.inputs import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.config import Config
    from reconciler.resources.resource import Resource


class AddressType(click.ParamType):  # type: ignore[type-arg] # generic only since click 8.4
    """An address or a glob of addresses; completes what the files declare."""

    name = "address"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """The declared addresses that begin with the text; none if the files cannot be read."""
        return [item for item in _items(ctx) if item.value.startswith(incomplete)]


class IntegrationType(click.ParamType):  # type: ignore[type-arg] # generic only since click 8.4
    """The name of an integration, as it may be in a URL; completes those that the files have."""

    name = "integration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Raises `click.BadParameter` if the text is not a name."""
        from reconciler.gitbook.operations.arguments import param_problems  # noqa: PLC0415 - only when a name is given
        from reconciler.gitbook.operations.parameters import IN_PATH  # noqa: PLC0415 - only when a name is given

        text = str(value)
        for problem in param_problems(IN_PATH["integrationName"], text):
            self.fail(f"{text!r} {problem}", param, ctx)
        return text

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """The names in the current folder's files that begin with the text."""
        tops = (resource.address for resource in _declared(ctx) if not resource.address.parent)
        names = dict.fromkeys(address.key for address in tops)
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _items(ctx: click.Context) -> Iterator[CompletionItem]:
    for resource in _declared(ctx):
        yield from _spellings(resource)


def _declared(ctx: click.Context) -> Iterator[Resource]:
    """The declared resources. If files cannot be read there are none: a completion shows no errors."""
    with suppress(GbsyncError, OSError):
        yield from _loaded(ctx).resources.values()


def _loaded(ctx: click.Context) -> Config:
    from reconciler.config import Options, load  # noqa: PLC0415 - only when a shell asks
    from reconciler.gitbook.kinds.table import KINDS  # noqa: PLC0415 - only when a shell asks

    # An option that still wants its value keeps click from telling paths from the rest.
    typed = ctx.params.get("paths") or tuple(arg for arg in ctx.args if is_there(arg))
    environ = {"GITBOOK_ORGANIZATION": "unknown", **os.environ}
    return load(typed or (".",), table=KINDS, options=Options(environ=environ))


def _spellings(resource: Resource) -> Iterator[CompletionItem]:
    label = resource.declaration.label if resource.declaration else ""
    yield CompletionItem(str(resource.address), help=label)
    if label and (parent := resource.address.parent):
        yield CompletionItem(f"{parent}/{resource.address.kind.rsplit('_', 1)[-1]}/{label}")


class TagType(click.ParamType):  # type: ignore[type-arg] # generic only since click 8.4
    """A tag; completes those of the catalogue."""

    name = "tag"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """The tags that begin with the text."""
        return [CompletionItem(tag) for tag in _tags(ctx) if tag.startswith(incomplete)]


def _tags(ctx: click.Context) -> list[str]:
    with suppress(GbsyncError, OSError):
        catalogue = _loaded(ctx).catalogue
        return sorted(frozenset[str]().union(*map(catalogue.tags, catalogue.sections)))
    return []


ADDRESS = AddressType()
INTEGRATION = IntegrationType()
TAG = TagType()
FILE = click.Path()
"""A path; shells complete it. Whether the file exists is checked when it is read."""
