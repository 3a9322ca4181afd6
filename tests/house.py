"""A whole house for end-to-end tests: a real broker, a real nudger process, and somebody who listens to every topic."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final, Self

import paho.mqtt.client as paho
from broker import Mosquitto
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_S: Final = 20.0


class Listener:
    """A client that keeps what it hears, in order."""

    def __init__(self, port: int) -> None:
        """Connect and subscribe to everything."""
        self.heard: list[tuple[str, str, bool]] = []
        self._lock = Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._listens = Event()
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._listens.set()
        self._client.on_disconnect = lambda *_: self._listens.clear()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(0.1, 1)  # type: ignore[arg-type]  # paho takes fractions, its hints do not
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        with self._lock:
            self.heard.append((message.topic, message.payload.decode(), message.retain))

    def say(self, topic: str, payload: str = "", *, retain: bool = False) -> None:
        """Publish, once we would hear it ourselves, and wait until the broker has it."""
        self._listens.wait(PATIENCE_S)
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_S)

    def on(self, topic: str) -> list[str]:
        """Return all payloads heard on that topic."""
        with self._lock:
            return [payload for name, payload, _ in self.heard if name == topic]

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


class House:
    """One broker, one nudger, one person: time in it runs ``scale`` times as fast."""

    def __init__(
        self, folder: Path, config: str, *, scale: float = 240.0, broker: Mosquitto | None = None, base: str = "nudger"
    ) -> None:
        """``config`` is YAML; ``{port}`` in it is the broker's port, ``base`` the base topic it sets."""
        self.folder = folder
        self.broker = broker or Mosquitto(folder / "broker")
        self.scale = scale
        self.base = base
        self.config = folder / "config.yaml"
        self._text = config
        self.process: subprocess.Popen[str] | None = None
        self.listener: Listener

    def __enter__(self) -> Self:
        """Start broker, listener and nudger, and wait until nudger is online."""
        self.broker.__enter__()
        self.listener = Listener(self.broker.port)
        try:
            self.write_config(self._text)
            self.start()
            self.until(lambda: "online" in self.listener.on(f"{self.base}/status"))
            self.until(lambda: self.state() is not None)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End everything by its own pid."""
        self.stop()
        self.listener.close()
        self.broker.__exit__(None, None, None)

    @property
    def env(self) -> Mapping[str, str]:
        """Return the environment of somebody whose home is empty."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {"HOME": str(home), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(self.folder / "run")}

    def write_config(self, text: str) -> None:
        """Write the config file."""
        self.config.write_text(text.replace("{port}", str(self.broker.port)))

    def start(self) -> None:
        """Start nudger."""
        (self.folder / "run").mkdir(mode=0o700, exist_ok=True)
        log = (self.folder / "nudger.log").open("a")
        scale = () if self.scale == 1 else ("--time-scale", str(self.scale))
        command = (sys.executable, "-m", "nudger", "run", "--plain", "--config", str(self.config), *scale)
        self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log, text=True)
        log.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End nudger and return its exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        status = self.process.wait(10)
        self.process = None
        return status

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a nudger command against the daemon."""
        command = (sys.executable, "-m", "nudger", *arguments)
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=30, check=False)

    def log(self) -> str:
        """Return what nudger wrote."""
        return (self.folder / "nudger.log").read_text()

    def state(self, person: str = "alex") -> dict[str, Any] | None:
        """Return the newest published state."""
        states = [text for text in self.listener.on(f"{self.base}/{person}/state") if text]
        return json.loads(states[-1]) if states else None

    def events(self, person: str = "alex") -> list[dict[str, Any]]:
        """Return all events so far."""
        return [json.loads(text) for text in self.listener.on(f"{self.base}/{person}/event")]

    def count(self, event_type: str) -> int:
        """Return how many events of that type there were."""
        return sum(event["event_type"] == event_type for event in self.events())

    def until(self, condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {patience_s} s in vain; state {self.state()}\n{self.log()[-3000:]}")
            time.sleep(0.02)

    def minutes(self, number: float) -> None:
        """Let that many of the house's minutes pass."""
        time.sleep(number * 60 / self.scale)
