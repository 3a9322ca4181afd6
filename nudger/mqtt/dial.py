"""Opening the line to the broker off the event loop, and saying in plain words why it could not be opened.

A name lookup can block for 10 s and more, and no thread can be told to stop. So it runs in a daemon thread of its own:
the loop's thread pool would be waited for when the program ends.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from typing import TYPE_CHECKING, NoReturn

from nudger.mqtt.guard import log

if TYPE_CHECKING:
    from nudger.mqtt.settings import MqttSettings, TlsSettings

_CERTIFICATE_FAULTS = {
    7: "was not signed by a certificate authority in ca_file",
    9: "is not valid yet (is this computer's clock right?)",
    10: "has expired",
    18: "is self-signed and not in ca_file",
    19: "comes from a certificate authority that is not in ca_file",
    20: "comes from a certificate authority that is not in ca_file",
    21: "comes from a certificate authority that is not in ca_file",
    62: "is for another host name",
    64: "is for another IP address",
}
"""OpenSSL's verification results (x509_vfy.h) that people meet, in words that say what to mend."""


class DialError(Exception):
    """The line could not be opened; the text names the cause."""


def dial(settings: MqttSettings, limit_s: float) -> asyncio.Future[socket.socket]:
    """Open a connected socket to the broker, TLS included, in the background. The future fails with DialError.

    The future may be cancelled at any time; a socket that still comes is closed. ``limit_s`` is for each step after the
    name lookup, whose own limit is the system's.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[socket.socket] = loop.create_future()

    def deliver(outcome: socket.socket | DialError) -> None:
        if isinstance(outcome, DialError):
            if not future.done():
                future.set_exception(outcome)
        elif future.done():
            outcome.close()
        else:
            future.set_result(outcome)

    def work() -> None:
        outcome: socket.socket | DialError
        try:
            outcome = _open(settings, limit_s)
        except DialError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the loop waits for an answer from this thread
            outcome = DialError(f"cannot reach {settings.address}: {type(error).__name__}: {error}")
        try:
            loop.call_soon_threadsafe(deliver, outcome)
        except RuntimeError:  # the loop was closed while we were busy
            if not isinstance(outcome, DialError):
                outcome.close()

    threading.Thread(target=work, name="mqtt-dial", daemon=True).start()
    return future


def warn_if_insecure(settings: MqttSettings) -> None:
    """Say at every start that the broker's certificate is not looked at, if that was asked for."""
    if settings.tls and settings.tls.insecure:
        log.warning(
            "MQTT: tls.insecure is on: the certificate of %s is not checked, anybody may pose as it", settings.address
        )


def _open(settings: MqttSettings, limit_s: float) -> socket.socket:
    context = _tls_context(settings.tls) if settings.tls else None
    sock = _connect(settings, limit_s)
    # Several small packets for one event must not wait 40 ms for each other's acknowledgement.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if context is None:
        return sock
    try:
        return context.wrap_socket(sock, server_hostname=settings.host)
    except (OSError, ValueError) as error:
        raise DialError(_tls_fault(error, settings.address)) from None
    finally:
        sock.close()  # after a handshake the wrapped socket owns the connection, and this one is empty


def _connect(settings: MqttSettings, limit_s: float) -> socket.socket:
    where = settings.address
    try:
        return socket.create_connection((settings.host, settings.port), timeout=limit_s)
    except UnicodeError:  # a label of more than 63 characters, or an empty one
        raise DialError(f"{settings.host!r} is not a host name") from None
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise DialError(f"cannot look up host {settings.host!r}: no answer from the name server") from None
        raise DialError(f"unknown host {settings.host!r}") from None
    except ConnectionRefusedError:
        raise DialError(f"nothing listens on {where} (connection refused)") from None
    except TimeoutError:
        raise DialError(f"no answer from {where} (connection timed out)") from None
    except OSError as error:
        raise DialError(f"cannot reach {where}: {error.strerror or error}") from None


def _tls_context(tls: TlsSettings) -> ssl.SSLContext:
    """The context for one attempt: files that were replaced since the last one count at once."""
    try:
        for path in filter(None, (tls.ca_file, tls.cert_file, tls.key_file)):
            with path.open("rb"):  # the ssl module's own error does not name the file
                pass
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.cert_file:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=_no_passphrase)
    except ssl.SSLError as error:
        raise DialError(f"mqtt.tls: ca_file, cert_file or key_file is not usable: {error.reason or error}") from None
    except OSError as error:
        raise DialError(f"mqtt.tls: cannot read {error.filename}: {error.strerror}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _no_passphrase() -> NoReturn:
    raise DialError("mqtt.tls: key_file is encrypted; nudger needs a key without a passphrase")


def _tls_fault(error: OSError | ValueError, where: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _CERTIFICATE_FAULTS.get(error.verify_code, f"is not trusted: {error.verify_message}")
        return f"the certificate of {where} {fault}"
    if isinstance(error, TimeoutError):
        return f"{where} does not answer the TLS greeting; is it a port without TLS?"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        return f"{where} closed the connection at the TLS greeting; is it a port without TLS?"
    if isinstance(error, ssl.SSLError):
        if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return f"{where} does not speak TLS; is it a port without TLS?"
        if error.reason and "ALERT" in error.reason:
            return f"{where} refused the TLS handshake ({error.reason}); does it ask for a client certificate?"
        return f"TLS with {where} failed: {error.reason or error}"
    return f"TLS with {where} failed: {error}"
