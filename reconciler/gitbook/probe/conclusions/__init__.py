"""From what was seen to the switch that imitates it: pure functions, a module for each step of the probe."""
