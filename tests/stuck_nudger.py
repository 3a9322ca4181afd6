"""Runs nudger with a fault built in: while the file STUCK is there, its deadlines fail, or its loop hangs in one.

STUCK holds ``fail`` or ``hang``; what follows on the command line is nudger's own.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

from nudger.cli.main import main
from nudger.people import People

stuck = Path(sys.argv.pop(1))
keep = People.tick


def tick(self: People, now: datetime) -> int:
    """Keep the deadlines that are due, unless the fault is there."""
    if not stuck.exists():
        return keep(self, now)
    if stuck.read_text() == "fail":
        raise RuntimeError("a fault that was built in")
    while stuck.exists():
        time.sleep(0.05)
    return 0


People.tick = tick  # type: ignore[method-assign]  # that is the fault
main(prog_name="nudger")
