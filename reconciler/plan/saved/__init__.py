"""A plan as a JSON document, and back: without any secret value, with a checksum."""
