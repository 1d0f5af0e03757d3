"""TODO-DOC reconciler/lock."""
