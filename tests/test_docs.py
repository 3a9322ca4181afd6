"""Every public name says what it is, and the pages speak of things that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "nudger").rglob("*.py"))
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Yield the public classes, functions and methods without a docstring."""

    def visit(body: list[ast.stmt], prefix: str) -> Iterator[str]:
        for node in body:
            if not isinstance(node, Definition) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None:
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from visit(node.body, f"{prefix}{node.name}.")

    yield from visit(tree.body, "")


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_public_name_is_documented(module: Path) -> None:
    tree = ast.parse(module.read_text())
    assert ast.get_docstring(tree), "the module itself says nothing"
    assert list(undocumented(tree)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda file: file.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_architecture_page_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    for name in re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.(?:py|yaml))`", text):
        places = (ROOT / "nudger" / name, ROOT / name, *(ROOT / "nudger").glob(f"*/{name}"))
        assert any(place.exists() for place in places), name


def test_the_architecture_page_fits_two_screens() -> None:
    assert len((ROOT / "docs" / "architecture.md").read_text().splitlines()) <= 100


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of every row of the page's tables, their heads left out."""
    lines = [line.strip("| ") for line in (ROOT / "docs" / page).read_text().splitlines() if line.startswith("|")]
    return [cells for cells in (line.split(" | ") for line in lines) if cells[0] not in {"---", "complaint"}]


def test_every_complaint_names_tests_that_exist() -> None:
    rows = rows_of("complaints.md")
    assert len(rows) >= 31
    for complaint, _, tests in rows:
        assert re.search(r"#[0-9]+", complaint), complaint
        named = re.findall(r"`(test_[a-z0-9_]+\.py)::(test_[a-z0-9_]+)`", tests)
        assert len(named) == tests.count("::") > 0, complaint
        for file, test in named:
            tree = ast.parse((ROOT / "tests" / file).read_text())
            assert test in {each.name for each in tree.body if isinstance(each, Definition)}, f"{file}::{test}"
