"""What people see in a terminal: the status, what has happened, the picture of the live view."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rendered import NOON, PROMPT, SERVICE, recovery, state
from rich.console import Console

from nudger.core.effects import (
    Announce,
    Effect,
    Notify,
    RecordBout,
    RecordBreak,
    RecordOutcome,
    RecordPosture,
    RecordPrompt,
    RecordStage,
    SetLight,
    Withdraw,
)
from nudger.core.state import Prompt
from nudger.core.words import Confirmed, Outcome, Posture, PromptKind, Scene
from nudger.library import ORIGINAL, load_ladder, load_language
from nudger.views.happenings import happenings
from nudger.views.status import headline, next_prompt, render_status, today
from nudger.views.terminal import Frame, draw
from nudger.views.words import clock, coming, count, length, stage_name


def prompt(duration_s: float = 120) -> Prompt:
    return Prompt(
        id="me-1",
        entry="far_wall",
        title="Touch the far wall",
        body="",
        category="walk",
        kind=PromptKind.BREAK,
        duration=timedelta(seconds=duration_s),
        issued_at=NOON,
        shown_at=NOON,
    )


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (5520, "1 h 32 min"), (90000, "25 h")],
)
def test_a_length_of_time_is_told_to_the_minute(seconds: float, said: str) -> None:
    assert length(seconds) == said


def test_an_instant_has_a_date_on_another_day_only() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert clock(NOON, berlin, NOON) == "13:00"
    assert clock(NOON + timedelta(hours=11), berlin, NOON) == "2026-11-23 00:00"


def test_an_instant_to_come_is_today_tomorrow_or_on_a_date() -> None:
    said = [coming(NOON + timedelta(hours=hours), UTC, NOON) for hours in (1, 12, 36)]
    assert said == ["13:00", "tomorrow 00:00", "2026-11-24 00:00"]


def test_stages_are_called_as_in_the_library() -> None:
    texts = load_language(ORIGINAL).texts
    for stage in load_ladder().stages:
        assert stage_name(stage.id) == texts[f"stage.{stage.id}"]


def test_one_is_no_plural() -> None:
    assert (count(1, "break"), count(0, "break"), count(2, "break")) == ("1 break", "0 breaks", "2 breaks")


# --- Status ----------------------------------------------------------------------------------------------------------


def test_status_of_somebody_who_sits() -> None:
    shown = render_status({"persons": {"me": state()}, "service": SERVICE}, UTC)
    assert shown == (
        "me: sitting for 14 min, since 11:46\n"
        "  Why     You have been sitting since 11:46.\n"
        "  Next    a prompt between 12:06 and 12:10\n"
        "  Today   sat 1 h 32 min, 25 min at a stretch; 3 breaks; 3 of 4 prompts followed\n"
        "  Stage   Daily walks\n"
        "\n"
        "nudger 1.2.3 since 2026-11-22 09:00"
    )


@pytest.mark.parametrize("hold", ["call", "dnd", "capped", "unknown", "locked"])
def test_status_names_no_time_for_a_prompt_that_waits_for_something_without_one(hold: str) -> None:
    shown = {
        held: render_status({"persons": {"me": state(hold=held)}, "service": SERVICE}, UTC) for held in (hold, "paused")
    }
    assert "  Next" not in shown[hold]
    assert "  Next    a prompt between 12:06 and 12:10" in shown["paused"]


def test_status_shows_a_prompt_and_how_to_answer() -> None:
    sitting = state(prompt=PROMPT, next_prompt_at=None, next_prompt_by=None)
    lines = render_status({"persons": {"me": sitting}, "service": SERVICE}, UTC).splitlines()
    assert "  Prompt  Touch the far wall (2 min)" in lines
    assert "          Answer with `nudger done`, `nudger snooze` or `nudger skip`." in lines
    assert "3 of 4 prompts followed so far" in " ".join(line.strip() for line in lines), "this one may yet be"
    assert not any(line.startswith("  Next") for line in lines)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_status_keeps_to_the_width(width: int) -> None:
    data = {"persons": {"me": state(prompt=PROMPT, why="word " * 60)}, "service": SERVICE}
    assert max(map(len, render_status(data, UTC, width).splitlines())) <= width


def test_status_names_what_is_silent_and_what_is_wrong_with_the_service() -> None:
    mqtt = {"connected": False, "last_error": "connection refused", "degraded": None}
    service = SERVICE | {"mqtt": mqtt, "store": "the history is not saved (disk full)", "time_scale": 60.0}
    shown = render_status({"persons": {"me": state(silent_signals=["chair", "pir"])}, "service": service}, UTC, 200)
    assert "  Silent  chair, pir (see `nudger signals`)" in shown
    assert shown.splitlines()[-1] == (
        "nudger 1.2.3 since 2026-11-22 09:00; trying out, 60 times as fast; "
        "broker not connected (connection refused); the history is not saved (disk full)"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "sitting for 14 min, since 11:46"),
        ({"hold": "unknown"}, "sitting when last heard of, since 11:46"),
        ({"hold": "unknown", "bout_started": None}, "sitting when last heard of"),
        ({"posture": "standing"}, "standing at the desk, since 11:46"),
        ({"posture": "away", "since": "2026-11-21T11:46:00.000Z"}, "away, since 2026-11-21 11:46"),
        ({"posture": "unknown", "since": None}, "posture unknown"),
    ],
)
def test_headlines(changes: dict[str, Any], said: str) -> None:
    assert headline(state(**changes), UTC) == said


def test_the_next_prompt_may_have_one_time_or_none() -> None:
    assert next_prompt(state(next_prompt_by="2026-11-22T12:06:00.000Z"), UTC) == "at 12:06"
    assert next_prompt(state(next_prompt_at=None, next_prompt_by=None), UTC) is None


def test_a_day_that_has_just_begun() -> None:
    quiet = {"sitting_today_s": 0, "longest_bout_today_s": 0, "breaks_today": 0, "prompts_today": 0}
    assert today(state(**quiet)) == "not sat yet; no break yet; no prompt yet"


def said(**changes: Any) -> str:
    """The status of somebody whose back is not all quiet, in one line."""
    more = {key: changes.pop(key) for key in ("goals", "next_session", "hold") if key in changes}
    shown = render_status({"persons": {"me": state(**more, recovery=recovery(**changes))}, "service": SERVICE}, UTC)
    return " ".join(shown.split())


CLEAR = "Once you have been seen: `nudger stage cleared --on DATE --stage ID`."
OFFER = "Offer the next stage, Steady. Answer with `nudger offer accept` or `nudger offer decline`."


def test_a_quiet_back_has_no_line() -> None:
    for label in ("Lock", "Offer", "Asked", "Goals", "Run", "Begin"):
        assert f" {label} " not in said()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"offer": "Steady"}, OFFER),
        ({"asks": ["morning"]}, "Asked How is your back this morning? Answer with `nudger checkin --morning`."),
        ({"asks": ["evening"]}, "Asked How was your back today? Answer with `nudger checkin --evening`."),
        ({"questions": ["compared"]}, "Answer with `nudger away less`, `same` or `more`."),
        ({"questions": ["intake"]}, "once more? Answer with `nudger stage intake`."),
        ({"questions": ["new_episode"]}, "Is this a new episode? Answer with `nudger stage intake`, if so."),
        ({"pace_asked": True}, "Answer with `nudger pace too-many`, `fine` or `too-few`."),
        ({"safety_reason": "leg", "safety_question": "New?"}, "Asked New? Answer with `nudger safety`."),
        ({"goals": {"percent": 50, "text": "Today: walk."}}, "Goals Today: walk."),
        ({"next_session": {"title": "Step 3"}}, "Run Step 3 (see `nudger session next`)"),
        ({"intake_offered": True}, "Begin `nudger stage intake` finds your starting stage"),
    ],
)
def test_status_says_what_is_open_and_how_to_answer(changes: dict[str, Any], line: str) -> None:
    assert f" {line} " in said(**changes)


def test_status_does_not_nag_with_the_weekly_question() -> None:
    assert "nudger safety" not in said(safety_reason="weekly", safety_question="New?")


def test_during_a_lock_nothing_else_is_asked() -> None:
    shown = said(
        lock="Please stop.", lock_end=CLEAR, offer="Steady", asks=["morning"], intake_offered=True, hold="locked"
    )
    assert f" Lock Please stop. {CLEAR} " in shown
    assert "Offer" not in shown
    assert "Asked" not in shown
    assert "intake" not in shown, "it would be refused"
    assert " Next " not in shown, "no prompt is announced"


# --- Happenings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (RecordPrompt(prompt(), timedelta(minutes=20), "steady"), "prompt: Touch the far wall (2 min)"),
        (Notify(prompt(), repeated=True), "prompt once more: Touch the far wall (2 min)"),
        (RecordOutcome("me-1", Outcome.FOLLOWED, timedelta(seconds=42)), "prompt followed after 42 s"),
        (RecordOutcome("me-1", Outcome.DONE, timedelta(minutes=2)), "prompt done after 2 min"),
        (RecordOutcome("me-1", Outcome.SKIPPED, None), "prompt skipped"),
        (RecordOutcome("me-1", Outcome.IGNORED, None), "prompt ignored"),
        (RecordOutcome("me-1", Outcome.WITHDRAWN, None, why="already_up"), "prompt withdrawn (already up)"),
        (RecordBout(NOON, NOON + timedelta(minutes=30), timedelta(minutes=25)), "sat for 25 min"),
        (RecordBreak(NOON, NOON + timedelta(minutes=3), Confirmed.SENSOR), "break of 3 min"),
        (RecordBreak(NOON, NOON + timedelta(minutes=3), Confirmed.USER), "break of 3 min, by your word"),
        (Announce("pre_notice", {"by": NOON}), "told that a prompt comes soon"),
        (Announce("enough"), "break long enough; sit down again if you like"),
        (Announce("snoozed", {"id": "me-1", "until": NOON}), "prompt put off until 13:00"),
        (Announce("flare", {"on": True}), "a flare is on"),
        (Announce("flare", {"on": False}), "the flare is over"),
        (RecordStage("daily_walks", "steady", "user"), "stage: Daily walks -> Steady"),
    ],
)
def test_what_happened_is_one_line(effect: Effect, said: str) -> None:
    assert list(happenings([effect], ZoneInfo("Europe/Berlin"))) == [said]


@pytest.mark.parametrize(
    "effect",
    [
        Notify(prompt()),  # the record of the prompt says it
        Notify(prompt(), repeated=True, silent=True),
        Withdraw("me-1", "up"),
        SetLight(Scene.DUE),
        RecordPosture(Posture.AWAY, NOON),
        Announce("break_started", {"start": NOON}),
    ],
)
def test_what_is_told_otherwise_is_no_line(effect: Effect) -> None:
    assert not list(happenings([effect], UTC))


# --- The picture -----------------------------------------------------------------------------------------------------


def picture(persons: Mapping[str, Any], chosen: str | None = "me", width: int = 90, **more: Any) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as drawn:
        console.print(draw(Frame(persons, chosen, more.pop("happened", ()), UTC, **more)))
    return drawn.get()


def test_picture_of_somebody_who_sits() -> None:
    lines = [line.rstrip() for line in picture({"me": state()}).splitlines()]
    assert lines[1] == "me  sitting for 14 min, since 11:46"
    assert set(lines[2]) == {" ", "━"}, "the sentence below says when the next prompt comes"
    assert lines[3] == "  You have been sitting since 11:46."
    assert lines[-1] == "  p pause for 30 min   Ctrl-C ends"


@pytest.mark.parametrize(("at", "filled"), [("11:46", 0), ("11:58", 20), ("12:10", 40)])
def test_the_bar_fills_up_to_the_next_prompt(at: str, filled: int) -> None:
    assert picture({"me": state(at=f"2026-11-22T{at}:00.000Z")}).count("━") == filled


@pytest.mark.parametrize(("at", "colour"), [("12:05", "\x1b[32m"), ("12:06", "\x1b[33m")])
def test_the_bar_turns_from_green_to_yellow_when_a_prompt_may_come(at: str, colour: str) -> None:
    console = Console(file=io.StringIO(), width=90, color_system="standard", force_terminal=True)
    with console.capture() as drawn:
        console.print(draw(Frame({"me": state(at=f"2026-11-22T{at}:00.000Z")}, None, (), UTC)))
    assert f"{colour}━" in drawn.get()


def test_a_prompt_stands_out_and_says_how_to_answer() -> None:
    shown = picture({"me": state(prompt=PROMPT, next_prompt_at=None, next_prompt_by=None)})
    assert "Touch the far wall  (2 min)" in shown
    assert "[bold]Slowly[/bold]" in shown, "a text is a text, never markup"
    assert "d done   s put off   k skip" in shown
    assert "nudger done" in shown


def test_a_prompt_that_was_put_off_already_does_not_offer_it_again() -> None:
    shown = picture({"me": state(prompt=PROMPT), "sam": state(prompt=PROMPT)}, put_off={"me"})
    assert "d done   k skip" in shown
    assert "d done   s put off   k skip" in shown
    assert "nudger done --person me, nudger skip --person me" in shown


def test_without_keys_none_are_offered() -> None:
    shown = picture({"me": state(prompt=PROMPT)}, chosen=None)
    assert "d done" not in shown
    assert "p pause" not in shown
    assert "nudger done" in shown


def test_one_who_is_away_has_no_bar() -> None:
    away = state(posture="away", bout_started=None, next_prompt_at=None, next_prompt_by=None)
    assert "━" not in picture({"me": away})


def test_a_pause_can_be_ended() -> None:
    assert "p resume" in picture({"me": state(hold="paused")})


def test_the_picture_shows_a_lock_or_what_is_open() -> None:
    locked = " ".join(
        picture(
            {"me": state(hold="locked", recovery=recovery(lock="Please stop.", lock_end=CLEAR, offer="Steady"))}
        ).split()
    )
    assert f"Please stop. {CLEAR}" in locked
    assert "next prompt" not in locked
    assert "Steady" not in locked
    offered = " ".join(picture({"me": state(recovery=recovery(offer="Steady", asks=["evening"]))}).split())
    assert "Offer: the next stage, Steady. Answer with" in offered
    assert "Asked: How was your back today? Answer with" in offered


def test_of_several_the_chosen_one_is_marked() -> None:
    shown = picture({"me": state(), "sam": state()}, chosen="sam")
    assert "> sam  sitting" in shown
    assert "\nme  sitting" in shown
    assert "Tab next person" in shown


def test_the_card_names_the_person_where_there_are_several() -> None:
    assert "nudger done --person sam, nudger snooze" in picture({"me": state(), "sam": state(prompt=PROMPT)})
    assert "--person" not in picture({"me": state(prompt=PROMPT)})


def test_who_is_no_longer_counted_can_start_again() -> None:
    assert "d start again" in picture({"me": state()}, given_up={"me"})
    assert "d start again" not in picture({"me": state(), "sam": state()}, given_up={"sam"})


def test_what_happened_is_listed_with_its_time() -> None:
    assert "  12:00  sat for 25 min" in picture({"me": state()}, happened=[(NOON, "sat for 25 min")])


def test_a_trial_is_marked_as_one() -> None:
    assert "trying out, 60 times as fast as life" in picture({"me": state()}, scale=60.0)
    assert "trying out" not in picture({"me": state()})


@pytest.mark.parametrize("width", [40, 60, 200])
def test_no_line_is_too_long(width: int) -> None:
    shown = picture({"me": state(prompt=PROMPT, why="word " * 60)}, width=width, happened=[(NOON, "word " * 60)])
    assert max(map(len, shown.splitlines())) <= width


def test_a_terminal_without_such_characters_gets_plain_ones() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")  # which would raise for any other character
    Console(file=out, width=90).print(draw(Frame({"me": state(prompt=PROMPT)}, "me", (), UTC)))
