"""Lamps that obey commands and report what they show, each in its own language, and the wire between them and us."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from nudger.outputs.light import Lamps, LightOptions
from nudger.outputs.look import rgb_of_hex, xy_of_rgb

State = dict[str, Any]
Reports = list[tuple[str, bytes]]


class SimulatedLamp(Protocol):
    """A lamp. ``state`` is what it shows, in its own words; a person changes it with ``touch``."""

    state: State
    reports_are_kept: bool

    def obey(self, topic: str, payload: str) -> Reports:
        """Carry out a command, and report."""

    def touch(self, state: State) -> Reports:
        """Be changed by hand, and report."""

    def report(self) -> Reports:
        """Say what it shows."""


def is_on(lamp: SimulatedLamp) -> bool:
    """Tell whether the lamp is lit."""
    return "ON" in (lamp.state.get("state"), lamp.state.get("POWER"))


class ZigbeeLamp:
    """A bulb behind Zigbee2MQTT; ``colours`` false for one that knows only shades of white."""

    reports_are_kept = False

    def __init__(self, name: str = "desk", *, colours: bool = True) -> None:
        self.topic = f"zigbee2mqtt/{name}"
        self.colours = colours
        self.state: State = {"state": "ON", "brightness": 200, "color_mode": "color_temp", "color_temp": 370}

    def obey(self, topic: str, payload: str) -> Reports:
        command = json.loads(payload)
        if topic == f"{self.topic}/get":
            return self.report()
        assert topic == f"{self.topic}/set", topic
        if "color" in command and self.colours:
            color = dict(command["color"])
            if "hex" in color:
                x, y = xy_of_rgb(*rgb_of_hex(color["hex"]))
                color = {"x": round(x, 4), "y": round(y, 4)}
            self.state.pop("color_temp", None)
            self.state |= {"color": color, "color_mode": "xy" if "x" in color else "hs"}
        if "color_temp" in command:
            self.state.pop("color", None)
            self.state |= {"color_temp": command["color_temp"], "color_mode": "color_temp"}
        self.state |= {key: command[key] for key in ("state", "brightness") if key in command}
        return self.report()

    def touch(self, state: State) -> Reports:
        self.state = dict(state)
        return self.report()

    def report(self) -> Reports:
        return [(self.topic, json.dumps({**self.state, "linkquality": 90, "update": {"state": "idle"}}).encode())]


class JsonLampOfHomeAssistant:
    """A lamp that speaks Home Assistant's JSON schema and whose reports the broker keeps, as ESPHome's are."""

    reports_are_kept = True

    def __init__(self) -> None:
        self.state: State = {"state": "ON", "brightness": 200, "color_mode": "rgb", "color": {"r": 0, "g": 0, "b": 255}}

    def obey(self, topic: str, payload: str) -> Reports:
        assert topic == "lamp/command", topic
        command = json.loads(payload)
        if "color" in command:
            self.state.pop("color_temp", None)
            self.state |= {"color": command["color"], "color_mode": "rgb"}
        if "color_temp" in command:
            self.state.pop("color", None)
            self.state |= {"color_temp": command["color_temp"], "color_mode": "color_temp"}
        self.state |= {key: command[key] for key in ("state", "brightness", "effect") if key in command}
        return self.report()

    def touch(self, state: State) -> Reports:
        self.state = dict(state)
        return self.report()

    def report(self) -> Reports:
        return [("lamp/state", json.dumps(self.state).encode())]


class TasmotaBulb:
    """A bulb that runs Tasmota."""

    reports_are_kept = False

    def __init__(self) -> None:
        self.state: State = {"POWER": "ON", "Dimmer": 90, "HSBColor": "0,0,0", "White": 90, "CT": 300}

    def obey(self, topic: str, payload: str) -> Reports:
        prefix, name, command = topic.split("/")
        assert (prefix, name) == ("cmnd", "desk"), topic
        commands = payload.split("; ") if command == "Backlog" else [f"{command} {payload}"]
        return [report for each in commands for report in self._do(*each.split(" ", 1))]

    def _do(self, command: str, argument: str) -> Reports:
        match command:
            case "Power":
                self.state["POWER"] = argument
                return [("stat/desk/RESULT", json.dumps({"POWER": argument}).encode()), ("stat/desk/POWER", b"...")]
            case "HSBColor":
                self.state |= {"POWER": "ON", "HSBColor": argument, "White": 0, "Dimmer": int(argument.split(",")[2])}
            case "CT":
                dimmer = self.state["Dimmer"]
                self.state |= {"POWER": "ON", "HSBColor": "0,0,0", "White": dimmer, "CT": int(argument)}
            case "Dimmer":
                self.state |= {"POWER": "ON", "Dimmer": int(argument)}
                if self.state["White"]:
                    self.state["White"] = int(argument)
            case "State":
                return [("stat/desk/RESULT", json.dumps({"Time": "2026-11-22T15:00:00", **self.state}).encode())]
            case _:
                assert command == "Speed2", command
                return [("stat/desk/RESULT", b'{"Speed2":4}')]
        return self.report()

    def touch(self, state: State) -> Reports:
        self.state = dict(state)
        return self.report()

    def report(self) -> Reports:
        return [("stat/desk/RESULT", json.dumps(self.state).encode())]


class Store:
    """Records of lamps that outlive a `Lamps`."""

    def __init__(self) -> None:
        self.saved: dict[str, str] = {}

    def load_lamps(self) -> dict[str, str]:
        return dict(self.saved)

    def save_lamp(self, topic: str, snapshot: str) -> None:
        self.saved[topic] = snapshot

    def forget_lamp(self, topic: str) -> None:
        self.saved.pop(topic, None)


class Wire:
    """One broker, one lamp, one `Lamps`, and a clock. Reports of the lamp wait until they are delivered."""

    def __init__(self, lamp: SimulatedLamp | None, *specs: tuple[str, dict[str, Any]]) -> None:
        self.lamp = lamp
        self.specs = [(person, LightOptions.model_validate({"type": "light", **options})) for person, options in specs]
        self.now = 1000.0
        self.store = Store()
        self.sent: list[tuple[str, str]] = []
        self.refused = 0
        self.is_up = True
        self.waiting: deque[tuple[str, bytes]] = deque()
        self.kept: dict[str, bytes] = {}
        self.start()

    def start(self) -> None:
        """Start the program, which may have crashed before."""
        self.waiting.clear()
        self.lamps = Lamps(self._publish, self.store, self.specs, lambda: self.now)
        if self.is_up:
            self.link(up=True)

    def link(self, *, up: bool) -> None:
        """The link comes or goes, and with it all that was under way."""
        self.is_up = up
        self.waiting.clear()
        if up:
            self.lamps.link_up()
            for topic, payload in self.kept.items():
                self.lamps.receive(topic, payload, True)

    def _publish(self, topic: str, payload: str, *, qos: int = 0, retain: bool = False) -> bool:
        assert (qos, retain) == (1, False)
        if not self.is_up:
            self.refused += 1
            return False
        self.sent.append((topic, payload))
        if self.lamp is not None:
            self._reported(self.lamp.obey(topic, payload))
        return True

    def _reported(self, reports: Reports) -> None:
        if self.lamp is not None and self.lamp.reports_are_kept:
            self.kept |= dict(reports)
        if self.is_up:
            self.waiting.extend(reports)

    def deliver(self) -> None:
        """Deliver every report that waits."""
        while self.waiting:
            topic, payload = self.waiting.popleft()
            if topic in self.lamps.subscriptions():
                self.lamps.receive(topic, payload, False)

    def touch(self, state: State) -> None:
        """Somebody changes the lamp by hand."""
        assert self.lamp is not None
        self.deliver()
        self._reported(self.lamp.touch(state))
        self.deliver()

    def passes(self, seconds: float) -> None:
        """Time passes; deadlines within it are kept."""
        until = self.now + seconds
        self.deliver()
        while (due := self.lamps.wakeup()) is not None and due <= until:
            self.now = max(self.now, due)
            self.lamps.tick()
            self.deliver()
        self.now = until

    def commands(self, act: Callable[[], object]) -> list[tuple[str, str]]:
        """Return what is sent while ``act`` runs."""
        before = len(self.sent)
        act()
        return self.sent[before:]
