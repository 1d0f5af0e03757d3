"""Plans, reports and problems of every sort that a renderer must show well, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.apply.report import Outcome, Report, Result
from reconciler.diagnostics import Place, Problem, Severity
from reconciler.plan.conflict import Conflict
from reconciler.plan.step import (
    Action,
    Against,
    Change,
    LeftOut,
    Notice,
    Origin,
    Plan,
    Reason,
    Step,
    StepOrigin,
)
from reconciler.resources.digest import Digest
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT, FileText, Secret, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENDPOINT = "https://api.gitbook.com"
SLACK = Address("installation/slack")
NOTES = Address("installation/slack/space/7fQm2WvA91bXcR0tYk3L")
HANDBOOK = Address("installation/googleanalytics/site/site_p4Xo1")
BANNER = Address("integration/acme-banner")
FORGOTTEN = Notice(SLACK, "Slack", ("configuration", "old_channel"), "set by an earlier apply")


def at(line: int, file: str = "gbsync.yaml") -> Place:
    return Place(file, line, 3)


def config(key: str, before: Any = ABSENT, after: Any = ABSENT, **rest: Any) -> Change:
    return Change(("configuration", key), before, after, **rest)


def plan(*steps: Step, **rest: Any) -> Plan:
    settings: dict[str, Any] = {"rate": 10.0, "declared_count": 12, "live_count": 20, "reads": 6, **rest}
    return Plan("b1Xq7", ENDPOINT, steps, **settings)


def create(address: Address = NOTES, *changes: Change, **rest: Any) -> Step:
    changes = changes or (config("channel", after="C0456", place=at(31)),)
    desired: dict[str, Any] = {"configuration": {change.path[-1]: change.after for change in changes}}
    settings: dict[str, Any] = {"label": "release-notes", "place": at(30), "requests": 2, "desired": desired}
    return Step(Action.CREATE, address, changes, **{**settings, **rest})


def update(*changes: Change, address: Address = SLACK, **rest: Any) -> Step:
    changes = changes or (config("default_channel", "C0123", "C0999", place=at(24)),)
    settings: dict[str, Any] = {"label": "Slack", "place": at(22), "requests": 2}
    return Step(Action.UPDATE, address, changes, **{**settings, **rest})


def delete(address: Address = HANDBOOK, reason: Reason = Reason.DECLARED_ABSENT, **rest: Any) -> Step:
    changes = (config("tracking_id", "G-1ABC"),)
    settings: dict[str, Any] = {"label": "handbook", "place": at(17), "requests": 2}
    return Step(Action.DELETE, address, changes, reason, **{**settings, **rest})


def publish(**rest: Any) -> Step:
    script = FileText.of("export default {};\n" * 900, Source("file", "banner/dist/index.js"))
    changes = (
        Change(("title",), "Banner", "Acme banner", place=at(41)),
        Change(("script",), Digest("sha256:0123456789abcdef01234567"), script, place=at(44)),
        Change(("secrets",), ABSENT, {"CLIENT_SECRET": Secret("s3cr3t-client")}, place=at(46)),
    )
    settings: dict[str, Any] = {"label": "Acme banner", "place": at(40), "requests": 2}
    return Step(Action.UPDATE, BANNER, changes, Reason.FINGERPRINT_CHANGED, **{**settings, **rest})


def unknown(reason: Reason) -> Step:
    script = FileText.of("export default {};\n", Source("file", "banner/dist/index.js"))
    changes = (Change(("script",), ABSENT, script, unknown=True, place=at(44)),)
    return Step(Action.UPDATE, BANNER, changes, reason, "Acme banner", at(40), requests=2)


def child(name: str, number: int, action: Action) -> Step:
    address = Address(f"installation/{name}/space/space{number:04d}")
    if action is Action.CREATE:
        return create(address, label=f"docs-{number}", needs=(Address(f"installation/{name}"),))
    if action is Action.UPDATE:
        return update(address=address, label=f"docs-{number}")
    return delete(address, Reason.NO_LONGER_DECLARED, label=f"docs-{number}", place=None)


def unlike(step: Step, number: int) -> Step:
    """The step with a key of its own, so that no other resembles it."""
    changes = tuple(replace(item, path=("configuration", f"key{number}")) for item in step.changes)
    return replace(step, changes=changes)


def crowd(creates: int, updates: int, deletes: int, *, alike: bool = True) -> Plan:
    """Many steps over three integrations."""
    names = ("slack", "github", "googleanalytics")
    actions = [Action.CREATE] * creates + [Action.UPDATE] * updates + [Action.DELETE] * deletes
    steps = [child(names[number % 3], number, action) for number, action in enumerate(actions)]
    if not alike:
        steps = [unlike(step, number) for number, step in enumerate(steps)]
    return plan(*steps, declared_count=creates + updates)


def notice(name: str, **rest: Any) -> Notice:
    return Notice(Address(f"installation/{name}"), **rest)


LONG = "The first sentence of a long note. " * 40
MANY_LINES = "\n".join(f"line {number}" for number in range(500))
POLICY = {"default-src": "'self'", "connect-src": "https://api.acme.example https://events.acme.example"}
BLOCKS = [{"id": "banner", "title": "Banner", "markdown": {"codeblock": "banner", "body": "content"}}]


def _link(name: str) -> str:
    return f"https://app.gitbook.com/o/b1Xq7/integrations/{name}"


PLANS: Mapping[str, Callable[[], Plan]] = {
    "nothing to do": plan,
    "nothing declared and nothing live": lambda: plan(declared_count=0, live_count=0, rate=None),
    "one of each": lambda: plan(update(), create(needs=(SLACK,)), delete()),
    "a create": lambda: plan(create()),
    "a create without fields": lambda: plan(replace(create(), changes=(), desired={})),
    "an update": lambda: plan(update()),
    "an update that sets and removes": lambda: plan(
        update(
            config("thread", after=True),
            config("emoji", "wave"),
            config("limit", 1, 2.5),
            config("on", before=True, after=False),
        )
    ),
    "an update that another file asks for": lambda: plan(
        update(
            config("default_channel", "C0123", "C0999", place=at(4, "production.yaml")),
            config(
                "greeting", "Hello", "Hello, and welcome to us", place=at(5, "teams/docs/production.yaml")
            ),
            config("emoji", "wave", place=at(25)),
            config("text", "one\ntwo", "one\nthree", place=at(9, "production.yaml")),
        )
    ),
    "a delete": lambda: plan(delete()),
    "deletes for every reason": lambda: plan(
        *(
            delete(Address(f"installation/old-{number}"), reason, label="", place=None)
            for number, reason in enumerate(
                (Reason.DECLARED_ABSENT, Reason.NO_LONGER_DECLARED, Reason.NOT_DECLARED, Reason.DESTROY)
            )
        )
    ),
    "a delete with what goes along": lambda: plan(
        delete(SLACK, label="Slack"),
        delete(NOTES, Reason.PARENT, label="release-notes", needs=(SLACK,), sends=False, requests=0),
    ),
    "masked": lambda: plan(
        update(config("token", Secret("old"), Secret("new")), config("same", Secret("new"), Secret("third"))),
        create(
            NOTES,
            config("token", after=Secret("new")),
            config("opaque", after=Secret(parts=("a",), known=False)),
        ),
    ),
    "masked inside": lambda: plan(
        update(
            config("accounts", [{"name": "a", "token": Secret("x")}], [{"name": "a", "token": Secret("y")}])
        )
    ),
    "a secret known by its digest": lambda: plan(
        update(config("token", Digest("scrypt:ab"), Digest("scrypt:cd")))
    ),
    "a publish": lambda: plan(publish()),
    "unknown since published elsewhere": lambda: plan(unknown(Reason.VERSION_MOVED)),
    "unknown since never recorded": lambda: plan(
        unknown(Reason.NEVER_RECORDED),
        notes=(
            "There is no lock yet, so gbsync does not know what was published last (script is unreadable).",
        ),
    ),
    "several lines": lambda: plan(
        update(
            Change(
                ("summary",),
                "# Banner\n\nShows a banner.\nOn every page.\n",
                "# Banner\n\nShows a banner \nOn each page.\n\nAnd more.\n",
            ),
            address=BANNER,
            label="",
        )
    ),
    "more lines than fit": lambda: plan(
        update(Change(("summary",), MANY_LINES, MANY_LINES.replace("line", "row")), address=BANNER)
    ),
    "new lines in plenty": lambda: plan(create(NOTES, config("text", after=MANY_LINES))),
    "long values": lambda: plan(
        update(config("note", LONG, LONG[:-10] + "!" + LONG), config("short", "a" * 70, "b" * 70))
    ),
    "nested values": lambda: plan(
        update(
            Change(("contentSecurityPolicy",), "default-src 'self'", POLICY),
            Change(("blocks",), BLOCKS, [*BLOCKS, {"id": "wide", "title": "Wide banner", "icon": None}]),
            Change(("scopes",), ["site:views:read"], ["site:views:read", "site:script:inject"]),
            address=BANNER,
        )
    ),
    "more fields than fit": lambda: plan(
        create(NOTES, *(config(f"key{number:02d}", after=number) for number in range(75)))
    ),
    "wide characters": lambda: plan(
        create(NOTES, config("名前", after="日本語のドキュメント"), label="リリースノート"),
        update(config("title", "Grüße", "Größe"), label="Ünïcödé ✓"),
    ),
    "long names": lambda: plan(
        update(
            config("a_key_whose_name_is_quite_a_bit_longer_than_anybody_would_like_it_to_be", "one", "two"),
            address=Address(f"installation/{'long-' * 12}name/space/{'x' * 40}"),
            label="A title that goes on and on",
            place=at(1234, "teams/documentation/integrations/slack.gbsync.yaml"),
        )
    ),
    "hostile text": lambda: plan(
        update(
            config("\x1b[2J\x1b[Hkey", "::error::owned\n::set-output name=a::b", "\u202egnp.exe\u2066"),
            label="\x1b]0;owned\x07 <script>alert(1)</script>",
        ),
        notes=("::warning::not a command", "##[group]neither"),
    ),
    "more than twenty steps": lambda: crowd(14, 9, 4),
    "partial": lambda: plan(update(), partial=True),
    "destroy": lambda: plan(
        delete(NOTES, Reason.DESTROY),
        delete(SLACK, Reason.DESTROY, label="Slack"),
        destroy=True,
        partial=True,
    ),
    "from a snapshot": lambda: plan(
        update(),
        snapshot=True,
        uncompared=(Notice(SLACK, "Slack", ("configuration", "token"), "masked in the snapshot"),),
    ),
    "pending": lambda: plan(
        pending=(
            notice("github", label="GitHub Sync", link=_link("github")),
            notice("slack", link=_link("slack")),
        )
    ),
    "unmanaged, counted": lambda: plan(unmanaged=(notice("intercom", label="Intercom"), notice("segment"))),
    "one unmanaged": lambda: plan(unmanaged=(notice("intercom", label="Intercom"),)),
    "forgotten and elsewhere": lambda: plan(
        forgotten=(FORGOTTEN,),
        declared_in_unread_file=(notice("github", note="declared in github.yaml, not read"),),
    ),
    "a rate nobody told": lambda: plan(update(), rate=None),
    "a long run": lambda: plan(update(requests=12_345), rate=8.0),
    "against a branch": lambda: plan(
        update(config("default_channel", "C0123", "C0999"), config("notify", "no", "yes")),
        delete(),
        create(),
        *(child("plausible", number, Action.UPDATE) for number in range(4)),
        against=Against(
            "origin/main",
            "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d",
            {
                SLACK: StepOrigin(Origin.BRANCH, (Origin.BRANCH, Origin.BEFORE)),
                HANDBOOK: StepOrigin(Origin.UNDOES),
                NOTES: StepOrigin(Origin.UNKNOWN),
                **{
                    child("plausible", number, Action.UPDATE).address: StepOrigin(Origin.BEFORE)
                    for number in range(4)
                },
            },
            ("2 resources that only origin/main declares were not read.",),
        ),
    ),
    "left out": lambda: plan(
        update(),
        left_out=(
            *(
                LeftOut(child("plausible", number, Action.UPDATE), "nobody has approved it")
                for number in range(4)
            ),
            LeftOut(delete(), "it is not what was approved for this address"),
        ),
    ),
    "all left out": lambda: plan(left_out=(LeftOut(update(), "the drift report does not have it"),)),
    "with warnings": lambda: plan(
        update(),
        problems=(
            Problem(
                "GB031", "key chanel is unknown", "did you mean channel?", at(24), SLACK, Severity.WARNING
            ),
        ),
    ),
}


def _result(step: Step, outcome: Outcome, message: str = "", **rest: Any) -> Result:
    return Result(step, outcome, message, **rest)


def report(*results: Result, **rest: Any) -> Report:
    settings: dict[str, Any] = {"requests": 7, "seconds": 2.31, **rest}
    return Report(plan(*(result.step for result in results)), results, **settings)


def _crowded() -> Report:
    return report(*(_result(step, Outcome.DONE) for step in crowd(14, 9, 4).steps))


REPORTS: Mapping[str, Callable[[], Report]] = {
    "report, nothing done": report,
    "report, all done": lambda: report(
        _result(update(), Outcome.DONE), _result(create(), Outcome.DONE), _result(delete(), Outcome.DONE)
    ),
    "report, many done": _crowded,
    "report, failed in part": lambda: report(
        _result(
            update(),
            Outcome.FAILED,
            "updateIntegrationInstallation: the API kept configuration.default_channel",
        ),
        _result(
            create(), Outcome.SKIPPED, "waits for installation/slack, which did not succeed", because=SLACK
        ),
        _result(delete(), Outcome.ALREADY),
        _result(
            publish(),
            Outcome.UNKNOWN,
            "the reply was lost, and what is live is neither as before nor as sent",
        ),
    ),
    "report, moved": lambda: report(
        _result(
            update(),
            Outcome.FAILED,
            "someone changed it since the plan was made; plan again",
            conflicts=(
                Conflict("configuration.default_channel", "C0123", "C0999", "C0777"),
                Conflict("configuration.token", Secret("was"), Secret("then"), Secret("now")),
                Conflict("id", "inst_one", "inst_one", "inst_two", identity=True),
            ),
        )
    ),
    "report, pending": lambda: report(
        _result(create(SLACK, label="Slack"), Outcome.DONE, status="pending", link=_link("slack"))
    ),
    "report, interrupted": lambda: report(
        _result(update(), Outcome.DONE),
        _result(delete(), Outcome.SKIPPED, "not started: the run was stopped"),
        interrupted=True,
    ),
    "report, unrecorded": lambda: report(
        _result(update(), Outcome.DONE),
        unrecorded="gbsync.lock: cannot be written: No space left on device; make room",
    ),
    "report, verified": lambda: report(_result(update(), Outcome.DONE), remaining=plan()),
    "report, verified and not empty": lambda: report(
        _result(update(), Outcome.DONE), remaining=plan(update(config("emoji", "wave", "tada")))
    ),
}

PROBLEMS: Mapping[str, Callable[[], tuple[Problem, ...]]] = {
    "problems, none": tuple,
    "problems, several": lambda: (
        Problem("GB012", "the key chanel is unknown", "did you mean channel?", at(24), SLACK),
        Problem(
            "GB003", "the key slack stands here twice", "remove one", at(60), also=(at(22), at(3, "b.yaml"))
        ),
        Problem("GB031", "no schema was found", severity=Severity.WARNING),
    ),
}
