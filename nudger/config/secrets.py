"""The values that stand elsewhere: ``!secret NAME``, ``!env_var NAME [default]``, ``!credential NAME``."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nudger.config.faults import Fault
from nudger.config.yaml_tree import MAX_BYTES, Tree, read_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRETS_FILE: Final = "secrets.yaml"
_TELLING: Final = 4
"""Shorter values are syllables of ordinary words; to cross them out would only make messages unreadable."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.@:-]{1,128}")


class Secrets:
    """Looks values up and remembers which they were, so that no message ever shows one.

    ``faults`` and ``warnings`` tell of the secrets file itself. Messages name the secret, never its value.
    """

    def __init__(self, config: Path, environ: Mapping[str, str]) -> None:
        self._file = config.parent / SECRETS_FILE
        self._environ = environ
        self._values: set[str] = set()
        self._tree: Tree | None = None
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    @property
    def tags(self) -> Mapping[str, Callable[[str], str]]:
        """The tags a config may use, as `read_tree` wants them."""
        return {"!secret": self._secret, "!env_var": self._env_var, "!credential": self._credential}

    @property
    def values(self) -> frozenset[str]:
        """Every value handed out so far."""
        return frozenset(self._values)

    def hide(self, text: str) -> str:
        """Return the text with every value that was handed out made unreadable, very short ones only in quotes."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(repr(value), "'***'")
            if len(value) >= _TELLING:
                text = text.replace(value, "***")
        return text

    def _secret(self, name: str) -> str:
        _check_name("!secret", name)
        secrets = self._read_file()
        if secrets is not None and name in secrets.data:
            value = secrets.data[name]
            if not isinstance(value, str) or not value:
                raise ValueError(f"secret {name!r} in {SECRETS_FILE} is not a text")
            return self._remember(value)
        if (credential := self._read_credential(name)) is not None:
            return self._remember(credential)
        raise ValueError(f"secret {name!r} is neither in {self._file} nor a systemd credential")

    def _env_var(self, text: str) -> str:
        name, *default = text.split(maxsplit=1) or [""]
        _check_name("!env_var", name)
        if name in self._environ:
            return self._remember(self._environ[name])
        if default:
            return default[0]
        raise ValueError(f"environment variable {name!r} is not set; a default may follow its name")

    def _credential(self, name: str) -> str:
        _check_name("!credential", name)
        value = self._read_credential(name)
        if value is None:
            raise ValueError(f"there is no systemd credential {name!r} (LoadCredential= in the unit)")
        return self._remember(value)

    def _remember(self, value: str) -> str:
        if value:
            self._values.add(value)
        return value

    def _read_file(self) -> Tree | None:
        if self._tree is None and self._file.exists():
            try:
                content = read_capped(self._file)
            except OSError as error:
                self.faults.append(Fault(str(self._file), None, "", f"cannot be read: {error.strerror}"))
                content = b""
            self._tree = read_tree(content, str(self._file), all_text=True)
            self._tree.data = self._tree.data or {}
            self.faults += self._tree.faults
            if readable_by_others(self._file):
                advice = f"can be read by every user of this computer: chmod 600 {SECRETS_FILE}"
                self.warnings.append(Fault(str(self._file), None, "", advice))
        return self._tree

    def _read_credential(self, name: str) -> str | None:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if not folder or name in {".", ".."}:
            return None
        try:
            return read_capped(Path(folder) / name).decode().rstrip("\r\n")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"systemd credential {name!r} cannot be read as text") from None


def read_capped(path: Path) -> bytes:
    """Read a file, at most one byte more than `read_tree` accepts; OSError as `open` raises it."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def readable_by_others(path: Path) -> bool:
    """Tell whether users outside the file's group may read it."""
    return bool(os.stat(path).st_mode & stat.S_IROTH)  # noqa: PTH116


def _check_name(tag: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{tag} needs a name of letters, digits and _")
