"""nudger as a systemd service of your own session: install, uninstall, status.

Each function returns lines for people to read and raises `ServiceError` with one line that says what to do instead,
or OSError where a file cannot be written.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

from nudger.state_dir import config_places, make_private, state_dir

UNIT = "nudger.service"

_SEAL = "# Written by nudger; put changes into a drop-in (systemctl --user edit nudger). Seal: "
_STATE_HOME = "%h/.local/state"
_NAMESPACES = re.compile(
    r"^# begin: needs user namespaces\n.*^# end: needs user namespaces\n", re.MULTILINE | re.DOTALL
)

_START_LIMIT_S = 120
"""systemctl waits until the daemon is ready, or until systemd gives up after 90 s."""


class ServiceError(Exception):
    """The service could not be installed, removed or asked; the message is for people."""


def unit_path() -> Path:
    """Where the unit file of this user's nudger lies."""
    config_home = config_places(os.environ)[0].parents[1]
    return config_home / "systemd" / "user" / UNIT


def install(config: Path | None = None, *, force: bool = False) -> list[str]:
    """Write the unit file, enable it and start it, or start it anew with what has changed.

    ``config`` is what the service is to run with; None leaves it to look where `nudger run` looks. A unit file that was
    changed by hand is replaced only with ``force``, and kept beside it as ``.bak``.
    """
    systemctl = _systemctl()
    manager = _manager_answers(systemctl)
    sandbox = not manager or _namespaces_work()
    path, text = unit_path(), render(config, sandbox=sandbox)

    old = _read(path)
    if old == text:
        lines = [f"{path} is as it should be"]
    else:
        _mind_changes(path, old, force=force)
        lines = _remove(path, old)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        lines.append(f"wrote {path}")
    if not sandbox:
        lines.append("this system gives users no namespaces: the service runs without the fence around your files")
    # The unit may write nowhere else, and systemd starts it only where the folder is there.
    make_private(_state_dir())

    if not manager:
        return [
            *lines,
            "no session of systemd answers here; in your desktop session, run:",
            "  systemctl --user daemon-reload",
            f"  systemctl --user enable --now {UNIT}",
        ]
    _run(systemctl, "daemon-reload")
    if old not in (None, text):
        _run(systemctl, "try-restart", UNIT)
    _run(systemctl, "enable", "--now", UNIT)
    return [*lines, "nudger runs, and starts whenever you log in"]


def uninstall(*, force: bool = False) -> list[str]:
    """Stop and disable the service and remove its unit file. Config and history stay."""
    systemctl = _systemctl()
    path = unit_path()
    old = _read(path)
    if old is None:
        return [f"nothing to remove: there is no {path}"]
    _mind_changes(path, old, force=force)
    if _manager_answers(systemctl):
        _run(systemctl, "disable", "--now", UNIT)
        lines = _remove(path, old)
        _run(systemctl, "daemon-reload")
    else:
        (path.parent / "default.target.wants" / UNIT).unlink(missing_ok=True)
        lines = _remove(path, old)
    return [*lines, f"removed {path}; config and history stay"]


def status() -> list[str]:
    """How the service fares."""
    systemctl = _systemctl()
    path = unit_path()
    unit = _read(path)
    if unit is None:
        return ["not installed; `nudger service install` does that"]
    lines = [f"unit: {path}" + ("" if _sealed(unit) else " (changed by hand)")]
    if not _manager_answers(systemctl):
        return [*lines, "no session of systemd answers here"]
    shown = _run(systemctl, "show", UNIT, "--property=ActiveState,SubState,UnitFileState,StatusText,Result")
    state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    lines.append(f"state: {state.get('ActiveState')} ({state.get('SubState')}), {state.get('UnitFileState')}")
    if state.get("StatusText"):
        lines.append(f"says: {state['StatusText']}")
    if state.get("Result") != "success":
        lines.append(f"failed: {state.get('Result')}; see `journalctl --user -u nudger`")
    return lines


def render(config: Path | None, *, sandbox: bool = True) -> str:
    """The unit file for this user, interpreter and ``config``; ``sandbox`` False leaves out what needs namespaces."""
    command = [*_program(), "run"]
    if config is not None:
        command += ["--config", str(config.expanduser().absolute())]
    exec_start = " ".join('"' + _escaped(part).replace("$", "$$") + '"' for part in command)
    text = _unit_text()
    if not sandbox:
        text = _NAMESPACES.sub("", text)
    text = re.sub(r"^ExecStart=.*$", lambda _: f"ExecStart={exec_start}", text, flags=re.MULTILINE)
    if os.environ.get("XDG_STATE_HOME"):
        text = text.replace(_STATE_HOME, _escaped(str(_state_dir().parent)))
    return f"{_SEAL}{_digest(text)}\n{text}"


def _unit_text() -> str:
    """The unit as we ship it: inside the package, or beside it in a checkout."""
    shipped = resources.files("nudger") / "data" / "systemd" / "nudger-user.service"
    if shipped.is_file():
        return shipped.read_text("utf-8")
    return (Path(__file__).parents[1] / "systemd" / "nudger-user.service").read_text("utf-8")


def _program() -> list[str]:
    """How this very nudger is started."""
    script = Path(sys.executable).with_name("nudger")
    return [str(script)] if script.exists() else [sys.executable, "-m", "nudger"]


def _state_dir() -> Path:
    """Where `nudger` in this user's terminal keeps its history; the service is to share it."""
    return state_dir({**os.environ, "STATE_DIRECTORY": ""})


def _escaped(text: str) -> str:
    """Text as it stands between double quotes in a unit file."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sealed(text: str) -> bool:
    """Whether a unit file is still as `install` wrote it."""
    first, _, rest = text.partition("\n")
    return first == _SEAL + _digest(rest)


def _read(path: Path) -> str | None:
    """A unit file, whatever somebody made of it; None where there is none."""
    return path.read_text("utf-8", errors="replace") if path.exists() else None


def _mind_changes(path: Path, unit: str | None, *, force: bool) -> None:
    """Leave a unit file alone that somebody changed: raises ServiceError without ``force``."""
    if unit is not None and not _sealed(unit) and not force:
        raise ServiceError(
            f"{path} was changed by hand; with --force it is replaced or removed, and kept as {UNIT}.bak"
        )


def _remove(path: Path, unit: str | None) -> list[str]:
    """Remove the unit file, or rename it if it is not only ours."""
    if unit is None or _sealed(unit):
        path.unlink(missing_ok=True)
        return []
    backup = path.with_name(UNIT + ".bak")
    path.replace(backup)
    return [f"kept your unit file as {backup}"]


def _systemctl() -> str:
    """The path of systemctl; raises ServiceError where systemd is not what starts services."""
    path = shutil.which("systemctl")
    if path is None:
        starter = "launchd" if sys.platform == "darwin" else "your desktop"
        raise ServiceError(f"there is no systemd here: keep `nudger run` open in a terminal, or let {starter} start it")
    return path


def _manager_answers(systemctl: str) -> bool:
    """Whether there is a session of systemd to talk to: not so in a container, or under sudo."""
    return _call(systemctl, "--user", "show", "--property=Version").returncode == 0


def _namespaces_work() -> bool:
    """Whether systemd can fence in a user's service here; not where the kernel keeps namespaces from users."""
    fence = ("--property=PrivateUsers=yes", "--property=ProtectSystem=strict")
    path = shutil.which("systemd-run")
    return path is None or _call(path, "--user", "--quiet", "--collect", "--wait", *fence, "true").returncode == 0


def _run(systemctl: str, *args: str) -> str:
    """What systemctl prints; raises ServiceError with its complaint if it fails."""
    done = _call(systemctl, "--user", *args)
    if done.returncode != 0:
        complaint = " ".join(done.stderr.split()) or f"exit status {done.returncode}"
        raise ServiceError(f"systemctl --user {' '.join(args)}: {complaint} See also: journalctl --user -u nudger")
    return done.stdout


def _call(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_START_LIMIT_S)  # noqa: S603 - fixed words, no shell
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{' '.join(command)}: no answer within {_START_LIMIT_S} s") from error
