"""Config files for the tests, with a vocabulary of their own: two outputs and the real signals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

import pytest
from pydantic import SecretStr, field_validator

from nudger.config.faults import ConfigError
from nudger.config.fields import Duration, Options, Topic
from nudger.config.load import load
from nudger.config.options import Vocabulary
from nudger.core.policy import LampPolicy
from nudger.sources.desktop.options import DesktopOptions
from nudger.sources.signal import SignalOptions

if TYPE_CHECKING:
    from pathlib import Path

    from nudger.config.settings import Person, Settings


class BulbOptions(Options):
    """A lamp with few options."""

    needs_mqtt: ClassVar[bool] = True

    type: Literal["bulb"]
    topic: Topic
    """Where it listens."""
    ambient: bool = False
    break_cue: bool = False

    def lamp_topic(self) -> str:
        return self.topic

    def lamp_policy(self) -> LampPolicy:
        return LampPolicy(ambient=self.ambient, break_cue=self.break_cue)


class PagerOptions(Options):
    """An output with a secret."""

    type: Literal["pager"]
    token: SecretStr | None = None
    repeat: Duration = timedelta(minutes=3)
    """How often it beeps."""

    @field_validator("token")
    @classmethod
    def _is_good(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and token.get_secret_value() == "hunter2":
            raise ValueError("must be a better one")
        return token


VOCABULARY = Vocabulary(
    outputs={"bulb": BulbOptions, "pager": PagerOptions},
    signals={"mqtt": SignalOptions, "desktop": DesktopOptions},
    languages=("en", "de"),
    stages=("gentle_start", "daily_walks", "steady"),
    contraindications=("knee", "hip", "neck"),
)


def read(folder: Path, text: str | bytes, **environ: str) -> Settings:
    config = folder / "config.yaml"
    config.write_bytes(text.encode() if isinstance(text, str) else text)
    config.chmod(0o600)
    return load(config, VOCABULARY, environ={"TZ": "UTC", **environ})


def faults_of(folder: Path, text: str | bytes, **environ: str) -> list[str]:
    """Return the faults as the user sees them, without the folder."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text, **environ)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def only(settings_: Settings) -> Person:
    (person,) = settings_.people.values()
    return person


def person(options: str) -> str:
    """Return a config with a broker and one person whose options stand from line 4 on."""
    indented = "".join(f"    {line}\n" for line in options.splitlines())
    return f"mqtt: {{}}\npeople:\n  alex:\n{indented}"


def signal(options: str) -> str:
    """Return a config with one signal, on line 5."""
    return person(f"signals:\n  - {{{options}}}")


def mqtt(options: str) -> str:
    return f"mqtt:\n  {options}\n"
