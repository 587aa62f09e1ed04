"""Speed, as figures measured side by side in one run: ``python -m benchmarks``.

Machines are noisy, so nearly every figure is a ratio of two things timed in turns within the
same run. A figure is a function that returns :class:`Figure`; its goal is a test of nothing,
only printed beside the value.
"""
