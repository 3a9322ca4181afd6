"""Messages that real devices sent, from public issue threads: two words of config understand each of them.

They lie beside the project where it is built: in ``../shared/recordings``, or where NUDGER_RECORDINGS says.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from signal_rig import on_or_off, raw

from nudger.sources.decoder import Decoder
from nudger.sources.signal import SignalOptions

BESIDE: Final = Path(__file__).parent.parent.parent / "shared" / "recordings"
SNIPPETS: Final = Path(os.environ.get("NUDGER_RECORDINGS", BESIDE)) / "mqtt_snippets.jsonl"


def zigbee(preset: str, device: str) -> dict[str, Any]:
    return {"preset": f"zigbee2mqtt_{preset}", "device": device}


SEQUENCES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "zy_m100_bursts": (zigbee("presence", "0xa4c1382a6b329e9d"), "off off off off on on on"),
    "mir_he200_conflict": (zigbee("presence", "mir_he200"), "on on"),
    "rtcgq11lm_false_then_true": (zigbee("occupancy", "KeukenMotionSensorMS4"), "off on off off"),
    "rtcgq11lm_lux_repeats_true": (zigbee("occupancy", "0x00158d0002006aa6"), "on on on"),
    "rtcgq11lm_only_false": (zigbee("occupancy", "0x00158d0001e50d78"), "off off off off off off"),
    "rtcgq13lm_2s_flap": (zigbee("occupancy", "0x04cf8cdf3c8a82e0"), "on off on"),
    "contact_old_state_first": (zigbee("contact", "backgate"), "off on on"),
    "sonoff_pir_topic_with_space": (zigbee("occupancy", "PIR WC boven"), "off"),
    "plug_reports_like_crazy": (zigbee("power", "ground_living_phono_plug"), "off off off"),
    "pc_plug_power_zero_with_current": (zigbee("power", "PC SmartPlug"), "off"),
    "plug_steady_120w": (zigbee("power", "c"), "on on on on"),
    "desk_plug_w": (zigbee("power", "Schreibtisch Plug"), "on on on on on on"),
    "tasmota_pow": ({"preset": "tasmota_power", "device": "DVES_EA9716"}, "off off off"),
    "espresense_v3": ({"preset": "espresense_distance", "device": "irk:68xxx", "part": "office"}, "on"),
    "ble2mqtt_distance_jitter": (
        {"kind": "presence", "state_topic": "BLE2MQTT-F8D4/d3:a5:92:73:97:95/Distance", "below": 50},
        "off on on",
    ),
}
"""For each sequence: what the config says, and what its messages on that topic mean."""


@pytest.fixture(scope="module")
def messages() -> list[dict[str, Any]]:
    if not SNIPPETS.exists():
        pytest.skip(f"no recorded messages at {SNIPPETS} (NUDGER_RECORDINGS names another folder)")
    return [json.loads(line) for line in SNIPPETS.read_text().splitlines()]


def test_every_sequence_is_tried(messages: list[dict[str, Any]]) -> None:
    assert {message["seq"] for message in messages} == set(SEQUENCES)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_what_devices_really_send_is_understood(messages: list[dict[str, Any]], sequence: str) -> None:
    given, meaning = SEQUENCES[sequence]
    options = SignalOptions.model_validate({"name": "desk", **given})
    decoder = Decoder(options)
    heard = [
        decoder.decode(raw(message["payload"]), datetime.fromtimestamp(message["t"], UTC))
        for message in messages
        if message["seq"] == sequence and message["topic"] == options.state_topic
    ]
    assert ["on" if on_or_off(each) else "off" for each in heard] == meaning.split()
