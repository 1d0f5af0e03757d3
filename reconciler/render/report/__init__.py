"""TODO-DOC reconciler/render/report."""
