"""Which of the topics on a broker could be signals, and the options that would read them. Pure: topics and payloads in,
findings out.

A finding is only made where its options read what was heard: the same decoder that will do it later is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from nudger.core.events import SignalChanged
from nudger.core.words import Kind
from nudger.payload import Document, UnreadableError, printable
from nudger.sources.decoder import Decoder
from nudger.sources.makers import Maker, Option, maker_of
from nudger.sources.reading import WORDS, is_unknown, read_instant, read_number
from nudger.sources.shapes import AT_A_DESK, FIELDS, NAMES, NOT_HERE, RADAR, Form, Meaning
from nudger.sources.signal import SignalOptions

_ORDER: Final = (
    *(Kind.SEAT, Kind.PRESENCE, Kind.MOTION, Kind.ACTIVITY, Kind.LOCKED),
    *(Kind.STANDING, Kind.CALL, Kind.DND, Kind.POWER),
)
"""The kinds, those first that make the best signals."""

HOME_ASSISTANT: Final = "Home Assistant"
_DEEPEST: Final = 3
_LONGEST_NAME: Final = 48
_SAMPLE: Final = 40
_FROM_TOPICS: Final = re.compile(r"[a-zäöüß]+|[A-ZÄÖÜ]+(?![a-zäöüß])|[A-ZÄÖÜ][a-zäöüß]+")
"""Words of a name: ``KitchenPIR_2`` is kitchen and pir."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A topic that could be a signal.

    ``options`` are those of `SignalOptions`, as one would write them; ``sample`` is the value that was read, without
    the rest of the payload; ``says`` is what that means now, None where nothing was heard or it does not know.
    ``weak`` findings are often something else; ``sample`` is empty where nothing was heard.
    """

    maker: str
    options: Mapping[str, Option]
    why: str
    sample: str
    says: bool | None
    weak: bool = False

    @property
    def name(self) -> str:
        """How the signal would be called."""
        return str(self.options["name"])

    @property
    def kind(self) -> Kind:
        """What it would be."""
        return Kind(str(self.options["kind"]))

    @property
    def is_stream(self) -> bool:
        """Whether Home Assistant tells it, which keeps the newest state of everything at the broker."""
        return self.maker == HOME_ASSISTANT

    @property
    def topic(self) -> str:
        """Where it speaks."""
        return str(self.options["state_topic"])


def recognise(heard: Mapping[str, Sequence[bytes]], now: datetime) -> list[Finding]:
    """Return what could be signals, the likeliest first. ``heard`` maps each topic to its payloads, newest last."""
    found = [finding for topic, payloads in heard.items() for finding in look_at(topic, payloads, now)]
    return ranked(_with_availability(finding, heard) for finding in found)


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which to show them."""
    return sorted(
        found,
        key=lambda each: (each.weak, not AT_A_DESK.search(_words(each.topic)), _ORDER.index(each.kind), each.topic),
    )


def look_at(topic: str, payloads: Sequence[bytes], now: datetime) -> list[Finding]:
    """Return what one topic could be, at most one finding of each kind; most topics are nothing."""
    if (speaks := maker_of(topic)) is None:
        return []
    maker, match = speaks
    found: dict[Kind, Finding] = {}
    for payload in reversed(payloads):
        document = _document(payload)
        if document is None:
            continue
        for finding in _in_fields(topic, maker, match, document) or _in_name(topic, maker, match, document):
            checked = _checked(finding, payload, now)
            if checked is not None:
                found.setdefault(checked.kind, checked)
    return list(found.values())


def _document(payload: bytes) -> Document | None:
    try:
        return Document(payload)
    except UnreadableError:
        return None


# --- JSON objects ----------------------------------------------------------------------------------------------------


def _in_fields(topic: str, maker: Maker, match: re.Match[str], document: Document) -> list[Finding]:
    if not document.text.lstrip().startswith("{"):
        return []
    try:
        tree = document.json()
    except UnreadableError:
        return []
    assert isinstance(tree, dict)  # noqa: S101  (it began with a brace)
    meant = [
        (meaning, path, value)
        for path, value in _leaves(tree)
        if (meaning := _meaning(FIELDS, ".".join(path), value) or _meaning(FIELDS, path[-1], value))
    ]
    found: list[Finding] = []
    # In the order of the table: of two fields of one kind the better one is kept, presence before occupancy.
    for meaning, path, value in sorted(meant, key=lambda each: FIELDS.index(each[0])):
        is_radar = path == ("occupancy",) and RADAR & tree.keys()
        row = replace(meaning, kind=Kind.PRESENCE, why="a field occupancy of a mmWave sensor") if is_radar else meaning
        options = {"value_template": f"{{{{ value_json{''.join(map(_step, path))} }}}}"}
        if "last_seen" in tree:
            options["timestamp_template"] = "{{ value_json.last_seen }}"
        label = "Zigbee2MQTT" if "linkquality" in tree and maker.name == "somebody" else maker.name
        found += _made(topic, label, match, row, options, value, field=".".join(path))
    return found


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and len(path) < _DEEPEST:
            yield from _leaves(value, (*path, key))
        elif not isinstance(value, dict | list):
            yield (*path, key), value


def _step(key: str) -> str:
    if key.isidentifier() and key.isascii() and not hasattr(dict, key):
        return f".{key}"
    return f"['{key}']" if "'" not in key else f'["{key}"]'


# --- Values without fields -------------------------------------------------------------------------------------------


def _in_name(topic: str, maker: Maker, match: re.Match[str], document: Document) -> list[Finding]:
    value = document.text.strip()
    words = _words(f"{match['name']} {topic}" if maker.name == "somebody" else _subject(topic, match))
    if not value or value[0] in "{[" or NOT_HERE.search(words):
        return []
    meaning = _meaning(NAMES, words, value, whole=False)
    if meaning is None:
        return []
    label = HOME_ASSISTANT if maker.name == "ESPHome" and value in {"on", "off"} else maker.name
    return _made(topic, label, match, meaning, {}, value)


def _subject(topic: str, match: re.Match[str]) -> str:
    calendar = "calendar " if "/calendar/" in topic else ""
    return calendar + match["name"]


def _words(text: str) -> str:
    return " ".join(word.lower() for word in _FROM_TOPICS.findall(text))


# --- Both ------------------------------------------------------------------------------------------------------------


def _meaning(table: Sequence[Meaning], name: str, value: Any, *, whole: bool = True) -> Meaning | None:
    forms = _forms(value)
    for row in table:
        matches = row.pattern.fullmatch(name) if whole else row.pattern.search(name)
        if matches and row.form in forms:
            return row
    return None


def _forms(value: Any) -> frozenset[Form]:
    """Return what a value could be taken for; nothing where it says that it does not know."""
    text = str(value).strip()
    if value is None or is_unknown(text):
        return frozenset()
    forms = {Form.TEXT} if isinstance(value, str) else set()
    if text.casefold() in WORDS:
        forms.add(Form.SWITCH)
    if not isinstance(value, bool) and _is_number(text):
        forms.add(Form.NUMBER)
    elif len(text) >= len("2026-11-22T15:04") and re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
        forms.add(Form.INSTANT)
    return frozenset(forms)


def _is_number(text: str) -> bool:
    try:
        read_number(text)
    except UnreadableError:
        return False
    return True


def _made(
    topic: str,
    maker: str,
    match: re.Match[str],
    meaning: Meaning,
    reading: Mapping[str, Option],
    value: Any,
    *,
    field: str = "",
) -> list[Finding]:
    more = meaning.options(value) if callable(meaning.options) else meaning.options
    if more is None:
        return []
    words = _words(topic)
    is_plug = meaning.kind is Kind.POWER and not AT_A_DESK.search(words)
    is_chair = meaning.kind is Kind.SEAT and any(row.kind is Kind.SEAT and row.pattern.search(words) for row in NAMES)
    options: dict[str, Option] = {"name": _name_of(match), "kind": meaning.kind.value, "state_topic": topic}
    text = printable(str(value).lower() if isinstance(value, bool) else str(value))
    sample = f"{field}: {text}" if field else text
    weak = (meaning.weak and not is_chair) or is_plug
    return [Finding(maker, {**options, **reading, **more}, meaning.why, sample[:_SAMPLE], None, weak)]


def _name_of(match: re.Match[str]) -> str:
    levels = [level for level in match["name"].split("/") if level not in {"state", "sensor", "binary_sensor"}]
    name = " ".join(" ".join(levels[-2:]).replace("_", " ").split())
    return printable(name)[:_LONGEST_NAME] or "signal"


def _checked(finding: Finding, payload: bytes, now: datetime) -> Finding | None:
    """Return the finding with what it says now; None where its options cannot read what was heard after all."""
    try:
        if "timestamp_template" in finding.options and finding.options["timestamp_template"] != "{{ value }}":
            finding = _dated(finding, payload, now)
        options = SignalOptions.model_validate(finding.options)
    except ValueError:  # a topic that we would not take
        return None
    event = Decoder(options).decode(payload, now)
    return replace(finding, says=event.on) if isinstance(event, SignalChanged) else None


def _dated(finding: Finding, payload: bytes, now: datetime) -> Finding:
    """Keep the time of the reading only where it is one: some write when the device was last seen in words."""
    try:
        seen = Document(payload).json()
        assert isinstance(seen, dict)  # noqa: S101  (the option was made from its fields)
        if read_instant(str(seen["last_seen"]), now, now.tzinfo) is not None:  # type: ignore[arg-type]  # now is aware
            return finding
    except (UnreadableError, KeyError):
        pass
    return replace(
        finding, options={key: value for key, value in finding.options.items() if key != "timestamp_template"}
    )


def _with_availability(finding: Finding, heard: Mapping[str, Sequence[bytes]]) -> Finding:
    """Add the topic on which the device says that it is there, where it was heard, which is kept by the broker."""
    if (speaks := maker_of(finding.topic)) is None:
        return finding
    maker, match = speaks
    for template in maker.availability:
        topic = template.format(topic=finding.topic, **match.groupdict())
        if topic in heard:
            label = "ESPHome" if maker.name == "ESPHome" else finding.maker
            return replace(finding, maker=label, options={**finding.options, "availability_topic": topic, **maker.says})
    is_stream = maker.name == "ESPHome"
    return replace(finding, maker=HOME_ASSISTANT) if is_stream else finding
