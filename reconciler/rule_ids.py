"""The ids of the rules that a plan applies: `plan` reports them, and `config/rules/live.py` explains them."""

from __future__ import annotations

UNKNOWN_ID = "GB608"
WIPED = "GB610"
DUPLICATES = "GB611"
ABSENT_BUT_IMPLICIT = "GB612"
INCOMPLETE = "GB614"
UNSET = "GB615"
PIN_NOT_FOUND = "GB617"
MASKED = "GB619"
