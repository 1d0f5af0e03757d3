"""Operations on integrations: published documents, events, components and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations import bodies, paths, responses, subjects, tokens
from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations.operation import ResponseSpec
from reconciler.gitbook.operations.row import row

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

ROWS: tuple[Operation, ...] = (
    row(
        "listIntegrations",
        "GET /integrations",
        "",
        responses.many("Integration"),
        "Search all published integrations",
        *params.PAGING,
        *params.SEARCH,
    ),
    row(
        "getIntegrationByName",
        f"GET {paths.INTEGRATION}",
        subjects.AN_INTEGRATION,
        responses.one_or_none("Integration"),
        "Read an integration",
        command="plan",
    ),
    row(
        "publishIntegration",
        f"POST {paths.INTEGRATION}",
        subjects.AN_INTEGRATION,
        responses.one_or_none("Integration"),
        "Publish an integration, or replace it whole",
        body=bodies.PublishIntegration,
        tokens=tokens.USER,
        command="apply",
    ),
    row(
        "unpublishIntegration",
        f"DELETE {paths.INTEGRATION}",
        subjects.AN_INTEGRATION,
        responses.DELETED,
        "Unpublish an integration, from every organization that installed it",
        tokens=tokens.USER,
        command="apply",
    ),
    row(
        "setIntegrationDevelopmentMode",
        f"PUT {paths.INTEGRATION}/dev",
        subjects.AN_INTEGRATION,
        ResponseSpec(204, also=(404,)),
        "Send an integration's events to a developer's machine",
        body=bodies.DevelopmentMode,
        tokens=tokens.USER,
    ),
    row(
        "disableIntegrationDevelopmentMode",
        f"DELETE {paths.INTEGRATION}/dev",
        subjects.AN_INTEGRATION,
        ResponseSpec(205),
        "End an integration's development mode",
        tokens=tokens.USER,
    ),
    row(
        "listIntegrationEvents",
        f"GET {paths.INTEGRATION}/events",
        subjects.AN_INTEGRATION,
        responses.many("IntegrationEvent"),
        "List what an integration was told",
        *params.PAGING,
        command="events",
    ),
    row(
        "getIntegrationEvent",
        f"GET {paths.INTEGRATION}/events/{{eventId}}",
        subjects.AN_INTEGRATION,
        responses.one_or_none("", "event"),
        "Read an event with its trace",
        command="events",
    ),
    row(
        "renderIntegrationUIWithGet",
        f"GET {paths.INTEGRATION}/render",
        subjects.AN_INTEGRATION,
        responses.one("ContentKitRenderOutput"),
        "Render a component of an integration",
        params.REQUEST,
    ),
    row(
        "renderIntegrationUIWithPost",
        f"POST {paths.INTEGRATION}/render",
        subjects.AN_INTEGRATION,
        responses.one("ContentKitRenderOutput"),
        "Render a component of an integration, with an action",
        body=bodies.Render,
    ),
    row(
        "queueIntegrationTask",
        f"POST {paths.INTEGRATION}/tasks",
        subjects.AN_INTEGRATION,
        ResponseSpec(204, also=(404,)),
        "Give an integration something to do, now or later",
        body=bodies.Task,
        tokens=tokens.INTEGRATION,
    ),
)
