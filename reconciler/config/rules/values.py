"""The rules of values: `${{ }}`, secrets, and files that are named."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

LEFTOVER = Rule(
    id="GB030",
    title="A `${{` that is not an expression",
    why="It would be sent to GitBook as text. If you want a literal `${{`, write `$${{`.",
    bad="installations:\n  slack:\n    configuration: {default_channel: $ {{ env.CHANNEL }}}\n".replace(
        "$ {{ env.CHANNEL }}", '"$ {{ env.CHANNEL }}"'
    ),
    good='installations:\n  slack:\n    configuration: {default_channel: "$${{ CHANNEL }}"}\n',
)
UNKNOWN_SCOPE = Rule(
    id="GB031",
    title="An expression with an unknown first word",
    why="Expressions begin with `env`, `var` or `secret`, and in a binding also with `site` or `space`.",
    bad='installations:\n  slack:\n    configuration: {default_channel: "${{ vars.channel }}"}\n',
    good=(
        "variables: {channel: C0123}\ninstallations:\n  slack:\n"
        '    configuration: {default_channel: "${{ var.channel }}"}\n'
    ),
)
ENV_UNSET = Rule(
    id="GB032",
    title="An environment variable that is unset or empty",
    why=(
        "If a forgotten variable became an empty value, it could wipe a configuration. Set it where gbsync "
        "runs: with `export NAME=VALUE` in a shell, under `env:` in a CI job. Only `validate --offline` "
        "reads files whose variables are not set."
    ),
    bad='installations:\n  slack:\n    configuration: {default_channel: "${{ env.NOWHERE }}"}\n',
    good='installations:\n  slack:\n    configuration: {default_channel: "${{ env.CHANNEL }}"}\n',
)
VAR_UNSET = Rule(
    id="GB033",
    title="A variable that is not set, or is empty",
    why="Set it under `variables:`, with `--var` or with `--var-file`.",
    bad='installations:\n  slack:\n    configuration: {default_channel: "${{ var.channel }}"}\n',
    good=(
        "variables: {channel: C0123}\ninstallations:\n  slack:\n"
        '    configuration: {default_channel: "${{ var.channel }}"}\n'
    ),
    needs_all=True,
)
OWN_TOKEN = Rule(
    id="GB034",
    title="gbsync's own token as a value",
    why="The token that administers the organization must never be sent to an integration.",
    bad='installations:\n  slack:\n    configuration: {token: "${{ env.GITBOOK_TOKEN }}"}\n',
    good='installations:\n  slack:\n    configuration: {token: "${{ secret.SLACK_TOKEN }}"}\n',
)
NO_MEMBER_VALUE = Rule(
    id="GB035",
    title="A missing value of a site or space",
    why=("`${{ site.X }}` reads `vars` of the site of the binding, so it works only in bindings on sites."),
    bad=(
        "sites:\n  handbook: {id: site_p4Xo1, vars: {ga: G-1ABC}}\ninstallations:\n  googleanalytics:\n"
        '    sites:\n      handbook: {configuration: {tracking_id: "${{ site.gaa }}"}}\n'
    ),
    good=(
        "sites:\n  handbook: {id: site_p4Xo1, vars: {ga: G-1ABC}}\ninstallations:\n  googleanalytics:\n"
        '    sites:\n      handbook: {configuration: {tracking_id: "${{ site.ga }}"}}\n'
    ),
)
KEY_EXPRESSION = Rule(
    id="GB036",
    title="An expression in a key",
    why="Expressions may only be values, so that a reader sees what a file declares.",
    bad='installations:\n  "${{ env.CHANNEL }}": {}\n',
    good="installations:\n  slack: {}\n",
    structural=False,
)
SECRET_SHOWN = Rule(
    id="GB037",
    title="A secret in a field that is shown",
    why="Plans and logs show ids, names, tags and paths.",
    bad='sites:\n  handbook: {id: "${{ secret.SLACK_TOKEN }}"}\n',
    good="sites:\n  handbook: {id: site_p4Xo1}\n",
)
VARIABLE_LOOP = Rule(
    id="GB038",
    title="A variable that is made from itself",
    why="Such a variable has no value.",
    bad='variables: {a: "${{ var.b }}", b: "${{ var.a }}"}\n',
    good='variables: {a: "${{ var.b }}", b: text}\n',
)
NOT_SCALAR = Rule(
    id="GB039",
    title="A variable that is not a single value",
    why="A variable is one text, number or boolean. Write lists and mappings where they are used.",
    bad="variables: {channels: [C0123, C0456]}\n",
    good="variables: {channel: C0123}\n",
    structural=True,
)
ONE_PASSWORD = Rule(
    id="GB040",
    title="A 1Password reference",
    why="gbsync does not call `op`. Run gbsync under `op run`, or set the secret in another way.",
    bad='integrations:\n  acme-banner:\n    secrets: {TOKEN: "${{ op://vault/banner/token }}"}\n',
    good='integrations:\n  acme-banner:\n    secrets: {TOKEN: "${{ secret.BANNER_TOKEN }}"}\n',
)
SECRET_UNREADABLE = Rule(
    id="GB041",
    title="A secret in a file that cannot be read",
    why=(
        "Under `GBSYNC_SECRETS_DIR`, each secret is a file with its name. It must be UTF-8 text that gbsync"
        " may read."
    ),
    bad='installations:\n  slack:\n    configuration: {token: "${{ secret.BROKEN }}"}\n',
    good='installations:\n  slack:\n    configuration: {token: "${{ secret.SLACK_TOKEN }}"}\n',
)
FILE_UNREADABLE = Rule(
    id="GB042",
    title="A named file that cannot be read",
    why="The path in `{file: PATH}` is relative to the file in which it is written.",
    bad="integrations:\n  acme-banner:\n    script: {file: dist/nowhere.js}\n",
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
)
OUTSIDE_PROJECT = Rule(
    id="GB043",
    title="A named file outside the project",
    why=(
        "A change to the configuration must not be able to publish any other file of the machine. gbsync "
        "follows symlinks before it checks."
    ),
    bad="integrations:\n  acme-banner:\n    script: {file: ../../etc/passwd}\n",
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
)
FILE_NOT_TEXT = Rule(
    id="GB044",
    title="A named file that is not text",
    why="The API takes text. Only icons and previews may be binary files.",
    bad="integrations:\n  acme-banner:\n    script: {file: icon.png}\n",
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"icon.png": "\x89PNG", "dist/index.js": "addEventListener('fetch', () => {});\n"},
)
FILE_UNFIT = Rule(
    id="GB045",
    title="A file that the field does not accept",
    why=(
        "Icons are PNG files of at most 250 KiB, previews of at most 1 MiB. GitBook's CLI has the same "
        "limits."
    ),
    bad="integrations:\n  acme-banner:\n    icon: {file: icon.svg}\n",
    good="integrations:\n  acme-banner:\n    title: Acme banner\n",
    files={"icon.svg": "<svg/>\n"},
)
BAD_FILE = Rule(
    id="GB046",
    title="A `file:` without a path",
    why="In `{file: PATH}`, the path is text.",
    bad="integrations:\n  acme-banner:\n    script: {file: 12}\n",
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    structural=True,
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
)
LITERAL_SECRET = Rule(
    id="GB120",
    title="A secret in the file",
    why=(
        "Everybody who can read the repository can read it, even after it is removed. A value under such a "
        "key, or one that looks like a secret, is still masked. If everybody may read the value, list its "
        "key in `unmask:`."
    ),
    bad="installations:\n  sentry:\n    configuration: {auth_token: made-up}\n",
    good='installations:\n  sentry:\n    configuration: {auth_token: "${{ secret.SENTRY_TOKEN }}"}\n',
    severity=Severity.WARNING,
)
LONG_CHAIN = Rule(
    id="GB121",
    title="A long chain of variables",
    why="A variable may be made from other variables, and these from others, but at most 64 in a row.",
    bad="variables:\n  v0: text\n"
    + "".join(f'  v{number}: "${{{{ var.v{number - 1} }}}}"\n' for number in range(1, 65)),
    good='variables:\n  v0: text\n  v1: "${{ var.v0 }}"\n',
)
TOO_LARGE = Rule(
    id="GB122",
    title="A value that expressions make too large",
    why=(
        "A few lines can make a text of any size if each doubles the one before. One value may have "
        "1,000,000 characters and 10,000 pieces. All values with expressions together may have 64,000,000 "
        "characters."
    ),
    bad='variables:\n  v0: "0123456789"\n'
    + "".join(f'  v{number}: "{f"${{{{ var.v{number - 1} }}}}" * 10}"\n' for number in range(1, 6))
    + 'installations:\n  slack:\n    configuration: {default_channel: "${{ var.v5 }}"}\n',
    good='variables:\n  v0: "0123456789"\n  v1: "${{ var.v0 }}${{ var.v0 }}"\n',
)
NEAR_MASK = Rule(
    id="GB123",
    title="A name in `mask` or `unmask` that is nearly a key",
    why="A misspelt name has no effect: with `mask`, the value that you want to hide would be shown.",
    bad=(
        "mask: [house_coed]\ninstallations:\n  slack:\n"
        '    configuration: {house_code: "${{ secret.CODE }}"}\n'
    ),
    good=(
        "mask: [house_code]\ninstallations:\n  slack:\n"
        '    configuration: {house_code: "${{ secret.CODE }}"}\n'
    ),
    severity=Severity.WARNING,
    needs_all=True,
    note="gbsync warns only if no key in the files has the name, but one is very like it.",
)
GONE = Rule(
    id="GB086",
    title="A value that no longer exists",
    why="GitBook renamed it, and the API refuses the old name.",
    bad="integrations:\n  acme-banner:\n    scopes: [space:views:read]\n",
    good="integrations:\n  acme-banner:\n    scopes: [site:views:read]\n",
    structural=True,
)
