"""Encrypted MQTT: what connects, and what is said when it does not."""

from __future__ import annotations

import logging
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from broker import Certificate, CertificateAuthority, Mosquitto
from mqtt_rig import FakeBroker, Rig, eventually, in_loop

from nudger.mqtt import TlsSettings

if TYPE_CHECKING:
    from pathlib import Path


class Pki:
    """An authority that our client trusts, one that it does not, and broker certificates good and bad."""

    def __init__(self, directory: Path) -> None:
        self.ours = CertificateAuthority(directory / "ours")
        self.good = self.ours.issue("good")
        self.others = CertificateAuthority(directory / "others")
        self.bad = {
            "expired": self.ours.issue("expired", end="20210101"),
            "not yet": self.ours.issue("not-yet", start="20481231"),
            "wrong host": self.ours.issue("wrong-host", host="elsewhere.example"),
            "unknown authority": self.others.issue("foreign"),
        }
        self.trust = TlsSettings(ca_file=self.ours.root.cert)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@in_loop
async def test_a_good_certificate_connects(tmp_path: Path, pki: Pki) -> None:
    with Mosquitto(tmp_path, certificate=pki.good) as broker:
        rig = Rig(broker.port, tls=pki.trust)
        rig.connection.set_subscriptions({"x": 0})
        async with rig:
            await rig.up()
            for size in (60_000, 1, 30_000):
                rig.publish("x", b"x" * size)
            await eventually(lambda: [len(payload) for _, payload, _ in rig.messages] == [60_000, 1, 30_000])


@in_loop
async def test_messages_that_share_a_tls_record_all_arrive(pki: Pki) -> None:
    # Decrypted together, the later ones wait where the loop cannot see them.
    together = b"\x90\x03\x00\x01\x01" + b"".join(b"\x30\x04\x00\x01x%d" % number for number in range(5))

    def answer(packet: bytes) -> bytes:
        return {0x10: b"\x20\x02\x00\x00", 0x82: together}.get(packet[0], b"")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.good.cert, pki.good.key)
    with FakeBroker(answer, context) as fake:
        rig = Rig(fake.port, tls=pki.trust, protocol="3.1.1")
        rig.connection.set_subscriptions({"x": 0})
        async with rig:
            await eventually(lambda: [payload for _, payload, _ in rig.messages] == [b"0", b"1", b"2", b"3", b"4"])


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("expired", "the certificate of {where} has expired"),
        ("not yet", "the certificate of {where} is not valid yet (is this computer's clock right?)"),
        ("wrong host", "the certificate of {where} is for another host name"),
        ("unknown authority", "the certificate of {where} comes from a certificate authority that is not in ca_file"),
    ],
)
@in_loop
async def test_a_bad_certificate_is_named_until_it_is_replaced(
    tmp_path: Path, pki: Pki, fault: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    installed = Certificate(tmp_path / "cert", tmp_path / "key")

    def install(certificate: Certificate) -> None:
        installed.cert.write_bytes(certificate.cert.read_bytes())
        installed.key.write_bytes(certificate.key.read_bytes())

    install(pki.bad[fault])
    with Mosquitto(tmp_path, certificate=installed) as broker:
        async with Rig(broker.port, tls=pki.trust) as rig:
            await eventually(lambda: rig.links)
            install(pki.good)
            broker.reload()
            await rig.up()
        told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert told == [f"MQTT: {cause.format(where=f'localhost:{broker.port}')}; going on trying"]


@in_loop
async def test_a_port_without_tls_is_named(tmp_path: Path, pki: Pki) -> None:
    with Mosquitto(tmp_path) as broker:
        async with Rig(broker.port, tls=pki.trust) as rig:
            await eventually(lambda: rig.links)
    assert "is it a port without TLS?" in rig.links[0][1]


@in_loop
async def test_a_port_with_tls_is_named(tmp_path: Path, pki: Pki) -> None:
    with Mosquitto(tmp_path, certificate=pki.good) as broker:
        async with Rig(broker.port) as rig:
            await eventually(lambda: rig.links)
    assert rig.links[0][1].endswith("closed the connection without an answer; is it a port with TLS?")


@in_loop
async def test_a_client_certificate_is_asked_for_and_used(tmp_path: Path, pki: Pki) -> None:
    own = pki.ours.issue("client", host="nudger.example")
    with Mosquitto(tmp_path, certificate=pki.good, client_ca=pki.ours.root) as broker:
        async with Rig(broker.port, tls=pki.trust) as without:
            await eventually(lambda: without.links)
        assert "client certificate" in without.links[0][1]
        with_own = TlsSettings(ca_file=pki.ours.root.cert, cert_file=own.cert, key_file=own.key)
        async with Rig(broker.port, tls=with_own) as rig:
            await rig.up()


@in_loop
async def test_insecure_connects_to_anybody_and_says_so(
    tmp_path: Path, pki: Pki, caplog: pytest.LogCaptureFixture
) -> None:
    with Mosquitto(tmp_path, certificate=pki.bad["unknown authority"]) as broker:
        async with Rig(broker.port, tls=TlsSettings(insecure=True)) as rig:
            await rig.up()
    assert caplog.messages[0].startswith("MQTT: tls.insecure is on")


@pytest.mark.parametrize(
    ("option", "content", "cause"),
    [
        ("ca_file", None, "cannot read {path}: No such file or directory"),
        ("ca_file", "not a certificate", "ca_file, cert_file or key_file is not usable"),
        ("cert_file", "not a certificate", "ca_file, cert_file or key_file is not usable"),
    ],
)
@in_loop
async def test_an_unusable_file_is_named(tmp_path: Path, option: str, content: str | None, cause: str) -> None:
    path = tmp_path / "file.pem"
    if content is not None:
        path.write_text(content)
    files: dict[str, Any] = {option: path}
    async with Rig(1, tls=TlsSettings(**files)) as rig:
        await eventually(lambda: rig.links)
    assert cause.format(path=path) in rig.links[0][1]


@in_loop
async def test_an_encrypted_key_is_refused_without_asking_at_the_terminal(tmp_path: Path, pki: Pki) -> None:
    own = pki.ours.issue("locked")
    locked = tmp_path / "locked.key"
    pki.ours._openssl("ec", "-in", own.key, "-aes256", "-passout", "pass:x1x2", "-out", locked, config=False)
    async with Rig(1, tls=TlsSettings(cert_file=own.cert, key_file=locked)) as rig:
        await eventually(lambda: rig.links)
    assert "key_file is encrypted; nudger needs a key without a passphrase" in rig.links[0][1]
