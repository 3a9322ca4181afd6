"""What nudger costs, measured: `python -m benchmarks` prints the table of docs/performance.md.

Every subject is one module with a `measure(size)` that returns `Figure`s. Where a target is a ratio, its floor is
measured in the same run, because a machine's speed today says nothing about tomorrow's.
"""
