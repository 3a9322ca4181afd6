"""A camera or a microphone in use is a call: cameras in a made-up /proc, microphones of a real sound server."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from message_bus import eventually
from sound_rig import recording, sound_server

from nudger.core.words import ZERO
from nudger.sources.desktop import busy
from nudger.sources.desktop.facts import Fact


class Listener:
    """Keeps what is told of calls."""

    def __init__(self) -> None:
        self.values: list[bool | None] = []

    def __call__(self, fact: Fact, by: str, on: bool | None, ago: timedelta | None = ZERO) -> None:
        assert fact is Fact.CALL
        assert by
        assert ago is None or ago >= ZERO
        if [on] != self.values[-1:]:
            self.values.append(on)


# --- Cameras ---------------------------------------------------------------------------------------------------------


class Computer:
    """Folders as the kernel shows them: two programs, a camera that nobody uses."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.devices = root / "sys/class/video4linux"
        self.users = root / "sys/module/uvcvideo/refcnt"
        for folder in ("proc/17/fd", "proc/18/fd", "proc/self", "sys/class/video4linux/video0", "sys/module/uvcvideo"):
            (root / folder).mkdir(parents=True)
        (root / "proc/self/uid_map").write_text("         0          0 4294967295\n")
        (root / "proc/17/fd/0").symlink_to("/dev/null")
        (root / "proc/17/fd/3").symlink_to("/elsewhere/video0")

    def open_camera(self, device: str = "/dev/video0") -> None:
        (self.root / "proc/18/fd/9").symlink_to(device)

    def close_camera(self) -> None:
        (self.root / "proc/18/fd/9").unlink()

    def unplug(self) -> None:
        (self.devices / "video0").rmdir()


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_the_driver_counts_who_uses_a_camera(computer: Computer) -> None:
    camera = busy.Camera(Listener(), computer.root)
    computer.users.write_text("0\n")
    assert camera.is_open() is False
    computer.users.write_text("2\n")
    assert camera.is_open() is True


@pytest.mark.parametrize("device", ["/dev/video0", "/dev/video12", "/video0"])
def test_where_it_does_not_count_a_camera_that_a_program_has_open_is_in_use(computer: Computer, device: str) -> None:
    camera = busy.Camera(Listener(), computer.root)
    assert camera.is_open() is False
    computer.open_camera(device)
    assert camera.is_open() is True


def test_a_program_that_cannot_be_looked_into_is_passed_over(computer: Computer) -> None:
    (computer.root / "proc/16").mkdir()
    computer.open_camera()
    assert busy.Camera(Listener(), computer.root).is_open() is True


def test_in_a_namespace_of_its_own_it_does_not_claim_that_no_camera_is_in_use(computer: Computer) -> None:
    async def story() -> None:
        (computer.root / "proc/self/uid_map").write_text("      1000       1000          1\n")
        listener = Listener()
        camera = busy.Camera(listener, computer.root)
        camera.start()
        assert listener.values == [None]
        assert camera.missing == "the service may not see who uses the camera (PrivateUsers= in its unit)"
        await camera.stop()

    asyncio.run(story())


def test_a_call_over_the_camera_begins_and_ends(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "LOOK_EVERY", timedelta(seconds=0.01))
    monkeypatch.setattr(busy, "PLUGGED_IN_WITHIN", timedelta(seconds=0.01))

    async def story() -> None:
        listener = Listener()
        camera = busy.Camera(listener, computer.root)
        camera.start()
        assert listener.values == [False]
        computer.open_camera()
        await eventually(lambda: listener.values[1:] == [True])
        computer.close_camera()
        await eventually(lambda: listener.values[2:] == [False])
        computer.unplug()
        await eventually(lambda: listener.values[3:] == [None])
        assert camera.missing == "no camera is connected"
        await camera.stop()

    asyncio.run(story())


# --- Microphones -----------------------------------------------------------------------------------------------------


def test_a_call_over_the_microphone_begins_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "SOUND_AGAIN_S", 0.1)

    async def story(server: subprocess.Popen[bytes]) -> None:
        listener = Listener()
        microphone = busy.Microphone(listener)
        microphone.start()
        await eventually(lambda: listener.values[-1:] == [False])
        listener.values.clear()
        with recording("speakers.monitor"):  # what the loudspeakers play is no microphone
            with recording("mic"):
                await eventually(lambda: listener.values == [True])
            await eventually(lambda: listener.values == [True, False])
        server.kill()
        await eventually(lambda: listener.values == [True, False, None])
        assert microphone.missing == "the sound server does not answer"
        await microphone.stop()

    with sound_server(tmp_path, monkeypatch) as server:
        asyncio.run(story(server))


def test_without_the_program_the_microphone_is_named_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    async def story() -> None:
        listener = Listener()
        microphone = busy.Microphone(listener)
        microphone.start()
        await microphone.looked.wait()
        assert listener.values == []
        assert microphone.missing == "the program pactl is not installed (package pulseaudio-utils)"
        await microphone.stop()

    asyncio.run(story())
