"""The bodies that GitBook's operations take, as its reference limits them.

Most fields come from the spec of the kind. Settings that speak to gbsync are left out.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from reconciler.gitbook.kinds.binding import BindingSpec
from reconciler.gitbook.kinds.installation import InstallationSpec
from reconciler.gitbook.kinds.integration import IntegrationSpec
from reconciler.gitbook.kinds.spec import ABSENT, Spec
from reconciler.resources.kind import Assumed, Compare, Mark

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def _present(annotation: Any) -> Any:
    """The annotation without `None`: a field that is in a body is never null."""
    return Union[tuple(arg for arg in get_args(annotation) if arg is not NoneType)]  # noqa: UP007


def _only_in_file(limit: Any) -> bool:
    """Whether a limit holds for the file alone: the API takes empty texts, and a file may not declare one."""
    return getattr(limit, "min_length", None) == 1


def _field(info: FieldInfo, *, required: bool) -> tuple[Any, Any]:
    limits = [
        item
        for item in info.metadata
        if not ((isinstance(item, Mark | Assumed | Compare) and item is not Mark.OPEN) or _only_in_file(item))
    ]
    limits.append(Field(description=info.description))
    annotated = Annotated[_present(info.annotation), *limits]  # type: ignore[valid-type] # made at run time
    return annotated, ... if required else ABSENT


def from_spec(name: str, spec: type[Spec], *required: str) -> type[BaseModel]:
    """The body of a request that takes the fields of a spec, without those that speak to gbsync."""
    fields: dict[str, Any] = {
        key: _field(info, required=key in required)
        for key, info in spec.model_fields.items()
        if Mark.SETTING not in info.metadata
    }
    return create_model(name, __base__=Spec, __doc__=spec.__doc__, **fields)


PublishIntegration = from_spec(
    "PublishIntegration", IntegrationSpec, "organization", "title", "description", "script", "scopes"
)
UpdateInstallation = from_spec("UpdateInstallation", InstallationSpec)
UpdateBinding = from_spec("UpdateBinding", BindingSpec)


class Organization(Spec):
    """Which organization to install an integration in."""

    organization: Annotated[str, Field(description="Id of the organization")]


class Space(Spec):
    """Which space to install an integration on."""

    space: Annotated[str, Field(description="Id of the space")]


class Site(Spec):
    """Which site to install an integration on."""

    siteId: Annotated[str, Field(description="Id of the site")]


class DevelopmentMode(Spec):
    """Where an integration's events are sent during development."""

    tunnelUrl: Annotated[str, Field(min_length=1, max_length=256, description="URL that receives the events")]
    all: Annotated[bool, Field(description="Events of every installation, not of the developer's alone")] = (
        False
    )


class Task(Spec):
    """Something that the integration is to do later."""

    task: Annotated[dict[str, Any], Field(description="What the integration is given")]
    schedule: Annotated[float, Field(ge=0, le=86400, description="Seconds to wait")] = ABSENT


class _Context(Spec):
    theme: Literal["dark", "light"]


class AccountContext(_Context):
    """A component on the configuration screen of an installation."""

    type: Literal["configuration_account"]
    organizationId: str


class SpaceContext(_Context):
    """A component on the configuration screen of a space."""

    type: Literal["configuration_space"]
    spaceId: str


class SiteContext(_Context):
    """A component on the configuration screen of a site."""

    type: Literal["configuration_site"]
    siteId: str


class ContentSourceContext(_Context):
    """A component on the configuration screen of a content source."""

    type: Literal["configuration_contentsource"]
    organizationId: str
    spaceId: str = ABSENT


class DocumentContext(_Context):
    """A component in a document."""

    type: Literal["document"]
    spaceId: str
    editable: bool


class ComponentAction(BaseModel):
    """What the reader did to the component; an action carries keys of its own."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)

    action: str


class Render(Spec):
    """Which component to render, and where."""

    componentId: Annotated[str, Field(description="Id of the ContentKit component")]
    props: Annotated[dict[str, Any], Field(description="What it is given")]
    context: Annotated[
        AccountContext | SpaceContext | SiteContext | ContentSourceContext | DocumentContext,
        Field(discriminator="type", description="Where it stands"),
    ]
    state: Annotated[dict[str, Any], Field(description="Its state so far")] = ABSENT
    action: Annotated[ComponentAction, Field(description="What the reader did to it")] = ABSENT
