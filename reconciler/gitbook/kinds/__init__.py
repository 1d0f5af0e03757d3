"""One file per kind of resource; `table.py` lists them."""
