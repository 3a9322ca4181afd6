"""The contracts of import-linter name every module there is, so that a new one cannot slip past them."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_core_is_kept_apart_from_every_other_module() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    core = next(contract for contract in contracts if contract["source_modules"] == ["nudger.core"])
    package = ROOT / "nudger"
    modules = {f"nudger.{file.stem}" for file in package.glob("[a-z]*.py")}
    packages = {f"nudger.{file.parent.name}" for file in package.glob("*/__init__.py")}
    missing = (modules | packages) - {"nudger.core"} - set(core["forbidden_modules"])
    assert not missing, "add these to the first contract in pyproject.toml"
