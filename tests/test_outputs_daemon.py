"""Outputs in a real daemon without a broker: a prompt reaches them, their answers come back, none of them delays it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cli_rig import Home, a_home
from output_worlds import script
from push_rig import PushServer

SECRET = "canarytopic12345"
CONFIG = """
people:
  me:
    stage: daily_walks
    window: {{soft: 5 min, hard: 5 min}}
    outputs:
{outputs}
"""


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


@pytest.fixture
def server() -> Iterator[PushServer]:
    with PushServer() as made:
        yield made


def write(home: Home, *outputs: str) -> None:
    home.write(CONFIG.format(outputs="\n".join(f"      - {output}" for output in outputs)))


def hook(home: Home, name: str, text: str) -> str:
    return str(script(home.folder / name, f'echo "{text}" >> {home.folder / "told"}'))


def told(home: Home) -> list[str]:
    path = home.folder / "told"
    return path.read_text().splitlines() if path.exists() else []


def outputs(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(home.call("status", "--json").stdout)["service"]["outputs"]
    return found


def test_a_prompt_reaches_a_program_and_is_withdrawn_from_it(home: Home) -> None:
    show, gone = hook(home, "show", "$NUDGER_KIND $NUDGER_ID"), hook(home, "gone", "$NUDGER_WHY $NUDGER_ID")
    write(home, f"{{type: command, command: ['{show}'], withdraw_command: ['{gone}']}}")
    home.start("--plain", "--time-scale", "240")
    home.until(lambda: told(home))
    home.call("done")
    home.until(lambda: len(told(home)) >= 2)
    (kind, shown), (why, withdrawn) = (line.split() for line in told(home)[:2])
    assert (kind, why) == ("prompt", "done")
    assert shown == withdrawn
    assert home.stop() == 0


def test_a_button_on_the_phone_answers(home: Home, server: PushServer) -> None:
    write(home, f"{{type: push, url: 'ntfy://127.0.0.1:{server.port}/{SECRET}'}}")
    home.start("--plain", "--time-scale", "240")
    home.until(lambda: server.bodies() and server.streams)
    shown = server.bodies()[0]
    done = next(action for action in shown["actions"] if action["label"] == "Done")
    server.say(f"{SECRET}-answers", done["body"])
    home.until(lambda: any(heard.method == "DELETE" for heard in server.heard))
    assert home.status()["breaks_today"] + (home.status()["break_until"] is not None) >= 1
    server.say(f"{SECRET}-answers", done["body"])  # pressed twice
    assert home.stop() == 0
    assert "not carried out" not in home.log()


def test_one_that_hangs_delays_neither_the_others_nor_the_end(home: Home, server: PushServer) -> None:
    server.hangs.set()
    show = hook(home, "show", "$NUDGER_ID")
    write(
        home,
        f"{{type: push, url: 'ntfy://user:{SECRET}@127.0.0.1:{server.port}/x', time_limit: 1, levels: [0, 1]}}",
        f"{{type: command, command: ['{show}'], levels: [0, 1]}}",
    )
    home.start("--plain", "--time-scale", "240")
    home.until(lambda: told(home))
    home.until(lambda: outputs(home)[0]["trouble"] == "timeout after 1 s")
    assert outputs(home)[1] == {"person": "me", "type": "command", "name": "command", "trouble": None}
    assert "; output push: timeout after 1 s" in " ".join(home.call("status").stdout.split())
    before = time.monotonic()
    assert home.stop() == 0
    assert time.monotonic() - before < 5
    assert home.log().count("output push: timeout after 1 s") == 1
    assert SECRET not in home.log()


def test_a_reload_takes_one_output_away_and_brings_another(home: Home) -> None:
    show = hook(home, "first", "first $NUDGER_ID")
    gone = hook(home, "gone", "gone $NUDGER_ID $NUDGER_WHY")
    write(home, f"{{type: command, command: ['{show}'], withdraw_command: ['{gone}']}}")
    home.start("--plain", "--time-scale", "60")
    home.until(lambda: told(home))
    id_ = told(home)[0].split()[1]
    write(home, "{type: command, command: [no-such-program]}", "{type: speech, command: ['true']}")
    assert home.process is not None
    home.process.send_signal(signal.SIGHUP)
    home.until(lambda: told(home)[-1] == f"gone {id_} stopped")
    assert [output["type"] for output in outputs(home)] == ["speech"]
    assert "says nothing yet: it needs the program 'no-such-program'" in home.log()
    assert home.stop() == 0


def test_check_names_what_is_missing_and_counts_the_rest(home: Home) -> None:
    write(home, "{type: command, command: [no-such-program]}", "{type: speech, command: ['true']}")
    checked = home.call("check")
    assert checked.exit_code == 0
    needs = "people.me.outputs[0]: says nothing yet: it needs the program 'no-such-program'"
    assert f"config.yaml:7: {needs}" in checked.output
    assert "0 lamps, 2 other outputs, no broker" in checked.output


@pytest.mark.parametrize("written", ["!secret phone", f"'ntfx://x/{SECRET}'"])
def test_a_wrong_address_is_named_with_its_place_and_without_its_secret(home: Home, written: str) -> None:
    write(home, f"{{type: push, url: {written}}}")
    home.write(f"phone: ntfx://x/{SECRET}\n", "config/nudger/secrets.yaml").chmod(0o600)
    checked = home.run("check")
    assert checked.returncode == 2
    assert "people.me.outputs[0].url: " in checked.stderr
    assert "Apprise knows" in checked.stderr
    assert SECRET not in checked.stdout + checked.stderr
