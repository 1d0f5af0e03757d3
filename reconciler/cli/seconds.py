"""Numbers of seconds on the command line: finite and within a range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click import Context, Parameter


class Seconds(click.FloatRange):
    """A finite number within a range."""

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> float:
        """The number. Raises `click.BadParameter` for a text that is none."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number of seconds.", param, ctx)
        return number
