"""What every stage works with: addresses, resources, secrets, digests, and the language of kinds."""
