"""What is wrong with a config is told in plain words, with file, line and key: one row per mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from config_files import VOCABULARY, faults_of, mqtt, person, signal

from nudger.config.faults import ConfigError
from nudger.config.load import load

if TYPE_CHECKING:
    from pathlib import Path


BAD: dict[str, tuple[str | bytes, int | None, str]] = {
    # the text itself
    "not UTF-8": (b"language: en\nx: \xff", 2, "is not UTF-8"),
    "UTF-16": ("language: en".encode("utf-16"), 1, "is not UTF-8"),
    "binary": (b"language: en\nx: \x00\x01", 2, "a character that YAML does not allow"),
    "a tab": ("mqtt:\n\thost: x", 2, "no tab"),
    "a colon too many": ("language: en: de", 1, "a colon too many"),
    "unquoted @": ("language: @home", 1, "a text that starts with @ must stand in quotes"),
    "open quote": ("language: 'en", 1, "quote that was opened here"),
    "open list": ("mqtt: {}\nlanguage: [en\npeople: {}", 2, "opened here lacks its ]"),
    "bad escape": ('language: "\\q"', 1, "use single quotes"),
    "impossible escape": ('language: "\\UFFFFFFFF"', 1, "not valid YAML"),
    "lone surrogate": ('language: "\\uD800"', 1, "language: must not hold control characters"),
    "NUL in a text": ('language: "e\\0n"', 1, "language: must not hold control characters"),
    "NUL in a key": ('"lang\\0": en', 1, "a key must be a plain word"),
    "indentation": ("mqtt:\n  host: x\n username: y", 3, "indentation"),
    "no colon": ("language: en\npeople", 2, "a colon"),
    "colour without quotes": ("log_level: #FFA000", 1, "log_level: is empty, for what follows a # is a comment"),
    "a list at the top": ("- language: en", 1, "must be made of options"),
    "a word at the top": ("nudger", 1, "must be made of options"),
    "two documents": ("language: en\n---\nlanguage: de", 2, "one document"),
    "too deep": ("a: " + "[" * 1000, 1, "nested deeper than 20"),
    "too deep, open": ("a: " + "{b: " * 100_000, 1, "nested deeper than 20"),
    "too deep, where we skip": ("? " + "[" * 100_000, 1, "nested deeper than 20"),
    "too large": ("#" * 1_000_001, None, "larger than 1000 kB"),
    "endless number": ("%YAML " + "9" * 5000 + ".1\n---\n", 1, "not valid YAML"),
    # what YAML can do, and we refuse
    "key twice": ("language: en\nlanguage: de", 2, "language: is given twice, first on line 1"),
    "person twice": ("people:\n  alex:\n  sam:\n  alex:", 4, "people.alex: is given twice, first on line 2"),
    "anchor": ("mqtt: &x {}", 1, "mqtt: anchors (&x) are not supported"),
    "alias": ("language: &x en\nlog_level: *x", 2, "log_level: aliases (*x) are not supported"),
    "merge key": ("mqtt:\n  <<: {host: x}", 2, "mqtt: merge keys (<<) are not supported"),
    "alias to itself": ("mqtt: &a [*a]", 1, "aliases"),
    "template without quotes": (
        signal("name: a, kind: seat, state_topic: t, value_template: {{ value_json.a }}"),
        5,
        "signals[0].value_template: a text that starts with {{ must stand in quotes",
    ),
    "complex key": ("? [a]\n: b", 1, "a key must be a plain word"),
    "unknown tag": (
        "language: !secrt x",
        1,
        "language: unknown tag !secrt (known: !secret, !env_var, !credential), did",
    ),
    "python tag": ("language: !!python/object:os.system x", 1, "unknown tag !!python/object:os.system"),
    "control characters in a tag": ("log_level: !a%0A%1Bb info", 1, "unknown tag !a  b"),
    "standard tag": ("log_level: !!str info", 1, "unknown tag !!str"),
    "tag on a mapping": ("mqtt: !secret {a: b}", 1, "!secret cannot stand before a list or a mapping"),
    # unknown options
    "unknown at the top": ("langage: en", 1, "langage: unknown option, did you mean 'language'?"),
    "unknown with nothing behind it": ("langage:", 1, "langage: unknown option, did you mean 'language'?"),
    "nothing near": ("colour: red", 1, "colour: unknown option (known here: time_zone, language"),
    "unknown of a person": (person("stgae: steady"), 4, "people.alex.stgae: unknown option, did you mean 'stage'?"),
    "unknown of a signal": (
        signal("name: a, kind: seat, state_topic: t, off_delya: 5"),
        5,
        "people.alex.signals[0].off_delya: unknown option, did you mean 'off_delay'?",
    ),
    "misspelt, and so missing": (
        signal("name: a, kind: seat, state_topik: t"),
        5,
        "people.alex.signals[0].state_topik: unknown option, did you mean 'state_topic'?",
    ),
    "unknown of an output": (
        person("outputs:\n  - type: pager\n    repaet: 5 min"),
        6,
        "people.alex.outputs[0].repaet: unknown option, did you mean 'repeat'?",
    ),
    "unknown of tls": (mqtt("tls: {cafile: x}"), 2, "mqtt.tls.cafile: unknown option, did you mean 'ca_file'?"),
    "min_break": (person("min_break: 90"), 4, "people.alex.min_break: unknown option"),
    # words out of a list
    "language": ("language: fr", 1, "language: 'fr' is none of en, de"),
    "log level": ("log_level: INFO", 1, "'INFO' is none of error, warning, info, debug, did you mean 'info'?"),
    "stage": (person("stage: dailywalks"), 4, "people.alex.stage: 'dailywalks' is none of"),
    "stage of another type": (person("stage: 3"), 4, "people.alex.stage: 3 is none of gentle_start"),
    "contraindication": (
        person("contraindications: [knee, nek]"),
        4,
        "people.alex.contraindications[1]: 'nek' is none of knee, hip, neck, did you mean 'neck'?",
    ),
    "kind": (signal("name: a, kind: seet, state_topic: t"), 5, "signals[0].kind: 'seet' is none of seat"),
    "qos": (signal("name: a, kind: seat, state_topic: t, qos: 3"), 5, "signals[0].qos: 3 is none of 0, 1, 2"),
    "output": (person("outputs:\n  - type: bubl"), 5, "outputs[0].type: 'bubl' is none of bulb, pager, did you mean"),
    "output without type": (person("outputs:\n  - topic: x"), 5, "people.alex.outputs[0].type: is missing"),
    "protocol": (mqtt("protocol: 4"), 2, "mqtt.protocol: '4' is none of auto, 5, 3.1.1"),
    # wrong shapes
    "section as a number": ("backups: 7", 1, "backups: must be options of its own"),
    "people as a list": ("people: [alex]", 1, "people: must be options of its own"),
    "person as a text": ("people:\n  alex: Alex", 2, "people.alex: must be options of its own"),
    "no people": ("people: {}", 1, "people: must have at least 1"),
    "signals as a mapping": (person("signals: {name: a}"), 4, "people.alex.signals: must be a list"),
    "signal as a text": (person("signals:\n  - chair"), 5, "people.alex.signals[0]: must be options of its own"),
    "output as a text": (person("outputs:\n  - desktop"), 5, "people.alex.outputs[0]: must be options of its own"),
    "signal without topic": (signal("name: a, kind: seat"), 5, "people.alex.signals[0].state_topic: is missing"),
    "name as a number": (
        person("name: 007.5\nstage: steady\noffice: 2"),
        6,
        "people.alex.office: must be true or false",
    ),
    "password as a number": (mqtt("password: 12345"), 2, "mqtt.password: must be a text: put it in quotes"),
    "number as a switch": (mqtt("port: true"), 2, "mqtt.port: must be a number, not true or false"),
    "number as a text": ("backups: {keep: many}", 1, "backups.keep: must be a whole number, not 'many'"),
    "decimals": ("backups: {keep: 1.5}", 1, "backups.keep: must be a whole number"),
    # limits
    "backups": ("backups: {keep: -1}", 1, "backups.keep: must be at least 0"),
    "history": ("history: {keep_days: 5}", 1, "history.keep_days: must be at least 31"),
    "port": (mqtt("port: 70000"), 2, "mqtt.port: must be at most 65535, not 70000"),
    "holiday without a form": (
        person("holidays: [christmas]"),
        4,
        "dates such as 2026-12-24 - 2027-01-02, not 'christmas'",
    ),
    "holiday that is no list": (person("holidays: 2026-12-24"), 4, "people.alex.holidays: must be a list"),
    "holiday on no calendar": (
        person("holidays:\n      - 2026-12-24\n      - 2027-02-29"),
        6,
        "people.alex.holidays[1]: 2027-02-29 is on no calendar; must be a date such as",
    ),
    "holidays back in time": (
        person("holidays: [2027-01-02 - 2026-12-24]"),
        4,
        "people.alex.holidays[0]: ends before it begins",
    ),
    "too long a notice": (person("pre_notice: 3 min"), 4, "people.alex.pre_notice: must be from 0 s to 2 min"),
    "too long a grace": (person("typing_grace: 3 min"), 4, "people.alex.typing_grace: must be from 0 s to 2 min"),
    "budget": (person("budget: 0"), 4, "people.alex.budget: must be at least 1"),
    "empty name": (person("name: ''"), 4, "people.alex.name: must not be empty"),
    "long name": (person("name: " + "x" * 65), 4, "people.alex.name: must be at most 64 characters"),
    # durations
    "unit": (person("snooze: 5 minits"), 4, "or '1 h 30 min', not '5 minits'"),
    "negative": (person("snooze: -5 min"), 4, "people.alex.snooze: must be a duration"),
    "negative number": (person("snooze: -300"), 4, "or '1 h 30 min', not -300"),
    "a list for a duration": (person("snooze: [5]"), 4, "people.alex.snooze: must be a duration"),
    "true for a duration": (person("snooze: true"), 4, "people.alex.snooze: must be a duration"),
    "endless": (mqtt("keepalive: " + "9" * 400), 2, "mqtt.keepalive: must be a duration"),
    "infinite": (mqtt("keepalive: .inf"), 2, "mqtt.keepalive: must be a duration"),
    "too long": (person("snooze: 20 min"), 4, "people.alex.snooze: must be from 1 min to 15 min, not '20 min'"),
    "bare seconds": (person("snooze: 5"), 4, "people.alex.snooze: must be from 1 min to 15 min"),
    "keepalive": (mqtt("keepalive: 1"), 2, "mqtt.keepalive: must be from 5 s to 12 h"),
    "standing": (person("standing_limit: 5 min"), 4, "standing_limit: must be from 10 min to 3 h"),
    "window limits": (person("window:\n  soft: 3 min\n  hard: 30 min"), 5, "window.soft: must be from 5 min to 2 h"),
    "window order": (person("window: {soft: 30 min, hard: 20 min}"), 4, "window: soft must not be longer than hard"),
    "half a window": (person("window: {soft: 30 min}"), 4, "people.alex.window.hard: is missing"),
    # hours
    "hours as a number": (
        person("active_hours: 8"),
        4,
        'people.alex.active_hours: must be hours such as "08:00-18:00"',
    ),
    "half a span": (
        person("active_hours: {mon: 22:00}"),
        4,
        'active_hours.mon: must be hours such as "08:00-18:00", in',
    ),
    "24:30": (person('active_hours: {mon: "20:00-24:30"}'), 4, "active_hours.mon: must be hours"),
    "08:61": (person('active_hours: {mon: "08:61-10:00"}'), 4, "active_hours.mon: must be hours"),
    "no time of day": (
        person("checkins: {morning: '25:00'}"),
        4,
        "checkins.morning: must be a time of day such as \"08:30\", in quotes, not '25:00'",
    ),
    "second span": (
        person('active_hours:\n  mon:\n    - "08:00-12:00"\n    - noon'),
        7,
        "people.alex.active_hours.mon[1]: must be hours",
    ),
    "empty span": (
        person('active_hours: {mon: "08:00-08:00"}'),
        4,
        'starts when it ends; the whole day is "00:00-24:00"',
    ),
    "overlap": (
        person('active_hours: {mon: ["08:00-12:00", "11:00-14:00"]}'),
        4,
        "active_hours.mon: has hours that over",
    ),
    "unknown day": (
        person('active_hours: {mon-fry: "08:00-18:00"}'),
        4,
        "active_hours.mon-fry: must be days such as mon",
    ),
    "day twice": (person('active_hours: {mon-fri: "08:00-18:00", fri: "08:00-12:00"}'), 4, "friday is given twice"),
    "never active": (person("active_hours: {sat: []}"), 4, "leaves no active hour in the week"),
    # topics, hosts, zones, ids, files
    "wildcard": (
        signal("name: a, kind: seat, state_topic: a/#"),
        5,
        "signals[0].state_topic: must be one topic, without",
    ),
    "empty topic": (
        person("outputs:\n  - {type: bulb, topic: ''}"),
        5,
        "outputs[0].topic: must be a topic, not an empty",
    ),
    "non-character": (signal('name: a, kind: seat, state_topic: "a\\uFFFE"'), 5, "state_topic: must not hold control"),
    "long topic": (signal("name: a, kind: seat, state_topic: " + "ä" * 128), 5, "must be at most 255 bytes"),
    "base topic": (mqtt("base_topic: my nudger"), 2, "mqtt.base_topic: must be letters, digits, _ and -"),
    "base topic too long": (mqtt(f"base_topic: {65 * 'n'}"), 2, "mqtt.base_topic: must be at most 64 characters long"),
    "prefix": (mqtt("home_assistant: {prefix: my home}"), 2, "mqtt.home_assistant.prefix: must be letters, digits"),
    "birth without a word": (
        mqtt("home_assistant: {birth_payload: ''}"),
        2,
        "mqtt.home_assistant.birth_payload: must",
    ),
    "home assistant by a word": (mqtt("home_assistant: perhaps"), 2, "mqtt.home_assistant: must"),
    "base topic with slash": (mqtt("base_topic: nudger/"), 2, "mqtt.base_topic: must be letters, digits"),
    "label of a host": (mqtt("host: " + "x" * 64 + ".local"), 2, "mqtt.host: must be a host name: 1 to 63 characters"),
    "empty host": (mqtt("host: ''"), 2, "mqtt.host: must be a host name"),
    "URL": (mqtt("host: mqtt://localhost"), 2, "mqtt.host: must be a host name or an address only"),
    "host with port": (mqtt("host: localhost:1883"), 2, "mqtt.host: must be a host name or an address; the port is"),
    "password alone": (mqtt("password: x"), 1, "mqtt: a password is given without a username"),
    "time zone": (
        "time_zone: Europe/Berln",
        1,
        "is no time zone such as 'Europe/Berlin', did you mean 'Europe/Berlin'?",
    ),
    "folder of zones": ("time_zone: Europe", 1, "time_zone: 'Europe' is no time zone"),
    "path as a zone": ("time_zone: ../../etc/passwd", 1, "time_zone: '../../etc/passwd' is no time zone"),
    "id": (
        "people: {Alex: {}}",
        1,
        "people.Alex: an id must be 1 to 32 of the characters a-z, 0-9, _ and -, such as alex",
    ),
    "id that no small letters mend": (
        "people: {Jörg: {}}",
        1,
        "people.Jörg: an id must be 1 to 32 of the characters a-z, 0-9, _ and -; how it is shown says the option name",
    ),
    "missing file": (mqtt("tls: {ca_file: ca.pem}"), 2, "mqtt.tls.ca_file: there is no file"),
    "long file name": (mqtt(f"tls: {{ca_file: {'x' * 300}}}"), 2, "mqtt.tls.ca_file: there is no file"),
    "home of nobody": (mqtt("tls: {ca_file: ~nobody-at-all/ca.pem}"), 2, "there is no file '~nobody-at-all/ca.pem'"),
    "key alone": (mqtt("tls: {key_file: config.yaml}"), 2, "mqtt.tls: key_file is given without cert_file"),
    "seat of a desktop": (
        signal("name: a, kind: seat, source: desktop"),
        5,
        "signals[0].kind: no desktop tells of seat; it can be one of: activity, locked, call, dnd",
    ),
    "unknown source": (
        signal("name: a, kind: dnd, source: desktp"),
        5,
        "signals[0].source: 'desktp' is none of mqtt, desktop, did you mean 'desktop'?",
    ),
    "topic of a desktop": (
        signal("name: a, kind: dnd, source: desktop, state_topic: t"),
        5,
        "signals[0].state_topic: unknown option (known here: source, name, kind, hold, video)",
    ),
    "video of a lock": (
        signal("name: a, kind: locked, source: desktop, video: away"),
        5,
        "signals[0].video: is for kind activity only",
    ),
    # how the parts go together
    "signals without a broker": (
        "people:\n  alex:\n    signals: [{name: a, kind: seat, state_topic: t}]",
        3,
        "people.alex.signals: needs the MQTT broker: add its section at the top level, such as",
    ),
    "lamp without a broker": (
        "people:\n  alex:\n    outputs:\n      - {type: bulb, topic: t}",
        4,
        "people.alex.outputs[0]: needs the MQTT broker",
    ),
    "signal name twice": (
        person("signals:\n  - {name: a, kind: seat, state_topic: t}\n  - {name: a, kind: motion, state_topic: u}"),
        6,
        "people.alex.signals[1].name: is the name of another signal, on line 5",
    ),
    "lamp that is a person of ours": (
        person("outputs:\n  - {type: bulb, topic: nudger/alex/set/done}"),
        5,
        "people.alex.outputs[0]: its commands would go to 'nudger/alex/set/done', which is nudger's own",
    ),
    "lamp below another base": (
        person("outputs:\n  - {type: bulb, topic: desk/status}").replace("{}", "{base_topic: desk}", 1),
        5,
        "which is nudger's own; what is below 'desk/' is no lamp",
    ),
    "lamp twice": (
        person("outputs:\n  - {type: bulb, topic: a}\n  - {type: pager}\n  - {type: bulb, topic: a, ambient: true}"),
        7,
        "people.alex.outputs[2]: is the lamp of line 5 once more: give it one entry",
    ),
    # values from elsewhere
    "no secret": (
        mqtt("password: !secret pw"),
        2,
        "mqtt.password: secret 'pw' is neither in secrets.yaml nor a systemd",
    ),
    "secret as a path": (mqtt("password: !secret ../pw"), 2, "mqtt.password: !secret needs a name"),
    "no secret for what is needed": (
        signal("name: a, kind: seat, state_topic: !secret t"),
        5,
        "people.alex.signals[0].state_topic: secret 't' is neither",
    ),
    "no broker, as it is lost": (
        signal("name: a, kind: seat, state_topic: t").replace("{}", "!secret broker", 1),
        1,
        "mqtt: secret 'broker' is neither",
    ),
    "no variable": (mqtt("password: !env_var PW"), 2, "mqtt.password: environment variable 'PW' is not set"),
    "variable without name": (mqtt("password: !env_var"), 2, "mqtt.password: !env_var needs a name"),
    "no credential": (mqtt("password: !credential pw"), 2, "mqtt.password: there is no systemd credential 'pw'"),
}


@pytest.mark.parametrize(("text", "line", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_config_is_told_with_its_place(tmp_path: Path, text: str | bytes, line: int | None, message: str) -> None:
    faults = faults_of(tmp_path, text)

    start = "config.yaml:" if line is None else f"config.yaml:{line}: "
    assert any(fault.startswith(start) and message in fault for fault in faults), faults
    assert all("\n" not in fault and "Traceback" not in fault for fault in faults)


def test_what_was_written_is_told_but_never_where_it_may_be_a_secret(tmp_path: Path) -> None:
    assert "not 'soon'" in faults_of(tmp_path, mqtt("keepalive: soon"))[0]
    (tmp_path / "secrets.yaml").write_text("pin: hunter2\n")
    assert "not '***'" in faults_of(tmp_path, mqtt("keepalive: !secret pin"))[0]
    (fault,) = faults_of(tmp_path, person("outputs:\n  - {type: pager, token: hunter2}"))
    assert fault == "config.yaml:5: people.alex.outputs[0].token: must be a better one"


def test_one_mistake_is_told_once(tmp_path: Path) -> None:
    two_mistakes = {"alias", "alias to itself", "too deep, where we skip"}

    for name in BAD.keys() - two_mistakes:
        assert len(faults_of(tmp_path, BAD[name][0])) == 1, name


def test_all_faults_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
langage: en
mqtt: {port: x}
people:
  alex:
    stage: steady
    stage: steady
    snooze: !env_var NOWHERE
    signals:
      - {name: a, kind: seet, state_topic: t}
"""
    assert [fault.split(": ")[0] for fault in faults_of(tmp_path, text)] == [
        f"config.yaml:{line}" for line in (1, 2, 6, 7, 9)
    ]


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(ConfigError, match="cannot be read"):
            load(path, VOCABULARY)
