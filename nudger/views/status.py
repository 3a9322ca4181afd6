"""What `nudger status` prints: made from the JSON of the local API, loading next to nothing, for it must be quick."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from nudger.views.back import INTAKE, waiting
from nudger.views.words import clock, count, length, stage_name

Paint = Callable[[str], str]
"""Makes a text stand out, on a terminal that can."""

_LABEL: Final = 8
"""Width of the column that says what a line is about."""

_HEADLINES: Final = {
    "standing": "standing at the desk, since {time}",
    "away": "away, since {time}",
    "unknown": "posture unknown",
}


def plain(text: str) -> str:
    """Return the text as it is: the paint of a file or a pipe."""
    return text


def render_status(data: Mapping[str, Any], zone: tzinfo | None, width: int = 80, paint: Paint = plain) -> str:
    """Return the answer of GET /api/state for people to read. ``zone`` None is this computer's own."""
    blocks = ["\n".join(_person(name, state, zone, width, paint)) for name, state in data["persons"].items()]
    return "\n\n".join((*blocks, "\n".join(_service(data["service"], zone, width))))


def headline(state: Mapping[str, Any], zone: tzinfo | None) -> str:
    """Return in a few words what the person does, and for how long."""
    now = instant(state["at"])
    if state["posture"] == "sitting":
        since = f", since {clock(instant(state['bout_started']), zone, now)}" if state["bout_started"] else ""
        # the reason says that nobody can tell whether they still sit: the line above it must not claim to know
        lasted = "when last heard of" if state["hold"] == "unknown" else f"for {length(state['sitting_s'])}"
        return f"sitting {lasted}{since}"
    since = clock(instant(state["since"]), zone, now) if state["since"] else "just now"
    return _HEADLINES[state["posture"]].format(time=since)


_TIMELESS: Final = frozenset({"locked", "call", "dnd", "capped", "unknown"})
"""Holds whose end no clock knows."""


def next_prompt(state: Mapping[str, Any], zone: tzinfo | None) -> str | None:
    """Return when the next prompt may come; None while that is not up to the clock, as in a call."""
    if state["next_prompt_at"] is None or state["hold"] in _TIMELESS:
        return None
    now, opens, closes = (instant(state[key]) for key in ("at", "next_prompt_at", "next_prompt_by"))
    if opens == closes:
        return f"at {clock(opens, zone, now)}"
    return f"between {clock(opens, zone, now)} and {clock(closes, zone, now)}"


def today(state: Mapping[str, Any]) -> str:
    """Return the day's numbers in one line."""
    total, longest = length(state["sitting_today_s"]), length(state["longest_bout_today_s"])
    stretch = "" if longest == total else f", {longest} at a stretch"
    breaks = count(state["breaks_today"], "break") if state["breaks_today"] else "no break yet"
    sat = f"sat {total}{stretch}" if state["sitting_today_s"] else "not sat yet"
    return f"{sat}; {breaks}; {_followed(state)}"


def _followed(state: Mapping[str, Any]) -> str:
    if not state["prompts_today"]:
        return "no prompt yet"
    so_far = " so far" if state["prompt"] is not None else ""  # the one that shows may yet be followed
    return f"{state['followed_today']} of {state['prompts_today']} prompts followed{so_far}"


def stage(state: Mapping[str, Any]) -> str:
    """Return the stage in words, with what is laid over it."""
    name = stage_name(state["stage"])
    return name + (", in a flare" if state["flare"] else "") + (f", {state['lock']} lock" if state["lock"] else "")


def instant(text: str) -> datetime:
    """Return an instant of the API."""
    return datetime.fromisoformat(text)


def _person(name: str, state: Mapping[str, Any], zone: tzinfo | None, width: int, paint: Paint) -> Iterator[str]:
    yield f"{paint(name)}: {headline(state, zone)}"
    yield from _wrapped("Why", state["why"], width)
    prompt = state["prompt"]
    if prompt is not None:
        yield from _wrapped("Prompt", f"{prompt['title']} ({length(prompt['duration_s'])})", width, paint)
        yield from _wrapped("", prompt["body"], width)
        yield from _wrapped("", "Answer with `nudger done`, `nudger snooze` or `nudger skip`.", width)
    following = next_prompt(state, zone)
    if following is not None:
        yield from _wrapped("Next", f"a prompt {following}", width)
    yield from _wrapped("Today", today(state), width)
    yield from _wrapped("Stage", stage(state), width)
    yield from _back(state, width, paint)
    if state["silent_signals"]:
        yield from _wrapped("Silent", ", ".join(state["silent_signals"]) + " (see `nudger signals`)", width)


def _back(state: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    """Yield what there is to say about the back, a lock before everything else."""
    recovery = state["recovery"]
    if recovery["lock"] is not None:
        yield from _wrapped("Lock", recovery["lock"], width, paint)
        yield from _wrapped("", recovery["lock_end"], width)
    for each in waiting(state):
        yield from _wrapped(each.label, f"{each.text} {each.answer}", width)
    if state["goals"] is not None:
        yield from _wrapped("Goals", state["goals"]["text"], width)
    if state["next_session"] is not None:
        yield from _wrapped("Run", f"{state['next_session']['title']} (see `nudger session next`)", width)
    if recovery["intake_offered"] and recovery["lock"] is None:
        yield from _wrapped("Begin", INTAKE, width)


def _service(service: Mapping[str, Any], zone: tzinfo | None, width: int) -> Iterator[str]:
    since = instant(service["started_at"])
    parts = [f"nudger {service['version']} since {since.astimezone(zone):%Y-%m-%d %H:%M}"]
    if service["time_scale"] != 1:
        parts.append(f"trying out, {service['time_scale']:g} times as fast")
    mqtt = service["mqtt"]
    if mqtt is not None and mqtt["connected"]:
        parts.append("broker connected")
    elif mqtt is not None:
        parts.append(f"broker not connected ({mqtt['last_error'] or 'trying'})")
    parts += [str(trouble) for trouble in (mqtt and mqtt["degraded"], service["notice"]) if trouble]
    if service["store"] != "ok":
        parts.append(service["store"])
    parts += [f"output {each['name']}: {each['trouble']}" for each in service.get("outputs", ()) if each["trouble"]]
    yield from textwrap.wrap("; ".join(parts), width, subsequent_indent="  ")


def _wrapped(label: str, text: str, width: int, paint: Paint = plain) -> Iterator[str]:
    """Yield the text in lines beside its label."""
    lines = textwrap.wrap(text, max(20, width - _LABEL - 2)) or [""]
    for number, line in enumerate(lines):
        yield f"  {label if number == 0 else '':<{_LABEL}}{paint(line)}"
