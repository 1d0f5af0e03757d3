"""The only package that knows GitBook: its client, its operations and its kinds."""
