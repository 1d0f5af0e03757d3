"""One call per operation: authorized, paced for all workers together, repeated where that is safe."""
