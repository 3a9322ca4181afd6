"""A real mosquitto for one test: private, on a free loopback port, ended by its own process id."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"))
"""Debian puts the broker where only root's PATH looks."""

_START_LIMIT_S = 10.0


def requires_mosquitto() -> str:
    """The path of mosquitto. Without one the test is skipped with the reason; in CI (CI=true) it fails."""
    program = shutil.which("mosquitto", path=_PLACES)
    if program is None:
        reason = "mosquitto is not installed: these tests need a real MQTT broker"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def free_port() -> int:
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in PEM files."""

    cert: Path
    key: Path


class CertificateAuthority:
    """A certificate authority of our own, made with openssl."""

    def __init__(self, directory: Path) -> None:
        """Make the authority's own certificate under ``directory``."""
        self._dir = directory
        directory.mkdir(parents=True)
        (directory / "index").touch()
        (directory / "serial").write_text("01\n")
        (directory / "openssl.cnf").write_text(
            "[ca]\ndefault_ca = own\n[own]\n"
            f"database = {directory}/index\nserial = {directory}/serial\nnew_certs_dir = {directory}\n"
            "default_md = sha256\npolicy = any\nunique_subject = no\n"
            "[any]\ncommonName = supplied\n"
            "[req]\ndistinguished_name = none\n[none]\n"
            "[authority]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n"
            "subjectKeyIdentifier = hash\n"
        )
        self.root = self._key("ca")
        self._openssl(
            "req", "-new", "-x509", "-key", self.root.key, "-out", self.root.cert, "-days", "30",
            "-subj", "/CN=Test Authority", "-extensions", "authority",
        )  # fmt: skip

    def issue(
        self, name: str, host: str = "localhost", *, start: str = "20200101", end: str = "20491231"
    ) -> Certificate:
        """A certificate for ``host``, valid from ``start`` to ``end`` (YYYYMMDD, UTC)."""
        certificate = self._key(name)
        request = self._dir / f"{name}.csr"
        extensions = self._dir / f"{name}.ext"
        extensions.write_text(
            f"subjectAltName = DNS:{host}\nbasicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n"
            "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
        )
        self._openssl("req", "-new", "-key", certificate.key, "-out", request, "-subj", f"/CN={host}")
        self._openssl(
            "ca", "-batch", "-notext", "-in", request, "-out", certificate.cert, "-cert", self.root.cert,
            "-keyfile", self.root.key, "-startdate", f"{start}000000Z", "-enddate", f"{end}000000Z",
            "-extfile", extensions,
        )  # fmt: skip
        return certificate

    def _key(self, name: str) -> Certificate:
        certificate = Certificate(self._dir / f"{name}.crt", self._dir / f"{name}.key")
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", certificate.key, config=False)
        return certificate

    def _openssl(self, command: str, *args: str | Path, config: bool = True) -> None:
        settings = ["-config", str(self._dir / "openssl.cnf")] if config else []
        done = subprocess.run(["openssl", command, *settings, *args], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"openssl {command}: {done.stderr}"


class Mosquitto:
    """One mosquitto process, its files under ``directory``. As a context manager it starts and stops.

    ``users`` maps names to passwords and forbids anonymous clients; ``acl`` is the text of an acl_file;
    ``certificate`` makes the listener TLS, and with ``client_ca`` it asks clients for a certificate of that authority.
    """

    def __init__(
        self,
        directory: Path,
        *,
        persistence: bool = False,
        users: Mapping[str, str] | None = None,
        acl: str | None = None,
        certificate: Certificate | None = None,
        client_ca: Certificate | None = None,
        max_packet_size: int | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        """Write the configuration; `start` starts."""
        self._program = requires_mosquitto()
        self._dir = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        lines = [
            # Started as root, mosquitto would become a user who cannot read a test's directory.
            f"user {getpass.getuser()}",
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {'false' if users else 'true'}",
            f"log_dest file {directory}/log",
            "log_type all",
            "set_tcp_nodelay true",
        ]
        if persistence:
            lines += ["persistence true", f"persistence_location {directory}/"]
        if users:
            lines.append(f"password_file {self.set_users(users)}")
        if acl is not None:
            (directory / "acl").write_text(acl)
            (directory / "acl").chmod(0o600)
            lines.append(f"acl_file {directory}/acl")
        if certificate:
            lines += [f"certfile {certificate.cert}", f"keyfile {certificate.key}"]
        if client_ca:
            lines += [f"cafile {client_ca.cert}", "require_certificate true"]
        if max_packet_size is not None:
            lines.append(f"max_packet_size {max_packet_size}")
        (directory / "mosquitto.conf").write_text("\n".join([*lines, *extra, ""]))

    def set_users(self, users: Mapping[str, str]) -> Path:
        """Write the password file; a running broker reads it on `reload`."""
        passwords = self._dir / "passwords"
        passwords.write_text("".join(f"{name}:{password}\n" for name, password in users.items()))
        passwords.chmod(0o600)
        hasher = shutil.which("mosquitto_passwd", path=_PLACES)
        assert hasher, "mosquitto is there, but mosquitto_passwd is not"
        subprocess.run([hasher, "-U", passwords], check=True, capture_output=True)
        return passwords

    @property
    def pid(self) -> int:
        """The broker's process id."""
        assert self._process, "the broker is not running"
        return self._process.pid

    @property
    def log(self) -> str:
        """What the broker has logged so far."""
        path = self._dir / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start, and return when the port accepts connections."""
        assert self._process is None, "the broker is running already"
        self._process = subprocess.Popen(
            [self._program, "-c", self._dir / "mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_LIMIT_S
        while True:
            assert self._process.poll() is None, f"mosquitto ended at once:\n{self.log}"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "mosquitto does not accept connections"
                time.sleep(0.01)
            else:
                return

    def stop(self) -> None:
        """End it as a service manager would (SIGTERM): persistence is written. Does nothing if it is not running."""
        self._end(signal.SIGTERM)

    def kill9(self) -> None:
        """End it without a chance to write anything."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()

    def suspend(self) -> None:
        """Stop it from running (SIGSTOP); its connections stay, silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def reload(self) -> None:
        """Make it read its certificates and password file again (SIGHUP)."""
        os.kill(self.pid, signal.SIGHUP)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, whatever happened."""
        self.stop()
