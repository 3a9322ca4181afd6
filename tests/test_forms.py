"""The forms about the back, on a real terminal with a real daemon: each asks until it can take the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from broker import Mosquitto
from cli_rig import Home, a_home, in_the_morning
from terminal_rig import Person, a_terminal

from nudger.core.hours import local_day
from nudger.core.recovery.course import Recovery, Standing
from nudger.core.recovery.diary import ONE_DAY, Day, Score
from nudger.library import load_language

ENGLISH = load_language("en").texts
GERMAN = load_language("de").texts
Sits = Callable[..., Person]

NOTHING_NEW = (ENGLISH["safety.question"], "0")


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        made.start("--plain")
        yield made


@pytest.fixture
def sits(home: Home) -> Iterator[Sits]:
    """Somebody who sits down at a terminal of their own and types a command; what hangs is ended afterwards."""
    with ExitStack() as after:

        def sit_down(*args: str) -> Person:
            person = Person(home, after.enter_context(a_terminal()), *args)
            after.callback(_end, person)
            return person

        yield sit_down


def _end(person: Person) -> None:
    with suppress(ProcessLookupError):
        person.process.kill()
    person.process.wait(5)


def lasting(home: Home) -> Any:
    """What a form that was stopped leaves as it was."""
    state = home.status()
    return {key: state[key] for key in ("stage", "lock", "pain", "recovery", "next_session")}


# --- Check-in --------------------------------------------------------------------------------------------------------


def test_a_check_in_asks_again_where_an_answer_is_none(home: Home, sits: Sits) -> None:
    person = sits("checkin", "--evening")
    again = ENGLISH["form.again.number"].format(**{"from": 0, "by": 10})
    person.answers(
        (ENGLISH["checkin.evening"], "11"),
        (again, "5.5"),
        (again, ""),
        (again, "4"),
        (ENGLISH["checkin.impact"], "perhaps"),
        ("Yes or no, please.", "n"),
        NOTHING_NEW,
        ("neck", "8 99"),
        (ENGLISH["form.again.several"], "4"),
    )
    person.reads(ENGLISH["checkin.thanks"])
    assert person.ended() == 0
    state = home.status()
    assert state["pain"]["evening"] == {"pain": 4, "impact": False}
    assert state["recovery"]["tags"] == ["knee"]
    assert state["recovery"]["safety_question"] is None, "it was answered"


def test_a_morning_asks_for_the_score_alone_and_tells_what_is_noted(home: Home, sits: Sits) -> None:
    home.call("checkin", "6", "--morning")
    person = sits("checkin", "--morning")
    person.answers((f"{ENGLISH['checkin.morning']} So far 6 is noted", "3"), ("neck", ""))
    assert person.ended() == 0
    assert home.status()["pain"]["morning"]["pain"] == 3
    for key in ("checkin.impact", "safety.question"):
        assert ENGLISH[key] not in person.read_all()


def test_answers_are_taken_in_words_and_a_question_mark_helps(home: Home, sits: Sits) -> None:
    person = sits("checkin", "--evening")
    person.answers((ENGLISH["checkin.evening"], "?"), (ENGLISH["form.help"][:40], "2"))
    person.answers((ENGLISH["checkin.impact"], "n"), (ENGLISH["safety.question"], "None"), ("neck", "knee, 5 ; hip"))
    person.reads(ENGLISH["checkin.thanks"].rstrip("."))
    assert person.ended() == 0
    assert home.status()["recovery"]["tags"] == ["hip", "knee"]
    again = sits("checkin", "--evening")
    again.answers((ENGLISH["checkin.evening"], "2"), (ENGLISH["checkin.impact"], "n"), ("neck", "no"))
    assert again.ended() == 0
    assert home.status()["recovery"]["tags"] == []


def test_a_check_in_shows_what_is_spared_every_day(home: Home, sits: Sits) -> None:
    answers = "--nothing-new --worst 3 --walks-5-min --walks --mobility --seen --spare knee --spare neck"
    assert home.call("stage", "intake", *answers.split()).exit_code == 0
    person = sits("checkin", "--morning")
    person.answers((ENGLISH["checkin.morning"], "3"))
    person.reads("Left out every day: a sore knee, or one that is still recovering; a sore neck.")
    person.answers(("", ""))
    assert person.ended() == 0


def test_the_first_morning_asks_for_no_evening_before(sits: Sits) -> None:
    person = sits("checkin")
    person.reads(ENGLISH["form.intro"])
    person.reads("(0-10) >")
    assert ENGLISH["checkin.yesterday"] not in person.read_all()
    person.terminal.press("\x03")
    assert person.ended() == 1


def test_a_missed_evening_can_be_told(home: Home, sits: Sits) -> None:
    person = sits("checkin", "--evening", "--date", "yesterday")
    person.answers((ENGLISH["checkin.yesterday"], "5"), (ENGLISH["checkin.impact"], ""), NOTHING_NEW)
    person.reads(ENGLISH["checkin.thanks"])
    assert person.ended() == 0
    assert [day["evening"] for day in home.status()["recovery"]["scores"].values()] == [5, None]


@pytest.mark.parametrize(("evening", "scores"), [("5", [5, None]), ("", [None, None])])
def test_the_evening_before_goes_along_with_the_morning(
    home: Home, sits: Sits, evening: str, scores: list[int | None]
) -> None:
    zone = in_the_morning()
    today = local_day(zone, datetime.now(UTC))
    home.stop()
    home.write(f"time_zone: {zone.key}\n")
    day = Day(today - 2 * ONE_DAY, morning=Score(3), evening=Score(4))
    standing = Standing("daily_walks", today - 9 * ONE_DAY, evaluated=today - ONE_DAY)
    home.remember("me", Recovery(standing, (day,), began=day.on, began_at=3), zone)
    home.start("--plain")
    person = sits("checkin")
    person.answers((ENGLISH["checkin.yesterday"], evening))
    if evening:
        person.answers((ENGLISH["checkin.impact"], ""))
    person.answers((ENGLISH["checkin.morning"], "4"), ("neck", ""))
    person.reads(ENGLISH["outcome.held"])
    assert person.ended() == 0
    told = home.status()["recovery"]["scores"]
    assert [each["evening"] for each in told.values()] == scores
    assert told[today.isoformat()]["morning"] == 4


def test_whoever_comes_back_is_asked_how_active_they_were(home: Home, sits: Sits) -> None:
    today = local_day(UTC, datetime.now(UTC))
    home.stop()
    day = Day(today - 9 * ONE_DAY, morning=Score(3), evening=Score(3))
    standing = Standing("easy_mobility", today - 20 * ONE_DAY, dwell=5, evaluated=today - ONE_DAY)
    home.remember("me", Recovery(standing, (day,), began=today - 20 * ONE_DAY, began_at=3))
    home.start("--plain")
    person = sits("checkin", "--morning")
    person.answers((ENGLISH["checkin.morning"], "3"), ("neck", ""))
    person.answers((ENGLISH["safety.because.return"], "0"))
    person.answers((ENGLISH["ask.compared.more"], "2"))
    person.reads("We go on at “Easy mobility”")
    assert person.ended() == 0
    assert home.status()["stage"] == "easy_mobility"


def test_a_known_item_takes_its_day_and_does_not_lock(home: Home, sits: Sits) -> None:
    person = sits("safety")
    person.answers(
        (ENGLISH["safety.question"], ""),
        ("Please type 0, or items", "U1 X9"),
        ("Please type 0, or items", "u1, u8"),
        (f"U1: {ENGLISH['safety.U1']}", "5"),
        (ENGLISH["form.again.choice"], "2"),
        (ENGLISH["safety.seen_on"], "3000-01-01"),
        ("none that is still to come", home.status()["recovery"]["today"]),
        (f"U8: {ENGLISH['safety.U8']}", "3"),
    )
    person.reads(ENGLISH["checkin.thanks"])
    assert person.ended() == 0
    assert home.status()["lock"] is None


def test_a_known_item_without_its_day_locks(home: Home, sits: Sits) -> None:
    person = sits("safety")
    person.answers((ENGLISH["safety.question"], "U1"), ("U1: ", "2"), (ENGLISH["safety.seen_on"], ""))
    person.reads(ENGLISH["safety.S2"])
    assert person.ended() == 0
    assert home.status()["lock"] == "amber"


def test_a_red_answer_in_a_check_in_asks_nothing_more(home: Home, sits: Sits) -> None:
    person = sits("checkin", "--evening")
    person.answers(
        (ENGLISH["checkin.evening"], "7"),
        (ENGLISH["checkin.impact"], "y"),
        (ENGLISH["safety.question"], "E2"),
        (f"E2: {ENGLISH['safety.E2']}", "1"),
        ("Is that right?", "y"),
    )
    person.reads(ENGLISH["safety.S1"])
    assert person.ended() == 0
    assert ENGLISH["checkin.tags"] not in person.read_all()
    state = home.status()
    assert (state["lock"], state["pain"]["evening"]["pain"]) == ("red", 7)


def test_a_slip_is_asked_about_before_it_locks(home: Home, sits: Sits) -> None:
    person = sits("safety")
    person.answers((ENGLISH["safety.question"], "E1"), ("E1: ", "1"))
    person.answers((f"You ticked: {ENGLISH['safety.E1']} Is that right?", "n"), NOTHING_NEW)
    person.reads(ENGLISH["checkin.thanks"])
    assert person.ended() == 0
    assert home.status()["lock"] is None


@pytest.mark.parametrize("answers", [(), ((ENGLISH["checkin.evening"], "7"), (ENGLISH["checkin.impact"], "y"))])
def test_ctrl_c_sends_nothing_and_says_so(home: Home, sits: Sits, answers: tuple[tuple[str, str], ...]) -> None:
    before = lasting(home)
    person = sits("checkin", "--evening")
    person.answers(*answers)
    person.reads(" >")
    person.terminal.press("\x03")
    person.reads(ENGLISH["form.stopped"])
    assert person.ended() == 1
    assert lasting(home) == before
    assert "Traceback" not in person.read_all()


def test_a_very_high_score_brings_the_safety_list_at_once(home: Home, sits: Sits) -> None:
    person = sits("checkin", "--morning")
    person.answers((ENGLISH["checkin.morning"], "9"), ("neck", ""))
    person.reads(ENGLISH["checkin.thanks"].rstrip("."))
    person.answers((f"{ENGLISH['safety.because.high']} {ENGLISH['safety.question']} Type 0", "U4"), ("U4: ", "1"))
    person.reads(ENGLISH["safety.S2"])
    assert person.ended() == 0
    assert home.status()["lock"] == "amber"


def test_the_list_left_unanswered_says_that_the_score_is_noted(home: Home, sits: Sits) -> None:
    person = sits("checkin", "--morning")
    person.answers((ENGLISH["checkin.morning"], "9"), ("neck", ""))
    person.reads("Type 0 for")
    person.terminal.press("\x03")
    person.reads(ENGLISH["form.unanswered"])
    assert person.ended() == 1
    assert home.status()["pain"]["morning"]["pain"] == 9
    assert home.status()["recovery"]["safety_reason"] == "high"


# --- Intake ----------------------------------------------------------------------------------------------------------

INTAKE = (
    (ENGLISH["intake.worst"], "2"),
    (ENGLISH["intake.walks_5_min"], "y"),
    (ENGLISH["intake.walks"], "yes"),
    (ENGLISH["intake.mobility"], "n"),
    (ENGLISH["intake.seen"], "y"),
    (ENGLISH["intake.running_goal"], "y"),
    (ENGLISH["intake.sessions"], "4"),
    ("A whole number from 2 to 3, please.", "2"),
    (ENGLISH["intake.office"], "n"),
    (ENGLISH["intake.floor"], "y"),
    (ENGLISH["intake.contraindications"], "2 3"),
)


def test_the_intake_places(home: Home, sits: Sits) -> None:
    person = sits("stage", "intake")
    person.reads(ENGLISH["about.disclaimer"])
    person.reads("U3  ")
    person.answers((ENGLISH["intake.safety"], "0"), *INTAKE)
    person.reads("With these answers your stage is “Easy mobility”.")
    assert person.ended() == 0
    assert ENGLISH["intake.publish_health"] not in person.read_all(), "there is no broker to publish on"
    state = home.status()
    assert (state["stage"], state["recovery"]["running_goal"]) == ("easy_mobility", True)


def test_a_red_flag_ends_the_intake_at_once(home: Home, sits: Sits) -> None:
    person = sits("stage", "intake")
    person.answers((ENGLISH["intake.safety"], "U1 E1"), ("E1: ", "1"), ("U1: ", "1"), ("Is that right?", "y"))
    person.reads(f"{'=' * 80}\r\n{ENGLISH['safety.S1']}\r\n{'=' * 80}")
    assert person.ended() == 0
    assert ENGLISH["intake.worst"] not in person.read_all()
    state = home.status()
    assert (state["lock"], state["stage"], state["recovery"]["began"]) == ("red", "gentle_start", None)
    again = sits("stage", "intake")
    again.reads(ENGLISH["safety.S1"])
    assert again.ended() == 1
    assert ENGLISH["intake.safety"] not in again.read_all()


def test_an_urgent_answer_goes_along_with_the_rest(home: Home, sits: Sits) -> None:
    person = sits("stage", "intake")
    person.answers((ENGLISH["intake.safety"], "U2 U3"), ("U2: ", "1"), ("U3: ", "1"), *INTAKE)
    person.reads(ENGLISH["safety.S2"])
    assert person.ended() == 0
    assert home.status()["lock"] == "amber"
    assert home.status()["stage"] == "easy_mobility"


def test_an_intake_that_is_stopped_sends_nothing(home: Home, sits: Sits) -> None:
    before = lasting(home)
    person = sits("stage", "intake")
    person.answers((ENGLISH["intake.safety"], "U2"), ("U2: ", "1"), *INTAKE[:4])
    person.reads(ENGLISH["intake.seen"])
    person.terminal.press("\x04")  # the end of the input counts as well
    person.reads(ENGLISH["form.stopped"])
    assert person.ended() == 1
    assert lasting(home) == before


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as running:
        yield running


def test_with_a_broker_the_intake_asks_whether_health_may_go_out(broker: Mosquitto, sits: Sits, home: Home) -> None:
    home.stop()
    home.write(f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}\npeople: {{me: {{language: de}}}}\n")
    home.start("--plain")
    person = sits("stage", "intake")
    person.answers(
        (GERMAN["intake.safety"], "0"),
        (GERMAN["intake.worst"], "5"),
        *((GERMAN[f"intake.{name}"], "j") for name in ("walks_5_min", "walks", "mobility", "seen")),
        (GERMAN["intake.running_goal"], "nein"),
        (GERMAN["intake.office"], "ja"),
        (GERMAN["intake.floor"], "n"),
        (GERMAN["intake.contraindications"], ""),
        (GERMAN["intake.publish_health"], "n"),
    )
    person.reads("ist deine Stufe")
    assert person.ended() == 0
    state = home.status()
    assert (state["stage"], state["recovery"]["publish_health"]) == ("daily_walks", False)


# --- Runs, and what was done -----------------------------------------------------------------------------------------


def test_a_run_is_told_of_question_by_question(home: Home, sits: Sits) -> None:
    home.call("stage", "set", "walk_run", "--by", "provider")
    person = sits("session", "log")
    person.answers(
        (ENGLISH["session.ask.step"], ""),
        (ENGLISH["session.ask.completed"], "n"),
        (ENGLISH["session.ask.stopped_pain"], "n"),
        (ENGLISH["session.ask.minutes"], "2"),
        (ENGLISH["session.ask.pre"], "1"),
        (ENGLISH["session.ask.during"], "ouch"),
        ("A whole number from 0 to 10, please.", "1"),
        (ENGLISH["session.ask.limb"], ""),
        (ENGLISH["session.ask.spreading"], "n"),
        (ENGLISH["session.ask.feel"], "Good"),
    )
    person.reads(ENGLISH["checkin.thanks"])
    person.reads("Step 1 of the run plan")
    assert person.ended() == 0
    assert home.status()["next_session"]["missing"] == [ENGLISH["session.ask.morning"]]
    again = sits("session", "log")
    again.answers(("is noted for", "n"))
    again.reads(ENGLISH["form.stopped"])
    assert again.ended() == 1
    corrected = sits("session", "log")
    corrected.answers(("is noted for", "y"), (ENGLISH["session.ask.step"], "18"), ("from 1 to 17, please.", "2"))
    corrected.answers((ENGLISH["session.ask.completed"], "y"))
    corrected.answers(
        *((ENGLISH[f"session.ask.{name}"], "") for name in ("pre", "during", "limb", "spreading", "feel"))
    )
    corrected.reads(ENGLISH["checkin.thanks"])
    assert corrected.ended() == 0


def test_a_run_that_is_not_told_to_the_end_is_none(home: Home, sits: Sits) -> None:
    home.call("stage", "set", "walk_run", "--by", "provider")
    before = lasting(home)
    person = sits("session", "log")
    person.answers((ENGLISH["session.ask.step"], ""), (ENGLISH["session.ask.completed"], "y"))
    person.reads(ENGLISH["session.ask.pre"])
    person.terminal.press("\x03")
    person.reads(ENGLISH["form.stopped"])
    assert person.ended() == 1
    assert lasting(home) == before


def test_a_run_that_spread_asks_for_the_safety_list_at_once(home: Home, sits: Sits) -> None:
    home.call("stage", "set", "walk_run", "--by", "provider")
    person = sits("session", "log")
    person.answers((ENGLISH["session.ask.step"], "1"), (ENGLISH["session.ask.completed"], "y"))
    person.answers(*((ENGLISH[f"session.ask.{name}"], "") for name in ("pre", "during", "limb")))
    person.answers((ENGLISH["session.ask.spreading"], "y"), (ENGLISH["session.ask.feel"], ""))
    person.answers((f"{ENGLISH['safety.because.spreading']} {ENGLISH['safety.question']} Type 0", "0"))
    person.reads(ENGLISH["checkin.thanks"])
    assert person.ended() == 0
    assert home.status()["recovery"]["safety_reason"] != "spreading"


def test_mobility_asks_whether_it_stayed_comfortable(home: Home, sits: Sits) -> None:
    home.call("stage", "set", "easy_mobility", "--by", "provider")
    person = sits("log", "mobility")
    person.answers((ENGLISH["log.comfortable"], "y"))
    person.reads("sets of mobility 1")
    assert person.ended() == 0


@pytest.mark.parametrize(("answer", "status", "walked"), [("n", 1, "0 min"), ("y", 0, "200 min")])
def test_a_very_long_walk_is_asked_about(home: Home, sits: Sits, answer: str, status: int, walked: str) -> None:
    home.call("stage", "set", "daily_walks", "--by", "provider")
    person = sits("log", "walk", "200")
    person.answers(("That would be a walk of 200 min. Is that right?", answer))
    assert person.ended() == status
    assert f"walking {walked}" in home.status()["goals"]["text"]


# --- The first start -------------------------------------------------------------------------------------------------


def test_what_nudger_is_not_is_told_once(home: Home, sits: Sits) -> None:
    home.stop()
    assert not (home.state / "disclaimer-shown").exists(), "a service's log is read by nobody"
    for times in (1, 0):
        person = sits("run", "--plain")
        person.reads("is running")
        assert person.read_all().count(ENGLISH["about.disclaimer"]) == times
        person.terminal.press("\x03")
        assert person.ended() == 0
