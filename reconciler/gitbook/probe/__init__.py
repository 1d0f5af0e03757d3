"""What the real API does where its reference is silent, tried with integrations of the probe's own.

    calls ─► steps (what is sent) ─► evidence ─► conclusions (pure) ─► findings

Each finding has the name of the sandbox's switch that imitates it.
"""
