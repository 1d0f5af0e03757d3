"""Base, what was applied last: its document, what a store can do, and the stores themselves."""
