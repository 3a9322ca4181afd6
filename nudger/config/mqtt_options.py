"""The options of the link to the MQTT broker."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, model_validator

from nudger.config.fields import NO_SWITCH, Duration, Options, Topic, between

PORT: Final = 1883
TLS_PORT: Final = 8883
LONGEST_BASE: Final = 64
"""Of a topic that others begin with: with the longest id of a person, they still are topics that every broker takes."""


def _check_host(host: str) -> str:
    if "://" in host or "/" in host or "@" in host:
        raise ValueError("must be a host name or an address only; port, username and password are options of their own")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if ":" in host:
            raise ValueError("must be a host name or an address; the port is an option of its own") from None
        if any(char.isspace() for char in host):
            raise ValueError("must be a host name without spaces") from None
        labels = host.removesuffix(".").split(".")
        if not all(1 <= len(label.encode()) <= 63 for label in labels) or len(host) > 253:  # RFC 1035, 2.3.4
            raise ValueError("must be a host name: 1 to 63 characters between the dots, 253 in all") from None
    return host


def _check_file(file: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    try:
        found = folder / file.expanduser()
        is_there = found.is_file()
    except (OSError, RuntimeError):  # a folder that may not be entered, a name too long; a home that nobody has
        found, is_there = file, False
    if not is_there:
        raise ValueError(f"there is no file {str(found)!r}")
    try:
        found.open("rb").close()
    except OSError:
        raise ValueError(f"the file {str(found)!r} may not be read by this user") from None
    return found


def _check_base_topic(topic: str) -> str:
    levels = topic.split("/")
    if not all(level and level.isascii() and level.replace("_", "").replace("-", "").isalnum() for level in levels):
        raise ValueError("must be letters, digits, _ and -, with / between levels, such as nudger or home/nudger")
    if len(topic) > LONGEST_BASE:
        raise ValueError(f"must be at most {LONGEST_BASE} characters long")
    return topic


def _on_or_off(value: object) -> object:
    return {"enabled": value} if isinstance(value, bool) else value


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _tls_switch(value: object) -> object:
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


ReadableFile = Annotated[Path, AfterValidator(_check_file)]
"""A file that is there and may be read; relative to the folder of the config."""


class TlsOptions(Options):
    """Encryption of the link to the broker. ``tls: true`` is enough for a broker with a public certificate."""

    ca_file: ReadableFile | None = None
    """Certificate authority that signed the broker's certificate (PEM). Default: those this computer trusts."""
    cert_file: ReadableFile | None = None
    """Own certificate (PEM), for brokers that ask for one."""
    key_file: ReadableFile | None = None
    """Private key of `cert_file`, where it is not in the same file."""
    insecure: bool = False
    """Do not check who the broker is: anybody on the network could read along. For a first try only."""

    @model_validator(mode="after")
    def _key_needs_certificate(self) -> Self:
        if self.key_file and not self.cert_file:
            raise ValueError("key_file is given without cert_file")
        return self


class HomeAssistantOptions(Options):
    """How Home Assistant is told of nudger. ``home_assistant: false`` is enough to keep away from it."""

    enabled: bool = True
    """Announce every person as a device; false takes what was announced away again."""
    prefix: Annotated[Topic, AfterValidator(_check_base_topic)] = "homeassistant"
    """First part of the topics on which Home Assistant looks for devices: its discovery prefix."""
    birth_topic: Topic = "homeassistant/status"
    """Where Home Assistant says that it has started: its birth message."""
    birth_payload: Annotated[str, Field(min_length=1), BeforeValidator(_as_text)] = "online"
    """What it says there."""


class MqttOptions(Options):
    """The MQTT broker, where presence signals come from and states go to."""

    host: Annotated[str, AfterValidator(_check_host)] = "localhost"
    """Name or address of the broker."""
    port: Annotated[int, Field(ge=1, le=65535), NO_SWITCH] = PORT
    """Port of the broker; with tls the default is 8883."""
    username: Annotated[str, Field(min_length=1)] | None = None
    """User at the broker. Default: none."""
    password: SecretStr | None = None
    """Password at the broker; best kept out of this file, as in `!secret mqtt_password`."""
    client_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Name of this connection at the broker, which must be the only one of that name. Default: made from this host."""
    base_topic: Annotated[Topic, AfterValidator(_check_base_topic)] = "nudger"
    """First part of all topics that nudger publishes and takes commands on."""
    keepalive: Annotated[Duration, between(timedelta(seconds=5), timedelta(hours=12))] = timedelta(seconds=60)
    """A dead link is noticed after at most twice this time."""
    protocol: Annotated[
        Literal["auto", "5", "3.1.1"],
        BeforeValidator(_as_text, json_schema_input_type=Literal["auto", "5", "3.1.1", 5]),
    ] = "auto"
    """Version of MQTT; auto tries 5 and falls back to 3.1.1."""
    tls: Annotated[TlsOptions | None, BeforeValidator(_tls_switch, json_schema_input_type=TlsOptions | bool | None)] = (
        None
    )
    """Encrypted link: true, or the options of it. Default: off."""
    home_assistant: Annotated[
        HomeAssistantOptions, BeforeValidator(_on_or_off, json_schema_input_type=HomeAssistantOptions | bool)
    ] = HomeAssistantOptions()
    """Devices in Home Assistant, one for each person: on, or the options of it."""

    @model_validator(mode="before")
    @classmethod
    def _port_of_tls(cls, data: Any) -> Any:
        encrypted = isinstance(data, dict) and data.get("tls", False) is not False
        return {"port": TLS_PORT, **data} if encrypted else data

    @model_validator(mode="after")
    def _password_needs_user(self) -> Self:
        if self.password and not self.username:
            raise ValueError("a password is given without a username")
        return self
