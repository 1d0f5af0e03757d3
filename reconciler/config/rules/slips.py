"""The rules of slips: forms of another tool, a shell or a word processor that YAML takes as plain text."""

from __future__ import annotations

from types import MappingProxyType

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

_SITE = (
    "sites:\n  handbook: {id: site_p4Xo1, vars: {ga: G-1ABC}}\ninstallations:\n  googleanalytics:\n"
    '    sites:\n      handbook: {configuration: {tracking_id: "%s"}}\n'
)
_ON_PURPOSE = "If you want exactly this text, put it into a file: `{file: PATH}`."

KEY_ALONE = Rule(
    id="GB098",
    title="A key without a colon and a value",
    why=(
        "YAML needs a space after the colon: `{default_channel:C0123}` is one key, `default_channel:C0123`,"
        " without a value. In a `configuration`, a key without a value would be removed."
    ),
    bad="installations:\n  slack:\n    configuration: {default_channel:C0123}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    note="If you want no value, write it: `{default_channel: null}`.",
)
DOLLAR_BRACE = Rule(
    id="GB099",
    title="An expression of Terraform or of a shell: `${var.X}`, `${X}`",
    why="gbsync replaces only `${{ }}`. Anything else is sent to GitBook as text.",
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
        "gbsync replaces only `${{ }}`. Without the dollar, the template is sent to GitBook as text. gbsync"
        " warns only if it begins with env, var, secret, site or space."
    ),
    bad=_SITE % "{{ site.ga }}",
    good=_SITE % "${{ site.ga }}",
    severity=Severity.WARNING,
    note=_ON_PURPOSE,
)
SHELL_VARIABLE = Rule(
    id="GB101",
    title="A variable as a shell writes it: `$CHANNEL`",
    why="No shell reads these files, so the text itself is sent to GitBook.",
    bad="installations:\n  slack:\n    configuration: {default_channel: $CHANNEL}\n",
    good='installations:\n  slack:\n    configuration: {default_channel: "${{ env.CHANNEL }}"}\n',
    severity=Severity.WARNING,
    note=_ON_PURPOSE,
)
SMART_QUOTES = Rule(
    id="GB102",
    title="Quotes of a word processor: `“C0123”`",
    why="YAML knows only `'` and `\"`. Other quotes are part of the text and are sent with it.",
    bad="installations:\n  slack:\n    configuration: {default_channel: “C0123”}\n",
    good='installations:\n  slack:\n    configuration: {default_channel: "C0123"}\n',
    severity=Severity.WARNING,
    note='If you want these quotes, put the whole text in plain quotes: `"“C0123”"`.',
)
LARGE_INTEGER = Rule(
    id="GB103",
    title="An integer beyond 2⁵³",
    why="JavaScript and many other JSON readers round it: 9007199254740993 becomes 9007199254740992.",
    bad="installations:\n  slack:\n    configuration: {team: 9007199254740993}\n",
    good='installations:\n  slack:\n    configuration: {team: "9007199254740993"}\n',
    severity=Severity.WARNING,
)
SECRET_LINE_BREAK = Rule(
    id="GB104",
    title="A secret that ends in a line break",
    why=(
        "If `echo`, an editor or a `|` leaves a line break at the end, it becomes part of the secret, and "
        "the service refuses it. A secret of several lines, such as a PEM key, may end in a line break."
    ),
    bad="integrations:\n  acme-banner:\n    secrets: {CLIENT_SECRET: {file: secret.txt}}\n",
    good="integrations:\n  acme-banner:\n    secrets: {CLIENT_SECRET: '${{ secret.CLIENT_SECRET }}'}\n",
    files=MappingProxyType({"secret.txt": "made-up\n"}),
    severity=Severity.WARNING,
    note="A file under `GBSYNC_SECRETS_DIR` may end in one line break, which gbsync removes.",
)
