"""The history after a power cut: never damaged, and what a person entered is there."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from powercut import Recorder, cuts

from nudger.store import Store

COMMITS = 400
"""Enough for the write-ahead log to be carried over into the database more than once."""
FIRST = 120
"""Steps in which the database comes into being: a cut at each of them."""
CUTS = 120
DURABLE_EVERY = 10
"""As kill9_writer does it: that many commits, and what was entered with the last of them must be kept."""


@pytest.mark.slow
def test_a_power_cut_damages_nothing_and_costs_nothing_that_was_entered(tmp_path: Path) -> None:
    home = tmp_path / "state"
    home.mkdir(mode=0o700)
    recorder = Recorder(tmp_path, home)
    command = [sys.executable, str(Path(__file__).with_name("kill9_writer.py")), str(home / "nudger.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **recorder.env}) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= COMMITS:
                break
        writer.kill()
    steps = recorder.steps()
    assert sum(step.what == "S" for step in steps) > COMMITS / DURABLE_EVERY
    assert {step.file for step in steps if step.what == "W"} >= {"nudger.db", "nudger.db-wal"}

    lost = 0
    chance = random.Random(30)  # noqa: S311  (it has to repeat itself)
    moments = {*range(FIRST), *chance.sample(range(len(steps)), CUTS)}
    for found, said in cuts(steps, tmp_path / "cuts", moments, chance):
        acknowledged = int(said.split()[-1]) if b"\n" in said else -1
        store = Store.open(found / "nudger.db", now=datetime.now(UTC), log=logging.getLogger("powercut"))
        assert store.notice is None
        assert store.degraded is None
        states = store.load_states()
        store.close()
        kept = states["alex"].seed if states else -1
        entered = acknowledged - acknowledged % DURABLE_EVERY if acknowledged >= 0 else -1
        assert kept >= entered, f"{entered} was acknowledged for good, {kept} is the last one there"
        lost += kept < acknowledged
        with closing(sqlite3.connect(found / "nudger.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT count(*) FROM checkins").fetchone() == (kept + 1,)
    assert lost, "none of the cuts took anything: they were none"
