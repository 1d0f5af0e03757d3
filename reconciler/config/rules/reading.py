"""The rules of reading: bytes, YAML, and which files."""

from __future__ import annotations

from reconciler.config.rules.rule import Rule

NO_SUCH_FILE = Rule(
    id="GB001",
    title="A path that does not exist",
    why="If gbsync left out a missing file, it would plan from only a part of what is declared.",
    bad="gbsync plan nowhere.yaml",
    good="gbsync plan gbsync.yaml",
    paths=("nowhere.yaml",),
)
NOT_UTF8 = Rule(
    id="GB002",
    title="Bytes that are not UTF-8",
    why="gbsync reads UTF-8 only. If it guessed another encoding, it could send garbled text to GitBook.",
    bad="integrations:\n  acme-banner:\n    description: Bannière\n",
    good="integrations:\n  acme-banner:\n    description: Bannière\n",
    encoding="latin-1",
)
SYNTAX = Rule(
    id="GB003",
    title="Text that is not YAML",
    why="gbsync cannot check a file that it cannot read. The other files are still checked.",
    bad="installations:\n  slack: [\n",
    good="installations:\n  slack: {}\n",
)
DUPLICATE_KEY = Rule(
    id="GB004",
    title="The same key twice in one mapping",
    why="Most YAML readers keep one of the two without a message, and not all of them keep the same one.",
    bad="installations:\n  slack: {space_selection: all}\n  slack: {site_selection: all}\n",
    good="installations:\n  slack: {space_selection: all, site_selection: all}\n",
)
FOREIGN_TAG = Rule(
    id="GB005",
    title="A tag that builds an object",
    why=(
        "A configuration file holds only data. Tags such as `!!python/object` make some YAML readers run "
        "code."
    ),
    bad="installations:\n  slack:\n    configuration: {default_channel: !!python/name:os.system x}\n",
    good="installations:\n  slack:\n    configuration: {default_channel: !!str 0123}\n",
)
BAD_ALIAS = Rule(
    id="GB006",
    title="An alias without an anchor, inside its own anchor, or with too many values",
    why="A few lines of aliases can stand for billions of values, or contain themselves.",
    bad="installations:\n  slack: &again\n    configuration: {more: *again}\n",
    good=(
        "installations:\n  slack:\n    configuration: &shared {default_channel: C0123}\n  teams:\n"
        "    configuration: *shared\n"
    ),
)
TOO_DEEP = Rule(
    id="GB007",
    title="Values that are nested too deeply",
    why="No real configuration is that deep, so the file is broken or hostile.",
    bad="installations:\n  slack:\n    configuration: {deep: " + "[" * 70 + "]" * 70 + "}\n",
    good="installations:\n  slack:\n    configuration: {deep: [[1, 2], [3, 4]]}\n",
)
SEVERAL_DOCUMENTS = Rule(
    id="GB008",
    title="More than one document in a file",
    why="gbsync does not guess which one counts. Use several files: overlays, or parts in a folder.",
    bad="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n---\ninstallations: {}\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\ninstallations: {}\n",
)
NOT_A_MAPPING = Rule(
    id="GB009",
    title="A file that is not a mapping",
    why="A file is a mapping with keys such as `version`, `organization` and `installations`.",
    bad="- version: 1\n- organization: 7fQm2WvA91bXcR0tYk3L\n",
    good="version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n",
    structural=True,
)
KEY_NOT_TEXT = Rule(
    id="GB010",
    title="A key that is not text",
    why="GitBook's API uses JSON, where every key is text.",
    bad="installations:\n  ? [slack, github]\n  : {}\n",
    good="installations:\n  slack: {}\n  github: {}\n",
)
NOT_JSON_NUMBER = Rule(
    id="GB011",
    title="A number that JSON does not have",
    why="`.inf` and `.nan` cannot be sent to the API.",
    bad="installations:\n  slack:\n    configuration: {limit: .inf}\n",
    good="installations:\n  slack:\n    configuration: {limit: 1000000}\n",
)
LEADING_ZERO = Rule(
    id="GB012",
    title="A number that begins with zero",
    why="`0123` is 123 in YAML 1.2 and 83 in YAML 1.1. Most often it is an id that should be text.",
    bad="installations:\n  slack:\n    configuration: {default_channel: 0123}\n",
    good='installations:\n  slack:\n    configuration: {default_channel: "0123"}\n',
)
BAD_MERGE = Rule(
    id="GB013",
    title="A merge key that merges no mapping",
    why="`<<` takes a mapping or a list of mappings, and adds the keys that are not set beside it.",
    bad="installations:\n  slack:\n    <<: everything\n",
    good="x-everywhere: &everywhere {space_selection: all}\ninstallations:\n  slack:\n    <<: *everywhere\n",
)
IN_TWO_PARTS = Rule(
    id="GB014",
    title="The same key in two parts of a folder",
    why="The files of a folder are parts of one configuration, and none of them overrides another.",
    bad="installations:\n  slack: {space_selection: all}\n",
    good="installations:\n  github: {space_selection: all}\n",
    files={"more.gbsync.yaml": "installations:\n  slack: {space_selection: selected}\n"},
)
NOTHING_TO_READ = Rule(
    id="GB015",
    title="A folder without configuration",
    why=(
        "In a folder, gbsync reads `gbsync.yaml` and `*.gbsync.yaml`. If there are none, nothing is declared."
    ),
    bad="gbsync plan empty-folder",
    good="gbsync plan .",
    paths=("empty-folder",),
    files={"empty-folder/README.md": "Nothing here yet.\n"},
)
OTHER_SUFFIX = Rule(
    id="GB095",
    title="A file that would not be read because of its name",
    why=(
        "In a folder, gbsync reads only files that end in `.yaml`. A file that ends in `.yml` would be left"
        " out."
    ),
    bad="ls config\n# gbsync.yaml  slack.gbsync.yml",
    good="ls config\n# gbsync.yaml  slack.gbsync.yaml",
    paths=("config",),
    files={
        "config/gbsync.yaml": "version: 1\norganization: 7fQm2WvA91bXcR0tYk3L\n",
        "config/slack.gbsync.yml": "installations:\n  slack: {}\n",
    },
)
TOO_LARGE = Rule(
    id="GB096",
    title="A file that is too large",
    why=(
        "No configuration has 64 MiB, so the path is most likely wrong, and reading it could fill the memory."
    ),
    bad="gbsync plan backup.yaml",
    good="gbsync plan gbsync.yaml",
    paths=("backup.yaml",),
)
