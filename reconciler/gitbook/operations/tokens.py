"""Whose tokens may call an operation."""

from __future__ import annotations

USER = frozenset({"user"})
INTEGRATION = frozenset({"integration"})
INTEGRATIONS = frozenset({"integration", "integration-installation"})
BEYOND_ANY = USER | INTEGRATIONS | {"user-internal", "user-staff"}
"""Any token, as the operations say that are beyond the reference."""
ANY = USER | INTEGRATIONS | {"user-internal", "user-staff", "user-internal-or-staff"}
