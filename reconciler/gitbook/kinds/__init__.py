"""TODO-DOC reconciler/gitbook/kinds."""
