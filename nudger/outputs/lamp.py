"""One borrowed lamp: what it showed before, what it shows for us, and how it is given back.

Before the first change the lamp's state is remembered, in the memory that outlives a crash, and never again while
something of ours shows. Where nothing is known of it, it is asked; a lamp that never reports is given back switched
off, the state that surprises least. Whoever changes the lamp in between has it: it is left alone until the next cue.

What a lamp reports is held against everything of ours that it may be showing, not only the last: reports come late.
While a change is under way (its transition and `SETTLE_S`) a strange report may be a colour on the way there. If it has
the brightness that was asked for, it is how this lamp renders the colour, and counts as ours from then on; else it only
raises a doubt, and the lamp is asked again before it counts as changed by hand.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from nudger.outputs.lamp_presets import Messages
from nudger.outputs.lamp_record import Record, text_of
from nudger.outputs.look import Look, alike, is_as_bright
from nudger.payload import UnreadableError

if TYPE_CHECKING:
    from nudger.outputs.lamp_presets import Paint, Preset, Report
    from nudger.outputs.lamp_record import Memory

_log = logging.getLogger(__name__)

ANSWER_S: Final = 2.0
"""How long a lamp has to say how it looks, before it is changed without knowing."""
SETTLE_S: Final = 2.0
"""On top of its transition, how long a lamp may take until what it reports is what it shows."""

Send = Callable[[Messages], bool]
"""Publish messages; True when they went to a living link."""


class Phase(Enum):
    """Whose the lamp is, and what is being waited for."""

    FREE = "not ours"
    ASKING = "waiting for it to say how it looks"
    SHOWING = "ours"
    RETURNING = "given back, and not yet seen to be back"
    LEFT = "changed by hand while it was ours: left alone until nobody wants it"


class Lamp:
    """One lamp, driven by what is wanted, what it reports, and time."""

    def __init__(self, preset: Preset, settle_s: float, send: Send, memory: Memory, clock: Callable[[], float]) -> None:
        """``settle_s`` is how long it may take to show what it was told; ``clock`` gives seconds."""
        self.preset = preset
        self.deadline: float | None = None
        """When `tick` is to be called, by the clock; None while there is nothing to wait for."""
        self._settle_s = settle_s
        self._send = send
        self._memory = memory
        self._clock = clock
        self._phase = Phase.FREE
        self._wanted: Paint | None = None
        self._shown: Paint | None = None
        self._report: Report | None = None
        self._record: Record | None = None
        self._ours: tuple[Look, ...] = ()
        self._quiet_until: float | None = None
        self._seen_back = False
        self._doubt = False

    def adopt(self, record: Record) -> None:
        """Take over the record of an earlier run: at the next `link_up` the lamp is asked what it shows."""
        self._record, self._ours, self._phase = record, record.ours, Phase.ASKING

    def inherit(self, earlier: Lamp) -> None:
        """Know what it reported to an earlier one, on the same connection."""
        self._report = earlier._report

    # --- What happens ------------------------------------------------------------------------------------------------

    def want(self, paint: Paint | None) -> None:
        """Show this from now on; None gives it back."""
        self._wanted = paint
        match self._phase:
            case Phase.FREE if paint is not None:
                self._begin()
            case Phase.LEFT if paint is None:
                self._rest(Phase.FREE)
            case Phase.SHOWING if not self._doubt and (paint is None or paint != self._shown):
                self._resume()
            case Phase.RETURNING if paint is not None:
                self._forget_echo()
                self._resume()
            case _:
                pass

    def link_up(self) -> None:
        """Nobody listened for a while: what is known of the lamp is found out anew."""
        self._report = self._shown = self.deadline = None
        if self._phase is Phase.RETURNING:
            self._forget_echo()
        if self._record is not None:
            self._ask()
        elif self._phase is not Phase.LEFT:
            self._rest(Phase.FREE)
            self.want(self._wanted)

    def receive(self, payload: bytes) -> None:
        """Take in a message on one of its state topics; what cannot be read says nothing."""
        try:
            report = self.preset.read(payload, self._report or {})
        except UnreadableError as fault:
            _log.debug("lamp %s: a report %s", self.preset.command_topic, fault)
            return
        if report is None:
            return
        look = self.preset.look(report)
        is_late = self._quiet_until is not None and self._clock() < self._quiet_until
        if self._record is None and is_late and self._is_ours(look):
            return  # an echo of ours that comes late
        self._report = report
        match self._phase:
            case Phase.ASKING:
                self._answered(report, look)
            case Phase.SHOWING:
                self._watch(report, look)
            case Phase.RETURNING:
                self._watch_return(look)
            case _:
                pass

    def tick(self) -> None:
        """Time has passed: do what was due at the deadline, if it has come."""
        if self.deadline is None or self._clock() < self.deadline:
            return
        self.deadline = None
        match self._phase:
            case Phase.ASKING:
                self._unanswered()
            case Phase.SHOWING if self._doubt:
                self._settle_doubt()
            case Phase.RETURNING if self._seen_back or not (self._record and self._record.echoed):
                self._rest(Phase.FREE)
            case _:
                pass

    def shut_down(self) -> None:
        """Give it back now, where it is ours. What could not be sent stays in the memory for the next run."""
        if self._record is not None and self._send(self._record.restore):
            self._rest(Phase.FREE)

    # --- What follows ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._report is None:
            self._ask()
        else:
            self._borrow(self._report)

    def _ask(self) -> None:
        if not self.preset.state_topics:
            self._unanswered()
        elif self._send(self.preset.ask()):
            self._phase, self.deadline = Phase.ASKING, self._clock() + ANSWER_S

    def _answered(self, report: Report, look: Look) -> None:
        record = self._record
        if record is None:
            self._borrow(report)
        elif self._is_ours(look) or any(is_as_bright(look, each) for each in self._unseen(record)):
            self._recognise(record, look)
        elif not record.echoed and (record.report is None or self._was_before(look)):
            self._borrow(report)  # nothing of ours came through
        else:
            self._leave()

    def _unanswered(self) -> None:
        if self._record is None:
            self._borrow(None)
        else:
            self._resume()

    def _borrow(self, report: Report | None) -> None:
        if self._wanted is None:
            self._rest(Phase.FREE)
            return
        self._ours = (self._wanted.look,)
        self._remember(Record(None if report is None else dict(report), self.preset.restore(report), self._ours))
        self._resume()

    def _resume(self) -> None:
        """Bring the lamp, which is ours, to what is wanted."""
        if self._record is None:
            return
        self._phase, self._doubt = Phase.SHOWING, False
        if self._wanted is None:
            self._give_back(self._record)
        else:
            self._show(self._record, self._wanted)

    def _show(self, record: Record, paint: Paint) -> None:
        if paint.look not in self._ours:
            self._ours = (*self._ours, paint.look)
        if record.ours != self._ours or record.unseen != paint.look:
            self._remember(replace(record, ours=self._ours, unseen=paint.look))
        self._shown = paint if self._tell(self.preset.show(paint, record.report)) else None

    def _give_back(self, record: Record) -> None:
        self._shown = None
        if self._tell(record.restore):
            self._phase, self._seen_back = Phase.RETURNING, False

    def _tell(self, messages: Messages) -> bool:
        self.deadline = self._quiet_until = self._clock() + self._settle_s
        return self._send(messages)

    def _watch(self, report: Report, look: Look) -> None:
        record, is_settled = self._record, self.deadline is None
        if record is None:
            return
        is_rendering = self._shown is not None and is_as_bright(look, self._shown.look)
        if self._is_ours(look) or (is_rendering and not is_settled):
            self._recognise(record, look)
        elif is_settled:
            self._leave()
        elif record.report is None and not record.echoed:
            self._remember(replace(record, report=dict(report), restore=self.preset.restore(report)))  # a late answer
        else:
            self._doubt = True

    def _recognise(self, record: Record, look: Look) -> None:
        """What it shows is ours, in its own rendering."""
        if not self._is_ours(look):
            self._ours = (*self._ours, look)
        unseen = record.unseen if record.unseen is not None and not is_as_bright(look, record.unseen) else None
        seen = replace(record, ours=self._ours, echoed=True, unseen=unseen)
        if seen != record:
            self._remember(seen)
        self._phase, self._doubt = Phase.SHOWING, False
        if self._wanted is None or self._wanted != self._shown:
            self._resume()

    def _watch_return(self, look: Look) -> None:
        if self._was_before(look):
            self._seen_back = True
            if self.deadline is None:
                self._rest(Phase.FREE)
        elif not self._is_ours(look):
            self._rest(Phase.FREE)  # somebody changed it meanwhile
        elif self.deadline is None:
            self._resume()  # it missed being given back

    def _settle_doubt(self) -> None:
        if self._report is not None and not self.preset.ask():
            self._answered(self._report, self.preset.look(self._report))
        else:
            self._ask()

    def _leave(self) -> None:
        _log.info("lamp %s was changed by hand: it is left alone until the next cue", self.preset.command_topic)
        self._rest(Phase.FREE if self._wanted is None else Phase.LEFT)

    def _rest(self, phase: Phase) -> None:
        """The lamp is not ours, or no longer."""
        if self._record is not None:
            self._memory.forget_lamp(self.preset.command_topic)
            self._record = None
        if self._report is not None and self._is_ours(self.preset.look(self._report)):
            self._report = None
        self._phase, self.deadline = phase, None

    def _remember(self, record: Record) -> None:
        self._record = record
        self._memory.save_lamp(self.preset.command_topic, text_of(record))

    def _forget_echo(self) -> None:
        """It was given back: from now on it may well look as it did before."""
        if self._record is not None:
            self._record = replace(self._record, echoed=False)

    def _unseen(self, record: Record) -> tuple[Look, ...]:
        """Return what it may be showing in a rendering of its own that nobody has seen yet."""
        if not record.echoed:
            return self._ours
        return () if record.unseen is None else (record.unseen,)

    def _is_ours(self, look: Look) -> bool:
        return any(alike(look, each) for each in self._ours)

    def _was_before(self, look: Look) -> bool:
        report = self._record.report if self._record is not None else None
        return report is not None and alike(look, self.preset.look(report))
