"""TODO-DOC reconciler/plan/saved."""
