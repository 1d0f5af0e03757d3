"""`gbsync api OPERATION`: any operation of the API, checked before it is sent, masked like everything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from reconciler.cli.complete import FILE
from reconciler.cli.helptext import SectionedGroup, Sections
from reconciler.cli.json_documents import FORMATS, read_body, reveal_option, show_document
from reconciler.cli.options import connection_options
from reconciler.cli.overwrites import refuse_overwriting
from reconciler.cli.prompt import approve
from reconciler.errors import (
    AccessError,
    Ambiguous,
    ApiError,
    BadReply,
    TryAgain,
    Unavailable,
    UsageError,
)
from reconciler.gitbook.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconciler.cli.session import Session
    from reconciler.gitbook.client.response import ApiReply
    from reconciler.gitbook.operations.operation import Operation, Param

UNCERTAIN = (Ambiguous, BadReply, TryAgain, Unavailable)
"""Errors after which a call may still have taken effect."""
COMPRESSED = "request"
"""A parameter that `--body` fills: the document, LZ-string compressed."""

TYPES = {"string": "", "number": "a number", "boolean": "true or false", "array": "may be repeated"}
"""How the help describes each type of parameter."""


class Operations(SectionedGroup):
    """One command per row of the table, made when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The ids, in the order of the table."""
        return list(OPERATIONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of an operation."""
        operation = OPERATIONS.get(cmd_name)
        return None if operation is None else _command_of(operation)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The operation's command. Raises `UsageError` with the nearest id."""
        if args and args[0] not in OPERATIONS and not args[0].startswith("-"):
            from reconciler.suggest import did_you_mean  # noqa: PLC0415 - only for a typing mistake

            advice = did_you_mean(args[0], OPERATIONS, "`gbsync api` lists them")
            msg = f"there is no operation {args[0]}; {advice}"
            raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)


class ArgumentType(click.ParamType):  # type: ignore[type-arg] # generic only since click 8.4
    """A `NAME=VALUE` of one operation; completes names, and values if only some are allowed."""

    name = "argument"

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """What could be typed on."""
        texts = (text for item in self._operation.params for text in _spellings(item))
        return [CompletionItem(text) for text in texts if text.startswith(incomplete)]


@click.group(
    "api",
    cls=Operations,
    subcommand_metavar="OPERATION [OPTIONS]",
    examples={
        "gbsync api listSites --paginate": "List all sites of the organization.",
        "gbsync api getIntegrationByName -p integrationName=slack": "Read one integration.",
    },
)
def command() -> None:
    """Call any operation of GitBook's API.

    `gbsync api OPERATION --help` shows its parameters, its body, and which token it takes. A call is checked
    before it is sent. One that may change something asks on a terminal, and needs --auto-approve without one.
    """


def _command_of(operation: Operation) -> click.Command:
    @click.command(
        operation.id,
        cls=Sections,
        examples=_examples(operation),
        help=_help(operation),
        epilog="\n".join(_epilog(operation)),
        short_help=operation.summary,
        context_settings={"auto_envvar_prefix": "GBSYNC_API"},
    )
    @click.option(
        "-p",
        "--param",
        "texts",
        multiple=True,
        metavar="NAME=VALUE",
        type=ArgumentType(operation),
        help="A parameter of the path or the query; see below.",
    )
    @click.option(
        "--body",
        metavar="FILE",
        type=FILE,
        hidden=operation.body is None and not _is_compressed(operation),
        help="The body: a file with JSON, or - for stdin; see below.",
    )
    @click.option("--paginate", is_flag=True, hidden=not operation.pages, help="Read all pages of the list.")
    @click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="json",
        show_default=True,
        help="Format of the reply.",
    )
    @reveal_option
    @click.option("--auto-approve", is_flag=True, hidden=not operation.writes, help="Do not ask.")
    @click.option("--strict", is_flag=True, help="Refuse keys and values that this gbsync does not know.")
    @connection_options
    def call(
        session: Session, *, texts: tuple[str, ...], body: str | None, strict: bool, **options: Any
    ) -> None:
        if body is not None:
            refuse_overwriting({}, inputs=[("the body", body)])
        document = None if body is None else read_body(body)
        params, document = _checked(session, operation, texts, document, strict=strict)
        _run(session, operation, params, document, **options)

    return call


def _help(operation: Operation) -> str:
    from reconciler.gitbook.client.tokens import MEANING, takes  # noqa: PLC0415 - only for one operation

    tokens = "Token: " + "; or ".join(MEANING[sort] for sort in takes(operation)) + "."
    more = " A PATCH replaces a whole `configuration`: read it first." if operation.method == "PATCH" else ""
    return f"{operation.summary}.{more}\n\n\b\n{operation.method} {operation.path}\n\n{tokens}"


def _examples(operation: Operation) -> dict[str, str]:
    """A call with what it requires, to GitBook and on the sandbox."""
    required = [item for item in operation.params if item.required and item.name != "organizationId"]
    params = [f"-p {item.name}={_sample(item)}" for item in required]
    body = ["--body body.json"] if operation.body is not None else []
    line = " ".join(["gbsync api", operation.id, *params, *body])
    paginated = {f"{line} --paginate": "Read all pages of the list."} if operation.pages else {}
    return {line: "Call it.", **paginated, f"{line} --sandbox": "Try it on the sandbox in process."}


def _sample(param: Param) -> str:
    return param.enum[0] if param.enum else "NAME" if param.name.endswith("Name") else "ID"


def _epilog(operation: Operation) -> Iterator[str]:
    width = max((len(param.name) for param in operation.params), default=0)
    if operation.params:
        yield "\b\nParameters:"
        yield from (f"  {param.name:{width}}  {_described(param)}" for param in operation.params)
        yield ""
    if operation.body is not None or _is_compressed(operation):
        yield "\b\nBody:"
        yield from _body_lines(operation)


def _described(param: Param) -> str:
    limits = [
        "required" if param.required else "",
        TYPES[param.type],
        f"{'such as' if param.open else 'one of'} {', '.join(param.enum)}" if param.enum else "",
        f"as {param.pattern}" if param.pattern else "",
        f"at most {param.max_length} characters" if param.max_length else "",
        f"{param.minimum} to {param.maximum}" if param.maximum is not None else "",
        f"default {param.default}".lower() if param.default is not None else "",
    ]
    return f"{param.summary}; {', '.join(filter(None, limits))}".removesuffix("; ")


def _body_lines(operation: Operation) -> Iterator[str]:
    from reconciler.gitbook.operations.bodies import Render  # noqa: PLC0415 - only for one operation

    fields = (operation.body or Render).model_fields
    width = max(map(len, fields))
    for name, info in fields.items():
        required = "; required" if info.is_required() else ""
        yield f"  {name:{width}}  {info.description or ''}{required}"
    if _is_compressed(operation):
        yield f"  The body is compressed into the parameter {COMPRESSED}."


def _spellings(param: Param) -> Iterator[str]:
    values = param.enum or (("true", "false") if param.type == "boolean" else ("",))
    yield from (f"{param.name}={value}" for value in values)


def _run(
    session: Session,
    operation: Operation,
    params: Mapping[str, Any],
    document: Any,
    *,
    paginate: bool,
    form: str,
    reveal: bool,
    auto_approve: bool,
) -> None:
    what = f"{operation.id} ({operation.method}) {operation.about(params, document)}"
    token = _token(session, operation, params)
    if operation.writes and not auto_approve:
        approve(f"{what} at {session.endpoint}")
    try:
        reply = asyncio.run(_call(session, operation, params, document, token=token, paginate=paginate))
    except (AccessError, ApiError) as error:
        if not isinstance(error, UNCERTAIN):
            session.sent.writes = 0  # GitBook said no: nothing was changed
        raise
    if reply.data is None:
        click.echo(f"{operation.id}: {reply.status}, done", err=True)
    else:
        show_document(reply.data, form=form, reveal=reveal)
        _tell_rest(operation, reply.data)


def _tell_rest(operation: Operation, data: Any) -> None:
    """Says that a list has more items than were shown."""
    if not isinstance(data, dict) or not data.get("next"):
        return
    how = (
        "--paginate reads all pages"
        if operation.pages
        else "GitBook has no parameter to ask for the rest; narrow it with -p"
    )
    click.echo(f"{operation.id}: there are more items than these; {how}", err=True)


def _checked(
    session: Session, operation: Operation, texts: tuple[str, ...], body: Any, *, strict: bool
) -> tuple[Mapping[str, Any], Any]:
    """Parameters and body as they are sent. Raises `UsageError` with every problem."""
    from reconciler.gitbook.client.compressed import compressed  # noqa: PLC0415 - only when a call is made
    from reconciler.gitbook.operations.arguments import arguments  # noqa: PLC0415 - only when a call is made
    from reconciler.gitbook.operations.bodies import Render  # noqa: PLC0415 - only when a call is made
    from reconciler.gitbook.operations.body_errors import body_findings  # noqa: PLC0415 - only when a call is made
    from reconciler.resources.values import reveal  # noqa: PLC0415 - only when a call is made

    names = {text.partition("=")[0] for text in texts}
    if "organizationId" not in names and any(param.name == "organizationId" for param in operation.params):
        texts = (*texts, f"organizationId={session.organization}") if session.organization else texts
    if body is None or not _is_compressed(operation):
        given = arguments(operation, texts, reveal(body))
        _tell_news(operation, given.news, strict=strict)
        return given.values, body
    in_body = body_findings(Render, reveal(body))
    if in_body.errors:
        raise UsageError("\n".join(f"{operation.id}: {problem}" for problem in in_body.errors))
    given = arguments(operation, (*texts, f"{COMPRESSED}={compressed(reveal(body))}"))
    _tell_news(operation, (*given.news, *in_body.news), strict=strict)
    return given.values, None


def _tell_news(operation: Operation, news: Sequence[str], *, strict: bool) -> None:
    """Warns of what is not known, and may be new or misspelt. Raises `UsageError` if that is not wanted."""
    lines = [f"{operation.id}: {line}" for line in news]
    if lines and strict:
        raise UsageError("\n".join(lines))
    for line in lines:
        click.echo(f"Warning: {line}", err=True)


def _is_compressed(operation: Operation) -> bool:
    return any(param.name == COMPRESSED for param in operation.params)


def _token(session: Session, operation: Operation, params: Mapping[str, Any]) -> Any:
    from reconciler.gitbook.client.tokens import check_token  # noqa: PLC0415 - only when a call is made

    own = "" if "user" in operation.tokens else str(params.get("integrationName", ""))
    token = session.token(own)
    check_token(operation, token)
    return token


async def _call(
    session: Session,
    operation: Operation,
    params: Mapping[str, Any],
    body: Any,
    *,
    token: Any,
    paginate: bool,
) -> ApiReply:
    from reconciler.gitbook.client.response import ApiReply  # noqa: PLC0415 - only when a call is made

    async with session.client(token) as client:
        if paginate and operation.pages:
            return ApiReply(200, {"items": [item async for item in client.items(operation.id, params)]})
        return await client.call(operation.id, params, body)
