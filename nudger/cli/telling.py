"""What a command tells the daemon, and how it prints what came of it."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from nudger.cli.common import BadUsage, ask, say, terminal_width, zone_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from nudger.cli.client import Client
    from nudger.library import Language

LONGEST_RULE: Final = 80
"""Columns of the lines above and below what must not be overlooked."""


class Told(NamedTuple):
    """What a command did: the person's state before and after it, and the zone in which to tell times."""

    before: dict[str, Any]
    after: dict[str, Any]
    zone: tzinfo | None


class Somebody(NamedTuple):
    """Whom a form is for: the option that names them (None where there is one person only), and how things are."""

    person: str | None
    state: dict[str, Any]
    service: dict[str, Any]

    @property
    def language(self) -> Language:
        """The texts in the person's language."""
        return language_of(self.state)

    @property
    def recovery(self) -> dict[str, Any]:
        """What only the person's own machine shows of their back."""
        return dict(self.state["recovery"])


def tell(command: str, person: str | None, payload: str = "") -> Told:
    """Have the daemon carry out a command. Fails with the reason where it refuses."""

    def exchange(client: Client) -> Told:
        all_before = client.state()
        after = client.command(command, payload, person)
        persons = all_before["persons"]
        before = next(iter(persons.values())) if person is None else persons[person]
        return Told(before, after, zone_of(all_before["service"]))

    return ask(exchange)


def somebody(person: str | None) -> Somebody:
    """Return whom a form is for; bad usage where that is not clear."""
    data = ask(lambda client: client.state())
    persons = data["persons"]
    if person is None and len(persons) > 1:
        raise BadUsage(f"which person is meant; choose one of: {', '.join(persons)}")
    state = next(iter(persons.values())) if person is None else one_of(persons, person)
    return Somebody(person, state, data["service"])


def one_of(persons: dict[str, Any], person: str) -> Any:
    """Return that person's entry; bad usage for a stranger."""
    if person not in persons:
        raise BadUsage(f"there is no person {person!r}; choose one of: {', '.join(persons)}")
    return persons[person]


def language_of(state: dict[str, Any]) -> Language:
    """Return the texts in the language of the person whose state that is."""
    from nudger.library import load_language  # noqa: PLC0415  (it loads YAML)

    return load_language(state["recovery"]["language"])


def asks_here(*, as_json: bool = False) -> bool:
    """Tell whether somebody sits at a terminal who can be asked."""
    return not as_json and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def stand_out(text: str) -> None:
    """Print a message that must not be overlooked: between lines, and bold on a terminal that can."""
    width = terminal_width(sys.stdout)
    if width is not None:
        text = textwrap.fill(text, width, break_long_words=False)
    rule = "=" * min(width or LONGEST_RULE, LONGEST_RULE)
    click.echo(f"{rule}\n{click.style(text, bold=True)}\n{rule}")


def print_outcome(
    told: Told, otherwise: str, *, noted: bool = False, checkin: bool = False, weekly: bool = False
) -> None:
    """Print what a command about the back led to, or the other text where it decided nothing; then what is open.

    ``noted`` says that it is stored during a lock as well. The safety list that waits is asked for by what brought it
    up and by every ``checkin``, for elsewhere it would be nagging; ``weekly`` is for that of an evening.
    """
    from nudger.views.back import waiting  # noqa: PLC0415  (not for the other commands)

    before, after = told.before["recovery"], told.after["recovery"]
    if after["lock"] is not None:
        if noted:
            say(language_of(told.after).texts["told.noted"])
        stand_out(after["lock"])
        say(after["lock_end"])
        return
    is_news = after["explain"] != before["explain"] and after["outcome"]
    for line in (after["outcome"] if is_news else otherwise).splitlines():
        say(line)
    asks = checkin or after["safety_question"] != before["safety_question"]
    for each in waiting(told.after, safety=asks, weekly=weekly):
        say(each.answer if is_news and each.is_told else f"{each.text} {each.answer}")
