"""The table, for a terminal or for a file."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Sequence

from benchmarks.figures import Figure

HEADINGS = ("subject", "what", "measured", "floor", "ratio", "target", "met")


def print_table(figures: Sequence[Figure]) -> None:
    """Print the figures: with rules and colours on a terminal, as plain columns anywhere else."""
    rows = [_row(figure) for figure in figures]
    if sys.stdout.isatty():
        _print_rich(rows)
        return
    widths = [max(len(row[column]) for row in (HEADINGS, *rows)) for column in range(len(HEADINGS))]
    for row in (HEADINGS, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def machine() -> str:
    """Return what the figures were taken on, and how busy it was: a busy machine makes worse figures."""
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{system}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} over the last minute"


def _print_rich(rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console  # noqa: PLC0415  (a file gets no colours)
    from rich.table import Table  # noqa: PLC0415

    table = Table(*HEADINGS)
    styles = {"yes": "green", "NO": "bold red"}
    for row in rows:
        table.add_row(*row, style=styles.get(row[-1]))
    Console().print(table)


def _row(figure: Figure) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "NO"}[figure.is_met]
    floor = "" if figure.floor is None else f"{_number(figure.floor)} {figure.unit} ({figure.floor_name})"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    return figure.subject, figure.what, _measured(figure), floor, ratio, _target(figure), met


def _measured(figure: Figure) -> str:
    if figure.value is None:
        return "not known here"
    return "never" if math.isinf(figure.value) else f"{_number(figure.value)} {figure.unit}"


def _target(figure: Figure) -> str:
    target = figure.target
    if target is None:
        return ""
    sign = ">=" if target.at_least else "<="
    return f"{sign} {target.limit:g}x" if target.of_ratio else f"{sign} {_number(target.limit)} {figure.unit}"


def _number(value: float) -> str:
    """Return the number with three digits that mean something, and thousands apart."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
