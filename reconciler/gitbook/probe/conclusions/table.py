"""All questions of the probe, one for each switch of the sandbox, and why some cannot be asked."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.gitbook.probe.conclusions import bound, configured, documents, listed, rates, removed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.conclusions.finding import Question

QUESTIONS: tuple[Question, ...] = (
    *documents.QUESTIONS,
    *configured.QUESTIONS,
    *bound.QUESTIONS,
    *listed.QUESTIONS,
    *removed.QUESTIONS,
    *rates.QUESTIONS,
)

NOT_ASKED: Mapping[str, str] = MappingProxyType(
    {
        "token_life": "a temporary token is made with the integration's own token, which only its code has",
    }
)
"""Switches of the sandbox that the probe cannot ask about, each with the reason."""
