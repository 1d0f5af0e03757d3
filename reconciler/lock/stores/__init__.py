"""TODO-DOC reconciler/lock/stores."""
