"""What the local API answers: requests of the command line, carried out or looked up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from nudger.api import Answer
from nudger.core import readings
from nudger.core.state import State
from nudger.core.words import Kind, Posture
from nudger.http_server import Request
from nudger.store import StoreError
from nudger.views.state import instant, seconds

if TYPE_CHECKING:
    from nudger.daemon import Daemon
    from nudger.sources.desktop.signals import DesktopLine
    from nudger.sources.mqtt import Line

LONGEST_HISTORY_DAYS: Final = 3660

PROVES: Final[Mapping[tuple[Kind, bool], str]] = {
    (Kind.SEAT, True): "sitting",
    (Kind.SEAT, False): "not on this seat",
    (Kind.PRESENCE, True): "somebody at the desk",
    (Kind.PRESENCE, False): "away",
    (Kind.MOTION, True): "somebody at the desk",
    (Kind.MOTION, False): "nothing yet; silence of {hold} means away",
    (Kind.ACTIVITY, True): "at the desk",
    (Kind.ACTIVITY, False): "nothing yet; silence of {hold}, alone, means away",
    (Kind.LOCKED, True): "away",
    (Kind.LOCKED, False): "nothing",
    (Kind.POWER, True): "nothing",
    (Kind.POWER, False): "away",
    (Kind.STANDING, True): "standing, if at the desk",
    (Kind.STANDING, False): "seated, if at the desk",
    (Kind.CALL, True): "do not interrupt",
    (Kind.CALL, False): "nothing",
    (Kind.DND, True): "do not interrupt",
    (Kind.DND, False): "nothing",
}


class Answers:
    """Answers requests from what the daemon knows."""

    def __init__(self, daemon: Daemon) -> None:
        """Ask this daemon."""
        self._daemon = daemon

    def answer(self, request: Request) -> Answer:
        """Answer one request; faults of the asker become an ``error`` that says what would be right."""
        if not request.path.startswith("/api/"):
            return Answer(404, {"error": "there is nothing here; try /api/state"})
        name = request.path.removeprefix("/api/")
        if request.method == "GET":
            return self._look_up(name, request)
        if request.method == "POST":
            return self._command(name, request)
        return Answer(405, {"error": "only GET and POST are answered"})

    def _look_up(self, name: str, request: Request) -> Answer:
        daemon, now = self._daemon, self._daemon.clock.now()
        match name:
            case "state":
                return Answer(200, {"persons": self._persons(now), "service": daemon.service()})
            case "signals":
                return Answer(
                    200,
                    {
                        "signals": [self._signal(line, now) for line in daemon.lines],
                        "desktop": daemon.desktop.report(),
                    },
                )
            case "history":
                try:
                    return self._history(request, now)
                except StoreError as error:
                    return Answer(500, {"error": str(error)})
            case _:
                return Answer(404, {"error": f"there is no {name!r} to look up; there are state, signals and history"})

    def _persons(self, now: datetime) -> dict[str, Any]:
        return {person: self._daemon.local_state(person, now) for person in self._daemon.people}

    def _history(self, request: Request, now: datetime) -> Answer:
        text = request.query.get("days", "7")
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_HISTORY_DAYS):
            return Answer(400, {"error": f"days must be a whole number from 1 to {LONGEST_HISTORY_DAYS}"})
        since, store = now - timedelta(days=int(text)), self._daemon.store
        return Answer(
            200,
            {
                person: {
                    "bouts": [
                        {"start": instant(row.start), "end": instant(row.end), "sitting_s": seconds(row.sitting)}
                        for row in store.bouts(person, since, now)
                    ],
                    "breaks": [
                        {"start": instant(row.start), "end": instant(row.end), "confirmed": row.confirmed}
                        for row in store.breaks(person, since, now)
                    ],
                    "prompts": [
                        {"id": row.id, "issued_at": instant(row.issued_at), "entry": row.entry, "outcome": row.outcome}
                        for row in store.prompts(person, since, now)
                    ],
                }
                for person in self._daemon.people
            },
        )

    def _command(self, command: str, request: Request) -> Answer:
        people = list(self._daemon.people)
        person = request.query.get("person", people[0] if len(people) == 1 else "")
        if person not in people:
            asked = f"there is no person {person!r}" if person else "which person is meant"
            return Answer(400, {"error": f"{asked}; choose one of: {', '.join(people)}"})
        refused = self._daemon.command(person, command, request.body)
        if refused is not None:
            return Answer(409, {"error": refused})
        return Answer(200, {"person": person, "state": self._persons(self._daemon.clock.now())[person]})

    def _signal(self, line: Line | DesktopLine, now: datetime) -> dict[str, Any]:
        """Say what a signal said last, how long ago, what that proves now, and what is wrong with it."""
        people, options = self._daemon.people, line.options
        spec = options.to_signal()
        state: State = people.state(line.person)
        reading = state.readings.get(spec.name)
        alive = reading is not None and readings.is_alive(spec, reading, state, now)
        value = readings.effective(spec, reading, now)[0] if reading is not None and alive else None
        last = line.heard or (reading.heard if reading is not None else None)
        hold = f"{round(spec.hold.total_seconds() / 60)} min"
        return {
            "person": line.person,
            "name": spec.name,
            "kind": str(spec.kind),
            "topic": line.where,
            "options": options.model_dump(mode="json", exclude_unset=True),
            "value": value,
            "sample": line.sample,
            "age_s": None if last is None else seconds(now - last),
            "messages": line.count,
            "undecodable": line.undecodable,
            "proves": "nothing" if value is None else PROVES[spec.kind, value].format(hold=hold),
            "trouble": line.trouble or self._silence(line, state, alive=alive, known=reading is not None),
            "posture": str(state.posture),
            "posture_known": state.posture is not Posture.UNKNOWN,
        }

    @staticmethod
    def _silence(line: Line | DesktopLine, state: State, *, alive: bool, known: bool) -> str | None:
        """Say why a signal proves nothing, where it does not."""
        if alive:
            return None
        if line.count and not known:
            return "what it sent so far says neither on nor off, or was kept by the broker and is too old to trust"
        if not known:
            return f"nothing heard on {line.where!r} yet"
        reading = state.readings[line.options.name]
        if reading.lost is not None:
            return "its device says that it is not available"
        if state.link_lost is not None:
            return "the broker is out of reach"
        return f"silent for longer than its expire_after ({line.options.to_signal().expire_after})"
