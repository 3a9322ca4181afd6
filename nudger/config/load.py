"""From a config file to settings."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from pydantic import BaseModel, SecretStr, ValidationError

from nudger.config.checks import cross_faults
from nudger.config.faults import ConfigError, Fault
from nudger.config.hours import by_weekday
from nudger.config.options import ONLY_PERSON, ConfigOptions, PersonOptions, Vocabulary, config_model
from nudger.config.secrets import Secrets, read_capped, readable_by_others
from nudger.config.settings import MayLack, Person, Settings, SignalSource
from nudger.config.yaml_tree import Tree, read_tree
from nudger.config.zone import parse_zone, system_zone
from nudger.core.policy import SHOWS_SOMEBODY, Questions, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_HOURS: Final = "07:00-22:00"
"""Active hours where there is no config at all: a program nobody has set up yet must not wake anybody."""


def load(path: Path, vocabulary: Vocabulary, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read a config file.

    Raises ConfigError with everything that is wrong, sorted by line; nothing else.
    """
    secrets = Secrets(path, environ)
    try:
        content = read_capped(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "no such file"
        raise ConfigError([Fault(str(path), None, "", f"cannot be read: {reason}")]) from None
    tree = read_tree(content, str(path), secrets.tags)
    model = config_model(vocabulary)
    faults = [*tree.faults, *secrets.faults, *cross_faults(tree, vocabulary)]
    options: ConfigOptions | None = None
    if not tree.is_broken(()):
        try:
            options = model.model_validate(tree.data, context={"folder": path.parent})
        except ValidationError as error:
            from nudger.config.explain import explain  # noqa: PLC0415  (a config that is right needs no explaining)

            faults += explain(error, tree, model.model_json_schema())
    if faults or options is None:
        raise ConfigError(replace(fault, message=secrets.hide(fault.message)) for fault in faults)
    if readable_by_others(path) and set(_secrets_in(options)) - secrets.values:
        advice = (
            f"holds a password and can be read by every user of this computer: chmod 600 {path.name}, or use !secret"
        )
        secrets.warnings.append(Fault(str(path), None, "", advice))
    secrets.warnings += [*_blind(options, tree), *_lacking(options, tree)]
    return _settings(options, path, tuple(secrets.warnings), environ)


def default_settings(vocabulary: Vocabulary, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return what counts where there is no config: one person, timer mode, active 07:00-22:00, no MQTT."""
    options = config_model(vocabulary).model_validate({"people": {ONLY_PERSON: {"active_hours": DEFAULT_HOURS}}})
    return _settings(options, None, (), environ)


def _settings(
    options: ConfigOptions, path: Path | None, warnings: tuple[Fault, ...], environ: Mapping[str, str]
) -> Settings:
    return Settings(
        path=path,
        zone=parse_zone(options.time_zone) if options.time_zone else system_zone(environ),
        language=options.language,
        mqtt=options.mqtt,
        people={id_: _person(id_, person, options.language) for id_, person in options.people.items()},
        log_level=options.log_level,
        backups_keep=options.backups.keep,
        history_days=options.history.keep_days,
        warnings=warnings,
        travels=options.time_zone is None,
    )


def _person(id_: str, options: PersonOptions, language: str) -> Person:
    return Person(
        id=id_,
        name=options.name or id_,
        language=options.language or language,
        stage=options.stage,
        hours=by_weekday(options.active_hours) if options.active_hours is not None else None,
        window=Window(options.window.soft, options.window.hard) if options.window else None,
        snooze=options.snooze,
        budget=options.budget,
        standing_limit=options.standing_limit,
        office=options.office,
        floor_space=options.floor_space,
        contraindications=frozenset(options.contraindications),
        questions=Questions(options.checkins.ask, options.checkins.morning, options.checkins.evening),
        plan_at=options.plan_at,
        holidays=options.holidays,
        pre_notice=options.pre_notice,
        typing_grace=options.typing_grace,
        publish_health=options.publish_health,
        signals=cast("tuple[SignalSource, ...]", options.signals),
        outputs=options.outputs,
    )


def _blind(options: ConfigOptions, tree: Tree) -> Iterator[Fault]:
    """Yield a warning for everybody whose signals can never show that they are there."""
    for person, own in options.people.items():
        kinds = {signal.to_signal().kind for signal in cast("tuple[SignalSource, ...]", own.signals)}
        if kinds and kinds.isdisjoint(SHOWS_SOMEBODY):
            advice = (
                f"nothing here can show that somebody sits there, so no prompt ever comes: add a signal of kind "
                f"{', '.join(SHOWS_SOMEBODY[:-1])} or {SHOWS_SOMEBODY[-1]}, or leave all out to go by the clock"
            )
            yield tree.fault(("people", person, "signals"), advice)


def _lacking(options: ConfigOptions, tree: Tree) -> Iterator[Fault]:
    """Yield a warning for every output that cannot work until something is installed."""
    for person, own in options.people.items():
        for index, output in enumerate(own.outputs):
            if isinstance(output, MayLack) and (lacks := output.lacks()):
                yield tree.fault(("people", person, "outputs", index), f"says nothing yet: it needs {lacks}")


def _secrets_in(value: object) -> Iterator[str]:
    """The passwords and the like that the options hold, wherever they stand."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        yield from _secrets_in(tuple(vars(value).values()))
    elif isinstance(value, dict):
        yield from _secrets_in(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _secrets_in(part)
