"""TODO-DOC reconciler/render/matrix."""
