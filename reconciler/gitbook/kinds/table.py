"""The table of kinds, parents first. Order, file sections, schema, docs and tests come from it."""

from __future__ import annotations

from typing import Final

from reconciler.gitbook.kinds.binding import SITE_BINDING, SPACE_BINDING
from reconciler.gitbook.kinds.installation import INSTALLATION
from reconciler.gitbook.kinds.integration import INTEGRATION
from reconciler.resources.kind import Table, table

KINDS: Final[Table] = table(INTEGRATION, INSTALLATION, SPACE_BINDING, SITE_BINDING)
