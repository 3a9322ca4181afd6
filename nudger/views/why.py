"""The one sentence that says why a prompt is, or is not, showing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours, prompts, showing, sitting
from nudger.core.policy import Policy
from nudger.core.presence import Evidence
from nudger.core.showing import SETTLE
from nudger.core.state import State
from nudger.core.words import Confirmed, Declaration, Hold, Kind, Posture
from nudger.library import Language

CONNECTING: Final = timedelta(seconds=10)
"""After a start a broker may take this long before it is called out of reach."""
Sentence = tuple[str, Mapping[str, str]]
_PLACE: Final = re.compile(r"{(\w+)}")
_ABOUT_HEALTH: Final = frozenset({"locked_red", "nothing_fits"})
_NOTED: Final = {"rose_briefly": "rose_briefly", "done": "just_done", "skipped": "just_skipped"}


def why(
    policy: Policy, state: State, evidence: Evidence, language: Language, now: datetime, *, withheld: bool = False
) -> str:
    """Return the sentence in the person's language; ``withheld`` is one that says nothing about health."""
    key, data = _sentence(policy, state, evidence, now)
    if withheld and key in _ABOUT_HEALTH:
        key = "private"
    return fill(language, f"why.{key}", data)


def fill(language: Language, key: str, data: Mapping[str, object]) -> str:
    """Return the text of that key with its ``{names}`` filled in; nothing in it or in the data is interpreted."""
    return _PLACE.sub(lambda place: str(data.get(place[1], place[0])), language.texts[key])


def clock_time(policy: Policy, instant: datetime, now: datetime) -> str:
    """Return an instant as the person reads it: 11:04 today, with the date on another day."""
    local = instant.astimezone(policy.zone)
    same_day = local.date() == now.astimezone(policy.zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def _sentence(policy: Policy, state: State, evidence: Evidence, now: datetime) -> Sentence:
    def at(instant: datetime | None) -> str:
        return clock_time(policy, instant or now, now)

    prompt, declared = state.prompt, state.declared
    if declared is not None and declared.what is Declaration.IDLE:
        return "timer_off", {}
    if prompt is not None and prompt.snoozed_until is None and prompt.hidden_at is None:
        first = "prompt_showing" if prompt.wait is None else "prompt_after_call"
        return "prompt_repeated" if prompt.level else first, {}
    if declared is not None and declared.what is Declaration.REST and state.hold is Hold.PAUSED:
        return "resting", {"time": at(declared.until)}
    match state.hold:
        case Hold.LOCKED:
            return "locked_red", {}
        case Hold.PAUSED:
            return "paused", {"time": at(state.paused_until)}
        case Hold.QUIET:
            back = hours.next_change(policy.hours, policy.zone, now, policy.holidays)
            day_off = hours.is_holiday(policy.holidays, hours.local_day(policy.zone, now))
            key = "holiday" if day_off else "quiet"
            return (key, {"time": at(back)}) if back else (f"{key}_no_end", {})
        case Hold.UNKNOWN:
            return _unknown(policy, state, evidence, now, at(state.link_lost))
        case Hold.CALL:
            return "call", {}
        case Hold.DND:
            return "dnd", {}
        case Hold.SNOOZED:
            return "snoozed", {"time": at(prompt.snoozed_until if prompt else None)}
        case Hold.CAPPED:
            return "capped", {"count": str(state.today.prompts)}
        case None:
            return _free(policy, state, evidence, now)


def _unknown(policy: Policy, state: State, evidence: Evidence, now: datetime, link_lost: str) -> Sentence:
    if state.link_lost is not None:
        if not state.readings and now - state.link_lost < CONNECTING:
            return "starting", {}
        return "link_down", {"time": link_lost}
    if set(evidence.stuck) & {signal.name for signal in policy.signals if signal.kind is Kind.SEAT}:
        return "seat_stuck", {"names": ", ".join(evidence.stuck)}
    if not state.readings:
        return "unknown_never", {"names": ", ".join(evidence.silent)}
    if not evidence.silent:
        return "starting", {}
    return "unknown", {"names": ", ".join(evidence.silent)}


def _free(policy: Policy, state: State, evidence: Evidence, now: datetime) -> Sentence:
    """Nothing holds a prompt back; say what it is waiting for."""

    def at(instant: datetime) -> str:
        return clock_time(policy, instant, now)

    if state.posture in sitting.UP:
        if state.rest is not None:
            up = {"time": at(state.rest.start)}
            declared = state.declared
            until = declared.until if declared is not None and declared.what is Declaration.BREAK else None
            if until is not None:  # by the clock alone nobody sees them sit down again
                return "on_break_timer", up | {"by": at(until)}
            seen = policy.timer_mode or state.rest.confirmed is not Confirmed.ASSUMED
            return ("on_break" if seen else "on_break_assumed"), up
        return ("standing" if state.posture is Posture.STANDING else "away"), {}
    window = next_window(policy, state)
    bout, note = state.bout, state.note
    if window is None or bout is None:
        return "starting", {}
    opens, closes = window
    if evidence.stuck:
        return "call_stuck", {"names": ", ".join(evidence.stuck)}
    if state.changed_at is not None and now < state.changed_at + SETTLE and opens <= now:
        return "just_changed", {}
    if note is not None and now < opens:
        if note.key in _NOTED and note.at >= bout.start:
            return _NOTED[note.key], {"from": at(opens)}
        if note.key == "got_up_self":
            return "got_up_self", {"time": at(note.at), "from": at(opens)}
    if note is not None and note.key == "nothing_fits":
        return "nothing_fits", {}
    if policy.timer_mode:
        return "timer_sitting", {"time": at(bout.start), "from": at(opens)}
    if now >= opens:
        if evidence.wait_for_sign:
            return "due_waiting_sign", {}
        if now >= showing.window_closes(bout, prompts.stage_now(policy, state)):
            return "due_typing", {"by": at(closes)}
        if now >= closes - policy.pre_notice:
            return "due_noticed", {"by": at(closes)}
        return "due_waiting_pause", {"by": at(closes)}
    can_pause = any(s.kind is Kind.ACTIVITY and s.name in state.readings for s in policy.signals)
    if can_pause:
        return "sitting", {"time": at(bout.start), "from": at(opens), "by": at(closes)}
    return "sitting_no_pause", {"time": at(bout.start), "from": at(opens)}


def next_window(policy: Policy, state: State) -> tuple[datetime, datetime] | None:
    """Return when the next prompt comes at the earliest and at the latest; None while nobody sits."""
    if state.bout is None or state.posture is not Posture.SITTING or state.prompt is not None:
        return None
    if state.hold is Hold.LOCKED:  # it has no end that a clock knows
        return None
    stage = prompts.stage_now(policy, state)
    floors = [state.silent_until, state.paused_until]
    if state.changed_at is not None:
        floors.append(state.changed_at + SETTLE)
    floor = max((instant for instant in floors if instant is not None), default=state.bout.start)
    opens, closes = showing.window_opens(state.bout, stage), showing.window_closes(state.bout, stage)
    if state.at >= closes:  # only busy hands are still waited for
        closes += policy.typing_grace
    return max(opens, floor), max(closes, floor)
