"""The rules that only the organization as it is can tell."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule
from reconciler.diagnostics import Severity

CONFIGURATION_TYPE = Rule(
    id="GB601",
    title="A configuration value of the wrong type",
    why="The integration's schema says what type each key has; GitBook refuses another.",
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
    why="The integration takes one of the values that its schema lists.",
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
    why="Without it the integration stays unfinished.",
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
    why="The integration will most likely not look at it.",
    bad="installations:\n  slack:\n    configuration: {defaultChannel: C0123}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    severity=Severity.WARNING,
    live=True,
)
BUTTON = Rule(
    id="GB605",
    title="A button in a configuration",
    why=(
        "A button is pressed by a person in the app, usually to authorize; it has no value "
        "that a file could set."
    ),
    bad="installations:\n  slack:\n    configuration: {oauth_credentials: abc}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: C0123}\n",
    live=True,
)
UNKNOWN_INTEGRATION = Rule(
    id="GB606",
    title="An integration that nobody published",
    why="Only what is published can be installed.",
    bad="installations:\n  slcak: {}\n",
    good="installations:\n  slack: {}\n",
    live=True,
)
TARGET = Rule(
    id="GB607",
    title="A binding where the integration cannot go",
    why="An integration for sites takes no spaces, and the reverse.",
    bad="installations:\n  googleanalytics:\n    spaces:\n      7fQm2WvA91bXcR0tYk3L: {}\n",
    good=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    live=True,
)
UNKNOWN_ID = Rule(
    id="GB608",
    title="An id that the organization does not have",
    why="There is no such site or space, or the token may not see it.",
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
    why="Only its owner can publish it.",
    bad="integrations:\n  slack: {title: Our Slack}\n",
    good=(
        "integrations:\n  acme-slack:\n    title: Our Slack\n    description: ''\n"
        "    script: {file: dist/index.js}\n    scopes: []\n    secrets: {}\n"
    ),
    live=True,
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
)
WIPED = Rule(
    id="GB610",
    title="A publish that would wipe what cannot be read back",
    why="Publishing replaces the whole document; script, secrets, icon and previews are not readable.",
    bad="integrations:\n  acme-banner: {title: Acme news}\n",
    good=(
        "integrations:\n  acme-banner:\n    title: Acme banner\n    description: ''\n"
        "    script: {file: dist/index.js}\n    scopes: []\n    secrets: {}\n"
    ),
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
    live=True,
)
TWO_INSTALLATIONS = Rule(
    id="GB611",
    title="Two installations of one integration",
    why="Which of the two is meant must be said: pin its `id`.",
    bad="installations:\n  slack: {}\n",
    good="installations:\n  slack: {id: inst_slack}\n",
    live=True,
)
ABSENT_UNDER_ALL = Rule(
    id="GB612",
    title="`absent: true` where the integration is everywhere",
    why="Under `site_selection: all` a binding exists by itself and comes back.",
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
    why="A configuration that the integration draws itself has no schema, so nobody knows which keys it has.",
    bad="installations:\n  webhook:\n    sites:\n      site_p4Xo1: {ownership: exact}\n",
    good="installations:\n  webhook:\n    sites:\n      site_p4Xo1: {ownership: keys}\n",
    live=True,
)
INCOMPLETE = Rule(
    id="GB614",
    title="A field that making it needs",
    why="Publishing for the first time needs a title, a script and scopes.",
    bad="integrations:\n  acme-banner: {title: Acme banner}\n",
    good=(
        "integrations:\n  acme-banner:\n    title: Acme banner\n    description: ''\n"
        "    script: {file: dist/index.js}\n    scopes: []\n    secrets: {}\n"
    ),
    files={"dist/index.js": "addEventListener('fetch', () => {});\n"},
    live=True,
)
OPAQUE = Rule(
    id="GB615",
    title="A secret that is not set where it is needed",
    why="It would be compared with the API or sent.",
    bad='installations:\n  slack:\n    configuration: {default_channel: "${{ secret.NOWHERE }}"}\n',
    good='installations:\n  slack:\n    configuration: {default_channel: "${{ secret.CHANNEL }}"}\n',
    live=True,
)
STILL_INSTALLED = Rule(
    id="GB616",
    title="An installation of an integration that is declared absent",
    why="Unpublishing removes the integration from every organization that installed it, this one included.",
    bad="integrations:\n  acme-banner: {absent: true}\ninstallations:\n  acme-banner: {}\n",
    good="integrations:\n  acme-banner: {absent: true}\ninstallations:\n  acme-banner: {absent: true}\n",
    live=True,
)
PIN_NOT_FOUND = Rule(
    id="GB617",
    title="A pinned id that is not there",
    why="The installation was removed and made anew, or the id belongs to another organization.",
    bad="installations:\n  slack: {id: inst_nowhere}\n",
    good="installations:\n  slack: {}\n",
    live=True,
)
UNFINISHED = Rule(
    id="GB618",
    title="A required configuration key that nobody sets",
    why="The integration waits for it, and the file declares no configuration that could be blamed.",
    bad="installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {}\n",
    good=(
        "installations:\n  googleanalytics:\n    sites:\n"
        "      site_p4Xo1: {configuration: {tracking_id: G-1ABC}}\n"
    ),
    severity=Severity.WARNING,
    live=True,
)
