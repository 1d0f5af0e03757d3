"""gbsync keeps a GitBook organization's integrations the way YAML files in git say they should be.

    files ── config ──► desired ─┐
                                 ├─► plan ──► apply ──► report
    GitBook ────────── live ─────┤     └────► render ◄────┘
    lock ───────────── base ─────┘

Values flow to the right: each package is a word of this sentence and imports only from those before it.

    resources   the values that every stage works with, and the language that kinds are written in
    config      YAML files → declared resources, with the place of every value
    lock        what was applied last, and where that is kept
    live        GitBook's API → the live state; snapshots
    plan        desired, live, base → what has to be done; drift; guards; saved plans
    apply       the plan → requests → what became of each step
    pipeline    plan, apply, adopt, recheck: what the command line and Python programs call
    gitbook     the only package that knows GitBook: client, operations, kinds
    sandbox     a stateful stand-in for the API
    render      values → text
    cli         the only package with environment variables, prompts and exit codes

`docs/architecture.md` follows one value and one reply through all of them.
"""

__version__ = "0.1.0"
