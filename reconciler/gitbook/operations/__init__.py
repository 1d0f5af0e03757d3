"""One row per operation of GitBook's API: parameters, bodies, replies, and who may call it."""
