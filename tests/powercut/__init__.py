"""What a power cut leaves on the disk: everything up to a file's last sync, and of what came later whatever it likes.

A process that runs under the recorder has all its writes noted. `cuts` then makes the disk as it may be found after a
cut at any of these moments: what was not synced is there, or not, or torn at a sector, in any combination, and a file
that was removed is back if its folder was not synced since. That a file was made counts as done at once. Linux with gcc
only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import pytest

SECTOR: Final = 512
BACK: Final = 0.5
"""How likely it is that a file is back which was removed, and its folder not synced since."""
_SOURCE = Path(__file__).with_name("recorder.c")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done: ``what`` as recorder.c has it."""

    what: str
    at: int
    file: str
    data: bytes


@dataclass(slots=True)
class _File:
    synced: bytearray = field(default_factory=bytearray)
    later: list[Step] = field(default_factory=list)

    def sync(self) -> None:
        for step in self.later:
            _apply(self.synced, step, step.data)
        self.later.clear()

    def found(self, chance: Random) -> bytes:
        """Return what may be found of it: each step that was not synced done, in part, or not at all."""
        content = bytearray(self.synced)
        luck = chance.choice((0.0, 0.5, 0.9, 1.0))
        for step in self.later:
            if chance.random() < luck:
                whole = chance.random() < 0.8
                sectors = chance.randrange(len(step.data) // SECTOR + 1)
                _apply(content, step, step.data if whole else step.data[: sectors * SECTOR])
        return bytes(content)


def _apply(content: bytearray, step: Step, data: bytes) -> None:
    if step.what == "T":
        del content[step.at :]
        content.extend(bytes(step.at - len(content)))
        return
    content.extend(bytes(max(0, step.at - len(content))))
    content[step.at : step.at + len(data)] = data


class Recorder:
    """Has the writes of the processes that are started with `env` noted, as far as they go to ``folder``."""

    def __init__(self, place: Path, folder: Path) -> None:
        """Compile into ``place``; skips the test where that cannot be, but wants gcc under CI=true."""
        if sys.platform != "linux":
            pytest.skip("the recorder is for Linux")
        if shutil.which("gcc") is None:
            if os.environ.get("CI") == "true":
                pytest.fail("the recorder needs gcc")
            pytest.skip("the recorder needs gcc")
        library, self._log, self._folder = place / "recorder.so", place / "recorder.log", folder
        subprocess.run(["gcc", "-Wall", "-Werror", "-O2", "-shared", "-fPIC", "-o", library, _SOURCE], check=True)
        self.env = {"LD_PRELOAD": str(library), "RECORDER_LOG": str(self._log), "RECORDER_FOLDER": str(folder)}

    def steps(self) -> list[Step]:
        """Return all that was noted so far; what was cut short at the end is left out."""
        log, steps, at = self._log.read_bytes(), [], 0
        while (end := log.find(b"\n", at)) >= 0:
            what, offset, length, path = log[at:end].decode().split(" ", 3)
            at = end + 1 + int(length)
            if at > len(log):
                break
            steps.append(Step(what, int(offset), path.removeprefix(f"{self._folder}/"), log[end + 1 : at]))
        return steps


def cuts(steps: list[Step], folder: Path, moments: Collection[int], chance: Random) -> Iterator[tuple[Path, bytes]]:
    """Yield a folder as it may be found after a cut before each of these steps, and what had been said by then."""
    files: dict[str, _File] = {}
    removed: dict[str, _File] = {}
    said = bytearray()
    for number, step in enumerate(steps):
        if number in moments:
            found = folder / str(number)
            found.mkdir(parents=True)
            back = {name: file for name, file in removed.items() if chance.random() < BACK}
            for name, file in (back | files).items():
                (found / name).write_bytes(file.found(chance))
            yield found, bytes(said)
        if step.what == "A":
            said += step.data
        elif step.what == "U":
            if step.file in files:
                removed[step.file] = files.pop(step.file)
        elif step.what == "S" and step.file in files:
            files[step.file].sync()
        elif step.what == "S":  # the folder
            removed.clear()
        elif not step.file.endswith("-shm"):  # shared memory, not a file that anybody reads after a restart
            files.setdefault(step.file, _File()).later.append(step)
