"""TODO-DOC reconciler/config/yaml."""
