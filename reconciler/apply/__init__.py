"""TODO-DOC reconciler/apply."""
