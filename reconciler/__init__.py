"""gbsync keeps a GitBook organization's integrations the way YAML files in git say they should be.

    files ── config ──► desired ─┐
                                 ├─► plan ──► apply ──► report
    GitBook ────────── live ─────┤     └────► render ◄────┘
    lock file ──────── base ─────┘

Values flow to the right. A module imports only from earlier stages; the engine (desired, diff, plan,
guard, live, apply) knows nothing of GitBook: the table of kinds and a client are handed to it.
"""

__version__ = "0.1.0"
