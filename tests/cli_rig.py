"""A nudger process of one's own, without a broker, and its command line in this process."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from click.testing import CliRunner, Result

from nudger.cli.main import main
from nudger.core.hours import local_day
from nudger.core.recovery.course import Recovery
from nudger.core.state import Health, State, Today
from nudger.store import Store

PATIENCE_S: Final = 20.0


def in_the_morning() -> ZoneInfo:
    """Return a zone in which it is about nine in the morning: whoever has no config is left alone at night."""
    ahead = 9 - datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT{-ahead if ahead >= -12 else -ahead - 24:+d}")


class Home:
    """The empty home of somebody who has nudger; short, for a socket's path may not be long."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is there, and empty."""
        self.folder = folder
        self.env: Mapping[str, str] = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "TZ": "UTC",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        self.state = folder / "state" / "nudger"
        self.process: subprocess.Popen[Any] | None = None

    def call(self, *args: str, input_: str | None = None, **env: str) -> Result:
        """Run a command in this process."""
        with _environment({**self.env, **env}):
            return CliRunner().invoke(main, args, input=input_, prog_name="nudger")

    def run(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own."""
        command = (sys.executable, "-m", "nudger", *args)
        return subprocess.run(command, env={**self.env, **env}, capture_output=True, text=True, timeout=30, check=False)

    def write(self, text: str, name: str = "config/nudger/config.yaml") -> Path:
        """Write a file; by default the config that nudger finds by itself."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def start(self, *args: str) -> None:
        """Start `nudger run`, and wait until it answers."""
        with (self.folder / "log").open("a") as log:
            command = (sys.executable, "-m", "nudger", "run", *args)
            self.process = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.until(lambda: self.call("status").exit_code == 0)

    def stop(self) -> int:
        """End it as systemd does; return its exit status."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        return process.wait(10)

    def remember(self, person: str, recovery: Recovery, zone: tzinfo = UTC) -> None:
        """Put something that was told earlier into the history of one who has none; nudger is not running."""
        self.state.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        store = Store.open(self.state / "nudger.db", now=now, log=logging.getLogger("nudger"))
        state = State(at=now, seed=1, today=Today(local_day(zone, now)), health=Health(recovery))
        store.commit(now, ((person, state, ()),), durable=True)
        store.close()

    def log(self) -> str:
        """Return all that it wrote."""
        return (self.folder / "log").read_text()

    def status(self, person: str = "me") -> Any:
        """Return a person's state."""
        return json.loads(self.call("status", "--json").stdout)["persons"][person]

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE_S} s in vain\n{self.log()[-3000:]}"
            time.sleep(0.02)


@contextmanager
def a_home() -> Iterator[Home]:
    """Give a home, and end what runs in it afterwards."""
    with tempfile.TemporaryDirectory(prefix="nudger-") as folder:
        home = Home(Path(folder))
        try:
            yield home
        finally:
            home.stop()


@contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
