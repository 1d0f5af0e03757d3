"""TODO-DOC reconciler/live."""
