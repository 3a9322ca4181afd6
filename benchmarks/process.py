"""What the kernel knows of a running process. Only Linux tells; anywhere else every answer is None."""

from __future__ import annotations

from pathlib import Path


def wakeups(pid: int) -> int | None:
    """Return how often its threads were put on a processor again: context switches, voluntary and not."""
    counts = [line.split()[1] for text in _of_threads(pid, "status") for line in text.splitlines() if "_ctxt_" in line]
    return sum(map(int, counts)) if counts else None


def cpu_s(pid: int) -> float | None:
    """Return the seconds that its threads have run."""
    times = [int(text.split()[0]) for text in _of_threads(pid, "schedstat")]
    return sum(times) / 1e9 if times else None


def rss_mb(pid: int) -> float | None:
    """Return its resident memory, shared pages included, in MB of 2**20 bytes."""
    return _memory_mb(pid, ("Rss:",))


def uss_mb(pid: int) -> float | None:
    """Return the memory that would be free without it, in MB of 2**20 bytes."""
    return _memory_mb(pid, ("Private_Clean:", "Private_Dirty:"))


def _memory_mb(pid: int, kinds: tuple[str, ...]) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith(kinds)) / 1024


def _of_threads(pid: int, name: str) -> list[str]:
    try:
        return [(thread / name).read_text() for thread in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
