"""TODO-DOC reconciler/gitbook/client."""
