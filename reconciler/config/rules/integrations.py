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
    why="Publishing without the overlay that was asked for would send the wrong secrets.",
    bad=_GOOD + "    env: prod\n",
    good=_GOOD + "    env: production\n",
    files=_FILES,
)
SOURCE_SCRIPT = Rule(
    id="GB081",
    title="A manifest without a built script beside it",
    why="A manifest's `script` names the source. gbsync does not build; it publishes what was built.",
    bad="integrations:\n  acme-banner:\n    manifest: banner/gitbook-manifest.yaml\n",
    good=_GOOD,
    files=_FILES,
)
OTHER_NAME = Rule(
    id="GB082",
    title="A manifest of another name",
    why="The entry's name is the one that is published; a manifest of another integration is often a slip.",
    bad=_GOOD.replace("  acme-banner:", "  acme-baner:"),
    good=_GOOD,
    files=_FILES,
    severity=Severity.WARNING,
)
MANIFEST_KEY = Rule(
    id="GB083",
    title="A manifest key that is not known",
    why="GitBook's CLI leaves it out without a word.",
    bad=_GOOD,
    good=_GOOD,
    files={**_FILES, "banner/gitbook-manifest.yaml": _MANIFEST + "visibilty: public\n"},
    mended={"banner/gitbook-manifest.yaml": _MANIFEST + "visibility: public\n"},
    severity=Severity.WARNING,
)
MANIFEST_EXPRESSION = Rule(
    id="GB084",
    title="An expression in a manifest outside its secrets",
    why=(
        "GitBook's CLI fills in expressions under `secrets` alone; elsewhere the text is "
        "published as it stands."
    ),
    bad=_GOOD,
    good=_GOOD,
    files={**_FILES, "banner/gitbook-manifest.yaml": _MANIFEST + 'summary: "By ${{ env.TEAM }}"\n'},
    mended={"banner/gitbook-manifest.yaml": _MANIFEST + "summary: By the docs team\n"},
    severity=Severity.WARNING,
)
INTERNAL_SCOPE = Rule(
    id="GB085",
    title="A scope that is GitBook's own",
    why=(
        "`site:script:inject` and `site:script:cookies` are granted to integrations of GitBook's staff alone."
    ),
    bad="integrations:\n  acme-banner:\n    scopes: [site:script:inject]\n",
    good="integrations:\n  acme-banner:\n    scopes: [site:metadata:read]\n",
    severity=Severity.WARNING,
)
NOT_AN_IMAGE = Rule(
    id="GB087",
    title="An icon or preview that is no image in base64",
    why="A path in place of the image itself would be published as a broken icon.",
    bad="integrations:\n  acme-banner:\n    icon: ./icon.png\n",
    good="integrations:\n  acme-banner:\n    icon: {file: icon.png}\n",
    files={"icon.png": _PNG},
)
NOT_A_PNG = Rule(
    id="GB093",
    title="An image that is named a PNG and is none",
    why="GitBook's CLI goes by the name alone, and so does the API's reply; browsers may not.",
    bad="integrations:\n  acme-banner:\n    icon: {file: icon.png}\n",
    good="integrations:\n  acme-banner:\n    icon: {file: icon.png}\n",
    files={"icon.png": "GIF89a"},
    mended={"icon.png": _PNG},
    note="In the wrong example `icon.png` is a GIF, in the right one a PNG.",
    severity=Severity.WARNING,
)
SCRIPT_IS_PATH = Rule(
    id="GB088",
    title="A path where the script's text belongs",
    why="The text would be published as the program, and fail at the first event.",
    bad="integrations:\n  acme-banner:\n    script: dist/index.js\n",
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"dist/index.js": _SCRIPT},
)
EMPTY_SCRIPT = Rule(
    id="GB097",
    title="An empty script",
    why="It would take the place of the program that runs now. A build that failed leaves such a file.",
    bad='integrations:\n  acme-banner:\n    script: ""\n',
    good="integrations:\n  acme-banner:\n    script: {file: dist/index.js}\n",
    files={"dist/index.js": _SCRIPT},
)
ODD_DIRECTIVE = Rule(
    id="GB089",
    title="A policy directive that is not known",
    why="GitBook's reference lists the directives of a content security policy.",
    bad="integrations:\n  acme-banner:\n    contentSecurityPolicy: {script-scr: example.com}\n",
    good="integrations:\n  acme-banner:\n    contentSecurityPolicy: {script-src: example.com}\n",
    severity=Severity.WARNING,
)
REQUIRED_UNKNOWN = Rule(
    id="GB090",
    title="A required property that the schema does not have",
    why="Nobody could ever fill it in, and no installation would become active.",
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
    title="A default that is not one of the values allowed",
    why="The form would open with a value that it then refuses.",
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
    title="A link that is no URL",
    why="GitBook shows it as a link.",
    bad="integrations:\n  acme-banner:\n    externalLinks: [{label: Docs, url: docs}]\n",
    good="integrations:\n  acme-banner:\n    externalLinks: [{label: Docs, url: https://example.com/docs}]\n",
)
