"""The core has no clock, no chance and no way out: an allow-list of what its modules may import and call."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parent.parent / "nudger" / "core"
MAY_IMPORT = {
    "__future__",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "statistics",
    "types",
    "typing",
}
MAY_NOT_CALL = {"now", "utcnow", "today", "open", "print", "input", "eval", "exec", "__import__", "fromtimestamp"}


@pytest.mark.parametrize("module", sorted(CORE.rglob("*.py")), ids=lambda file: str(file.relative_to(CORE)))
def test_a_core_module_reads_no_clock_and_does_no_io(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= MAY_IMPORT
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.module in MAY_IMPORT or node.module.startswith("nudger.core")
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in MAY_NOT_CALL, f"line {node.lineno}"
