"""The unit files, and `nudger service`, which installs one of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nudger import service
from nudger.service import ServiceError

UNITS = Path(__file__).parents[1] / "systemd"


@pytest.fixture
def systemd_analyze() -> str:
    """The path of systemd-analyze, where it can judge a unit file that is not installed."""
    path = shutil.which("systemd-analyze")
    # 250 brought `security --offline`.
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout if path else ""
    number = re.match(r"systemd (\d+)", version)
    if path is None or number is None or int(number[1]) < 250:
        if os.environ.get("CI") == "true" and sys.platform == "linux":
            pytest.fail("CI must have systemd-analyze 250 or later")
        pytest.skip("needs systemd-analyze 250 or later")
    return path


def complaints(systemd_analyze: str, unit: str, folder: Path, *, user: bool) -> list[str]:
    """What systemd finds wrong with a unit's text; it says nothing about a good one."""
    file = folder / "nudger.service"
    file.write_text(unit)
    runtime = folder / "run"
    (runtime / "systemd").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [systemd_analyze, "verify", "--man=no", *(["--user"] if user else []), file],
        env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )
    # The units of the host that it reads along may have faults of their own.
    return [line for line in (done.stdout + done.stderr).splitlines() if "nudger" in line or "Failed" in line]


@pytest.mark.parametrize(("unit", "threshold"), [("nudger.service", 12), ("nudger-user.service", 20)])
def test_a_unit_is_sound_and_fenced_in(unit: str, threshold: int, systemd_analyze: str, tmp_path: Path) -> None:
    # verify wants a program that is there.
    text = re.sub(
        r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", (UNITS / unit).read_text(), flags=re.MULTILINE
    )
    assert complaints(systemd_analyze, text, tmp_path, user="user" in unit) == []
    assert complaints(systemd_analyze, text.replace("UMask=", "UMusk="), tmp_path, user="user" in unit) != []
    subprocess.run(
        [systemd_analyze, "security", "--offline=yes", f"--threshold={threshold}", UNITS / unit],
        check=True,
        stdout=subprocess.DEVNULL,
    )


FAKE = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "${0##*/} $*" in
    *"show --property=Version") exit "$NO_MANAGER" ;;
    systemd-run*) exit "$NO_NAMESPACES" ;;
    *"show nudger.service"*) printf 'ActiveState=active\\nSubState=running\\nUnitFileState=enabled\\n'
        printf 'StatusText=a=b\\nResult=%s\\n' "$RESULT" ;;
    *"disable --now"*) [ -e "$XDG_CONFIG_HOME/systemd/user/nudger.service" ] ;;
    *"enable --now"*) [ "$RESULT" = success ] || { echo "Job failed." >&2; exit 1; } ;;
esac
"""


class Session:
    """A desktop session with a systemctl that only notes what it is told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.unit = self.home / "config" / "systemd" / "user" / "nudger.service"
        self._calls = folder / "calls"
        commands = folder / "bin"
        commands.mkdir()
        for name in ("systemctl", "systemd-run"):
            (commands / name).write_text(FAKE)
            (commands / name).chmod(0o755)
        self.set = monkeypatch.setenv
        self.set("PATH", str(commands))
        self.set("HOME", str(self.home))
        self.set("XDG_CONFIG_HOME", str(self.home / "config"))
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        self.set("STATE_DIRECTORY", "/some/other/service")
        self.set("CALLS", str(self._calls))
        self.set("NO_MANAGER", "0")
        self.set("NO_NAMESPACES", "0")
        self.set("RESULT", "success")

    def calls(self) -> list[str]:
        """The orders since the last call of this; questions are left out."""
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        self._calls.unlink(missing_ok=True)
        return [line.removeprefix("systemctl --user ") for line in lines if " show " not in line and "-run" not in line]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(tmp_path, monkeypatch)


def setting(text: str, name: str) -> str:
    found = re.search(f"^{name}=(.*)$", text, flags=re.MULTILINE)
    assert found, f"no {name}= in the unit"
    return found[1]


def test_install_starts_the_service_and_is_idempotent(session: Session) -> None:
    assert service.install()[-1] == "nudger runs, and starts whenever you log in"
    assert session.calls() == ["daemon-reload", "enable --now nudger.service"]
    text = session.unit.read_text()
    assert "ProtectSystem=strict" in text
    assert (session.home / ".local/state/nudger").stat().st_mode & 0o777 == 0o700

    assert service.install()[0].endswith("is as it should be")
    assert session.unit.read_text() == text
    assert session.calls() == ["daemon-reload", "enable --now nudger.service"]


def test_install_with_another_config_restarts(session: Session, tmp_path: Path) -> None:
    service.install()
    session.calls()
    service.install(tmp_path / "other.yaml")
    assert session.calls() == ["daemon-reload", "try-restart nudger.service", "enable --now nudger.service"]
    assert setting(session.unit.read_text(), "ExecStart").endswith(f' "run" "--config" "{tmp_path}/other.yaml"')


def test_the_service_runs_this_very_nudger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    assert setting(service.render(None), "ExecStart") == f'"{tmp_path}/python3" "-m" "nudger" "run"'
    (tmp_path / "nudger").touch()
    assert setting(service.render(None), "ExecStart") == f'"{tmp_path}/nudger" "run"'


@pytest.mark.parametrize("sandbox", [True, False])
def test_what_is_rendered_is_sound_with_any_path(
    sandbox: bool, systemd_analyze: str, session: Session, tmp_path: Path
) -> None:
    session.set("XDG_STATE_HOME", '/home/al ex/100% "state"')
    text = service.render(Path('/home/al ex/$HOME/%h/"my" config\\1.yaml'), sandbox=sandbox)
    assert complaints(systemd_analyze, text, tmp_path, user=True) == []
    assert setting(text, "ExecStart").endswith(r' "/home/al ex/$$HOME/%%h/\"my\" config\\1.yaml"')
    assert setting(text, "Environment") == r'"XDG_STATE_HOME=/home/al ex/100%% \"state\""'
    assert ("ReadWritePaths=" in text) is sandbox


def test_a_unit_changed_by_hand_is_kept(session: Session) -> None:
    service.install()
    mine = session.unit.read_text() + "Nice=5\n"
    session.unit.write_text(mine)
    session.calls()
    for refuses in (service.install, service.uninstall):
        with pytest.raises(ServiceError, match=r"changed by hand.*--force"):
            refuses()
    assert session.unit.read_text() == mine
    assert session.calls() == []
    assert service.status()[0].endswith("(changed by hand)")

    assert service.install(force=True)[0].endswith("nudger.service.bak")
    assert session.unit.with_name("nudger.service.bak").read_text() == mine
    assert "Nice=5" not in session.unit.read_text()

    session.unit.write_text(mine)
    service.uninstall(force=True)
    assert not session.unit.exists()
    assert session.unit.with_name("nudger.service.bak").read_text() == mine


def test_uninstall_reverses_install(session: Session) -> None:
    service.install()
    session.calls()
    assert service.uninstall() == [f"removed {session.unit}; config and history stay"]
    assert session.calls() == ["disable --now nudger.service", "daemon-reload"]
    assert not session.unit.exists()
    assert (session.home / ".local/state/nudger").exists()
    assert service.uninstall() == [f"nothing to remove: there is no {session.unit}"]


def test_without_a_session_the_file_is_written_and_the_rest_is_said(session: Session) -> None:
    session.set("NO_MANAGER", "1")
    assert service.install()[-1].strip() == "systemctl --user enable --now nudger.service"
    assert session.unit.exists()
    assert service.status()[-1] == "no session of systemd answers here"
    wanted = session.unit.parent / "default.target.wants" / "nudger.service"
    wanted.parent.mkdir()
    wanted.symlink_to(session.unit)
    service.uninstall()
    assert not wanted.is_symlink()
    assert session.calls() == []


def test_without_namespaces_the_service_runs_unfenced_and_says_so(session: Session) -> None:
    session.set("NO_NAMESPACES", "1")
    assert any("no namespaces" in line for line in service.install())
    text = session.unit.read_text()
    assert "Protect" not in text
    assert "PrivateUsers" not in text
    assert "SystemCallFilter=@system-service" in text
    assert session.calls()[-1] == "enable --now nudger.service"


def test_status_tells_how_it_fares(session: Session) -> None:
    assert service.status() == ["not installed; `nudger service install` does that"]
    service.install()
    assert service.status() == [f"unit: {session.unit}", "state: active (running), enabled", "says: a=b"]
    session.set("RESULT", "exit-code")
    assert service.status()[-1] == "failed: exit-code; see `journalctl --user -u nudger`"


def test_a_service_that_does_not_start_is_an_error(session: Session) -> None:
    session.set("RESULT", "exit-code")
    with pytest.raises(ServiceError, match=r"Job failed\. See also: journalctl"):
        service.install()


@pytest.mark.parametrize(("platform", "starter"), [("darwin", "launchd"), ("linux", "your desktop")])
def test_without_systemd_it_says_what_to_do(
    platform: str, starter: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.set("PATH", str(session.home))
    monkeypatch.setattr(sys, "platform", platform)
    for function in (service.install, service.uninstall, service.status):
        with pytest.raises(ServiceError, match=f"nudger run.*{starter}"):
            function()
    assert not session.unit.exists()
