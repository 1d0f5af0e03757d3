"""Base: what was applied last, as a JSON file beside the first path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entry:
    """What is remembered of one address."""

    file: str
    """The file that declared it."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Each declared field or key, `configuration.channel`, with a digest of the value applied."""
    version: int | None = None
    """For a publish: the remote version that it made, or that was adopted."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """For fields that cannot be read back: digests of what was published."""
