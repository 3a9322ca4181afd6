"""The nudger that is measured: the real program, as its own process, at a desk with a lamp."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.broker import end
from benchmarks.wire import Wire, publication
from nudger.config.load import load
from nudger.config.settings import policy
from nudger.core.events import SignalChanged
from nudger.library import load_ladder, load_language
from nudger.people import People
from nudger.store import Store
from nudger.vocabulary import vocabulary

STATUS = "nudger/status"
SIGNAL = "mmwave"
SAT = timedelta(minutes=40)
"""Longer than any stage's `hard`: the first live message finds a prompt due."""
STARTS_WITHIN_S = 30.0
OURS_TO_SAY = ("XDG_", "NOTIFY_", "PYTHONDONTWRITEBYTECODE")
"""Variables that the daemon does not get from whoever runs the benchmarks: where things lie, systemd, and that modules
are compiled anew at each start, which no installed program does."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the desk, and their topics."""

    id: str

    @property
    def presence(self) -> str:
        """Where their presence sensor reports, in JSON as Zigbee2MQTT writes it."""
        return f"zigbee2mqtt/{self.id}_presence"

    @property
    def lamp(self) -> str:
        """Where their lamp reports."""
        return f"zigbee2mqtt/{self.id}_lamp"

    @property
    def command(self) -> str:
        """Where their lamp takes commands."""
        return f"{self.lamp}/set"

    @property
    def state(self) -> str:
        """Where nudger tells how they are."""
        return f"nudger/{self.id}/state"

    @property
    def event(self) -> str:
        """Where nudger tells what happens to them."""
        return f"nudger/{self.id}/event"

    def message(self, *, there: bool, packet_id: int = 0) -> bytes:
        """Return the packet in which the presence sensor says whether somebody is there; see `publication`."""
        payload = {"battery": 97, "illuminance": 212, "linkquality": 120, "occupancy": there, "voltage": 3000}
        return publication(self.presence, json.dumps(payload, separators=(",", ":")).encode(), packet_id=packet_id)

    def config(self) -> str:
        """Return their part of the config file."""
        return f"""
  {self.id}:
    stage: daily_walks
    signals:
      - name: {SIGNAL}
        kind: presence
        state_topic: {self.presence}
        value_template: "{{{{ value_json.occupancy }}}}"
        payload_on: true
        payload_off: false
        qos: 1
    outputs:
      - {{type: light, preset: zigbee2mqtt, name: {self.id}_lamp}}
"""


class Desk:
    """A folder with a config, and everything nudger writes."""

    def __init__(self, folder: Path, port: int, persons: Sequence[Person]) -> None:
        """``port`` is the broker's."""
        self.config = folder / "config.yaml"
        people = "".join(person.config() for person in persons)
        self.config.write_text(f"time_zone: UTC\nmqtt: {{host: 127.0.0.1, port: {port}}}\npeople:{people}")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(OURS_TO_SAY)},
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_RUNTIME_DIR": str(folder),
        }
        self._persons = persons
        self._database = folder / "state" / "nudger" / "nudger.db"

    def command(self, *arguments: str) -> list[str]:
        """Return how to call nudger."""
        return [sys.executable, "-m", "nudger", *arguments]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the daemon, and return at once."""
        return subprocess.Popen(
            self.command("run", "--plain", "-c", str(self.config)),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def sit_down(self) -> None:
        """Write the state of a nudger under which everybody has been sitting for `SAT`, up to this very moment."""
        now = datetime.now(UTC)
        settings = load(self.config, vocabulary())
        store = Store.open(self._database, now=now - SAT, log=logging.getLogger("benchmarks"))
        people = People(store, lambda *_: None)
        for person in settings.people.values():
            words = load_language(person.language)
            chosen = policy(person, ladder=load_ladder(), words=words, zone=settings.zone)
            people.add(chosen, None, now - SAT)
            people.handle(person.id, SignalChanged(SIGNAL, on=True), now - SAT)
        store.beat(now)
        store.close()

    def light_up(self, wire: Wire) -> None:
        """Let every lamp report that it shines white, as lamps do whose reports are retained."""
        payload = b'{"brightness":120,"color_mode":"color_temp","color_temp":370,"state":"ON"}'
        for person in self._persons:
            wire.send(publication(person.lamp, payload, retain=True))


@contextmanager
def desk(port: int, *persons: Person) -> Iterator[Desk]:
    """Set a desk up, and clear it away at the end."""
    with TemporaryDirectory(prefix="nudger-bench-") as folder:
        yield Desk(Path(folder), port, persons)


@contextmanager
def running(at: Desk, wire: Wire) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon until the end of the context; entered when it is subscribed. ``wire`` has to listen to STATUS."""
    process = at.start()
    try:
        wire.wait_for(STATUS, b"online", STARTS_WITHIN_S)
        yield process
    finally:
        end(process)
