"""From a config file to settings and to the policy of a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config_files import VOCABULARY, faults_of, only, person, read
from ordinary import ordinary_user

from nudger.config.load import default_settings
from nudger.config.mqtt_options import MqttOptions
from nudger.config.schema import json_schema
from nudger.config.settings import policy
from nudger.config.zone import system_zone
from nudger.core.ladder import Ladder, Stage
from nudger.core.policy import LampPolicy, Policy, Span, Window
from nudger.core.recovery.diary import Spell
from nudger.core.words import Kind
from nudger.sources.signal import SignalOptions

if TYPE_CHECKING:
    from pathlib import Path
from typing import ClassVar


def test_the_smallest_config_is_an_empty_file(tmp_path: Path) -> None:
    for empty in ("", "# nothing yet\n", "---\n", "people:\n", "people: {me: }", "\ufeffpeople:\n  me:\n"):
        settings_ = read(tmp_path, empty)
        me = only(settings_)

        assert (me.id, me.name, me.stage, me.language, me.hours) == ("me", "me", "gentle_start", "en", None)
        assert (settings_.mqtt, settings_.backups_keep, settings_.history_days) == (None, 7, 400)


def test_without_any_config_nobody_is_woken() -> None:
    settings_ = default_settings(VOCABULARY, environ={"TZ": "Europe/Berlin"})
    me = only(settings_)

    assert me.hours == ((Span(7 * 60, 22 * 60),),) * 7
    assert (settings_.path, settings_.mqtt, settings_.zone) == (None, None, ZoneInfo("Europe/Berlin"))
    assert me == only(default_settings(VOCABULARY))
    assert not me.signals


def test_every_option_reaches_the_policy(tmp_path: Path) -> None:
    settings_ = read(
        tmp_path,
        """\
time_zone: Europe/Berlin
language: de
log_level: debug
mqtt: {host: "::1", protocol: 5, tls: true}
history: {keep_days: 31}
backups: {keep: 0}
people:
  alex:
    name: Alex
    language: en
    stage: steady
    active_hours: {mon-fri: 08:00-18:00, "sat, sun": ["09:00-12:00", "22:00-06:00"]}
    window: {soft: 20 min, hard: 1 h 5 min}
    snooze: 10 min
    holidays: [2026-12-24 - 2027-01-02, "2027-05-01", 2027-05-06-2027-05-07]
    pre_notice: 1 min
    typing_grace: 90
    budget: 12
    standing_limit: 1 h
    office: yes
    floor_space: off
    contraindications: [knee, hip]
    signals: [{name: chair, kind: seat, state_topic: my home/chair pad, off_delay: 90}]
    outputs:
      - {type: bulb, topic: a, ambient: true}
      - {type: bulb, topic: b, break_cue: true}
      - {type: pager}
  sam:
""",
    )
    assert settings_.mqtt is not None
    assert (settings_.mqtt.host, settings_.mqtt.port, settings_.mqtt.protocol) == ("::1", 8883, "5")
    assert (settings_.log_level, settings_.history_days, settings_.backups_keep) == ("debug", 31, 0)

    weekday, weekend = (Span(480, 1080),), (Span(540, 720), Span(1320, 1800))
    stage = Stage("steady", timedelta(minutes=30), timedelta(minutes=40), timedelta(minutes=3), 0, 3, {"walk": 100})
    ladder = Ladder((stage,), stage, min_break=timedelta(seconds=60), long_break=timedelta(minutes=5))
    alex = policy(settings_.people["alex"], ladder=ladder, words=NO_WORDS, zone=settings_.zone)
    (chair,) = alex.signals
    assert (chair.name, chair.kind, chair.off_delay) == ("chair", Kind.SEAT, timedelta(seconds=90))
    assert alex == Policy(
        person="alex",
        ladder=ladder,
        library=(),
        zone=ZoneInfo("Europe/Berlin"),
        signals=(chair,),
        start_stage="steady",
        hours=(weekday,) * 5 + (weekend,) * 2,
        window=Window(timedelta(minutes=20), timedelta(minutes=65)),
        snooze=timedelta(minutes=10),
        holidays=(
            Spell(date(2026, 12, 24), date(2027, 1, 2)),
            Spell(date(2027, 5, 1), date(2027, 5, 1)),
            Spell(date(2027, 5, 6), date(2027, 5, 7)),
        ),
        pre_notice=timedelta(minutes=1),
        typing_grace=timedelta(seconds=90),
        budget=12,
        standing_limit=timedelta(hours=1),
        office=True,
        floor_space=False,
        contraindications=frozenset({"knee", "hip"}),
        lamp=LampPolicy(ambient=True, break_cue=True),
    )
    sam = settings_.people["sam"]
    assert (settings_.people["alex"].name, settings_.people["alex"].language) == ("Alex", "en")
    assert (sam.name, sam.language) == ("sam", "de")
    assert policy(sam, ladder=ladder, words=NO_WORDS, zone=settings_.zone).lamp is None


class NoWords:
    """A language without a library."""

    prompts = ()
    texts: ClassVar[Mapping[str, str]] = {"prompt.gentler": "{body}", "prompt.after_call": "{body}"}


NO_WORDS = NoWords()


def test_days_may_run_over_the_weekend(tmp_path: Path) -> None:
    hours = only(read(tmp_path, person("active_hours: {Saturday-mon: 22:00-06:00, thu: [], wed: }"))).hours

    assert hours is not None
    assert [day for day, spans in enumerate(hours) if spans] == [0, 5, 6]


def test_words_stay_the_texts_they_look_like(tmp_path: Path) -> None:
    signals = (
        read(
            tmp_path,
            person(
                "signals:\n"
                "  - {name: on, kind: seat, state_topic: t, payload_on: ON, payload_off: off}\n"
                "  - {name: 007, kind: seat, state_topic: t, payload_on: 012, payload_off: 1e3}\n"
                "  - {name: 22:00, kind: seat, state_topic: 2026-13-40, payload_on: true, payload_off: 0}\n"
            ),
        )
        .people["alex"]
        .signals
    )
    seen = [(s.name, s.payload_on, s.payload_off) for s in signals if isinstance(s, SignalOptions)]

    assert seen == [("on", "ON", "off"), ("007", "012", "1e3"), ("22:00", True, 0)]


def test_an_option_with_nothing_behind_it_is_not_set_but_a_section_is_there(tmp_path: Path) -> None:
    empty = read(tmp_path, "log_level:\nhistory:\npeople:\n  alex:\n    snooze:\n    stage: ~\n    signals:\n")

    assert empty == read(tmp_path, "people: {alex: {}}")
    assert read(tmp_path, "mqtt:").mqtt == MqttOptions()
    assert read(tmp_path, "mqtt:\n  tls:\n").mqtt == read(tmp_path, "mqtt: {tls: true}").mqtt
    assert read(tmp_path, "mqtt: {tls: false}").mqtt == MqttOptions()
    assert "window.soft: is missing" in faults_of(tmp_path, person("window:"))[1]


def test_files_of_tls_are_looked_for_beside_the_config(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("...")
    settings_ = read(tmp_path, "mqtt: {tls: {ca_file: ca.pem}, port: 1884}")

    assert settings_.mqtt is not None
    assert settings_.mqtt.tls is not None
    assert (settings_.mqtt.tls.ca_file, settings_.mqtt.port) == (ca, 1884)


def test_a_file_of_tls_that_may_not_be_read_is_a_fault() -> None:
    with ordinary_user() as folder:
        ca = folder / "ca.pem"
        ca.write_text("...")
        ca.chmod(0)

        assert "may not be read" in faults_of(folder, "mqtt: {tls: {ca_file: ca.pem}}")[0]


def test_the_system_zone_is_that_of_tz_or_of_localtime(tmp_path: Path) -> None:
    zones = tmp_path / "zoneinfo" / "Europe"
    zones.mkdir(parents=True)
    (zones / "Berlin").write_bytes(b"")
    link, copy = tmp_path / "localtime", tmp_path / "copy"
    link.symlink_to(zones / "Berlin")
    copy.write_text("no zone at all")

    assert system_zone({"TZ": "Asia/Tokyo"}, link) == ZoneInfo("Asia/Tokyo")
    assert system_zone({"TZ": ":Asia/Tokyo"}, link) == ZoneInfo("Asia/Tokyo")
    for unset in ({}, {"TZ": ""}, {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}):
        assert str(system_zone(unset, link)) == "Europe/Berlin"
    assert str(system_zone({}, copy)) == "UTC"
    assert str(system_zone({}, tmp_path / "nowhere")) == "UTC"


def test_the_schema_tells_what_every_option_is_for() -> None:
    schema = json_schema(VOCABULARY)
    models = schema["$defs"]

    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["properties"]["language"]["enum"] == ["en", "de"]
    assert models["PersonOptions"]["properties"]["snooze"]["default"] == "5 min"
    assert models["MqttOptions"]["properties"]["port"]["maximum"] == 65535
    assert models["PagerOptions"]["properties"]["repeat"]["description"] == "How often it beeps."
    for model in (schema, models["PersonOptions"], models["MqttOptions"], models["SignalOptions"]):
        assert all("description" in option for option in model["properties"].values())


def test_signals_that_can_show_nobody_are_a_warning(tmp_path: Path) -> None:
    def warned(*kinds: str) -> list[str]:
        signals = [f"{{name: {kind}, kind: {kind}, state_topic: {kind}}}" for kind in kinds]
        text = f"mqtt: {{host: localhost}}\npeople:\n  alex:\n    signals: [{', '.join(signals)}]\n"
        return [str(warning) for warning in read(tmp_path, text).warnings]

    (told,) = warned("locked", "call", "dnd", "power", "standing")
    assert "config.yaml:4: people.alex.signals: nothing here can show that somebody sits there" in told
    for kind in ("seat", "presence", "motion", "activity"):
        assert warned("locked", kind) == []
    assert warned() == []
