"""`python -m tests.exploration PART [--nightly]`: searches one part, and says as JSON what it found."""

from __future__ import annotations

import json
import sys

from tests.exploration.scopes import PARTS, searched
from tests.exploration.search import printed, shrunk


def main(part: str, *, nightly: bool) -> None:
    """Searches, shrinks what breaks a law, and prints."""
    found, done = searched(part, nightly=nightly)
    wrong = {law: printed(shrunk(story, law), law) for law, story in found.wrong.items()}
    behaviours = [item.hex() for item in sorted(found.behaviours)]
    told = {"stories": found.stories, "scopes": done, "wrong": wrong, "behaviours": behaviours}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        main(sys.argv[1], nightly="--nightly" in sys.argv)
    else:
        sys.exit(f"name a part: {', '.join(PARTS)}")
