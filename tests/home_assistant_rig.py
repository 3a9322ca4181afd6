"""A real Home Assistant for one test module, with a broker of its own, both on loopback.

It is built and driven by a harness that is no part of this project: scripts that a folder beside it may hold. Without
them there is nothing to test with. What they build stays in a cache for the next run.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import pytest
from broker import Mosquitto

ROOT: Final = Path(__file__).parent.parent
HARNESS: Final = Path(os.environ.get("NUDGER_HA_HARNESS", ROOT.parent / "shared" / "homeassistant"))
RELEASE: Final = os.environ.get("NUDGER_HA_RELEASE", "latest")
"""What the harness is to build: latest (2026.11), mid (2026.2), native (2025.4)."""
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "nudger-tests"
BUILT: Final = Path(os.environ.get("NUDGER_HA_BUILT", CACHE / f"home-assistant-{RELEASE}"))
BUILD_LIMIT_S: Final = 600.0
PATIENCE_S: Final = 30.0

BROKER_GONE: Final = (
    "Failed to connect to MQTT server",
    "Disconnected from MQTT server",
    "Error returned from MQTT",
    "failed to receive on socket",
)
"""What Home Assistant says of a broker that is away: nothing of ours."""


def requires_home_assistant() -> Path:
    """Return the folder of a built Home Assistant, building it if need be; skip where there is no harness."""
    if not (HARNESS / "setup.sh").exists():
        pytest.skip(f"no harness for Home Assistant at {HARNESS} (NUDGER_HA_HARNESS names another place)")
    if os.geteuid() != 0 and not (BUILT / "harness.json").exists():
        pytest.skip("to build Home Assistant the harness needs root")
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (BUILT / "harness.json").exists():
            command = (str(HARNESS / "setup.sh"), str(BUILT), RELEASE)
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT_S)
            if done.returncode:
                reason = f"Home Assistant could not be built: {done.stderr[-500:]}"
                (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return BUILT


class RunningHome:
    """Home Assistant and its broker. It also is the broker of a `House`, which must not end it."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs before the context is entered; ``folder`` holds logs."""
        self._built = requires_home_assistant()
        self._run = folder / "probe"
        spec = importlib.util.spec_from_file_location("ha_probe", HARNESS / "ha_probe.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._probe_class = module.HAProbe
        self.probe: Any = None
        self._read = 0

    def __enter__(self) -> Self:
        """Start both."""
        self._harness("up", "--env", str(self._built))
        self._load()
        return self

    def __exit__(self, *_: object) -> None:
        """End both."""
        self._harness("down")

    @property
    def port(self) -> int:
        """The broker's port."""
        return int(self.probe.mqtt_port)

    @property
    def version(self) -> str:
        """The release that runs."""
        return str(self.probe.env["ha_version"])

    def restart(self, what: str) -> None:
        """Restart ``ha`` or the ``broker`` in an orderly way; of Home Assistant, wait for its birth message."""
        self._harness(what, "restart")
        self._load()

    def kill_home(self) -> None:
        """Kill Home Assistant, and leave it dead until `start_home`."""
        os.kill(self.probe.procs["ha"].pid, signal.SIGKILL)
        self.until(lambda: not self.probe.procs["ha"].alive())

    def start_home(self) -> None:
        """Start Home Assistant, which is dead, and wait for its birth message."""
        self._harness("ha", "start")
        self._load()

    def kill_broker(self) -> None:
        """Kill the broker, and lose all that it had saved."""
        os.kill(self.probe.procs["broker"].pid, signal.SIGKILL)
        self.until(lambda: not self.probe.procs["broker"].alive())
        (self._run / "mosquitto.db").unlink(missing_ok=True)
        self._harness("broker", "start")
        self._load()

    def state(self, entity_id: str) -> str | None:
        """Return the state of an entity; None where there is none."""
        found = self.probe.state(entity_id)
        return None if found is None else str(found["state"])

    def attributes(self, entity_id: str) -> Mapping[str, Any]:
        """Return the attributes of an entity."""
        found: Mapping[str, Any] = self.probe.get(f"/api/states/{entity_id}")["attributes"]
        return found

    def entities(self, device: str) -> dict[str, str]:
        """Return the state of every entity whose unique id begins with that of the device."""
        found = self.probe.entities()
        return {each["entity_id"]: each["state"] for each in found if each["unique_id"].startswith(f"{device}_")}

    def device(self, identifier: str) -> Mapping[str, Any] | None:
        """Return the device of that id; None where there is none."""
        return next((each for each in self.probe.devices() if ["mqtt", identifier] in each["identifiers"]), None)

    def call(self, service: str, entity_id: str, **data: Any) -> None:
        """Call a service, such as button.press, on an entity."""
        self.probe.call(*service.split("."), {"entity_id": entity_id, **data})

    def until(self, condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline, f"waited {patience_s} s in vain; its log: {self.complaints()}"
            time.sleep(0.05)

    def until_state(self, entity_id: str, wanted: str) -> None:
        """Wait until an entity has that state."""
        deadline = time.monotonic() + PATIENCE_S
        while (state := self.state(entity_id)) != wanted:
            assert time.monotonic() < deadline, f"{entity_id} is {state}, not {wanted}"
            time.sleep(0.05)

    def complaints(self) -> list[str]:
        """Return its warnings since the last time, of MQTT and of templates, but for those that the broker is gone."""
        lines: list[str] = self.probe.log()
        new, self._read = lines[self._read :], len(lines)
        return [line for line in new if not any(words in line for words in BROKER_GONE)]

    def _load(self) -> None:
        self.probe = self._probe_class.load(str(self._run))

    def _harness(self, *arguments: str) -> None:
        command = (sys.executable, str(HARNESS / "ha_probe.py"), "--run", str(self._run), *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-500:]} {done.stderr[-2000:]}"


class SharedBroker:
    """Somebody else's broker, for a `House` that must neither start nor end it."""

    def __init__(self, owner: RunningHome | Mosquitto) -> None:
        """It runs already."""
        self.port = owner.port

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """It goes on running."""
