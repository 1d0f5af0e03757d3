"""TODO-DOC reconciler/resources."""
