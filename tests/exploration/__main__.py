"""`python -m tests.exploration PART… [--nightly]`: searches these parts, and says as JSON what it found."""

from __future__ import annotations

import gc
import json
import sys

from tests.exploration.scopes import PARTS, searched
from tests.exploration.search import Found, printed, shrunk


def main(parts: list[str], *, nightly: bool) -> None:
    """Searches, shrinks what breaks a law, and prints."""
    gc.set_threshold(100_000)  # what is kept is kept for long, and there is much of it
    found, done = Found(), list[str]()
    for part in parts:
        done.append("; ".join(searched(part, found, nightly=nightly)))
    wrong = {law: printed(shrunk(story, law), law) for law, story in found.wrong.items()}
    behaviours = [item.hex() for item in sorted(found.behaviours)]
    told = {"stories": found.stories, "scopes": done, "wrong": wrong, "behaviours": behaviours}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    named = [item for item in sys.argv[1:] if item != "--nightly"]
    if named and set(named) <= set(PARTS):
        main(named, nightly="--nightly" in sys.argv)
    else:
        sys.exit(f"name parts: {', '.join(PARTS)}")
