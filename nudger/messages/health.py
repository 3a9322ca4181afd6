"""The commands about the back: checkin, safety, stage, offer, flare, log, and the answers to what nudger asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, tzinfo
from typing import Any, Final

from nudger.core import hours
from nudger.core.asking import NOON
from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    FlareSaid,
    IntakeTaken,
    OfferAnswered,
    PaceJudged,
    PlanChosen,
    PublishingAnswered,
    RunningWished,
    SafetyAnswered,
    SessionTold,
    StageChosen,
    TimeAwayCompared,
)
from nudger.core.health import PACES, Told
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.recovery.told import COMPARED, EVENING, MORNING, Entry, IntakeAnswers, LockCleared, SafetyAnswer
from nudger.core.running.runs import SessionEntry
from nudger.messages.payloads import BadPayloadError, Parse, cut, day, fields_of, flag, switch, word, words

_TAP: Final = "PRESS"
"""What a button sends: "nothing new" is one tap. Any other word names an item, lest a badly put answer get lost."""
_OF_A_WALK: Final = ("brisk", "pain", "rise")
_MUST_SAY: Final = ("walks_5_min", "walks", "mobility", "seen")
_LOG: Final = ("walk_min", "brisk", "pain", "rise", "mobility", "comfortable", "strength", "chores", "date")


def _checkin(value: Any, now: datetime, zone: tzinfo) -> Told:
    fields = value if isinstance(value, dict) else {"pain": value}
    fields = fields_of(fields, ("date", "when", "pain", "impact", "safety", "tags", "compared"))
    when = word(fields, "when", (MORNING, EVENING)) or _half_of_day(now, zone)
    if "pain" not in fields:
        raise BadPayloadError('must give a score from 0 to 10, such as 3 or {"pain": 3, "when": "evening"}')
    return CheckedIn(
        Entry(
            day=day(fields, "date") or hours.local_day(zone, now),
            when=when,
            pain=fields["pain"],
            impact=flag(fields, "impact"),
            safety=_safety_items(fields.get("safety")),
            tags=words(fields, "tags"),
            compared=word(fields, "compared", COMPARED),
        )
    )


def _half_of_day(now: datetime, zone: tzinfo) -> str:
    """Return which score a bare one is: the morning's until noon."""
    return MORNING if now < hours.at_local(zone, hours.local_day(zone, now), NOON) else EVENING


def _safety_items(value: Any) -> tuple[SafetyAnswer, ...] | None:
    """Return the items that apply: names, or objects with the day on which a provider saw the person about it."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise BadPayloadError(
            f'the safety answers must be a list such as ["U1"], empty for nothing new, not {cut(value)}'
        )
    return tuple(_safety_item(item) for item in value)


def _safety_item(value: Any) -> SafetyAnswer:
    fields = fields_of(value, ("item", "seen_on")) if isinstance(value, dict) else {"item": value}
    item = fields.get("item")
    if not isinstance(item, str):
        raise BadPayloadError(f'a safety answer must be an item such as "U1", not {cut(value)}')
    return SafetyAnswer(item, day(fields, "seen_on"))


def _safety(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    if value is None or value is True or value == _TAP:
        return SafetyAnswered(())
    return SafetyAnswered(_safety_items(value if isinstance(value, list) else [value]) or ())


def _stage(value: Any, now: datetime, zone: tzinfo) -> Told:
    fields = fields_of(value, ("set", "by", "intake", "cleared")) if isinstance(value, dict) else {"set": value}
    named = [name for name in ("set", "intake", "cleared") if name in fields]
    if len(named) > 1:
        raise BadPayloadError(f"give either '{named[0]}' or '{named[1]}', not both")
    if "intake" in fields:
        return _intake(fields["intake"])
    if "cleared" in fields:
        return _cleared(fields["cleared"], hours.local_day(zone, now))
    stage, by = fields.get("set"), word(fields, "by", ("user", "provider")) or "user"
    if not isinstance(stage, str) or not stage:
        raise BadPayloadError(f'must name a stage, such as daily_walks or {{"set": "daily_walks"}}, not {cut(stage)}')
    return StageChosen(stage, by)


def _intake(value: Any) -> Told:
    if not isinstance(value, dict):
        raise BadPayloadError(f"'intake' must be an object of answers, not {cut(value)}")
    wishes = ("office", "floor_space", "contraindications", "publish_health")
    fields = fields_of(value, ("worst", *_MUST_SAY, "running_goal", "safety", *wishes))
    missing = [name for name in ("worst", *_MUST_SAY) if name not in fields]
    if missing:
        raise BadPayloadError(f"'intake' lacks {', '.join(missing)}")
    said = {name: bool(flag(fields, name)) for name in _MUST_SAY}
    answers = IntakeAnswers(
        worst=fields["worst"],
        running_goal=flag(fields, "running_goal"),
        safety=_safety_items(fields.get("safety")) or (),
        **said,
    )
    return IntakeTaken(
        answers,
        office=flag(fields, "office"),
        floor_space=flag(fields, "floor_space"),
        contraindications=words(fields, "contraindications"),
        publish_health=flag(fields, "publish_health"),
    )


def _cleared(value: Any, today: date) -> Told:
    if not isinstance(value, dict):
        raise BadPayloadError(f"'cleared' must say when and for which stage, not {cut(value)}")
    fields = fields_of(value, ("on", "stage"))
    if not isinstance(fields.get("stage"), str):
        raise BadPayloadError(
            '\'cleared\' must name the stage to go on at: {"on": "2026-11-25", "stage": "daily_walks"}'
        )
    return LockCleared(day(fields, "on") or today, fields["stage"])


def _offer(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    fields = fields_of(value, ("answer", "stage")) if isinstance(value, dict) else {"answer": value}
    if fields.get("answer") not in ("accept", "decline"):
        raise BadPayloadError(f"must be accept or decline, not {cut(fields.get('answer'))}")
    stage = fields.get("stage")
    if stage is not None and not isinstance(stage, str):
        raise BadPayloadError(f"'stage' must be the id of a stage, not {cut(stage)}")
    return OfferAnswered(yes=fields["answer"] == "accept", stage=stage)


def _flare(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    if isinstance(value, dict):
        value = fields_of(value, ("on",)).get("on")
    return FlareSaid(switch(value))


def _log(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    fields = fields_of(value, _LOG) if isinstance(value, dict) else {}
    walks: tuple[Walk, ...] = ()
    if "walk_min" in fields:
        walk = (_number(fields, "walk_min"), bool(flag(fields, "brisk")), fields.get("pain"), _number(fields, "rise"))
        walks = (Walk(walk[0] or 0, *walk[1:]),)
    elif lost := [name for name in _OF_A_WALK if name in fields]:
        raise BadPayloadError(f"'{lost[0]}' belongs to a walk: give 'walk_min' too")
    comfortable = flag(fields, "comfortable")
    mobility = bool(flag(fields, "mobility")) or comfortable is not None
    done = Activity(
        walks=walks,
        mobility=int(mobility),
        comfortable=int(comfortable is True),
        strength=int(bool(flag(fields, "strength"))),
        chores=_number(fields, "chores") or 0,
    )
    if done == Activity():
        raise BadPayloadError('must say what was done: {"walk_min": 10}, {"mobility": true}, {"strength": true}')
    return ActivityLogged(done, day(fields, "date"))


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    """Return a field that is a whole number; None where it is not given."""
    value = fields.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise BadPayloadError(f"'{name}' must be a whole number, not {cut(value)}")
    return value


def _session(value: Any, now: datetime, zone: tzinfo) -> Told:
    if not isinstance(value, dict):
        raise BadPayloadError('must tell of a run: {"step": 3, "pre": 1, "during": 1, "completed": true}')
    names = tuple(field.name for field in fields(SessionEntry) if field.name != "day")
    said = fields_of(value, ("date", *names, "correct"))
    entry = SessionEntry(day(said, "date") or hours.local_day(zone, now), **{name: said.get(name) for name in names})
    return SessionTold(entry, correct=bool(flag(said, "correct")))


def _plan(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    said = fields_of(value, ("start_min", "per_week", "target_min"))
    if not said:
        raise BadPayloadError(
            'must choose something of the plan: {"per_week": 2}, {"start_min": 5}, {"target_min": 30}'
        )
    return PlanChosen(_number(said, "start_min"), _number(said, "per_week"), _number(said, "target_min"))


def _away(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    if value not in COMPARED:
        raise BadPayloadError(f"must say how active the time away was, {', '.join(COMPARED)}, not {cut(value)}")
    return TimeAwayCompared(value)


def _running(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    return RunningWished(switch(value))


def _publish_health(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    return PublishingAnswered(switch(value))


def _pace(value: Any, _now: datetime, _zone: tzinfo) -> Told:
    if value not in tuple(PACES):
        raise BadPayloadError(f"must be one of {', '.join(PACES)}, not {cut(value)}")
    return PaceJudged(value)


HEALTH: Final[Mapping[str, Parse]] = {
    "checkin": _checkin,
    "safety": _safety,
    "stage": _stage,
    "offer": _offer,
    "flare": _flare,
    "log": _log,
    "session": _session,
    "plan": _plan,
    "away": _away,
    "running": _running,
    "pace": _pace,
    "publish_health": _publish_health,
}
"""How each command is read, by its name."""
