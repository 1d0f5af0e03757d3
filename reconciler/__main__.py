"""`python -m reconciler` is `gbsync`."""

from reconciler.cli import main

main()
