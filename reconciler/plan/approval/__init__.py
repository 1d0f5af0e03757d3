"""Which steps of a plan a run may carry out: approved by class, reviewed before, or reported as drift."""
