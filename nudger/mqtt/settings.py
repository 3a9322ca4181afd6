"""What an MQTT connection is told, how patient it is, and how it says it is doing. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

ProtocolVersion = Literal["5", "3.1.1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Encryption. Without ``ca_file`` the system's certificate authorities are trusted.

    ``cert_file`` and ``key_file`` (PEM, not encrypted) are for brokers that ask for a client certificate.
    ``insecure`` accepts any certificate: the line is encrypted, but nobody checks who is at its other end.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """Which broker, as whom, and under which base topic. The password is in no repr."""

    host: str
    client_id: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    base_topic: str = "nudger"
    keepalive_s: int = 60
    tls: TlsSettings | None = None
    protocol: Literal["auto"] | ProtocolVersion = "auto"

    @property
    def status_topic(self) -> str:
        """Where ``online`` and ``offline`` are published, retained; the broker says ``offline`` when we vanish."""
        return f"{self.base_topic}/status"

    @property
    def address(self) -> str:
        """The broker as people write it, for log lines."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttTiming:
    """How long the connection waits for what, in seconds. The defaults are for people; tests take shorter ones."""

    connect_s: float = 10.0
    """For the TCP connection, and again for each step of the TLS handshake."""
    connack_s: float = 10.0
    """For the broker's answer to our greeting; a broker that does not know MQTT 5 may stay silent."""
    backoff_s: tuple[float, ...] = (1.0, 2.0, 4.0, 5.0)
    """Between attempts; the last one repeats. A broker that is back is found within 5 s."""
    refused_backoff_s: tuple[float, float] = (30.0, 60.0)
    """From..to, after a refusal that only a person can mend: some brokers lock out who asks too often."""
    short_life_s: float = 10.0
    """A link that ends sooner does not count as recovered."""
    poison_s: float = 2.0
    """A message is suspected when the link dies within this time of sending it."""
    echo_s: float = 10.0
    """For our own ``online`` to come back."""
    check_s: float = 5.0
    """For the broker to answer when asked on purpose; a network that wakes up may need a moment."""
    farewell_s: float = 2.0
    """For the broker to take the last messages and ``offline`` when we stop."""
    repeat_s: float = 600.0
    """A log line that would repeat is said again no sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttHealth:
    """How the connection is doing. ``since`` and ``last_pong`` are seconds of `time.monotonic`.

    ``last_pong`` is when the broker last answered us: a PINGRESP, or an acknowledgement, which proves as much.
    ``dropped`` counts messages in both directions, ``errors`` exceptions in the handlers that were given to us.
    ``degraded`` says in plain words what does not work although the link is up.
    """

    connected: bool
    protocol: ProtocolVersion
    since: float | None
    last_pong: float | None
    reconnects: int
    dropped: int
    errors: int
    last_error: str | None
    degraded: str | None
