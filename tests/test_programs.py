"""Programs of one's own: what they are told, and what becomes of those that fail, hang or are not there."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from channel_rig import message, warned
from mqtt_rig import eventually, in_loop
from output_worlds import options_of, script
from pydantic import ValidationError

from nudger.outputs.channel import Answer, Channel, ChannelError
from nudger.outputs.program import SHOWN, _listen, run
from nudger.outputs.worker import Timing, Worker


def ignore(*_: object) -> None:
    """Take an answer that never comes."""


ANSWER: Answer = ignore


def command(*argv: object, **others: object) -> Channel:
    return options_of("command", command=[str(word) for word in argv], **others).open(ANSWER)


@in_loop
async def test_a_program_sees_the_message_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NUDGER_")]:
        monkeypatch.delenv(name)
    out = tmp_path / "out"
    program = script(tmp_path / "hook", f'env | grep ^NUDGER_ | sort > {out}; echo "$#:$1" >> {out}')
    await command(program, "a b; $HOME").show(
        message(category="walk", duration=timedelta(minutes=2), level=1, repeated=True, body='It\'s "fine" $(true)\nso')
    )
    assert out.read_text().splitlines() == [
        'NUDGER_BODY=It\'s "fine" $(true)',
        "NUDGER_CATEGORY=walk",
        "NUDGER_DURATION_S=120",
        "NUDGER_ID=alex-1",
        "NUDGER_KIND=prompt",
        "NUDGER_LANGUAGE=en",
        "NUDGER_LEVEL=1",
        "NUDGER_REPEATED=1",
        "NUDGER_TITLE=Up",
        "1:a b; $HOME",
    ]


@in_loop
async def test_another_program_is_run_when_it_is_withdrawn(tmp_path: Path) -> None:
    out = tmp_path / "out"
    gone = script(tmp_path / "gone", f'echo "$NUDGER_ID $NUDGER_WHY" > {out}')
    await command("true").withdraw("alex-1", "up")
    await command("true", withdraw_command=[str(gone)]).withdraw("alex-1", "up")
    assert out.read_text() == "alex-1 up\n"


@in_loop
async def test_what_systemd_tells_us_is_not_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/x")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/y")
    out = tmp_path / "out"
    await run([str(script(tmp_path / "hook", f"env > {out}"))], {})
    assert "NOTIFY_SOCKET" not in out.read_text()
    assert "CREDENTIALS_DIRECTORY" not in out.read_text()
    assert "PATH=" in out.read_text()


@in_loop
async def test_the_output_of_a_failing_program_is_cut_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hook = script(tmp_path / "hook", "printf 'bad \\033[31mthing\\n%s ' $$; seq 100000 >&2; exit 7")
    worker = Worker("command", command(hook), ignore, Timing(backoff_s=(0.01,)))
    worker.show(message())
    await eventually(lambda: worker._failures >= 3, within_s=20)
    (line,) = warned(caplog)
    assert line.startswith(f"output command: {hook}: exit status 7: bad \\x1b[31mthing ")
    assert len(line) < len(f"output command: {hook}: exit status 7: ") + SHOWN + 1
    await worker.close()


@in_loop
async def test_a_talkative_program_fills_no_memory() -> None:
    reading, writing = os.pipe()
    heard = bytearray()
    os.write(writing, b"x" * 50_000)
    _listen(asyncio.get_running_loop(), reading, heard)
    os.write(writing, b"y" * 50_000)
    _listen(asyncio.get_running_loop(), reading, heard)
    assert bytes(heard) == b"x" * 4 * SHOWN
    os.close(reading)
    os.close(writing)


@in_loop
async def test_a_program_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    hook = script(tmp_path / "hook", f"sleep 300 & echo $! $$ > {pids}; wait")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await command(hook).show(message())
    await eventually(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()))


@in_loop
async def test_one_that_ends_while_it_is_being_killed_is_only_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killpg(pid: int, number: int) -> None:
        os.kill(pid, number)
        raise PermissionError  # as macOS answers where all of the group are dead and not yet buried

    monkeypatch.setattr(os, "killpg", killpg)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await command(script(tmp_path / "hook", "exec sleep 300")).show(message())


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that is dead and not yet buried does not."""
    if sys.platform != "linux":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@in_loop
async def test_a_program_that_leaves_something_running_has_ended_all_the_same(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    hook = script(tmp_path / "hook", f"sleep 30 & echo $! > {pid}")
    before = time.monotonic()
    await command(hook).show(message())
    assert time.monotonic() - before < 10
    os.kill(int(pid.read_text()), 15)


@in_loop
async def test_a_program_ended_by_a_signal_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=r"hook: ended by signal 9$"):
        await run([str(script(tmp_path / "hook", "kill -9 $$"))], {})


@in_loop
async def test_a_program_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="is not there, or may not be run"):
        await run([str(tmp_path / "nothing")], {})
    strange = script(tmp_path / "strange", "")
    strange.write_bytes(b"\x7fELF nonsense")
    with pytest.raises(ChannelError, match="cannot be run: Exec format error"):
        await run([str(strange)], {})


@in_loop
async def test_no_descriptors_are_left_open(tmp_path: Path) -> None:
    hook = script(tmp_path / "hook", "exit 1")
    before = None
    for _ in range(5):
        with pytest.raises(ChannelError):
            await run([str(hook)], {})
        with pytest.raises(ChannelError):
            await run([str(tmp_path / "nothing")], {})
        count = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  (it counts)
        assert before is None or count <= before
        before = count


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = script(tmp_path / "here", "")
    assert options_of("command", command=[str(here)]).lacks() is None
    both = options_of("command", command=["no-such-thing"], withdraw_command=["nor-this", "x"])
    assert both.lacks() == "the program 'no-such-thing' and the program 'nor-this'"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert options_of("speech").lacks() == "one of the programs spd-say and espeak-ng"
    assert options_of("speech", command=["here"]).lacks() is None
    assert options_of("speech", command=["mute"]).lacks() == "the program 'mute'"
    script(tmp_path / "espeak-ng", "")
    assert options_of("speech").lacks() is None


@pytest.mark.parametrize("argv", [[], [""], "a b", ["a\0b"]])
def test_a_command_is_a_list_with_a_program(argv: object) -> None:
    with pytest.raises(ValidationError):
        options_of("command", command=argv)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("spd-say", "--wait --language de Auf. Geh zur Tür."),
        ("espeak-ng", "-v de Auf. Geh zur Tür."),
    ],
)
@in_loop
async def test_the_voice_speaks_the_persons_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, expected: str
) -> None:
    out = tmp_path / "out"
    script(tmp_path / program, f'printf "%s" "$*" > {out}')
    monkeypatch.setenv("PATH", str(tmp_path))
    await options_of("speech").open(ANSWER).show(message(title="Auf", body="Geh zur Tür.", language="de"))
    assert out.read_text() == expected


@in_loop
async def test_a_voice_of_ones_own_gets_the_words_as_one_argument(tmp_path: Path) -> None:
    out = tmp_path / "out"
    voice = script(tmp_path / "voice", f'printf "%s|" "$@" > {out}')
    await options_of("speech", command=[str(voice), "-s", "140"], body=False).open(ANSWER).show(message())
    assert out.read_text() == "-s|140|Up|"
