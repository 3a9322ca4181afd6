"""Templates of the config: the short way, what they may see, and what is wrong with them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from signal_rig import decode, on_or_off, options

from nudger.payload import Document, UnreadableError
from nudger.template import _compile_jinja_reader, _plain_path, compile_reader

keys = st.sampled_from(["a", "b", "_c", "Power", "items", "update", "real", "two words", "ü", "not", "1", "x.y"])


def spell(key: str, how: int) -> str:
    """Write one step of a path in one of the ways Jinja has."""
    if how == 0 and key.isidentifier() and key.isascii():
        return f".{key}"
    quote = "'" if how % 2 else '"'
    return f"[{quote}{key}{quote}]"


paths = st.lists(st.builds(spell, keys, st.integers(0, 2)), min_size=1, max_size=3).map("".join)
objects = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.dictionaries(keys, inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=10,
)


@given(
    paths, objects | st.dictionaries(keys, objects), st.sampled_from([("{{ ", " }}"), ("{{", "}}"), (" {{- ", "-}}\n")])
)
@example("['a']", {"a": {"b": 1}}, ("{{ ", " }}"))
@example(".a.b", {"a": None}, ("{{ ", " }}"))
def test_the_short_way_renders_what_jinja_renders(path: str, value: object, braces: tuple[str, str]) -> None:
    source = f"{braces[0]}value_json{path}{braces[1]}"
    assume(_plain_path(source))
    for payload in (json.dumps(value).encode(), b"no JSON"):
        results = []
        for read in (compile_reader(source), _compile_jinja_reader(source)):
            try:
                results.append(read(Document(payload)))
            except UnreadableError as fault:
                results.append(repr(fault))
        assert results[0] == results[1]


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("{{ value_json.occupancy }}", ("occupancy",)),
        ("{{value_json['a b'].c}}", ("a b", "c")),
        ("{{ value_json.items }}", ()),  # a method of a dict, in Jinja
        ("{{ value_json.a|float }}", ()),
        ("{{ value }}", ()),
    ],
)
def test_which_templates_go_the_short_way(source: str, taken: tuple[str, ...]) -> None:
    assert _plain_path(source) == taken


def test_plain_configs_do_not_load_jinja() -> None:
    program = (
        "import sys; from nudger.sources.signal import SignalOptions;"
        "from nudger.sources.decoder import Decoder;"
        "Decoder(SignalOptions(name='x', kind='seat', state_topic='t', value_template='{{ value_json.a }}'));"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ value", "is no valid template: unexpected end of template"),
        ("ON\n{{ value|flaot }}", "(line 2 of the template)"),
        ("{{ value|flaot }}", "No filter named 'flaot'"),
        ("{{" + "(" * 9000 + ")" * 9000 + "}}", "nested too deeply"),
        ("{{ now() }}", "uses 'now', but can only see name, value, value_json"),
        ("{{ states('sensor.x') }}", "uses 'states'"),
    ],
)
def test_a_wrong_template_is_a_fault_of_the_config(source: str, says: str) -> None:
    for field in ("value_template", "timestamp_template", "availability_template"):
        with pytest.raises(ValidationError) as fault:
            options(**{field: source})
        assert says in fault.value.errors()[0]["msg"]


def test_a_template_sees_the_name_of_the_signal() -> None:
    assert on_or_off(decode("x", value_template="{{ 'ON' if name == 'desk' and value == 'x' else 'OFF' }}")) is True


def test_a_template_may_cope_with_what_is_not_json() -> None:
    source = "{{ value_json.x if value_json is defined else value }}"
    assert on_or_off(decode("ON", value_template=source)) is True
    assert on_or_off(decode({"x": "OFF"}, value_template=source)) is False
