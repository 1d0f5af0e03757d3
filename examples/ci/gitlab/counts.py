"""The counts of a saved plan, as GitLab shows them beside a merge request."""

import json
import sys
from pathlib import Path

document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
actions = [action for change in document["resource_changes"] for action in change["change"]["actions"]]
print(json.dumps({action: actions.count(action) for action in ("create", "update", "delete")}))
