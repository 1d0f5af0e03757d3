"""A plan → requests → a report: scheduler, executor, preconditions, payloads, and the lock writer."""
