"""TODO-DOC reconciler/render/drift."""
