"""TODO-DOC reconciler/config/language."""
