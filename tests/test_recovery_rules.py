"""The table of rules: its rows, in the order of the page that specifies them."""

from __future__ import annotations

from nudger.core.recovery import rules


def test_the_table_is_in_the_order_of_the_page() -> None:
    ids = [rule.id for rule in rules.TABLE]
    assert [rule for n, rule in enumerate(ids) if rule not in ids[:n]] == [
        *("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9"),
        *("R10a", "R10b", "R10c", "R11", "R12", "R13", "R14"),
    ]
    second_r4 = ids.index("R4", ids.index("R4") + 1)
    assert ids.index("R9") < second_r4 < ids.index("R10a")  # a plan blocks R10, R12 and R13 only
