"""The matrix: which site and space has which integration, and how each stands."""
