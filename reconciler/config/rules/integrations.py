"""The rules of publishing an integration: manifests, scopes, icons and scripts."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

_MANIFEST = (
    "name: acme-banner\ntitle: Acme banner\norganization: acme\nscript: ./src/index.ts\nscopes: []\n"
    "envs:\n  production: {visibility: unlisted}\n"
)
_SCRIPT = "addEventListener('fetch', () => {});\n"
_GOOD = (
    "integrations:\n  acme-banner:\n    manifest: banner/gitbook-manifest.yaml\n"
    "    script: {file: banner/dist/index.js}\n"
)
_PNG = "\x89PNG\r\n\x1a\n"
_FILES = {"banner/gitbook-manifest.yaml": _MANIFEST, "banner/dist/index.js": _SCRIPT}

NO_SUCH_ENV = Rule(
    id="GB080",
    title="An environment that the manifest does not have",
    why="If gbsync published without this environment, it would send the wrong secrets.",
    bad=_GOOD + "    env: prod\n",
    good=_GOOD + "    env: production\n",
    files=_FILES,
)
SOURCE_SCRIPT = Rule(
    id="GB081",
    title="A manifest without a built script beside it",
    why="The `script` of a manifest is source code. gbsync does not build it: name the file that was built.",
    bad="integrations:\n  acme-banner:\n    manifest: banner/gitbook-manifest.yaml\n",
    good=_GOOD,
    files=_FILES,
)
OTHER_NAME = Rule(
    id="GB082",
    title="A manifest that has another name",
    why=(
        "gbsync publishes under the name of the entry. If the manifest has another name, it may be the "
        "wrong file."
    ),
    bad=_GOOD.replace("  acme-banner:", "  acme-baner:"),
    good=_GOOD,
    files=_FILES,
    severity=Severity.WARNING,
)
MANIFEST_KEY = Rule(
    id="GB083",
    title="An unknown key in a manifest",
    why="GitBook's CLI ignores such a key without a message.",
    bad=_GOOD,
    good=_GOOD,
    files={**_FILES, "banner/gitbook-manifest.yaml": _MANIFEST + "visibilty: public\n"},
    mended={"banner/gitbook-manifest.yaml": _MANIFEST + "visibility: public\n"},
    severity=Severity.WARNING,
)
MANIFEST_EXPRESSION = Rule(
    id="GB084",
    title="An expression in a manifest, but not in its secrets",
    why=(
        "GitBook's CLI replaces expressions only under `secrets`. Anywhere else, the text is published "
        "unchanged."
    ),
    bad=_GOOD,
    good=_GOOD,
    files={**_FILES, "banner/gitbook-manifest.yaml": _MANIFEST + 'summary: "By ${{ env.TEAM }}"\n'},
    mended={"banner/gitbook-manifest.yaml": _MANIFEST + "summary: By the docs team\n"},
    severity=Severity.WARNING,
)
INTERNAL_SCOPE = Rule(
    id="GB085",
    title="A scope that is reserved for GitBook",
    why=("GitBook grants `site:script:inject` and `site:script:cookies` only to its own integrations."),
    bad="integrations:\n  acme-banner:\n    scopes: [site:script:inject]\n",
    good="integrations:\n  acme-banner:\n    scopes: [site:metadata:read]\n",
    severity=Severity.WARNING,
)
NOT_AN_IMAGE = Rule(
    id="GB087",
    title="An icon or preview that is not an image in base64",
    why="If a path is written instead of the image, a broken icon is published.",
    bad="integrations:\n  acme-banner:\n    icon: ./icon.png\n",
    good="integrations:\n  acme-banner:\n    icon: {file: icon.png}\n",
    files={"icon.png": _PNG},
)
NOT_A_PNG = Rule(
    id="GB093",
    title="A file that is named `.png` but is not a PNG",
    why="GitBook's CLI and API trust the name of the file. A browser may not show the image.",
    bad="integrations:\n  acme-banner:\n    icon: {file: icon.png}\n",
    good="integrations:\n  acme-banner:\n    icon: {file: icon.png}\n",
    files={"icon.png": "GIF89a"},
    mended={"icon.png": _PNG},
    note="In the wrong example, `icon.png` is a GIF. In the right one, it is a PNG.",
    severity=Severity.WARNING,
)
SCRIPT_IS_PATH = Rule(
    id="GB088",
    title="A path where the text of the script belongs",
    why="The path itself would be published as the program, which fails at the first event.",
    bad="integrations:\n  acme-banner:\n    script: dist/index.js\n",
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"dist/index.js": _SCRIPT},
)
EMPTY_SCRIPT = Rule(
    id="GB097",
    title="An empty script",
    why="It would replace the program that runs now. A failed build often leaves an empty file.",
    bad='integrations:\n  acme-banner:\n    script: ""\n',
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"dist/index.js": _SCRIPT},
)
ODD_DIRECTIVE = Rule(
    id="GB089",
    title="An unknown directive in a content security policy",
    why="GitBook's reference lists the directives. A misspelt one has no effect.",
    bad="integrations:\n  acme-banner:\n    contentSecurityPolicy: {script-scr: example.com}\n",
    good="integrations:\n  acme-banner:\n    contentSecurityPolicy: {script-src: example.com}\n",
    severity=Severity.WARNING,
)
REQUIRED_UNKNOWN = Rule(
    id="GB090",
    title="A required property that is not in the schema",
    why="Nobody can fill it in, so no installation can become active.",
    bad=(
        "integrations:\n  acme-banner:\n    configurations:\n      site:\n"
        "        properties: {color: {type: string}}\n        required: [colour]\n"
    ),
    good=(
        "integrations:\n  acme-banner:\n    configurations:\n      site:\n"
        "        properties: {color: {type: string}}\n        required: [color]\n"
    ),
)
DEFAULT_NOT_ALLOWED = Rule(
    id="GB091",
    title="A default that is not an allowed value",
    why="The form would start with a value that it does not accept.",
    bad=(
        "integrations:\n  acme-banner:\n    configurations:\n      site:\n"
        "        properties: {region: {type: string, enum: [US, EU], default: UK}}\n"
    ),
    good=(
        "integrations:\n  acme-banner:\n    configurations:\n      site:\n"
        "        properties: {region: {type: string, enum: [US, EU], default: EU}}\n"
    ),
)
NOT_A_URL = Rule(
    id="GB092",
    title="A link that is not a URL",
    why="GitBook shows the value as a link, which would not work.",
    bad="integrations:\n  acme-banner:\n    externalLinks: [{label: Docs, url: docs}]\n",
    good="integrations:\n  acme-banner:\n    externalLinks: [{label: Docs, url: https://example.com/docs}]\n",
)
