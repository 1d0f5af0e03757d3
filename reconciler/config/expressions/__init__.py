"""TODO-DOC reconciler/config/expressions."""
