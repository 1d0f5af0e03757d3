"""TODO-DOC reconciler/gitbook/operations."""
