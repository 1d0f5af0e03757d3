"""The rules of structure: which keys, which types, which values."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

VERSION = Rule(
    id="GB016",
    title="A version that this gbsync does not read",
    why="The number says which language the file is written in, so that a later gbsync can still read it.",
    bad="version: 2\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    structural=True,
)
NO_VERSION = Rule(
    id="GB094",
    title="Files that do not say their version",
    why="One of them must: `version: 1`. It is how a later gbsync knows which language it reads.",
    bad="organization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
    needs_all=True,
)
UNKNOWN_KEY = Rule(
    id="GB017",
    title="A key that is not known here",
    why="A misspelt key would otherwise be ignored, and what it says would not happen.",
    bad="installations:\n  slack:\n    configration: {default_channel: C0123}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    structural=True,
)
WRONG_TYPE = Rule(
    id="GB018",
    title="A value of the wrong type",
    why="Types are taken as they stand: a number is not text, and `yes` is text, not true.",
    bad="installations:\n  slack:\n    externalIds: T0123\n",
    good="installations:\n  slack:\n    externalIds: [T0123]\n",
    structural=True,
)
NOT_ALLOWED = Rule(
    id="GB019",
    title="A value that is not one of those allowed",
    why="GitBook's reference lists the values that this field may have.",
    bad="installations:\n  slack:\n    site_selection: some\n",
    good="installations:\n  slack:\n    site_selection: selected\n",
    structural=True,
)
MISSING = Rule(
    id="GB020",
    title="A field that is missing",
    why="GitBook's reference requires it wherever the thing it belongs to is given.",
    bad="integrations:\n  acme-banner:\n    blocks: [{title: Banner}]\n",
    good="integrations:\n  acme-banner:\n    blocks: [{id: banner, title: Banner}]\n",
    structural=True,
)
NULL = Rule(
    id="GB021",
    title="A null where none may be",
    why=(
        "Inside `configuration`, `KEY: null` removes a key. Elsewhere a forgotten value must "
        "not look like a choice."
    ),
    bad="installations:\n  slack:\n",
    good="installations:\n  slack: {}\n",
    structural=True,
)
SIZE = Rule(
    id="GB022",
    title="Too long, too short, or too many",
    why="GitBook's reference gives the limit, and the API refuses what is beyond it.",
    bad="installations:\n  slack:\n    externalIds: [a, b, c, d, e, f]\n",
    good="installations:\n  slack:\n    externalIds: [a, b, c, d, e]\n",
    structural=True,
)
BAD_NAME = Rule(
    id="GB023",
    title="A name that cannot be one",
    why=(
        "An integration's name is part of URLs and addresses; GitBook allows letters, digits and `-_.` in it."
    ),
    bad="installations:\n  my slack: {}\n",
    good="installations:\n  my-slack: {}\n",
    structural=True,
)
NO_ORGANIZATION = Rule(
    id="GB024",
    title="No organization",
    why="Everything belongs to one organization; gbsync does not guess which.",
    bad="version: 1\ninstallations: {}\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
    needs_all=True,
)
ODD_ORGANIZATION = Rule(
    id="GB025",
    title="A subdomain where the organization's id belongs",
    why="The API wants the id, which stands in the app's address bar: app.gitbook.com/o/ID.",
    bad="version: 1\norganization: acme-docs\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    severity=Severity.WARNING,
)
BAD_LIMIT = Rule(
    id="GB026",
    title="A limit that is neither a number nor a share",
    why="`max_deletes` is a number of deletes, or a share of what is live such as `30%`.",
    bad="max_deletes: a third\n",
    good="max_deletes: 30%\n",
    structural=True,
)
BAD_GLOB = Rule(
    id="GB027",
    title="A pattern that can match no address",
    why="A misspelt `protect` protects nothing, and one finds out too late.",
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
    title="A setting that has nothing to set",
    why="`env` chooses among the `envs` of a manifest; without `manifest` it would do nothing.",
    bad="integrations:\n  acme-banner:\n    env: production\n",
    good="integrations:\n  acme-banner:\n    title: Acme banner\n",
)
