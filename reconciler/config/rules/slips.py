"""The rules of slips: what another tool, a shell or a word processor writes, and YAML takes as it stands."""

from __future__ import annotations

from types import MappingProxyType

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

_SITE = (
    "sites:\n  handbook: {id: site_p4Xo1, vars: {ga: G-1ABC}}\ninstallations:\n  googleanalytics:\n"
    '    sites:\n      handbook: {configuration: {tracking_id: "%s"}}\n'
)
_ON_PURPOSE = "Text that is meant so can stand in a file: `{file: PATH}`."

KEY_ALONE = Rule(
    id="GB098",
    title="A key without a colon and a value",
    why=(
        "YAML wants a space after the colon: `{default_channel:C0123}` is one key, `default_channel:C0123`, "
        "with no value. In a `configuration`, no value removes a key."
    ),
    bad="installations:\n  slack:\n    configuration: {default_channel:C0123}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    note="A key without a value that is meant so says it: `{default_channel: null}`.",
)
DOLLAR_BRACE = Rule(
    id="GB099",
    title="An expression of Terraform or of a shell: `${var.X}`, `${X}`",
    why="gbsync fills in `${{ }}` alone; anything else is sent to GitBook as the text that it is.",
    bad=(
        "variables: {channel: C0123}\ninstallations:\n  slack:\n"
        '    configuration: {default_channel: "${var.channel}"}\n'
    ),
    good=(
        "variables: {channel: C0123}\ninstallations:\n  slack:\n"
        '    configuration: {default_channel: "${{ var.channel }}"}\n'
    ),
    severity=Severity.WARNING,
    note=_ON_PURPOSE,
)
BRACES = Rule(
    id="GB100",
    title="An expression without its dollar: `{{ site.X }}`",
    why=(
        "gbsync fills in `${{ }}` alone. Without the dollar it is a template of some other tool, and sent to "
        "GitBook as text; said only where it begins with a word of gbsync's: env, var, secret, site, space."
    ),
    bad=_SITE % "{{ site.ga }}",
    good=_SITE % "${{ site.ga }}",
    severity=Severity.WARNING,
    note=_ON_PURPOSE,
)
SHELL_VARIABLE = Rule(
    id="GB101",
    title="A variable as a shell writes it: `$CHANNEL`",
    why="No shell reads these files, so nothing is filled in and the text itself is sent to GitBook.",
    bad="installations:\n  slack:\n    configuration: {default_channel: $CHANNEL}\n",
    good='installations:\n  slack:\n    configuration: {default_channel: "${{ env.CHANNEL }}"}\n',
    severity=Severity.WARNING,
    note=_ON_PURPOSE,
)
SMART_QUOTES = Rule(
    id="GB102",
    title="Quotes of a word processor: `“C0123”`",
    why="YAML knows `'` and `\"` alone; other quotes are part of the text, and sent with it.",
    bad="installations:\n  slack:\n    configuration: {default_channel: “C0123”}\n",
    good='installations:\n  slack:\n    configuration: {default_channel: "C0123"}\n',
    severity=Severity.WARNING,
    note='Where they are meant, put the whole text in plain quotes: `"“C0123”"`.',
)
LARGE_INTEGER = Rule(
    id="GB103",
    title="An integer beyond 2⁵³",
    why="JavaScript and many other readers of JSON round it: 9007199254740993 becomes 9007199254740992.",
    bad="installations:\n  slack:\n    configuration: {team: 9007199254740993}\n",
    good='installations:\n  slack:\n    configuration: {team: "9007199254740993"}\n',
    severity=Severity.WARNING,
)
SECRET_LINE_BREAK = Rule(
    id="GB104",
    title="A secret that ends in a line break",
    why=(
        "A line break that `echo`, an editor or a `|` left behind is part of the secret, and no service "
        "takes it. A secret of several lines, a PEM key say, may end in one."
    ),
    bad="integrations:\n  acme-banner:\n    secrets: {CLIENT_SECRET: {file: secret.txt}}\n",
    good="integrations:\n  acme-banner:\n    secrets: {CLIENT_SECRET: '${{ secret.CLIENT_SECRET }}'}\n",
    files=MappingProxyType({"secret.txt": "made-up\n"}),
    severity=Severity.WARNING,
    note="A file under `GBSYNC_SECRETS_DIR` may end in one line break, which is dropped.",
)
