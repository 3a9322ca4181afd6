"""Where things live, and that two daemons never share a state folder."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ordinary import ordinary_user

from nudger.state_dir import AlreadyRunning, StateLock, config_path, config_places, make_private, runtime_dir, state_dir

HOLDER = """
import sys, time
from pathlib import Path
from nudger.state_dir import StateLock
with StateLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"HOME": "/people/alex"}, "/people/alex/.local/state/nudger"),
        ({"HOME": "/people/alex", "XDG_STATE_HOME": "/data/state"}, "/data/state/nudger"),
        ({"HOME": "/people/alex", "XDG_STATE_HOME": "state"}, "/people/alex/.local/state/nudger"),
        ({"HOME": "/people/alex", "XDG_STATE_HOME": ""}, "/people/alex/.local/state/nudger"),
        ({"HOME": "/", "XDG_STATE_HOME": "/x", "STATE_DIRECTORY": "/var/lib/nudger"}, "/var/lib/nudger"),
        ({"STATE_DIRECTORY": "/var/lib/nudger:/var/lib/other"}, "/var/lib/nudger"),
        ({"HOME": "/people/alex", "STATE_DIRECTORY": ""}, "/people/alex/.local/state/nudger"),
        ({}, str(Path.home() / ".local/state/nudger")),
    ],
)
def test_state_dir(env: dict[str, str], expected: str) -> None:
    assert state_dir(env) == Path(expected)


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"HOME": "/people/alex", "XDG_RUNTIME_DIR": "/run/user/1000"}, "/run/user/1000/nudger"),
        ({"XDG_RUNTIME_DIR": "/run/user/1000", "RUNTIME_DIRECTORY": "/run/nudger"}, "/run/nudger"),
        ({"HOME": "/people/alex"}, "/people/alex/.local/state/nudger"),
        ({"STATE_DIRECTORY": "/var/lib/nudger"}, "/var/lib/nudger"),
    ],
)
def test_runtime_dir(env: dict[str, str], expected: str) -> None:
    assert runtime_dir(env) == Path(expected)


def test_the_users_config_comes_before_the_systems(tmp_path: Path) -> None:
    system = tmp_path / "etc" / "config.yaml"
    env = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    own = tmp_path / "xdg" / "nudger" / "config.yaml"
    assert config_places(env, system) == (own, system)
    assert config_path(env, system) is None

    system.parent.mkdir()
    system.touch()
    assert config_path(env, system) == system

    own.parent.mkdir(parents=True)
    own.touch()
    assert config_path(env, system) == own


def test_without_xdg_the_config_is_under_home(tmp_path: Path) -> None:
    expected = tmp_path / ".config" / "nudger" / "config.yaml"
    expected.parent.mkdir(parents=True)
    expected.touch()
    assert config_path({"HOME": str(tmp_path)}, tmp_path / "none") == expected


def test_a_config_that_may_not_be_looked_at_is_not_taken_for_none() -> None:
    with ordinary_user() as home:
        system = home / "etc" / "config.yaml"
        system.parent.mkdir(mode=0o000)
        assert config_path({"HOME": str(home)}, system) == system
        system.parent.chmod(0o700)
        assert config_path({"HOME": str(home)}, system) is None


def test_a_new_folder_is_private_and_an_old_one_is_left_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_private(tmp_path / "a" / "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "new").stat().st_mode) == 0o700

    (tmp_path / "old").mkdir()
    (tmp_path / "old").chmod(0o750)
    make_private(tmp_path / "old")
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o750


def test_the_second_daemon_is_told_who_is_first(tmp_path: Path) -> None:
    first = StateLock(tmp_path)
    with first:
        with pytest.raises(AlreadyRunning) as caught, StateLock(tmp_path):
            pass
        assert caught.value.pid == os.getpid()
        assert str(caught.value) == f"another nudger (process {os.getpid()}) is using {tmp_path}"
    assert not first.held
    with first:
        assert first.held


def test_the_lock_of_a_killed_daemon_is_free(tmp_path: Path) -> None:
    (tmp_path / "nudger.lock").write_text("4194304 and what else may lie there")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder, holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning) as caught, StateLock(tmp_path):
            pass
        assert caught.value.pid == holder.pid
        holder.send_signal(signal.SIGKILL)
    with StateLock(tmp_path) as lock:
        assert lock.held
        assert (tmp_path / "nudger.lock").read_text() == str(os.getpid())


def test_a_holder_without_a_number_is_still_refused(tmp_path: Path) -> None:
    with StateLock(tmp_path):
        (tmp_path / "nudger.lock").write_text("")
        with pytest.raises(AlreadyRunning, match=r"^another nudger is using") as caught, StateLock(tmp_path):
            pass
        assert caught.value.pid is None


def test_a_file_system_without_locks_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_fd: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with StateLock(tmp_path) as lock:
        assert not lock.held


def test_a_folder_that_cannot_be_written_is_not_locked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with StateLock(tmp_path / "file") as lock:
        assert not lock.held
