"""Values that stand elsewhere: found where they are, and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config_files import VOCABULARY, faults_of, read
from pydantic import SecretStr

from nudger.config.load import load

if TYPE_CHECKING:
    from pathlib import Path


def test_secrets_come_from_their_file_the_environment_or_systemd(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("from_file: 0123\nport: 1884\n")
    (tmp_path / "secrets.yaml").chmod(0o600)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "from_systemd").write_text("s3cret\n")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials), "BROKER_USER": "nudger user"}

    for tag, value in (
        ("!secret from_file", "0123"),
        ("!secret from_systemd", "s3cret"),
        ("!credential from_systemd", "s3cret"),
        ("!env_var BROKER_USER", "nudger user"),
        ("!env_var UNSET plan b", "plan b"),
    ):
        settings_ = read(tmp_path, f"mqtt: {{username: x, port: !secret port, password: {tag}}}", **environ)
        assert settings_.mqtt is not None
        assert settings_.mqtt.password == SecretStr(value), tag
        assert (settings_.mqtt.port, settings_.warnings) == (1884, ())
        assert value not in repr(settings_)


def test_a_value_from_elsewhere_must_be_text_too(tmp_path: Path) -> None:
    for value in ("a\0b", "a\udcffb"):
        (fault,) = faults_of(tmp_path, "mqtt: {username: !env_var BROKER_USER}", BROKER_USER=value)

        assert fault == "config.yaml:1: mqtt.username: must not hold control characters"


def test_no_message_shows_a_secret(tmp_path: Path) -> None:
    canary = "canary-Berlin'\\x"
    (tmp_path / "secrets.yaml").write_text(f'canary: "{canary}"'.replace("\\", "\\\\"))
    text = (
        "time_zone: !secret canary\nlanguage: !secret canary\nlog_level: !env_var CANARY\n"
        "mqtt: {port: !secret canary, base_topic: !secret canary}\n"
        "people: {alex: {snooze: !secret canary, active_hours: !secret canary, outputs: [{type: !secret canary}]}}"
    )
    faults = faults_of(tmp_path, text, CANARY=canary)

    assert len(faults) == 8
    assert not any("canary" in fault for fault in faults)
    assert any("***" in fault for fault in faults)


def test_a_broken_secrets_file_is_told_with_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("a: 1\na: 2\nb: [1]\nc: !secret a\n")
    faults = faults_of(tmp_path, "mqtt: {username: !secret a, password: !secret b}")

    assert [fault.split(": ")[0] for fault in faults] == ["config.yaml:1", "secrets.yaml:2", "secrets.yaml:4"]
    assert "secret 'b' in secrets.yaml is not a text" in faults[0]


def test_a_password_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    config, secrets = tmp_path / "config.yaml", tmp_path / "secrets.yaml"
    secrets.write_text("pw: secret\n")
    open_config, hidden = "mqtt: {username: a, password: b}", "mqtt: {username: a, password: !secret pw}"
    pager = "people: {a: {outputs: [{type: pager, token: x}]}}"

    def warned(text: str, *, config_mode: int, secrets_mode: int) -> list[str]:
        config.write_text(text)
        config.chmod(config_mode)
        secrets.chmod(secrets_mode)
        return [f.file.rpartition("/")[2] for f in load(config, VOCABULARY, environ={}).warnings]

    assert warned(open_config, config_mode=0o644, secrets_mode=0o600) == ["config.yaml"]
    assert warned(pager, config_mode=0o644, secrets_mode=0o600) == ["config.yaml"]
    assert warned(hidden, config_mode=0o644, secrets_mode=0o644) == ["secrets.yaml"]
    assert warned(open_config, config_mode=0o640, secrets_mode=0o644) == []
    assert warned(hidden, config_mode=0o644, secrets_mode=0o640) == []
