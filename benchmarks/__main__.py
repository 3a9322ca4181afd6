"""`python -m benchmarks [SUBJECT...]` prints the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import click

from benchmarks import flood, idle, latency, people, replay_speed, saving, startup
from benchmarks.broker import NoBrokerError
from benchmarks.figures import Figure, say
from benchmarks.report import machine, print_table
from benchmarks.size import FULL, Size

SUBJECTS: Mapping[str, Callable[[Size], list[Figure]]] = {
    "latency": latency.measure,
    "idle": idle.measure,
    "startup": startup.measure,
    "replay": replay_speed.measure,
    "people": people.measure,
    "flood": flood.measure,
    "saving": saving.measure,
}


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice(list(SUBJECTS)), metavar="[SUBJECT]...")
@click.option("--idle-window", type=click.FloatRange(1), default=FULL.idle_s, show_default=True, metavar="SECONDS")
@click.option("--events", type=click.IntRange(20), default=FULL.events, show_default=True, help="Of the latency.")
def main(subjects: tuple[str, ...], idle_window: float, events: int) -> None:
    """Measure what nudger costs, and print it beside what was aimed at.

    Subjects: latency, idle, startup, replay, people, flood, saving. Without one: all of them, some three minutes.

    Leave the machine alone meanwhile. Ratios are to a floor of the same run; only they can be compared between
    machines and days.
    """
    size = replace(FULL, idle_s=idle_window, events=events)
    print(machine())
    figures: list[Figure] = []
    for subject in subjects or SUBJECTS:
        try:
            figures += SUBJECTS[subject](size)
        except NoBrokerError as error:
            say(f"{subject}: left out, {error}")
    print_table(figures)


if __name__ == "__main__":
    main()
