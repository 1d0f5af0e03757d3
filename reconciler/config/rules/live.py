"""The rules that need the live state of the organization."""

from __future__ import annotations

from reconciler import rule_ids
from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

CONFIGURATION_TYPE = Rule(
    id="GB601",
    title="A configuration value of the wrong type",
    why="The integration's schema gives the type of each key, and GitBook refuses any other type.",
    bad=(
        "installations:\n  slack:\n    spaces:\n"
        "      7fQm2WvA91bXcR0tYk3L: {configuration: {notify_content_update: 'yes'}}\n"
    ),
    good=(
        "installations:\n  slack:\n    spaces:\n"
        "      7fQm2WvA91bXcR0tYk3L: {configuration: {notify_content_update: true}}\n"
    ),
    live=True,
)
CONFIGURATION_ENUM = Rule(
    id="GB602",
    title="A configuration value that the schema does not list",
    why="The integration accepts only the values that its schema lists.",
    bad=(
        "installations:\n  intercom:\n    sites:\n"
        "      site_p4Xo1: {configuration: {app_id: a1, region: Mars}}\n"
    ),
    good=(
        "installations:\n  intercom:\n    sites:\n"
        "      site_p4Xo1: {configuration: {app_id: a1, region: EU}}\n"
    ),
    live=True,
)
CONFIGURATION_REQUIRED = Rule(
    id="GB603",
    title="A required configuration key that would be missing",
    why="Without this key, the integration cannot become active.",
    bad=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: null}}\n"
    ),
    good=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    live=True,
)
CONFIGURATION_KEY = Rule(
    id="GB604",
    title="A configuration key that the schema does not have",
    why="The integration most likely ignores this key.",
    bad="installations:\n  slack:\n    configuration: {defaultChannel: C0123}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    severity=Severity.WARNING,
    live=True,
)
BUTTON = Rule(
    id="GB605",
    title="A button in a configuration",
    why="A person presses a button in the app, usually to authorize. It has no value that a file could set.",
    bad="installations:\n  slack:\n    configuration: {oauth_credentials: abc}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    live=True,
)
UNKNOWN_INTEGRATION = Rule(
    id="GB606",
    title="An integration that nobody published",
    why="Only a published integration can be installed.",
    bad="installations:\n  slcak: {}\n",
    good="installations:\n  slack: {}\n",
    live=True,
)
TARGET = Rule(
    id="GB607",
    title="A binding of a kind that the integration does not support",
    why="An integration for sites cannot be installed on spaces, nor one for spaces on sites.",
    bad="installations:\n  googleanalytics:\n    spaces:\n      7fQm2WvA91bXcR0tYk3L: {}\n",
    good=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    live=True,
)
UNKNOWN_ID = Rule(
    id=rule_ids.UNKNOWN_ID,
    title="An id that is not in the organization",
    why="There is no such site or space, or the token has no access to it.",
    bad=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_nowhere: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    good=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    live=True,
)
FOREIGN_OWNER = Rule(
    id="GB609",
    title="An integration that another organization owns",
    why="Only the organization that owns an integration can publish it.",
    bad="integrations:\n  slack: {title: Our Slack}\n",
    good=(
        "integrations:\n  acme-slack:\n    title: Our Slack\n    description: ''\n"
        "    script: {file: dist/index.js}\n    scopes: []\n    secrets: {}\n"
    ),
    live=True,
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
)
WIPED = Rule(
    id=rule_ids.WIPED,
    title="A publish that would delete what cannot be read back",
    why=(
        "Publishing replaces everything. gbsync cannot read script, secrets, icon and previews, so it "
        "cannot send them again."
    ),
    bad="integrations:\n  acme-banner: {title: Acme news}\n",
    good=(
        "integrations:\n  acme-banner:\n    title: Acme banner\n    description: ''\n"
        "    script: {file: dist/index.js}\n    scopes: []\n    secrets: {}\n"
    ),
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
    live=True,
)
DUPLICATES = Rule(
    id=rule_ids.DUPLICATES,
    title="Two installations of one integration",
    why="gbsync does not guess which one is meant: pin its `id`.",
    bad="installations:\n  slack: {}\n",
    good="installations:\n  slack: {id: inst_slack}\n",
    live=True,
)
ABSENT_BUT_IMPLICIT = Rule(
    id=rule_ids.ABSENT_BUT_IMPLICIT,
    title="`absent: true` for a site where the integration is on every site",
    why="With `site_selection: all`, every site has a binding. A deleted one comes back.",
    bad=(
        "installations:\n  googleanalytics:\n    site_selection: all\n    sites:\n"
        "      site_p4Xo1: {absent: true}\n"
    ),
    good=(
        "installations:\n  googleanalytics:\n    site_selection: selected\n    sites:\n"
        "      site_p4Xo1: {absent: true}\n"
    ),
    live=True,
)
EXACT_COMPONENT = Rule(
    id="GB613",
    title="`ownership: exact` without a schema",
    why=(
        "If an integration shows its own configuration screen, there is no schema, so gbsync does not know "
        "its keys."
    ),
    bad="installations:\n  webhook:\n    sites:\n      site_p4Xo1: {ownership: exact}\n",
    good="installations:\n  webhook:\n    sites:\n      site_p4Xo1: {ownership: keys}\n",
    live=True,
)
INCOMPLETE = Rule(
    id=rule_ids.INCOMPLETE,
    title="A missing field that is needed to create the resource",
    why="The first publish of an integration needs a title, a script and scopes.",
    bad="integrations:\n  acme-banner: {title: Acme banner}\n",
    good=(
        "integrations:\n  acme-banner:\n    title: Acme banner\n    description: ''\n"
        "    script: {file: dist/index.js}\n    scopes: []\n    secrets: {}\n"
    ),
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
    live=True,
)
UNSET = Rule(
    id=rule_ids.UNSET,
    title="A secret that is needed but not set",
    why="The plan has to compare or send its value.",
    bad='installations:\n  slack:\n    configuration: {default_channel: "${{ secret.NOWHERE }}"}\n',
    good='installations:\n  slack:\n    configuration: {default_channel: "${{ secret.CHANNEL }}"}\n',
    live=True,
)
STILL_INSTALLED = Rule(
    id="GB616",
    title="An installation of an integration that is declared absent",
    why="Unpublishing removes the integration from every organization that installed it, including this one.",
    bad="integrations:\n  acme-banner: {absent: true}\ninstallations:\n  acme-banner: {}\n",
    good="integrations:\n  acme-banner: {absent: true}\ninstallations:\n  acme-banner: {absent: true}\n",
    live=True,
)
PIN_NOT_FOUND = Rule(
    id=rule_ids.PIN_NOT_FOUND,
    title="A pinned id that does not exist",
    why="The installation was removed and installed again, or the id belongs to another organization.",
    bad="installations:\n  slack: {id: inst_nowhere}\n",
    good="installations:\n  slack: {}\n",
    live=True,
)
UNFINISHED = Rule(
    id="GB618",
    title="A required configuration key that nobody sets",
    why=(
        "The integration cannot become active without it. This is only a warning, because the file declares"
        " no configuration here."
    ),
    bad="installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {}\n",
    good=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    severity=Severity.WARNING,
    live=True,
)
MASKED = Rule(
    id=rule_ids.MASKED,
    title="A key that reads back as a mask and is not declared",
    why=(
        "A write sends the whole configuration, and would put the mask over the value that is really there."
        " So nothing of the object is written."
    ),
    bad="installations:\n  intercom:\n    sites:\n      site_p4Xo1: {configuration: {region: EU}}\n",
    good=(
        "installations:\n  intercom:\n    sites:\n"
        "      site_p4Xo1: {configuration: {app_id: a1, region: EU}}\n"
    ),
    live=True,
)
