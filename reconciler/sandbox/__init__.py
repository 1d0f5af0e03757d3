"""A stateful stand-in for GitBook's API, in process or on a port.

    request ─► route ─► fault? ─► caller ─► checks ─► handler ─► answer ─► fault? ─► log
                                                         │
                                                       store

The routes come from the table of operations. An operation without a handler is answered with 501.
The state is one JSON document.
"""

from __future__ import annotations

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.store import Store
from reconciler.sandbox.world import ORGANIZATION, SANDBOX_TOKEN

__all__ = ["ORGANIZATION", "SANDBOX_TOKEN", "Behaviour", "Fault", "Faults", "Sandbox", "Store"]
