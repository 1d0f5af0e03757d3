"""Reports: what an apply did, for people and for programs."""
