"""TODO-DOC reconciler/config/format."""
