"""Whatever a config file holds: settings or faults, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from config_files import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nudger.config.faults import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)
YAML = st.lists(
    st.sampled_from(
        ["mqtt: ", "people:", "\n me:", "signals:", "&a ", "*a", "<<: ", "!secret ", "!!", "%YAML 1.1\n", "---\n"]
    )
    | st.sampled_from("\n\t -:{}[],'\"|>?#\\@~é"),
    max_size=30,
).map("".join)


def survives(folder: Path, content: bytes) -> None:
    told: tuple[object, ...] = ("no fault",)
    try:
        read(folder, content)
    except ConfigError as error:
        told = error.faults
    assert told
    assert all("\n" not in str(fault) for fault in told)


@QUICK
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_raise_anything_else(tmp_path: Path, content: bytes) -> None:
    survives(tmp_path, content)


@QUICK
@given(YAML)
def test_no_yaml_raises_anything_else(tmp_path: Path, text: str) -> None:
    survives(tmp_path, text.encode())


@QUICK
@given(st.data())
def test_no_value_of_any_option_raises_anything_else(tmp_path: Path, data: st.DataObject) -> None:
    def some(*options: str) -> dict[str, object]:
        return data.draw(st.dictionaries(st.sampled_from(options), VALUES, max_size=4))

    config_: dict[str, object] = some("time_zone", "language", "log_level", "history", "backups", "mqtt", "people", "x")
    if data.draw(st.booleans()):
        config_["mqtt"] = some("host", "port", "username", "password", "base_topic", "keepalive", "protocol", "tls")
    if data.draw(st.booleans()):
        alex = some("name", "stage", "active_hours", "window", "snooze", "budget", "contraindications", "signals")
        alex["outputs"] = [*data.draw(st.lists(VALUES, max_size=2)), some("type", "topic", "ambient")]
        config_["people"] = {"alex": alex}
    survives(tmp_path, json.dumps(config_).encode())
