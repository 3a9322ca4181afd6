"""The notes in detail: the way back, what to log, silence, locks, refusals, goals and the lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from recovery_rig import D0, FULL_DAY, LADDER, TAGS, Course
from test_recovery_words import TEXTS, aims, told, waiting, why

from nudger.core.recovery import checkins, engine, intake, safety
from nudger.core.recovery.course import Lack, Tier
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.recovery.told import Entry, IntakeAnswers, LockCleared, SafetyAnswer, SafetyTold
from nudger.core.recovery.view import View
from nudger.views.phrases import join, missing
from nudger.views.recovery import goals_line, outcome, refused, safety_items, safety_question

EN, DE = TEXTS["en"], TEXTS["de"]

# --- Notes ------------------------------------------------------------------------------------------------------------


def test_nothing_is_said_before_the_first_decision() -> None:
    assert told(Course()) == ""


def test_the_way_back_is_named_only_where_the_rules_would_allow_it() -> None:
    wary = waiting("easy_mobility", 2, "2 x4, 2 + picks build_strength, 5 no")
    assert "you can go back to “Build strength” today" in told(wary)
    assert wary.say("picks build_strength").refusal is None
    for course in (
        Course("build_strength", 3).days("3, 5, 5"),
        waiting("walk_run", 1, "1, 1 + 2 red runs"),
        Course("build_strength", 3, doing=None).days("3, - x22, 6 no"),
    ):
        assert course.decision is not None
        assert course.decision.before != course.decision.after
        assert "go back to" not in told(course)
        assert course.say(f"picks {course.decision.before}").refusal is not None


def test_who_stayed_where_they_were_is_told_of_no_way_back() -> None:
    course = Course("build_strength", 2).days("2 x3, 5 yes x2, 2 no x2")
    assert (course.events[-1], course.stage) == ("d6 FLARE_END", "build_strength")
    assert "go back to" not in told(course)


def test_what_is_missing_is_named_with_what_to_log() -> None:
    course = Course("daily_walks", 2, doing=Activity(timedelta(hours=6), 10, 9, walks=(Walk(4),))).days("2 x4")
    assert (
        "\nMissing for the next stage: more days that meet their goals (0 of 3 so far); 2 more days with 10 min"
        in told(course)
    )
    assert "Log your walks with their minutes." in told(course)
    assert "noch 2 Tage mit 10 min Gehen" in told(course, "de")
    course.do(Activity(walks=(Walk(9),)))
    course.doing = None
    assert "; 1 more day with 10 min of walking" in told(course.next(2))


def test_one_has_its_own_form() -> None:
    phrases = missing([Lack("scored_days", 3, 4), Lack("scored_days", 2, 4), Lack("goal_days", 0, 0)], EN)
    assert phrases[0].startswith("1 more day ")
    assert phrases[1].startswith("2 more days ")
    assert phrases[2].endswith("(none has been seen long enough so far)")


@pytest.mark.parametrize(("items", "text"), [((5,), "5"), ((5, 6), "5 and 6"), ((5, 6, 6), "5, 6 and 6")])
def test_lists(items: tuple[int, ...], text: str) -> None:
    assert join(EN, items, "and") == text
    assert join(DE, items, "and") == text.replace("and", "und")


def test_a_note_holds_no_score_and_nothing_that_was_ticked() -> None:
    course = Course("easy_mobility", 8, doing=FULL_DAY).days("8 no")
    assert "8" in why(course)
    assert "8" not in told(course)
    course.tell(SafetyTold(frozenset({"U3"})))
    assert told(course) == EN.texts["safety.S2"]


def test_missing_days_are_mentioned_once() -> None:
    course = Course("build_strength", 2).days("2 x3")
    notes = [told(course.days("-")) for _ in range(6)]
    assert [bool(note) for note in notes] == [False, True, False, False, False, False]
    assert told(course.days("2")) != ""
    assert [bool(told(course.days("-"))) for _ in range(3)] == [False, True, False]


def test_missing_days_in_a_flare_are_mentioned_once_too() -> None:
    course = Course("build_strength", 2).days("2 x3, 5 yes")
    assert [bool(told(course.days("-"))) for _ in range(4)] == [False, True, False, False]


def test_a_pause_is_quiet() -> None:
    course = Course("build_strength", 2).days("2 x3").pause(3, 9)
    assert [told(course.days("-")) for _ in range(5)] == [""] * 5


def test_banners_follow_the_note() -> None:
    course = Course("build_strength", 2).days("2 x3, 5 yes x8")
    assert told(course).splitlines()[1] == EN.texts["banner.N3"]
    plateau = waiting("daily_walks", 6, "6 no x14")
    assert told(plateau).splitlines()[1:] == [EN.texts["banner.N5"]]


def test_a_new_episode_is_asked_about() -> None:
    course = Course("steady", 0).days("0 x31")
    course.evening(2).next(2)
    assert told(course).splitlines()[-1] == EN.texts["ask.new_episode"]
    assert why(course).endswith(EN.texts["ask.new_episode"])


def test_a_red_lock_speaks_louder_than_an_urgent_answer_after_it() -> None:
    course = Course("build_strength", 2).days("2 + emergency, 2 + urgent")
    assert course.lock() is Tier.EMERGENCY
    for code, language in TEXTS.items():
        assert told(course, code) == language.texts["safety.S1"]


# --- Refusals ---------------------------------------------------------------------------------------------------------


def test_refusals_name_stages_dates_and_numbers_as_read() -> None:
    course = Course("gentle_start", 2, doing=None).days("2 + picks build_strength")
    assert course.refusal is not None
    assert refused(course.refusal, EN).endswith("The next one is “Daily walks”.")
    assert refused(course.refusal, DE).endswith("Die nächste ist „Tägliche Spaziergänge“.")
    course = Course("build_strength", 2).days("2 x3, 2 + emergency").tell(LockCleared(D0, "daily_walks"))
    assert course.refusal is not None
    assert refused(course.refusal, EN).startswith("Your answer is from 5 March 2026, and 2 March 2026 is before that.")
    assert refused(course.refusal, DE).startswith(
        "Deine Antwort ist vom 5. März 2026, und der 2. März 2026 liegt davor."
    )


def test_a_refused_step_up_is_told_kindly() -> None:
    course = Course("easy_mobility", 5, doing=None).days("5, 5, 5 + picks build_strength")
    assert course.refusal is not None
    told_why = "Your last scores are a bit high for that one: usually 5, and up to 4 would be fine."
    assert refused(course.refusal, EN) == f"{told_why} Let us look again tomorrow."


def test_what_a_person_typed_comes_back_as_it_was() -> None:
    course = Course().next(2)
    entry = Entry(D0, "morning", 2, tags=frozenset({"{names} elbow"}))
    course.take(checkins.check_in(LADDER, course.recovery, entry, course.today, TAGS))
    assert course.refusal is not None
    assert "“{names} elbow”" in refused(course.refusal, EN)


# --- Goals ------------------------------------------------------------------------------------------------------------


def test_goals_are_told_with_their_progress() -> None:
    course = Course("gentle_start", 5, doing=None).days("5")
    course.do(Activity(windows=10, answered=6, chores=2, walks=(Walk(2),)))
    assert aims(course) == (
        "Today: breaks when due 60 % (enough: 70 %); small chores 2 (enough: 2) ✓ or short walks 1 (enough: 3)."
    )
    assert aims(course, "de") == (
        "Heute: fällige Pausen 60 % (genug: 70 %); kleine Handgriffe 2 (genug: 2) ✓ oder kurze Gänge 1 (genug: 3)."
    )


def test_breaks_are_not_ticked_off_before_one_was_due() -> None:
    course = Course("gentle_start", 5, doing=None).days("5")
    course.do(Activity())
    assert "breaks when due, none so far (enough: 70 %);" in aims(course)
    course.do(Activity(windows=1, answered=1))
    assert "breaks when due 100 % (enough: 70 %) ✓;" in aims(course)


def test_goals_keep_quiet_during_a_lock_and_small_in_a_flare() -> None:
    assert aims(Course("build_strength", 2).days("2 + urgent")) == ""
    assert aims(Course("build_strength", 2).days("2 x3, 5 yes")) == EN.texts["goals.flare"]


def test_goals_leave_out_strength_and_runs_after_two_missing_days_until_there_is_a_score() -> None:
    course = Course("steady", 1, doing=None).days("1, -")
    assert "runs" in aims(course)
    course.days("-")
    assert aims(course) == "Today: walking 0 min (enough: 22)."
    assert "strength" in aims(course.days("1"))


def test_a_stage_without_goals_has_no_line() -> None:
    own = replace(LADDER, stages=(replace(LADDER.stages[0], id="own"),))
    assert goals_line(View(Course("own").recovery, D0, False, own, engine.NOTHING), EN) == ""


# --- The lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", TEXTS)
def test_the_lists_come_whole_and_without_the_past_later_on(code: str) -> None:
    items = safety_items(TEXTS[code], intake=True)
    assert [item.id for item in items] == [*(f"E{n}" for n in range(1, 8)), *(f"U{n}" for n in range(1, 10))]
    assert all(item.tier is safety.ITEMS[item.id] for item in items)
    assert len({item.sentence for item in items}) == 16
    later = safety_items(TEXTS[code], intake=False)
    assert {item.id for item in items} - {item.id for item in later} == safety.BACKGROUND


def test_the_question_gives_its_reason() -> None:
    assert (
        safety_question("flare", EN)
        == "A flare-up has begun, so I ask. Is anything on the list of warning signs new or worse?"
    )
    assert safety_question("weekly", DE).endswith("neu oder schlimmer geworden?")


def test_an_intake_that_locks_is_told_by_the_lock() -> None:
    course = Course().wait(1)
    answers = IntakeAnswers(2, True, True, True, seen=False, safety=(SafetyAnswer("U5"),))
    course.take(intake.take_intake(LADDER, course.recovery, answers, course.today))
    assert outcome(LADDER, course.recovery, EN) == EN.texts["safety.S2"]
