"""The worker of one channel: in order, within limits, never the old instead of the new, and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from channel_rig import BUSY, REFUSED, Pager, message, warned
from mqtt_rig import eventually, in_loop

from nudger.outputs import worker as module
from nudger.outputs.channel import SHELF_LIFE, ChannelError, Message
from nudger.outputs.worker import Timing, Worker

QUICK = Timing(limit_s=0.05, backoff_s=(0.01, 0.02), farewell_s=0.2)
PATIENT = Timing(limit_s=30.0, backoff_s=(30.0,), farewell_s=1.0)


class Rig:
    """A worker with its pager."""

    def __init__(self, timing: Timing = PATIENT) -> None:
        self.pager = Pager()
        self.undelivered: list[Message] = []
        self.worker = Worker("pager", self.pager, self.undelivered.append, timing)

    async def until(self, *done: str) -> None:
        """Wait until exactly this has been done."""
        await eventually(lambda: self.pager.done == list(done))


@in_loop
async def test_it_shows_and_withdraws_in_order() -> None:
    rig = Rig()
    rig.worker.show(message("a"))
    await rig.until("show a")
    rig.worker.withdraw("a", "up")
    await rig.until("show a", "withdraw a up")
    rig.worker.show(message("b"))
    await rig.until("show a", "withdraw a up", "show b")
    await rig.worker.close()
    assert rig.pager.done[3:] == ["withdraw b stopped", "close"]
    assert not rig.undelivered


@in_loop
async def test_what_was_withdrawn_before_it_was_shown_is_never_shown() -> None:
    rig = Rig()
    rig.pager.go.clear()
    rig.worker.show(message("a"))
    await eventually(lambda: rig.pager.tried == ["show a"])
    rig.worker.withdraw("a", "up")
    rig.worker.show(message("b"))
    rig.worker.withdraw("b", "done")
    rig.worker.show(message("c"))
    rig.pager.go.set()
    await rig.until("show a", "withdraw a up", "show c")
    await rig.worker.close()


@in_loop
async def test_a_show_that_failed_is_not_tried_again_once_it_is_withdrawn() -> None:
    rig = Rig(QUICK)
    rig.pager.go.clear()
    rig.pager.faults = [BUSY]
    rig.worker.show(message("a"))
    await eventually(lambda: rig.pager.tried == ["show a"])
    rig.worker.withdraw("a", "up")
    rig.pager.go.set()
    await rig.until("withdraw a up")
    await asyncio.sleep(5 * QUICK.backoff_s[-1])
    assert rig.pager.tried == ["show a", "withdraw a up"]
    await rig.worker.close()


@in_loop
async def test_a_withdrawal_that_failed_is_not_tried_again_once_it_is_to_show_after_all() -> None:
    rig = Rig(QUICK)
    rig.worker.show(message("a"))
    await rig.until("show a")
    rig.pager.go.clear()
    rig.pager.faults = [BUSY]
    rig.worker.withdraw("a", "snoozed")
    await eventually(lambda: len(rig.pager.tried) == 2)
    rig.worker.show(message("a", repeated=True))
    rig.pager.go.set()
    await rig.until("show a", "show a")
    await asyncio.sleep(5 * QUICK.backoff_s[-1])
    assert rig.pager.tried == ["show a", "withdraw a snoozed", "show a"]
    await rig.worker.close()


@in_loop
async def test_what_was_withdrawn_while_it_waited_to_be_tried_again_is_never_shown() -> None:
    rig = Rig(Timing(backoff_s=(0.2,)))
    rig.pager.faults = [BUSY]
    rig.worker.show(message("a"))
    await eventually(lambda: rig.worker.trouble)
    rig.worker.withdraw("a", "up")
    await rig.until("withdraw a up")
    await asyncio.sleep(0.4)
    assert rig.pager.tried == ["show a", "withdraw a up"]
    await rig.worker.close()


@in_loop
async def test_a_newer_prompt_replaces_one_that_was_not_delivered() -> None:
    rig = Rig()
    rig.pager.go.clear()
    rig.worker.show(message("a"))
    await eventually(lambda: rig.pager.tried)
    for id_ in "bcd":
        rig.worker.show(message(id_))
    rig.worker.show(message("pain", kind="checkin"))
    rig.pager.go.set()
    await rig.until("show a", "show d", "show pain")
    await rig.worker.close()


@in_loop
async def test_what_is_shown_again_is_not_withdrawn_by_the_order_before() -> None:
    rig = Rig()
    rig.worker.show(message("a"))
    await rig.until("show a")
    rig.pager.go.clear()
    rig.worker.show(message("a", repeated=True))
    await eventually(lambda: len(rig.pager.tried) == 2)
    rig.worker.withdraw("a", "snoozed")
    rig.worker.show(message("a", repeated=True))
    rig.pager.go.set()
    await rig.until("show a", "show a", "show a")
    rig.worker.withdraw("a", "up")
    await eventually(lambda: rig.pager.done[-1] == "withdraw a up")
    await rig.worker.close()


@in_loop
async def test_what_nobody_has_shown_is_not_withdrawn_unless_an_earlier_run_may_have() -> None:
    rig = Rig()
    rig.worker.withdraw("strange", "up")
    rig.worker.remember("earlier")
    rig.worker.withdraw("earlier", "up")
    await rig.until("withdraw earlier up")
    await rig.worker.close()
    assert rig.pager.done == ["withdraw earlier up", "close"]


@in_loop
async def test_an_output_does_not_work_again_because_there_was_nothing_to_take_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "nudger")
    rig = Rig(QUICK)
    rig.pager.faults = [ChannelError("exit status 1", passes=False, unsure=True)]
    rig.worker.show(message("a"))
    await eventually(lambda: rig.worker.trouble == "exit status 1")
    rig.worker.withdraw("a", "up")
    await rig.until("withdraw a up")
    rig.pager.go.clear()
    rig.worker.show(message("b"))
    await eventually(lambda: rig.pager.tried[-1] == "show b")
    assert rig.worker.trouble == "exit status 1"
    rig.pager.go.set()
    await eventually(lambda: rig.worker.trouble is None)
    told = [record.message for record in caplog.records if record.name.startswith("nudger")]
    assert told == ["output pager: exit status 1", "output pager: works again"]
    assert rig.pager.done == ["withdraw a up", "show b"]
    await rig.worker.close()


@in_loop
async def test_what_may_pass_is_tried_again_and_recovery_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nudger")
    rig = Rig(QUICK)
    rig.pager.faults = [BUSY, BUSY, ConnectionRefusedError(111, "Connection refused"), RuntimeError("secret")]
    rig.worker.show(message("a"))
    await rig.until("show a")
    await eventually(lambda: rig.worker.trouble is None)
    lines = [record.message for record in caplog.records if record.name.startswith("nudger")]
    assert lines[:2] == ["output pager: busy", "output pager: Connection refused"]
    assert lines[2].startswith("output pager: failed (RuntimeError in _act, line ")
    assert lines[3:] == ["output pager: works again"]
    assert [m.id for m in rig.undelivered] == ["a"]
    rig.worker.show(message("b"))
    await rig.until("show a", "show b")
    await rig.worker.close()
    assert len([record for record in caplog.records if record.name.startswith("nudger")]) == 4


@in_loop
async def test_the_same_trouble_is_told_again_after_a_day(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(QUICK)
    rig.pager.faults = [BUSY] * 5
    rig.worker.show(message("a"))
    await rig.until("show a")
    assert warned(caplog) == ["output pager: busy"]
    monkeypatch.setattr(module, "REPEAT_COMPLAINT_S", 0.0)
    rig.pager.faults = [BUSY]
    rig.worker.show(message("b"))
    await rig.until("show a", "show b")
    assert warned(caplog).count("output pager: busy") == 2
    await rig.worker.close()


@in_loop
async def test_what_cannot_pass_is_given_up_but_the_next_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(QUICK)
    rig.pager.faults = [REFUSED]
    rig.worker.show(message("a"))
    await eventually(lambda: rig.worker.trouble)
    await asyncio.sleep(5 * QUICK.backoff_s[-1])
    assert rig.pager.tried == ["show a"]
    assert warned(caplog) == ["output pager: refused: wrong password"]
    rig.worker.withdraw("a", "up")  # it was never shown
    rig.worker.show(message("b"))
    await rig.until("show b")
    await rig.worker.close()


@in_loop
async def test_one_that_hangs_is_cut_off_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(QUICK)
    rig.pager.hangs = True
    rig.worker.show(message("a"))
    await eventually(lambda: len(rig.pager.tried) >= 3)
    assert warned(caplog) == ["output pager: timeout after 0.05 s"]
    rig.pager.hangs = False
    await rig.until("show a")
    assert len(rig.undelivered) == 1
    await rig.worker.close()


@in_loop
async def test_a_phone_that_may_have_rung_does_not_ring_without_end() -> None:
    rig = Rig(Timing(limit_s=0.05, backoff_s=(0.01,), farewell_s=0.2, most_unsure=3))
    rig.pager.faults = [BUSY, BUSY, *[TimeoutError()] * 3]  # the first two nobody has noticed
    rig.worker.show(message("a"))
    await eventually(lambda: not rig.pager.faults)
    await asyncio.sleep(0.1)
    assert rig.pager.tried == ["show a"] * 5
    rig.worker.show(message("b"))
    await rig.until("show b")
    await rig.worker.close()


@in_loop
async def test_one_that_was_cut_off_may_have_got_through_and_is_withdrawn() -> None:
    rig = Rig(QUICK)
    rig.pager.hangs = True
    rig.worker.show(message("a"))
    await eventually(lambda: rig.worker.trouble)
    rig.worker.withdraw("a", "up")
    rig.pager.hangs = False
    await eventually(lambda: "withdraw a up" in rig.pager.done)
    shows = rig.pager.tried.count("show a")
    await asyncio.sleep(5 * QUICK.backoff_s[-1])
    assert rig.pager.tried.count("show a") == shows
    await rig.worker.close()


@in_loop
async def test_what_is_new_does_not_wait_for_the_back_off_of_what_failed() -> None:
    rig = Rig(PATIENT)
    rig.pager.faults = [BUSY]
    rig.worker.show(message("a"))
    await eventually(lambda: rig.worker.trouble)
    rig.worker.show(message("b"))
    await rig.until("show b")
    await rig.worker.close()


@in_loop
async def test_a_withdrawal_that_always_fails_does_not_stand_in_the_way() -> None:
    class Stubborn(Pager):
        async def withdraw(self, prompt_id: str, why: str) -> None:
            self.tried.append(f"withdraw {prompt_id} {why}")
            raise ChannelError("cannot delete")

    pager = Stubborn()
    worker = Worker("pager", pager, lambda _: None, QUICK)
    for id_ in ("a", "b", "c"):
        worker.show(message(id_))
        await eventually(lambda id_=id_: f"show {id_}" in pager.done)  # type: ignore[misc]  # a default binds the loop's
        worker.withdraw(id_, "up")
        await eventually(lambda id_=id_: f"withdraw {id_} up" in pager.tried)  # type: ignore[misc]  # same
    await worker.close()


@in_loop
async def test_withdrawals_for_a_dead_channel_do_not_pile_up() -> None:
    rig = Rig(PATIENT)
    rig.pager.go.clear()
    for number in range(100):
        rig.worker.remember(str(number))
        rig.worker.withdraw(str(number), "up")
    assert len(rig.worker._waiting) == module.MOST_WITHDRAWALS
    assert len(rig.worker._maybe_shown) == module.MOST_WITHDRAWALS
    rig.pager.go.set()
    await rig.until(*(f"withdraw {number} up" for number in range(92, 100)))
    await rig.worker.close()


@in_loop
async def test_what_has_become_stale_is_not_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(QUICK)
    monkeypatch.setattr(module, "SHELF_LIFE", {**SHELF_LIFE, "enough": timedelta(seconds=0.08)})
    rig.pager.faults = [BUSY] * 1000
    rig.worker.show(message("alex-enough", kind="enough"))
    await eventually(lambda: len(rig.pager.tried) > 1)
    await eventually(lambda: not rig.worker._waiting)
    await asyncio.sleep(0.1)
    tried = len(rig.pager.tried)
    rig.pager.faults = []
    rig.worker.show(message("b"))
    await rig.until("show b")
    assert len(rig.pager.tried) == tried + 1
    await rig.worker.close()


@in_loop
async def test_what_is_told_takes_the_place_of_nothing_else_that_is_told() -> None:
    rig = Rig()
    rig.pager.go.clear()
    rig.worker.show(message("a"))
    await eventually(lambda: rig.pager.tried)
    for id_ in ("alex-safety-S1", "alex-offer", "alex-offer"):
        rig.worker.show(message(id_, kind="told"))
    rig.pager.go.set()
    await rig.until("show a", "show alex-safety-S1", "show alex-offer")
    await rig.worker.close()


@in_loop
async def test_check_ins_that_nobody_answers_are_forgotten_in_the_end() -> None:
    rig = Rig()
    for number in range(3 * module.MOST_SHOWN):
        rig.worker.show(message(f"alex-{number}-evening", kind="checkin"))
        await eventually(lambda: not rig.worker._waiting and len(rig.pager.shown) == number + 1)  # noqa: B023
    assert len(rig.worker._maybe_shown) == module.MOST_SHOWN
    rig.worker.withdraw("alex-0-evening", "answered")
    rig.worker.withdraw(f"alex-{number}-evening", "answered")
    await eventually(lambda: rig.pager.tried[-1] == f"withdraw alex-{number}-evening answered")
    assert "withdraw alex-0-evening answered" not in rig.pager.tried
    await rig.worker.close()


@in_loop
async def test_closing_takes_away_first_what_was_shown_last() -> None:
    rig = Rig()
    for id_ in ("a", "monday", "tuesday"):
        rig.worker.show(message(id_, kind="prompt" if id_ == "a" else "checkin"))
        await eventually(lambda: rig.pager.done[-1:] == [f"show {id_}"])  # noqa: B023
    rig.worker.show(message("a", level=1, repeated=True))
    await eventually(lambda: len(rig.pager.done) == 4)
    await rig.worker.close()
    assert rig.pager.done[4:] == ["withdraw a stopped", "withdraw tuesday stopped", "withdraw monday stopped", "close"]


@in_loop
async def test_closing_takes_little_time_even_when_the_channel_hangs(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(QUICK)
    rig.worker.show(message("a"))
    await rig.until("show a")
    rig.pager.hangs = True
    before = asyncio.get_running_loop().time()
    await rig.worker.close()
    assert asyncio.get_running_loop().time() - before < 2
    assert not rig.pager.is_closed
    assert warned(caplog)[-1].startswith("output pager: ")


@in_loop
async def test_a_channel_that_cannot_withdraw_in_the_end_is_closed_all_the_same() -> None:
    rig = Rig()
    rig.worker.show(message("a"))
    await rig.until("show a")
    rig.pager.faults = [BUSY]
    await rig.worker.close()
    assert rig.pager.is_closed
