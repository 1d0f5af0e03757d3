"""TODO-DOC reconciler/render/plan."""
