"""Files written by gbsync: `fmt`, the JSON Schema for editors, and exports."""
