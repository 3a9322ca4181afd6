"""What one tells nudger about the back on the command line, with a real daemon; the forms are in test_forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cli_rig import Home, a_home

from nudger.core.hours import local_day
from nudger.core.recovery.course import Offer, Recovery, Standing
from nudger.core.recovery.diary import ONE_DAY
from nudger.core.running import steps
from nudger.library import load_language
from nudger.views.health import pieces_in_words

ENGLISH = load_language("en").texts
THANKS = "Thank you, noted.\n"


@pytest.fixture(scope="module")
def shared() -> Iterator[Home]:
    """A daemon for several persons; each test has its own."""
    with a_home() as made:
        names = [
            "ada",
            "ben",
            "cleo",
            "dan",
            "eve",
            "fay",
            "gil",
            "hal",
            "ida",
            "jon",
            "kim",
            "lou",
            "max",
            "ned",
            "oda",
        ]
        people = "".join(f"  {name}: {{{'language: de' if name == 'max' else ''}}}\n" for name in names)
        made.write(f"people:\n{people}")
        made.start("--plain")
        yield made


class Told:
    """One person's side of it."""

    def __init__(self, home: Home, person: str) -> None:
        self._home = home
        self._person = person

    def __call__(self, *args: str) -> str:
        """Say something that is taken; return what was printed."""
        result = self._home.call(*args, "--person", self._person)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    def refused(self, *args: str) -> tuple[int, str]:
        """Say something that is not; return the exit status and the reason. It changes nothing."""
        before = self._lasting()
        result = self._home.call(*args, "--person", self._person)
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        assert self._lasting() == before
        return result.exit_code, result.stderr

    def state(self) -> Any:
        return self._home.status(self._person)

    def _lasting(self) -> Any:
        state = self.state()
        return {key: state[key] for key in ("stage", "flare", "lock", "offer", "pain", "recovery", "next_session")}

    @property
    def today(self) -> date:
        return date.fromisoformat(self.state()["recovery"]["today"])


@pytest.fixture
def told(shared: Home, request: pytest.FixtureRequest) -> Told:
    return Told(shared, request.param)


def of(person: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("told", [person], indirect=True, ids=[""])


# --- Check-ins -------------------------------------------------------------------------------------------------------


@of("ada")
def test_a_check_in_is_noted_and_can_be_corrected(told: Told) -> None:
    assert told("checkin", "4", "--morning", "--spare", "knee").startswith("Thank you, noted.")
    assert told.state()["pain"]["morning"] == {"pain": 4, "impact": None}
    assert told.state()["recovery"]["tags"] == ["knee"]
    told("checkin", "3", "--morning")
    assert told.state()["pain"]["morning"]["pain"] == 3
    told("checkin", "5", "--evening", "--no-impact", "--nothing-new", "--date", "yesterday")
    yesterday = (told.today - timedelta(days=1)).isoformat()
    assert told.state()["recovery"]["scores"][yesterday]["evening"] == 5


@of("ada")
def test_a_check_in_as_json(told: Told) -> None:
    shown = json.loads(told("checkin", "3", "--morning", "--json"))
    assert shown["scores"][told.today.isoformat()]["morning"] == 3
    assert shown["lock"] is None


@of("ben")
@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        (("11",), 1, "A score is a whole number from 0 (no pain) to 10. “11” was not taken.\n"),
        (("5.5",), 1, "A score is a whole number from 0 (no pain) to 10. “5.5” was not taken.\n"),
        (("--", "-1"), 1, "“-1” was not taken.\n"),
        (("bad",), 1, "“bad” was not taken.\n"),
        (("3", "--spare", "nose"), 1, "There is nothing to spare that is called “nose”."),
        (("3", "--safety", "E9"), 1, "The list has no item “E9”."),
        (("3", "--safety", "U1=3000-01-01"), 1, "is still to come. Please name the day on which you were seen.\n"),
        (("3", "--safety", "U1=soon"), 2, "'U1=soon' must name an item and a day, such as U1=2026-11-25\n"),
        (("3", "--safety", "U1", "--nothing-new"), 2, "not both\n"),
        (("3", "--morning", "--date", "2020-01-01"), 1, "1 January 2020 is too long ago to be told of."),
        (("3", "--morning", "--date", "3000-01-01"), 1, "1 January 3000 is still to come"),
        (("3", "--morning", "--date", "monday"), 2, "--date must be today, yesterday or a date such as "),
        (("3", "--date", "yesterday"), 2, "say which score of yesterday it was: --morning or --evening\n"),
        ((), 2, "say your score, from 0 to 10, such as `nudger checkin 3`; on a terminal, `nudger checkin` asks\n"),
        (("--impact",), 2, "say your score, from 0 to 10"),
    ],
)
def test_what_is_no_check_in_is_refused(told: Told, args: tuple[str, ...], code: int, reason: str) -> None:
    head = args[:-2] if args[:1] == ("--",) else args
    result = told.refused("checkin", *args) if head == args else _dashed(told, args)
    assert result[0] == code
    assert reason in result[1]


def _dashed(told: Told, args: tuple[str, ...]) -> tuple[int, str]:
    """What follows two dashes is no option, so the person goes before."""
    before = told.state()["pain"]
    result = told._home.call("checkin", "--person", told._person, *args)
    assert told.state()["pain"] == before
    return result.exit_code, result.stderr


@of("cleo")
def test_an_emergency_stands_out_everywhere_until_cleared(told: Told) -> None:
    s1 = ENGLISH["safety.S1"]
    assert f"{'=' * 80}\n{s1}\n{'=' * 80}\nOnce you have been seen: " in told("checkin", "3", "--safety", "E1")
    assert told.state()["lock"] == "red"
    for args in (("checkin", "2"), ("log", "walk", "10")):
        assert told(*args).startswith(f"Noted.\n{'=' * 80}\n{s1}\n"), "it is stored, and says so"
    assert s1 in told("stage", "why")
    assert s1 in told("session", "next")
    status = " ".join(told("status").split())
    assert f"Lock {s1} Once you have been seen: `nudger stage cleared --on DATE --stage ID`." in status
    assert " Next " not in status
    code, reason = told.refused("stage", "set", "daily_walks", "--by", "user")
    assert (code, reason) == (1, f"{ENGLISH['refuse.locked_red']}\n")
    assert "is still to come" in told.refused("stage", "cleared", "--on", "3000-01-01", "--stage", "gentle_start")[1]
    assert "Good that you were seen." in told("stage", "cleared", "--on", "today", "--stage", "gentle_start")
    assert told.state()["lock"] is None
    assert s1 not in told("stage", "why")
    assert told.refused("stage", "cleared", "--on", "today", "--stage", "gentle_start") == (
        1,
        "Nothing is on hold, so there is nothing to clear.\n",
    )


@of("dan")
def test_the_safety_list_is_shown_and_answered(told: Told) -> None:
    shown = told("safety")
    assert f"  E1  {ENGLISH['safety.E1']}\n" in shown
    assert "U3" not in shown, "what lies in the past is asked at the intake only"
    assert told.state()["lock"] is None, "to look at the list answers nothing"
    assert told("safety", "--nothing-new") == THANKS
    assert told("safety", f"U1={told.today}") == THANKS
    assert told.refused("safety", "X1")[0] == 1
    assert ENGLISH["safety.S2"] in told("safety", "u7")
    assert told.state()["lock"] == "amber"


@of("ned")
def test_a_bad_evening_gets_a_kind_word_unless_a_flare_is_on(told: Told) -> None:
    kind = ENGLISH["checkin.rough"]
    assert kind not in told("checkin", "6", "--evening", "--no-impact")
    assert kind not in told("checkin", "5", "--evening", "--impact")
    assert told("checkin", "6", "--evening", "--impact", "--nothing-new").splitlines()[-1] == kind
    told("flare", "on")
    assert kind not in told("checkin", "6", "--evening", "--impact", "--nothing-new")


# --- Stages ----------------------------------------------------------------------------------------------------------


@of("eve")
def test_why_says_what_to_do_where_nothing_was_decided(told: Told) -> None:
    assert told("stage", "why") == ENGLISH["stage.undecided"] + "\n"
    assert json.loads(told("stage", "why", "--json"))["explain"] is None
    told("checkin", "3", "--morning")
    assert told("stage", "why").startswith("Rule R14, ")
    assert "Missing for the next stage: " in told("stage", "why")
    assert json.loads(told("stage", "why", "--json"))["explain"].startswith("Rule R14, ")


@of("fay")
def test_the_intake_by_options(told: Told) -> None:
    assert "`nudger stage intake` finds your starting stage" in told("status")
    code, reason = told.refused("stage", "intake")
    assert (code, "on a terminal, it asks" in reason) == (2, True)
    code, reason = told.refused("stage", "intake", "--worst", "3", "--walks")
    assert (code, reason) == (
        2,
        "these answers are missing: --safety or --nothing-new, --walks-5-min, --mobility, --seen\n",
    )
    answers = ("--walks-5-min", "--walks", "--mobility", "--no-seen", "--running-goal", "--sessions", "2")
    assert told.refused("stage", "intake", "--nothing-new", "--worst", "12", *answers)[0] == 1
    shown = told("stage", "intake", "--nothing-new", "--worst", "2", *answers, "--spare", "knee")
    assert shown.splitlines()[0] == "Thank you. With these answers your stage is “Build strength”."  # or more
    assert told.state()["stage"] == "build_strength"
    assert told.state()["recovery"]["running_goal"] is True
    assert "finds your starting stage" not in told("status")


@of("gil")
def test_an_offer_that_is_not_there_cannot_be_answered(told: Told) -> None:
    for answer in ("accept", "decline"):
        assert told.refused("offer", answer) == (1, "No such offer is open, so nothing was changed.\n")
    assert told.refused("offer", "perhaps")[0] == 2
    assert told.refused("away", "less") == (1, "That question is not open at the moment, so nothing was changed.\n")


@pytest.mark.parametrize(
    ("answer", "said", "stage"),
    [
        ("accept", "Your stage is now “Easy mobility”. Take it slowly; you can come back any time.\n", "easy_mobility"),
        ("decline", "That is fine, all stays as it is. I ask again in a few days at the earliest.\n", "daily_walks"),
    ],
)
def test_an_offer_is_shown_and_answered(answer: str, said: str, stage: str) -> None:
    today = local_day(UTC, datetime.now(UTC))
    offer = Offer("easy_mobility", "R12", today, 2.0)
    with a_home() as home:
        home.remember("me", Recovery(Standing("daily_walks", today - 9 * ONE_DAY, evaluated=today, offer=offer)))
        home.start("--plain")
        how = "Answer with `nudger offer accept` or `nudger offer decline`."
        status = " ".join(home.call("status").stdout.split())
        assert f" Offer the next stage, Easy mobility. {how} " in status
        assert how in home.call("stage", "why").stdout
        assert home.call("offer", answer).stdout == said
        assert home.status()["stage"] == stage
        assert home.call("offer", answer).exit_code == 1
        assert how not in home.call("status").stdout


# --- What was done ---------------------------------------------------------------------------------------------------


@of("hal")
def test_what_was_done_counts_towards_the_goals(told: Told) -> None:
    told("stage", "set", "daily_walks", "--by", "provider")
    assert "walking 0 min" in told("status")
    assert "walking 10 min" in told("log", "walk", "10", "--rise", "1", "--pain", "2")
    told("log", "walk", "30", "--brisk", "--date", "yesterday")
    assert "walking 10 min" in told("status")
    for args in (("mobility", "--comfortable"), ("mobility",), ("strength",), ("chores",), ("chores", "3")):
        assert told("log", *args).startswith(THANKS)
    counts_once_said = f"{ENGLISH['log.mobility_open']}\n"
    assert told("log", "mobility").endswith(counts_once_said)
    assert ENGLISH["log.mobility_open"] not in told("log", "mobility", "--sore")
    assert told.refused("log", "walk", "0")[0] == 1
    assert told.refused("log", "walk", "-15") == (2, "a walk has more than 0 minutes, such as `nudger log walk 10`\n")
    assert "No such option '--brsk'" in told.refused("log", "walk", "15", "--brsk")[1]
    assert told.refused("log", "walk", "181") == (2, "a walk of 181 min is a long one; if it is right, add --yes\n")
    assert "walking 191 min" in told("log", "walk", "181", "--yes")
    assert told.refused("log", "walk", "ten")[0] == 2
    assert told.refused("log", "walk", "10", "--pain", "11")[0] == 1
    assert told.refused("log", "walk", "10", "--date", "2020-01-01")[0] == 1
    assert told.refused("log", "chores", "0")[0] == 2


# --- Runs ------------------------------------------------------------------------------------------------------------


@of("ida")
def test_the_next_session_and_how_the_last_one_went(told: Told) -> None:
    assert told("session", "next") == "The run plan begins at the stage “Walk and run”. You are at “Gentle start”.\n"
    assert json.loads(told("session", "next", "--json")) is None
    code, reason = told.refused("session", "log", "--pre", "1")
    assert (code, reason.startswith("Please say which step of the plan it was, from 1 to ")) == (1, True)
    told("stage", "set", "walk_run", "--by", "provider")
    shown = told("session", "next")
    assert shown.startswith(("Step 1 of the run plan, on ", "A walk; step 1"))
    pieces = "5 min walking, 3 times (1 min running, 1 min walking), 5 min walking"
    then = "Then: " if shown.startswith("A walk") else ""
    assert f"\n  {then}{pieces}\n" in shown, "a walk is not taken for the run that comes after it"
    assert json.loads(told("session", "next", "--json"))["step"] == 1
    assert "  Run     " in told("status")
    tomorrow = (told.today + timedelta(days=1)).isoformat()
    code, reason = told.refused("session", "log", "--pre", "1", "--date", tomorrow)
    assert (code, reason.endswith("so no run can be noted for it yet.\n")) == (1, True)
    code, reason = told.refused("session", "log", "--correct", "--pre", "1")
    assert (code, reason.endswith("so there is nothing to correct.\n")) == (1, True)
    assert told.refused("session", "log", "--pre", "5.5")[0] == 1
    assert told.refused("session", "log", "--step", "18", "--pre", "1")[0] == 1
    code, reason = told.refused("session", "log")
    assert (code, "on a terminal, it asks" in reason) == (2, True)
    assert told("session", "log", "--pre", "1", "--during", "1", "--completed").startswith(THANKS)
    code, reason = told.refused("session", "log", "--pre", "0")
    assert (code, reason.endswith("say that it is a correction: nudger session log --correct.\n")) == (1, True)
    told("session", "log", "--correct", "--during", "2", "--limb", "0", "--feel", "so-so")


@pytest.mark.parametrize(
    ("step", "inner"),
    [
        (2, "4 times (1 min running, 1 min walking)"),
        (7, "2 times (5 min running, 3 min walking)"),
        (13, "12 min running, 4 min walking, 8 min running"),
        (17, "20 min running"),
        (19, "22 min running"),
    ],
)
def test_a_session_in_words(step: int, inner: str) -> None:
    words = pieces_in_words(steps.step(step).session, load_language("en"))
    assert words == f"5 min walking, {inner}, 5 min walking"


@of("jon")
def test_the_plan_is_chosen(told: Told) -> None:
    told("stage", "set", "walk_run", "--by", "provider")
    assert "Step 4" in told("session", "plan", "--start", "5") or "step 4" in told("session", "next")
    told("session", "plan", "--per-week", "2", "--target", "30")
    assert told.refused("session", "plan")[0] == 2
    assert told.refused("session", "plan", "--target", "5")[0] == 1
    assert told.refused("session", "plan", "--per-week", "4")[0] == 2


@of("oda")
def test_after_a_red_run_nothing_is_said_twice(told: Told) -> None:
    told("stage", "set", "walk_run", "--by", "provider")
    shown = told("session", "log", "--during", "8", "--limb", "7", "--completed", "--feel", "rough")
    assert shown.count("The last run did not agree with you.") == 1
    assert "two steps back, and never below the first: step 1. Four days without a run come first" in shown


# --- Short answers ---------------------------------------------------------------------------------------------------


@of("kim")
def test_a_run_that_spread_asks_for_the_safety_list(told: Told) -> None:
    told("stage", "set", "walk_run", "--by", "provider")
    shown = told("session", "log", "--spreading")
    asked = f"{ENGLISH['safety.because.spreading']} {ENGLISH['safety.question']} Answer with `nudger safety`."
    assert asked in shown
    assert asked in " ".join(told("status").split())
    assert asked not in told("log", "walk", "10"), "it was asked for just now"
    assert asked in told("checkin", "2")
    told("safety", "--nothing-new")
    assert ENGLISH["safety.because.spreading"] not in told("status")


@of("lou")
def test_short_answers(told: Told) -> None:
    assert told("running", "no") == f"{ENGLISH['running.no']}\n"
    assert told.state()["recovery"]["running_goal"] is False
    assert told("running", "yes") == f"{ENGLISH['running.yes']}\n"
    for judged in ("too-many", "fine", "too-few"):
        assert told("pace", judged) == f"{ENGLISH['pace.noted']}\n"
    assert told("publish-health", "on") == f"{ENGLISH['publish.on']}\n{ENGLISH['publish.no_broker']}\n"
    assert told.state()["recovery"]["publish_health"] is True
    assert told("publish-health", "off") == f"{ENGLISH['publish.off']}\n"
    assert told.state()["recovery"]["publish_health"] is False


@of("max")
def test_everybody_is_answered_in_their_language(told: Told) -> None:
    german = load_language("de").texts
    assert told("running", "no") == f"{german['running.no']}\n"
    assert german["safety.E1"] in told("safety")
    assert "3 Mal (1 min laufen, 1 min gehen)" in told("stage", "set", "walk_run", "--by", "provider") + told(
        "session", "next"
    )
    assert german["safety.S1"] in told("safety", "E2")


def test_where_the_config_decides_the_answer_does_not() -> None:
    with a_home() as home:
        home.write("people: {me: {publish_health: false}}\n")
        home.start("--plain")
        assert home.call("publish-health", "on").stdout.startswith(ENGLISH["publish.config"])
