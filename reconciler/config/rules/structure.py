"""The rules of structure: which keys, which types, which values."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

VERSION = Rule(
    id="GB016",
    title="A version that this gbsync cannot read",
    why="The number is the version of the file format, so that a later gbsync can still read the file.",
    bad="version: 2\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    structural=True,
)
NO_VERSION = Rule(
    id="GB094",
    title="Files without a version",
    why="One of the files must have `version: 1`, so that a later gbsync knows which format it reads.",
    bad="organization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
    needs_all=True,
)
UNKNOWN_KEY = Rule(
    id="GB017",
    title="An unknown key",
    why="If a misspelt key were ignored, what you wrote under it would not happen.",
    bad="installations:\n  slack:\n    configration: {default_channel: C0123}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    structural=True,
)
WRONG_TYPE = Rule(
    id="GB018",
    title="A value of the wrong type",
    why="gbsync does not convert types: a number is not text, and `yes` is text, not `true`.",
    bad="installations:\n  slack:\n    externalIds: T0123\n",
    good="installations:\n  slack:\n    externalIds: [T0123]\n",
    structural=True,
)
NOT_ALLOWED = Rule(
    id="GB019",
    title="A value that is not allowed",
    why="gbsync acts on this value, so it takes only those that it knows.",
    bad="installations:\n  slack:\n    site_selection: some\n",
    good="installations:\n  slack:\n    site_selection: selected\n",
    structural=True,
)
NEWS = Rule(
    id="GB110",
    title="A value or a key that this gbsync does not know",
    why=(
        "GitBook adds scopes, categories and fields of blocks and content sources. gbsync sends them as they "
        "are. If it is only misspelt, GitBook refuses it, or ignores it."
    ),
    bad="integrations:\n  acme-banner:\n    scopes: [site:metadata:reed]\n",
    good="integrations:\n  acme-banner:\n    scopes: [site:metadata:read]\n",
    severity=Severity.WARNING,
)
MISSING = Rule(
    id="GB020",
    title="A field that is missing",
    why="GitBook's reference says that this field is required.",
    bad="integrations:\n  acme-banner:\n    blocks: [{title: Banner}]\n",
    good="integrations:\n  acme-banner:\n    blocks: [{id: banner, title: Banner}]\n",
    structural=True,
)
NULL = Rule(
    id="GB021",
    title="A null that is not allowed",
    why=(
        "Inside `configuration`, `KEY: null` removes a key. Anywhere else, null is most likely a forgotten "
        "value."
    ),
    bad="installations:\n  slack:\n",
    good="installations:\n  slack: {}\n",
    structural=True,
)
SIZE = Rule(
    id="GB022",
    title="Too long, too short, or too many",
    why="GitBook's reference gives the limit, and the API refuses anything outside it.",
    bad="installations:\n  slack:\n    externalIds: [a, b, c, d, e, f]\n",
    good="installations:\n  slack:\n    externalIds: [a, b, c, d, e]\n",
    structural=True,
)
BAD_NAME = Rule(
    id="GB023",
    title="A name with characters that are not allowed",
    why="The name of an integration is part of URLs and addresses. GitBook allows letters, digits and `-_.`.",
    bad="installations:\n  my slack: {}\n",
    good="installations:\n  my-slack: {}\n",
    structural=True,
)
NO_ORGANIZATION = Rule(
    id="GB024",
    title="No organization",
    why="Every resource belongs to an organization, and gbsync does not guess which one.",
    bad="version: 1\ninstallations: {}\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
    needs_all=True,
)
ODD_ORGANIZATION = Rule(
    id="GB025",
    title="A subdomain where the organization's id belongs",
    why="The API needs the id. It is in the address bar of the app: app.gitbook.com/o/ID.",
    bad="version: 1\norganization: acme-docs\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    severity=Severity.WARNING,
)
BAD_LIMIT = Rule(
    id="GB026",
    title="A limit that is neither a number nor a percentage",
    why="`max_deletes` is a number of deletes, or a percentage of the live resources, such as `30%`.",
    bad="max_deletes: a third\n",
    good="max_deletes: 30%\n",
    structural=True,
)
BAD_GLOB = Rule(
    id="GB027",
    title="A pattern that cannot match any address",
    why=(
        "A misspelt pattern in `protect` protects nothing, and one in `heal` heals nothing: you would "
        "notice it too late."
    ),
    bad="protect: [instalation/github]\n",
    good="protect: [installation/github, installation/slack/**]\n",
)
EMPTY_TEXT = Rule(
    id="GB028",
    title="An empty text where a name or id belongs",
    why="An empty id would match nothing, or everything.",
    bad='sites:\n  handbook: {id: ""}\n',
    good="sites:\n  handbook: {id: site_p4Xo1}\n",
    structural=True,
)
LONELY_SETTING = Rule(
    id="GB029",
    title="A setting without effect",
    why="`env` chooses one of the `envs` of a manifest. Without `manifest`, it does nothing.",
    bad="integrations:\n  acme-banner:\n    env: production\n",
    good="integrations:\n  acme-banner:\n    title: Acme banner\n",
)
BAD_IGNORE = Rule(
    id="GB056",
    title="An entry of `ignore` that ignores nothing",
    why=(
        "An entry names one rule of warnings and says why nobody needs to see them: "
        "`{rule: GB085, because: REASON}`. Errors and guards cannot be ignored."
    ),
    bad="ignore: [{rule: GB085}]\n",
    good="ignore: [{rule: GB085, because: GitBook has granted us this scope}]\n",
)
