"""TODO-DOC reconciler/cli/commands."""
