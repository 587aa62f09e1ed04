"""What the pages ask of real Keras layers, and what comes back: a pair of records each.

Keras-free: pages make the first record from their state and read the second by attribute. The
generator that makes the second of the first is in `bncore.keras`, and runs in a worker.
"""
