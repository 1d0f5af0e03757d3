"""What the keys of the file mean: the catalogue, selectors, bodies, manifests → declared resources."""
