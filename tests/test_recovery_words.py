"""What a person reads after each decision: every rule, in every language, from courses that led there."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recovery_rig import LADDER, Course
from test_recovery_properties import courses, live, steps

from nudger.core.recovery import intake, rules
from nudger.core.recovery.course import Did
from nudger.core.recovery.told import IntakeAnswers
from nudger.core.recovery.view import View
from nudger.library import LANGUAGES, load_language
from nudger.views.recovery import explain, goals_line, outcome, refused

TEXTS = {code: load_language(code) for code in LANGUAGES}
MONTHS = {text for language in TEXTS.values() for key, text in language.texts.items() if key.startswith("month.")}
FORBIDDEN = re.compile(
    r"\b(safe|safely|heal|heals|healed|healing|cure[sd]?|streaks?|countdown|guilt\w*|scans?|x-?rays?|fail\w*"
    r"|push through|sicher\w*|(ge)?heilt?|heilung|serien?|schuld\w*|röntg\w*|versag\w*|durchhalten|diagnos\w*)\b",
    re.IGNORECASE,
)


def why(course: Course, code: str = "en") -> str:
    """The explanation of the last decision."""
    assert course.decision is not None
    return explain(course.decision, TEXTS[code])


def told(course: Course, code: str = "en") -> str:
    """The note on the last decision."""
    return outcome(LADDER, course.recovery, TEXTS[code], course.facts)


def aims(course: Course, code: str = "en") -> str:
    """The line of goals."""
    return goals_line(View(course.recovery, course.today, False, LADDER, course.facts), TEXTS[code])


def waiting(stage: str, score: int, days: str) -> Course:
    """Somebody whose offers wait."""
    return Course(stage, score, accept=False).days(days)


def placed() -> Course:
    """Somebody who answered the first questions."""
    course = Course("gentle_start").wait(1)
    answers = IntakeAnswers(2, walks_5_min=True, walks=True, mobility=False, seen=True)
    return course.take(intake.take_intake(LADDER, course.recovery, answers, course.today))


Made = Callable[[], Course]
CASES: list[tuple[str, Did, Made, str, str]] = [
    # rule, what was done, course, in the explanation, in the note
    (
        *("R1", Did.LOCKED_RED, lambda: Course("build_strength", 2).days("2, 2 + emergency")),
        *("Rule R1, 3 March 2026: something that you ticked needs medical help at once.", "Please stop here"),
    ),
    (
        *("R2", Did.LOCKED_AMBER, lambda: Course("build_strength", 2).days("2, 2 + urgent")),
        *("deserves a proper look by a health provider", "get in touch with a health provider"),
    ),
    (
        *("R3", Did.STAYED_LOCKED, lambda: Course("build_strength", 2).days("2, 2 + urgent, 2")),
        *("Rule R3, 4 March 2026: something that you ticked earlier", "today or tomorrow"),
    ),
    (
        *("R3", Did.UNLOCKED, lambda: Course("build_strength", 2).days("2, 2 + urgent, 2 + cleared to daily_walks")),
        *("Your stage went from “Build strength” to “Daily walks”.", "Good that you were seen. We go on gently"),
    ),
    (
        *("R4", Did.PLAN_SET, lambda: Course("easy_mobility", 2).days("2, 2 + provider sets walk_run")),
        *("to “Walk and run”.", "your health provider set the stage “Walk and run”"),
    ),
    (
        *("R4", Did.PLAN_KEPT, lambda: Course("easy_mobility", 2).days("2, 2 + provider sets walk_run, 6 no")),
        *("Your stage stays “Walk and run”.", "as your health provider set it"),
    ),
    (
        *("R5", Did.USER_DOWN, lambda: Course("build_strength", 2).days("2 + picks daily_walks")),
        *("you picked a lower stage, and that holds at once. For 3 days", "your stage is now “Daily walks”"),
    ),
    (
        *("R6", Did.RETURNED, lambda: Course("easy_mobility", 4).days("4, - x8, 4")),
        *("in a week or more is 4. To go on at the same stage takes 4 or lower", "about as active, or more?"),
    ),
    (
        *("R6", Did.RETURNED, lambda: Course("build_strength", 3).days("3, - x22, 6 no")),
        *("answer the starting questions once more?", "answer the starting questions once more?"),
    ),
    (
        *("R7", Did.FLARE_ON, lambda: Course("build_strength", 2).days("2 x3, 4 yes")),
        *("your score of 4 is at least 2 above your usual 2 and was hard to bear", "A rough patch is common"),
    ),
    (
        *("R7", Did.FLARE_ON, lambda: Course("build_strength", 2).days("2 x2, 3 x2, 6")),
        *("your score of 6 is at least 3 above your usual 2.5, so I take it", "Small and often"),
    ),
    (
        *("R7", Did.FLARE_ON, lambda: Course("build_strength", 2).days("2 x3, 5 no + flare on")),
        *("you told me that a flare-up is on", "Small and often"),
    ),
    (
        *("R7", Did.FLARE_ON, lambda: Course("build_strength").days("4 + flare on")),
        *("you told me that a flare-up is on", "Small and often"),
    ),
    (
        *("R8", Did.FLARE_STAYED, lambda: Course("build_strength", 2).days("2 x3, 5 yes x2")),
        *("two days in a row with a score of 3 or lower", "Small and often is still enough"),
    ),
    (
        *("R8", Did.FLARE_STAYED, lambda: Course("build_strength").days("4 + flare on, 4")),
        *("two days in a row with a score of 3 or lower", "Small and often is still enough"),
    ),
    (
        *("R8", Did.FLARE_ENDED, lambda: Course("build_strength", 2).days("2 x3, 5 yes x5, 2 no x2")),
        *("Days it lasted: 5.", "We go on at “Easy mobility”"),
    ),
    (
        *("R9", Did.HELD_MISSING, lambda: Course("build_strength", 2).days("2 x3, - x2")),
        *("there is no score for this day", "One number is enough, whenever you like"),
    ),
    (
        *("R10a", Did.BACKED_OFF, lambda: waiting("walk_run", 1, "1, 1 + 2 red runs")),
        *("two runs within 14 days were too much", "go on at “Build strength”. Nothing is lost."),
    ),
    (
        *("R10b", Did.BACKED_OFF, lambda: waiting("easy_mobility", 2, "2 x4, 2 + picks build_strength, 5 no")),
        *("were 2, 2 and 5; in the week after a step up of your own or a return, a single score of 5", "Scores are up"),
    ),
    (
        *("R10c", Did.BACKED_OFF, lambda: Course("build_strength", 3).days("3, 5, 5")),
        *("3, 5 and 5; the usual one of them is 5, and at this stage we ease off from 5.", "Scores are up"),
    ),
    (
        *("R11", Did.USER_UP, lambda: waiting("daily_walks", 2, "2 x2, 2 + picks easy_mobility")),
        *("and you asked for the next stage, which is fine up to 5.", "For a week I look a little closer"),
    ),
    (
        *("R12", Did.OFFERED, lambda: waiting("gentle_start", 4, "4, 5, 4")),
        *("scores were 4, 5 and 4; the next stage takes a usual score of 5 or lower", "next stage, “Daily walks”?"),
    ),
    (
        *("R12", Did.ACCEPTED, lambda: waiting("gentle_start", 4, "4 x3").answer(yes=True)),
        *("Your stage went from “Gentle start” to “Daily walks”.", "you can come back any time"),
    ),
    (
        *("R12", Did.DECLINED, lambda: waiting("gentle_start", 4, "4 x3").answer(yes=False)),
        *("so it rests for 3 days", "That is fine"),
    ),
    (
        *("R13", Did.OFFERED, lambda: waiting("daily_walks", 6, "6 no x14")),
        *("rather than for what your back says", "Would you like to try “Easy mobility”?"),
    ),
    (
        *("R14", Did.HELD, lambda: Course("gentle_start", 4, doing=None).days("4, 5")),
        *(
            "your last two scores were 4 and 5. Your stage stays “Gentle start”. Missing for",
            "Missing for the next stage",
        ),
    ),
    (
        *("R14", Did.HELD, lambda: Course("steady", 1).days("1")),
        *("Rule R14, 2 March 2026: your last score was 1. Your stage stays “Steady”.", "All stays as it is."),
    ),
    (
        *("R14", Did.HELD, lambda: Course("steady", 1).pause(0, 3).days("-")),
        *("you are on a pause, so nothing moves.", ""),
    ),
    (
        *("intake", Did.PLACED, placed),
        *("Starting questions, 2 March 2026: the pain of the last 24 hours", "your stage is “Easy mobility”"),
    ),
]


@pytest.mark.parametrize(("rule", "did", "made", "explained", "noted"), CASES)
def test_every_decision_is_explained_and_noted(rule: str, did: Did, made: Made, explained: str, noted: str) -> None:
    course = made()
    assert course.decision is not None
    assert (course.decision.rule, course.decision.did) == (rule, did)
    assert explained in why(course)
    assert noted in told(course)
    assert bool(told(course)) is bool(noted)
    assert why(course, "de").startswith("Fragen vom Anfang, " if rule == "intake" else f"Regel {rule}, ")
    assert "März 2026: " in why(course, "de")
    assert bool(told(course, "de")) is bool(noted)


def test_the_cases_are_all_there_are() -> None:
    """Refused is no decision: it changes nothing and is told by its Refusal."""
    assert {did for _, did, *_ in CASES} == {*Did} - {Did.REFUSED}
    assert {rule for rule, *_ in CASES} == {rule.id for rule in rules.TABLE} | {"intake"}


def test_numbers_and_dates_read_as_the_language_writes_them() -> None:
    course = Course("build_strength", 2).days("2 x2, 3 x2, 6")
    assert "6 March 2026" in why(course)
    assert "usual 2.5," in why(course)
    assert "6. März 2026" in why(course, "de")
    assert "üblichen von 2,5," in why(course, "de")


# --- Whatever happens -------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(courses, st.lists(steps, max_size=12), st.integers(0, 2**32))
def test_whatever_happens_it_can_be_said(course: Course, history: list[tuple[object, ...]], seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311  (chance for a test)
    for step in history:
        live(course, step, noise)
        if course.decision is None:
            continue
        for code, language in TEXTS.items():
            said = [why(course, code), told(course, code), aims(course, code)]
            if course.refusal is not None:
                said.append(refused(course.refusal, language))
            assert said[0]
            assert not re.search(r"[{}]|None|_", " ".join(said)), said
            assert not FORBIDDEN.search(" ".join(said)), said
            assert not any(month in said[1] for month in MONTHS - {"May", "Mai"}), said
            assert course.lock() is None or said[1:3] == [language.texts[f"safety.{message(course)}"], ""]


def message(course: Course) -> str:
    return "S1" if course.lock() == "emergency" else "S2"


@settings(max_examples=60)
@given(courses, st.lists(steps, max_size=12), st.integers(0, 2**32))
def test_the_numbers_in_an_explanation_bear_it_out(
    course: Course, history: list[tuple[object, ...]], seed: int
) -> None:
    noise = random.Random(seed)  # noqa: S311
    for step in history:
        live(course, step, noise)
    for _, made in course.log:
        seen, limit = made.seen, -1 if made.limit is None else made.limit
        match made.rule, made.did:
            case "R10b", _:
                assert seen.scores[-1] >= limit >= 0
            case "R10c", _:
                assert seen.usual_down is not None
                assert seen.usual_down >= limit >= 0
            case "R11", _:
                usual = seen.score if seen.usual_up is None else seen.usual_up
                assert usual is not None
                assert usual <= limit
            case "R12", Did.OFFERED:
                assert seen.usual_up is not None
                assert seen.usual_up <= limit
            case _, Did.HELD:
                assert (seen.score is None) is ("pause" in explain(made, TEXTS["en"]))
            case _:
                pass


def test_forbidden_words_would_be_found() -> None:
    for text in ("It is safe.", "This heals you", "Keine Serie", "ganz sicher", "a scan", "geheilt", "You failed"):
        assert FORBIDDEN.search(text)
    for text in ("a health provider", "unsicher auf den Beinen", "You are on a pause"):
        assert not FORBIDDEN.search(text)


def test_a_full_climb_is_told_without_a_gap() -> None:
    """From the bottom to the top, with every offer taken: each stage is named when it comes."""
    course = Course("gentle_start", 1, facts=Course().know(run_goal_reached=True).facts)
    notes = []
    for _ in range(40):
        course.accept = False
        course.next(1)
        if course.offer() is not None:
            notes.append(told(course))
            course.answer(yes=True)
            notes.append(told(course))
    for stage in ("daily_walks", "easy_mobility", "build_strength", "walk_run", "steady"):
        name = TEXTS["en"].texts[f"stage.{stage}"]
        assert sum(f"“{name}”" in note for note in notes) == 2
    assert course.stage == "steady"
