"""The only room that knows GitBook: its operations, its kinds, its manifest and its client."""
