"""`nudger checkin`: how the back is, in one line or, on a terminal, question by question."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from nudger.cli.common import BadUsage, examples, json_option, person_option, say
from nudger.cli.safety import answers_of, ask_safety, is_emergency, nothing_new_option, safety_option, send
from nudger.cli.telling import asks_here, language_of, print_outcome, somebody, tell

if TYPE_CHECKING:
    from nudger.cli.forms import Form
    from nudger.cli.telling import Somebody, Told

MORNING: Final = "morning"
EVENING: Final = "evening"
A_LOT: Final = 6
"""A score from which, with things that do not go, a kind word is due; our own choice."""
BY_THEMSELVES: Final = frozenset({"flare", "pain_over_2", "pain_over_4", "early_morning"})
"""Tags that nudger finds out by itself; nobody is asked about them."""

date_option = click.option(
    "--date", "day", metavar="DAY", help="Of which day: today, yesterday, or its date. Default: today."
)


@click.command(
    epilog=examples(
        "nudger checkin                     asks, on a terminal",
        "nudger checkin 3",
        "nudger checkin 4 --evening --no-impact --nothing-new",
        "nudger checkin 5 --evening --date yesterday --impact",
        "nudger checkin 2 --spare knee --spare neck",
    )
)
@click.argument("score", required=False)
@click.option("--morning", "half", flag_value=MORNING, help="The score of right now, in the morning.")
@click.option("--evening", "half", flag_value=EVENING, help="The worst score of the day.")
@date_option
@click.option("--impact/--no-impact", default=None, help="It was hard to bear or stopped your usual things, or not.")
@safety_option
@nothing_new_option
@click.option("--spare", "tags", multiple=True, metavar="TAG", help="What to spare that day, such as knee.")
@click.option("--compared", type=click.Choice(["less", "same", "more"]), help="How active you were while away.")
@person_option
@json_option
def checkin(
    score: str | None,
    half: str | None,
    day: str | None,
    impact: bool | None,
    items: tuple[str, ...],
    nothing_new: bool,
    tags: tuple[str, ...],
    compared: str | None,
    person: str | None,
    as_json: bool,
) -> None:
    """Say how much your back hurts, from 0 to 10.

    Twice a day is plenty: right now in the morning, the worst of the day in the evening. Today and yesterday can be
    told of, and told of again to correct them. Without --morning or --evening the time of day decides.
    """
    said = {"impact": impact, "safety": answers_of(items, nothing_new=nothing_new), "tags": list(tags) or None}
    fields = {name: value for name, value in {**said, "compared": compared}.items() if value is not None}
    if score is None:
        if fields or not asks_here(as_json=as_json):
            raise BadUsage(
                "say your score, from 0 to 10, such as `nudger checkin 3`; on a terminal, `nudger checkin` asks"
            )
        _ask(somebody(person), half, day)
        return
    if day is not None:
        fields["date"] = day_of(day, person).isoformat()
        if half is None and fields["date"] != somebody(person).recovery["today"]:
            raise BadUsage(f"say which score of {day} it was: --morning or --evening")
    if half is not None:
        fields["when"] = half
    told = tell("checkin", person, json.dumps({"pain": as_number(score), **fields}))
    if as_json:
        click.echo(json.dumps(told.after["recovery"], ensure_ascii=False, indent=2))
        return
    is_evening = (half or told.before["recovery"]["half"]) == EVENING
    print_outcome(told, language_of(told.after).texts["checkin.thanks"], noted=True, checkin=True, weekly=is_evening)
    _be_kind(told, as_number(score), impact=impact)


def _be_kind(told: Told, pain: Any, *, impact: bool | None) -> None:
    """Say a word on a day that hurts a lot and stops somebody, and how to make it a gentle one."""
    if told.after["lock"] is None and not told.after["flare"] and impact and isinstance(pain, int) and pain >= A_LOT:
        say(language_of(told.after).texts["checkin.rough"])


def as_number(text: str) -> int | str:
    """Return the whole number that a text says; any other text as it is, for the daemon to say why it is none."""
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10 else text


def day_of(text: str, person: str | None, option: str = "--date") -> date:
    """Return the day that an option says, by the person's own calendar; bad usage where it is none."""
    today = date.fromisoformat(somebody(person).recovery["today"])
    if text in {"today", "yesterday"}:
        return today if text == "today" else today - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadUsage(f"{option} must be today, yesterday or a date such as {today}, not {text!r}") from None


# --- The form --------------------------------------------------------------------------------------------------------


def _ask(who: Somebody, half: str | None, day: str | None) -> None:
    """Ask what is open, then send it: the evening before first, for it belongs to what the morning has judged."""
    from nudger.cli.forms import Form  # noqa: PLC0415  (for a terminal alone)

    form, recovery = Form(who.language), who.recovery
    today = date.fromisoformat(recovery["today"])
    entries = [(today if day is None else day_of(day, who.person), half)] if half or day else _open(recovery, today)
    with form.asking():
        say(form.texts["form.intro"])
        asked = [
            _entry(form, recovery, on, when or recovery["half"], last=(on, when) == entries[-1]) for on, when in entries
        ]
        answers = [entry for entry in asked if entry["pain"] is not None]
        last = answers[-1]
        is_weekly = recovery["safety_reason"] == "weekly"
        if recovery["safety_question"] is not None and (last["when"] == EVENING or not is_weekly):
            form.heading("checkin.safety.heading")
            last["safety"] = ask_safety(form, recovery["safety_question"], today)
        if last["date"] == recovery["today"] and not is_emergency(last.get("safety", ())):
            form.heading("checkin.tags.heading")
            tags = {tag: text for tag, text in form.language.contraindications.items() if tag not in BY_THEMSELVES}
            if recovery["spared"]:
                spared = (form.language.contraindications[tag] for tag in recovery["spared"])
                say(form.fill("form.spared", value="; ".join(spared)))
            so_far = form.fill("form.told", value=", ".join(recovery["tags"])) if recovery["tags"] else ""
            last["tags"] = form.several(f"{form.texts['checkin.tags']} {so_far}".strip(), tags)
    click.echo()
    for answer in answers:
        told = tell("checkin", who.person, json.dumps(answer))
    print_outcome(told, form.texts["checkin.thanks"], noted=True, checkin=True)
    for answer in answers:
        _be_kind(told, answer["pain"], impact=answer["impact"])
    ask_on(form, who.person, told)


def _open(recovery: dict[str, Any], today: date) -> list[tuple[date, str | None]]:
    """Return which scores to ask for: what was asked and waits, else by the time of day.

    An evening that was missed goes along with the next morning, if check-ins had begun by then.
    """
    half = next(iter(recovery["asks"]), recovery["half"])
    yesterday = today - timedelta(days=1)
    began_before = recovery["began"] is not None and recovery["began"] < recovery["today"]
    is_missed = began_before and recovery["scores"][yesterday.isoformat()][EVENING] is None
    return [(yesterday, EVENING), (today, half)] if half == MORNING and is_missed else [(today, half)]


def _entry(form: Form, recovery: dict[str, Any], day: date, half: str, *, last: bool) -> dict[str, Any]:
    """Ask for one score, and in the evening whether it was in the way. All but the last may be left open."""
    is_before = half == EVENING and day.isoformat() != recovery["today"]
    key = "checkin.yesterday" if is_before else f"checkin.{half}"
    form.heading(f"{key}.heading")
    told, question = recovery["scores"].get(day.isoformat(), {}).get(half), form.texts[key]
    pain = form.score(question, told) if last else form.maybe_score(question)
    impact = form.maybe_yes_no(form.texts["checkin.impact"]) if half == EVENING and pain is not None else None
    return {"date": day.isoformat(), "when": half, "pain": pain, "impact": impact}


def ask_on(form: Form, person: str | None, told: Told) -> None:
    """Ask at once what the answers have brought up: the safety list, and how active the time away was."""
    recovery = told.after["recovery"]
    if recovery["lock"] is not None:
        return
    if recovery["safety_reason"] not in {None, "weekly"}:
        with form.asking("form.unanswered"):
            form.heading("checkin.safety.heading")
            answers = ask_safety(form, recovery["safety_question"], date.fromisoformat(recovery["today"]))
        send(person, answers)
        recovery = somebody(person).recovery
    if recovery["lock"] is None and "compared" in recovery["questions"]:
        with form.asking("form.unanswered"):
            compared = {each: form.texts[f"ask.compared.{each}"] for each in ("less", "same", "more")}
            chosen = form.choice(form.texts["ask.compared"], compared)
        print_outcome(tell("away", person, chosen), form.texts["checkin.thanks"])
