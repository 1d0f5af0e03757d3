"""Plans: for terminals, pull requests, programs and browsers, and their order as a graph."""
