"""YAML files → mappings and lists that remember the line of every key: files, parser, nodes, overlays."""
