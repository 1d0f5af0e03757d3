"""Desired, live, base and policy → a plan: every step, its reason, and what it expects to find. Pure."""
