"""Commits to the store of a FILE as fast as it can, and prints each number once it is in, for a test that kills it."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from health_rig import health

from nudger.core.effects import RecordBout, RecordCheckIn, RecordOutcome, RecordPrompt
from nudger.core.recovery.told import Entry
from nudger.core.state import Prompt, State, Today
from nudger.core.words import Outcome, PromptKind
from nudger.store import Store

START = datetime(2026, 11, 22, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1)


def main(path: Path) -> None:
    """Write bout after bout, each with a prompt, its outcome and a score; go on where the file ends."""
    store = Store.open(path, now=START, log=logging.getLogger("kill9"))
    saved = store.load_states().get("alex")
    for number in count(saved.seed + 1 if saved else 0):
        now = START + timedelta(seconds=number)
        # The seed doubles as the number of the last commit.
        state = State(at=now, seed=number, today=Today(date(2026, 11, 22)), health=health("daily_walks"))
        prompt = Prompt(f"alex-{number}", "walk", "Walk", "", "walk", PromptKind.BREAK, timedelta(minutes=2), now, now)
        effects = (
            RecordBout(now, now + timedelta(seconds=1), timedelta(seconds=1)),
            RecordPrompt(prompt, timedelta(minutes=25), "daily_walks"),
            RecordOutcome(prompt.id, Outcome.FOLLOWED, timedelta(seconds=30)),
            RecordCheckIn(Entry(FIRST_DAY + timedelta(days=number), "morning", number % 11)),
        )
        if store.commit(now, [("alex", state, effects)], durable=number % 10 == 0):
            print(number, flush=True)  # noqa: T201  (the test reads it)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
