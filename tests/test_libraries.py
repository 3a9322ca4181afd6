"""A library of another version is named in plain words, before it fails where nobody would look for the reason."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_rig import Home, a_home

from nudger.libraries import NEEDED, unfit

ROOT = Path(__file__).parents[1]


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def installed(home: Home, name: str, version: str) -> str:
    """Have that version beside the true one, found first; return the path where it is."""
    info = home.folder / "older" / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return str(info.parent)


def test_what_is_needed_is_what_the_package_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    limits = {}
    for each in asked:
        found = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,<(\d+))?(?:; sys_platform == '(\w+)')?", each)
        assert found, each
        if found[4] in {None, sys.platform}:
            limits[found[1]] = (found[2], found[3])
    del limits["tzdata"]
    assert limits == NEEDED


def test_what_is_installed_here_will_do() -> None:
    assert unfit() == []


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("name", "version", "wanted"),
    [
        ("paho-mqtt", "1.6.1", "2.2 or later, but below 3"),
        ("APScheduler", "3.9.1", "3.11.2 or later, but below 4"),
        ("APScheduler", "4.0.0a5", "3.11.2 or later, but below 4"),
        ("Jinja2", "3.1.2+dfsg", "3.1.6 or later"),
        ("PyYAML", "unknown", "6.0 or later"),
    ],
)
def test_another_version_ends_it_with_status_two_and_one_line(
    home: Home, command: str, name: str, version: str, wanted: str
) -> None:
    result = home.run(command, PYTHONPATH=installed(home, name, version))
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith(f"{name} {version} is installed, and nudger needs {wanted}; this gets it: ")
    assert not (home.folder / "state").exists()


@pytest.mark.parametrize(("name", "version"), [("paho-mqtt", "2.9.1"), ("APScheduler", "3.11.2"), ("PyYAML", "6.0")])
def test_a_version_that_will_do_is_no_hindrance(home: Home, name: str, version: str) -> None:
    home.write("people: {me: {}}\n")
    assert home.run("check", PYTHONPATH=installed(home, name, version)).returncode == 0


def test_every_unfit_one_is_named(home: Home) -> None:
    installed(home, "pydantic", "1.10.4")
    result = home.run("check", PYTHONPATH=installed(home, "h11", "0.14.0"))
    assert [line.split(" is ")[0] for line in result.stderr.splitlines()] == ["pydantic 1.10.4", "h11 0.14.0"]


def test_a_command_that_fails_for_it_says_so_too(home: Home) -> None:
    place = installed(home, "pydantic", "1.10.4")
    (Path(place) / "pydantic.py").write_text("")
    result = home.run("schema", PYTHONPATH=place)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("pydantic 1.10.4 is installed, and nudger needs 2.9 or later, but below 3; ")
    assert "Traceback" not in result.stderr


def test_a_fault_of_ours_is_not_blamed_on_a_library(home: Home) -> None:
    place = home.folder / "broken"
    place.mkdir()
    (place / "pydantic.py").write_text("")
    result = home.run("schema", PYTHONPATH=str(place))
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stderr
