"""Where things live on this machine, and the lock that keeps a second daemon away from them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

SYSTEM_CONFIG: Final = Path("/etc/nudger/config.yaml")


class AlreadyRunning(Exception):  # noqa: N818  (it names what is, and is caught by that name)
    """Another process holds the lock; ``pid`` is None in the instant before it has written its number."""

    def __init__(self, pid: int | None, folder: Path) -> None:
        who = "another nudger" if pid is None else f"another nudger (process {pid})"
        super().__init__(f"{who} is using {folder}")
        self.pid = pid


def state_dir(env: Mapping[str, str]) -> Path:
    """Return the folder of the history: systemd's, else $XDG_STATE_HOME/nudger, else ~/.local/state/nudger."""
    return _given(env, "STATE_DIRECTORY") or _base(env, "XDG_STATE_HOME", ".local/state") / "nudger"


def runtime_dir(env: Mapping[str, str]) -> Path:
    """Return the folder of the socket: systemd's, else $XDG_RUNTIME_DIR/nudger, else the state folder."""
    session = _absolute(env, "XDG_RUNTIME_DIR")
    return _given(env, "RUNTIME_DIRECTORY") or (session / "nudger" if session else state_dir(env))


def config_places(env: Mapping[str, str], system: Path = SYSTEM_CONFIG) -> tuple[Path, ...]:
    """Return where a config file is looked for, in order; for a message that says so."""
    return (_base(env, "XDG_CONFIG_HOME", ".config") / "nudger" / "config.yaml", system)


def config_path(env: Mapping[str, str], system: Path = SYSTEM_CONFIG) -> Path | None:
    """Return the first config file there is, None without one.

    A place that this user may not look into counts as there, so that reading it tells why it cannot be used.
    """
    for path in config_places(env, system):
        try:
            path.stat()
        except PermissionError:
            return path
        except OSError:
            continue
        return path
    return None


def make_private(folder: Path) -> None:
    """Create the folder, for its owner only. One that is there already stays as its owner made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


class StateLock:
    """The state folder belongs to this process for as long as this is entered; AlreadyRunning when it cannot be.

    The kernel holds the lock, so it ends with the process however that ends. Where the folder cannot be written, or its
    file system knows no locks, it is not taken (``held`` is False) and nobody is kept out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process holds the lock."""
        return self._fd is not None

    def __enter__(self) -> Self:
        import fcntl  # noqa: PLC0415  (not on Windows, where commands that need no lock still work)

        try:
            make_private(self._folder)
            fd = os.open(self._folder / "nudger.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return self
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(fd, 20, 0)
            os.close(fd)
            raise AlreadyRunning(int(owner) if owner.isdigit() else None, self._folder) from None
        except OSError:
            os.close(fd)
            return self
        self._fd = fd
        with suppress(OSError):  # a full disk: the lock holds all the same, only without a number
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        return self

    def __exit__(self, *_: object) -> None:
        # The file stays: to remove it would let two processes lock two files of one name.
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _given(env: Mapping[str, str], name: str) -> Path | None:
    """Return the first folder that systemd named (it separates several by colons)."""
    first = env.get(name, "").split(":")[0]
    return Path(first) if first else None


def _base(env: Mapping[str, str], name: str, default: str) -> Path:
    return _absolute(env, name) or Path(env.get("HOME") or Path.home()) / default


def _absolute(env: Mapping[str, str], name: str) -> Path | None:
    """Return the folder of an XDG variable; the XDG specification has relative ones ignored."""
    path = Path(env.get(name, ""))
    return path if path.is_absolute() else None
