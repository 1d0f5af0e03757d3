"""The line break that an editor, `echo` or a block of YAML leaves at the end of a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.config.rules import slips

if TYPE_CHECKING:
    from reconciler.config.yaml.findings import Findings

_BREAKS = "\r\n"


def check_break(value: Any, advice: str, *, findings: Findings, at: int, address: str = "") -> None:
    """Reports a secret of one line that ends in a line break. One of several lines (a PEM key) may."""
    if isinstance(value, str) and value[-1:] in ("\r", "\n") and len(value.rstrip(_BREAKS).splitlines()) == 1:
        message = "the secret ends in a line break, which would be sent with it"
        findings.add(slips.SECRET_LINE_BREAK, message, advice, at=at, address=address)
