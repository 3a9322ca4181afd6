"""The state of one person as others see it: the JSON of the state topic, of the API and of `nudger status`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from nudger.core import hours, sitting
from nudger.core.policy import Policy
from nudger.core.presence import assess
from nudger.core.state import Prompt, State
from nudger.core.words import Hold
from nudger.library import Language
from nudger.views.why import next_window, why

COUNTERS: Final = frozenset({"at", "sitting_s", "sitting_today_s", "longest_bout_today_s"})
"""Keys that change by mere passing of time; `at` dates them. A state that differs only here is not worth publishing."""


NOTHING_TOLD: Final = MappingProxyType(
    dict.fromkeys(("stage", "flare", "lock", "offer", "pain", "next_session", "goals"))
)
"""The keys that say something about health, null until the person agreed to have them published."""


def render(
    policy: Policy, state: State, language: Language, now: datetime, told: Mapping[str, Any] = NOTHING_TOLD
) -> dict[str, Any]:
    """Return the state with every key of the contract, null where it does not apply. Instants are ISO 8601 UTC.

    ``told`` is what may be said about health (`health.public`); by default nothing.
    """
    withheld = told is NOTHING_TOLD
    evidence = assess(policy, state, now)
    prompt, bout, rest = state.prompt, state.bout, state.rest
    window = next_window(policy, state)
    snoozed = prompt.snoozed_until if prompt is not None else None
    showing = prompt if prompt is not None and snoozed is None and prompt.hidden_at is None else None
    return {
        "at": instant(now),
        "posture": str(state.posture),
        "since": instant(state.since),
        "bout_started": instant(bout.start if bout else None),
        "sitting_s": seconds(sitting.sat(bout, now)) if bout else 0,
        "next_prompt_at": instant(snoozed or (window[0] if window else None)),
        "next_prompt_by": instant(snoozed or (window[1] if window else None)),
        "hold": None if withheld and state.hold is Hold.LOCKED else state.hold,
        "prompt": None if showing is None else render_prompt(showing),
        "stage": told["stage"],
        "flare": told["flare"],
        "lock": told["lock"],
        "offer": told["offer"],
        "pain": told["pain"],
        "break_until": instant(rest.start + rest.target if rest and rest.target else None),
        "day_started": instant(hours.day_start(policy.zone, state.today.day)),
        "sitting_today_s": seconds(sitting.sat_today(policy, state, now)),
        "breaks_today": state.today.breaks,
        "longest_bout_today_s": seconds(sitting.longest_today(policy, state, now)),
        "prompts_today": state.today.prompts,
        "followed_today": state.today.followed,
        "silent_signals": sorted({*evidence.silent, *evidence.stuck}),
        "next_session": told["next_session"],
        "goals": told["goals"],
        "why": why(policy, state, evidence, language, now, withheld=withheld),
    }


def render_prompt(prompt: Prompt) -> dict[str, Any]:
    """Return a prompt with the keys of the contract."""
    return {
        "id": prompt.id,
        "title": prompt.title,
        "body": prompt.body,
        "category": prompt.category,
        "duration_s": seconds(prompt.duration),
        "level": prompt.level,
        "issued_at": instant(prompt.issued_at),
    }


def is_news(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Tell whether anything but the passing of time distinguishes two rendered states."""
    return before is None or any(before.get(key) != value for key, value in after.items() if key not in COUNTERS)


def instant(value: datetime | None) -> str | None:
    """Return an instant as ISO 8601 UTC to the millisecond, null as null."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(value: timedelta) -> int | float:
    """Return a duration in seconds, whole where it is whole, else to the tenth."""
    tenths = round(value.total_seconds(), 1)
    return int(tenths) if tenths == int(tenths) else tenths
