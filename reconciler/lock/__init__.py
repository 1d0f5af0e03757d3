"""Base: what was applied last. The document, and the stores that keep it between runs."""
