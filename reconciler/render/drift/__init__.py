"""Drift: what moved since the last apply, and which side moved."""
