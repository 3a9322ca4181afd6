"""Notification services: a real one on a screen that nobody sees (dunst, on Xvfb), and a small one that can fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final, Literal, Self

from message_bus import PATIENCE_S, BusDaemon, RefusedError, Service, requires
from screen import Screen

NAME: Final = "org.freedesktop.Notifications"
PATH: Final = "/org/freedesktop/Notifications"

_CONFIG: Final = """[global]
width = 400
height = 200
origin = top-right
offset = 20x20
font = Sans 12
markup = full
format = "<b>%s</b>\\n%b"
dmenu = {picker}
mouse_left_click = do_action
[urgency_low]
timeout = 1
"""

_PICKER: Final = """#!/bin/sh
grep -F -m 1 "$(cat {wanted})"
"""


class Dunst:
    """One dunst, its files under ``directory``. As a context manager it starts and stops, with a bus and a screen."""

    def __init__(self, directory: Path) -> None:
        """Write the configuration; the menu of buttons is one that picks what `press` wants."""
        self._program = requires("dunst", "these tests need a real notification service")
        directory.mkdir(parents=True, exist_ok=True)
        self.bus = BusDaemon(directory / "bus")
        self.screen = Screen()
        self._directory = directory
        self._wanted = directory / "wanted"
        picker = directory / "picker"
        picker.write_text(_PICKER.format(wanted=self._wanted))
        picker.chmod(0o755)
        (directory / "dunstrc").write_text(_CONFIG.format(picker=picker))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _env(self) -> dict[str, str]:
        home = str(self._directory)
        return {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_RUNTIME_DIR": home,
            "DISPLAY": self.screen.display,
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
        }

    def start(self) -> None:
        """Start, and return once it answers."""
        command = (self._program, "-config", str(self._directory / "dunstrc"))
        with (self._directory / "log").open("a") as log:
            self._process = subprocess.Popen(command, env=self._env, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while self._ctl("count").returncode != 0:
            assert self._process.poll() is None, f"dunst ended at once: {(self._directory / 'log').read_text()}"
            assert time.monotonic() < deadline, "dunst does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def suspend(self) -> None:
        """Stop it from running (SIGSTOP)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again (SIGCONT)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def shown(self) -> int:
        """Return how many notifications are on the screen."""
        return int(self._ctl("count", "displayed").stdout)

    def history(self) -> list[dict[str, Any]]:
        """Return what was closed, the last first, with its texts."""
        return [
            {key: value["data"] for key, value in entry.items()}
            for entry in json.loads(self._ctl("history").stdout)["data"][0]
        ]

    def press(self, label: str) -> None:
        """Press the button with that label on the notification that shows."""
        self._wanted.write_text(f"#{label} ")
        assert self._ctl("context").returncode == 0

    def close_all(self) -> None:
        """Close what shows, as a person does."""
        self._ctl("close-all")

    def set_paused(self, paused: bool) -> None:
        """Switch do-not-disturb."""
        self._ctl("set-paused", str(paused).lower())

    def _ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["dunstctl", *arguments], env=self._env, capture_output=True, text=True, check=False)

    def __enter__(self) -> Self:
        """Start bus, screen and service."""
        self.bus.__enter__()
        self.screen.__enter__()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End all of them."""
        self.stop()
        self.screen.__exit__(None, None, None)
        self.bus.__exit__(None, None, None)


class Plain(Service):
    """A notification service that remembers what it was asked to show."""

    def __init__(self, *capabilities: str) -> None:
        """It can do what it says."""
        self.mood: Literal["works", "fails", "hangs"] = "works"
        self.titles: list[str] = []
        self._numbers = iter(range(7, 1000))
        super().__init__(
            NAME,
            {
                (NAME, "GetCapabilities"): ("as", [list(capabilities)]),
                (NAME, "Notify"): self._notify,
                (NAME, "CloseNotification"): ("", []),
            },
        )

    def _notify(self, *given: Any) -> tuple[str, list[Any]] | None:
        if self.mood == "fails":
            raise RefusedError
        if self.mood == "hangs":
            return None
        self.titles.append(given[3])
        return "u", [given[1] or next(self._numbers)]

    def last(self) -> dict[str, Any]:
        """Return what it showed last."""
        app, replaces, icon, title, body, actions, hints, expires = self.asked("Notify")[-1]
        return {
            "app": app,
            "replaces": replaces,
            "icon": icon,
            "title": title,
            "body": body,
            "actions": actions,
            "hints": {name: variant.value for name, variant in hints.items()},
            "expires": expires,
        }

    async def press(self, number: int, key: str) -> None:
        """Tell that a button was pressed."""
        await self.emit(PATH, NAME, "ActionInvoked", "us", number, key)
