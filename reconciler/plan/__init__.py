"""TODO-DOC reconciler/plan."""
