"""The table of rules: every problem that gbsync reports has one of these stable ids."""

from types import MappingProxyType

from reconciler.config.rules import catalogue, integrations, live, reading, slips, structure, values
from reconciler.config.rules.rule import Rule

RULES = MappingProxyType(
    {
        rule.id: rule
        for room in (reading, structure, values, slips, catalogue, integrations, live)
        for rule in vars(room).values()
        if isinstance(rule, Rule)
    }
)
"""Every rule by its id."""

__all__ = ["RULES", "Rule", "catalogue", "integrations", "live", "reading", "slips", "structure", "values"]
