"""Push messages through real sockets: to servers that speak ntfy's, Gotify's and a webhook's protocol, and fail."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from channel_rig import message, warned
from mqtt_rig import eventually, in_loop
from push_rig import PushServer
from pydantic import ValidationError

from nudger.core.effects import Announce
from nudger.library import load_language
from nudger.outputs import push, push_answers, push_home_assistant, push_ntfy
from nudger.outputs.channel import Button, Channel, ChannelError, Message
from nudger.outputs.messages import message_of
from nudger.outputs.push import PushOptions
from nudger.outputs.push_targets import MOST_ROUNDS
from nudger.outputs.quota import Quota
from nudger.outputs.worker import Timing, Worker

CANARY = "canarytopic12345"
ADDRESSES = {
    "ntfy": f"ntfy://user:secretpassword@127.0.0.1:{{port}}/{CANARY}",
    "gotify": "gotify://127.0.0.1:{port}/Acanarytokenx12",
    "webhook": "json://user:secretpassword@127.0.0.1:{port}/hook",
}
BUTTONS = (
    Button("Erledigt", "done", {"id": "alex-1"}),
    Button("Später", "snooze", {"id": "alex-1"}),
    Button("Pause", "pause"),
)


@pytest.fixture
def server() -> Iterator[PushServer]:
    with PushServer() as made:
        yield made


class Answers:
    """Keeps the answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, command: str, data: Mapping[str, Any]) -> None:
        self.heard.append((command, dict(data)))


def options(kind: str, server: PushServer, **others: Any) -> PushOptions:
    return PushOptions.model_validate({"type": "push", "url": ADDRESSES[kind].format(port=server.port), **others})


def open_(kind: str, server: PushServer, answer: Answers | None = None, **others: Any) -> Channel:
    return options(kind, server, **others).open(answer or Answers())


def shown(kind: str, server: PushServer) -> list[tuple[str, str]]:
    """Return titles and texts as the server has heard them."""
    texts = []
    for request in server.heard:
        if request.method != "POST":
            continue
        body = request.json
        if kind == "ntfy":
            assert request.path == "/"
            assert body["topic"] == CANARY
            assert request.headers["Authorization"].startswith("Basic ")
        elif kind == "gotify":
            assert request.path == "/message"
            assert request.headers["X-Gotify-Key"] == "Acanarytokenx12"
        texts.append((body["title"], body["message"]))
    return texts


EVERY_KIND = pytest.mark.parametrize("kind", ADDRESSES)


@EVERY_KIND
@in_loop
async def test_a_message_arrives(kind: str, server: PushServer) -> None:
    channel = open_(kind, server)
    await channel.show(message(title="Walk a little", body="Zur Tür & zurück <b>."))
    assert shown(kind, server) == [("Walk a little", "Zur Tür & zurück <b>.")]
    await channel.close()


@EVERY_KIND
@pytest.mark.parametrize(
    ("status", "text", "passes"),
    [
        (429, "HTTP 429: too many requests", True),
        (500, "HTTP 500: internal server error", True),
        (401, "HTTP 401: unauthorized; the token or password in its address is wrong, or no longer counts", False),
        (404, "HTTP 404: not found", False),
    ],
)
@in_loop
async def test_a_refusal_is_named_and_judged(
    kind: str, server: PushServer, status: int, text: str, passes: bool
) -> None:
    channel = open_(kind, server)
    server.statuses = [status]
    with pytest.raises(ChannelError) as caught:
        await channel.show(message())
    assert (str(caught.value), caught.value.passes) == (text, passes)
    await channel.show(message())
    assert len(server.heard) == 2
    await channel.close()


@EVERY_KIND
@in_loop
async def test_a_server_that_is_not_there_is_named_without_a_secret(
    kind: str, server: PushServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = open_(kind, server)
    server.__exit__()
    with pytest.raises((ChannelError, OSError)) as caught:
        await channel.show(message())
    reason = f"{caught.value} {getattr(caught.value, 'strerror', '')}"
    assert "Connect" in reason or reason.startswith("cannot be reached")
    assert not getattr(caught.value, "unsure", False)
    assert not any(word in reason + caplog.text for word in ("secret", "canary", "hook"))
    await channel.close()


@EVERY_KIND
@in_loop
async def test_a_server_that_hangs_is_left_and_tried_again(
    kind: str, server: PushServer, caplog: pytest.LogCaptureFixture
) -> None:
    channel = open_(kind, server)
    worker = Worker("push", channel, lambda _: None, Timing(limit_s=0.3, backoff_s=(0.05,), farewell_s=1.0))
    server.hangs.set()
    worker.show(message())
    await eventually(lambda: worker.trouble)
    assert warned(caplog)[0] == "output push: timeout after 0.3 s"
    server.hangs.clear()
    heard = len(server.heard)
    await eventually(lambda: worker.trouble is None, within_s=15)
    assert len(server.heard) > heard or kind != "ntfy"
    before = time.monotonic()
    await worker.close()
    assert time.monotonic() - before < 2


@EVERY_KIND
@in_loop
async def test_nothing_of_the_address_is_logged(
    kind: str, server: PushServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = open_(kind, server)
    worker = Worker("push", channel, lambda _: None, Timing(limit_s=5.0, backoff_s=(0.02,)))
    server.statuses = [500, 403]
    worker.show(message())
    await eventually(lambda: len(server.heard) == 2)
    worker.show(message("alex-2"))
    await eventually(lambda: worker.trouble is None and len(server.heard) >= 3)
    await worker.close()
    written = "".join((caplog.text, *capfd.readouterr(), repr(channel.__dict__ if kind == "ntfy" else "")))
    assert "output push: HTTP 403: forbidden" in written
    assert "works again" in written
    assert not any(word in written for word in ("secretpassword", "Acanarytoken", "dXNlcj"))
    assert kind == "ntfy" or CANARY not in written


# --- ntfy ------------------------------------------------------------------------------------------------------------


def prompt(id_: str = "alex-1", **others: Any) -> Message:
    return message(id_, buttons=BUTTONS, **others)


def actions(server: PushServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.bodies(lambda heard: heard.path == "/")[-1]["actions"]
    return found


@in_loop
async def test_ntfy_replaces_a_message_and_takes_it_away(server: PushServer) -> None:
    channel = open_("ntfy", server)
    await channel.show(prompt())
    await channel.show(prompt(level=1, repeated=True))
    await channel.withdraw("alex-1", "up")
    first, second, gone = server.heard
    assert first.json["sequence_id"] == second.json["sequence_id"] == "alex-1"
    assert (first.json["priority"], second.json["priority"]) == (3, 4)
    assert (gone.method, gone.path) == ("DELETE", f"/{CANARY}/alex-1")
    await channel.close()


@in_loop
async def test_an_old_ntfy_server_is_not_asked_again_to_take_away(server: PushServer) -> None:
    channel = open_("ntfy", server)
    server.statuses = [404]
    await channel.withdraw("alex-1", "up")
    await channel.withdraw("alex-2", "up")
    assert len(server.heard) == 1
    await channel.close()


@in_loop
async def test_an_ntfy_server_that_fails_to_take_away_is_asked_again(server: PushServer) -> None:
    channel = open_("ntfy", server)
    server.statuses = [503]
    with pytest.raises(ChannelError, match="HTTP 503"):
        await channel.withdraw("alex-1", "up")
    await channel.withdraw("alex-1", "up")
    assert len(server.heard) == 2
    await channel.close()


@in_loop
async def test_a_button_answers_once(server: PushServer) -> None:
    answers = Answers()
    channel = open_("ntfy", server, answers)
    await channel.show(prompt())
    done, snooze, pause = actions(server)
    assert [action["label"] for action in (done, snooze, pause)] == ["Erledigt", "Später", "Pause"]
    assert snooze["url"] == f"http://127.0.0.1:{server.port}/{CANARY}-answers"
    await eventually(lambda: server.streams == 1)
    for text in ("guess", snooze["body"], snooze["body"], done["body"]):
        server.say(f"{CANARY}-answers", text)
    server.say("elsewhere", pause["body"])
    await eventually(lambda: answers.heard)
    await channel.show(prompt("alex-2"))
    server.say(f"{CANARY}-answers", actions(server)[2]["body"])
    await eventually(lambda: len(answers.heard) == 2)
    assert answers.heard == [("snooze", {"id": "alex-1"}), ("pause", {})]
    await channel.close()


@in_loop
async def test_a_check_in_is_answered_from_the_phone_where_it_may_be(server: PushServer) -> None:
    data = {"when": "evening", "date": "2026-11-23", "asks": ["pain"], "reminder": False, "last": 4}
    due = message_of(Announce("checkin_due", data), "alex", load_language("en"))
    assert due is not None
    answers = Answers()
    channel, asked = open_("ntfy", server, answers), options("ntfy", server)
    await channel.show(asked.fitted(due))
    assert "actions" not in server.bodies()[-1]
    await channel.show(options("ntfy", server, health=True).fitted(due))
    same, less, more = actions(server)
    assert [each["label"] for each in (same, less, more)] == ["Same (4)", "One less (3)", "One more (5)"]
    assert all(each["body"] not in ("checkin", "3") for each in (same, less, more))
    await eventually(lambda: server.streams == 1)
    server.say(f"{CANARY}-answers", less["body"])
    await eventually(lambda: answers.heard == [("checkin", {"pain": 3, "when": "evening", "date": "2026-11-23"})])
    await channel.close()


@in_loop
async def test_a_button_of_a_message_that_was_taken_away_does_nothing(server: PushServer) -> None:
    answers = Answers()
    channel = open_("ntfy", server, answers)
    await channel.show(prompt())
    late = actions(server)[0]["body"]
    await channel.withdraw("alex-1", "up")
    await channel.show(prompt("alex-2"))
    server.say(f"{CANARY}-answers", late)
    server.say(f"{CANARY}-answers", actions(server)[1]["body"])
    await eventually(lambda: answers.heard)
    assert answers.heard == [("snooze", {"id": "alex-1"})]
    await channel.close()


@in_loop
async def test_answers_are_heard_again_after_the_link_was_cut(
    server: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_answers, "REDIAL_S", (0.02, 0.02))
    answers = Answers()
    channel = open_("ntfy", server, answers)
    await channel.show(prompt())
    await eventually(lambda: server.streams == 1)
    server.cut_streams()
    server.say(f"{CANARY}-answers", actions(server)[0]["body"])  # while nobody listens: the server keeps it
    await eventually(lambda: answers.heard == [("done", {"id": "alex-1"})])
    await channel.close()


@in_loop
async def test_a_server_where_answers_cannot_be_heard_is_told_of_once(
    server: PushServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(push_answers, "REDIAL_S", (0.01,))
    caplog.set_level(logging.INFO, "nudger")
    answers = Answers()
    channel = open_("ntfy", server, answers)
    port = server.port
    await channel.show(prompt())
    await eventually(lambda: server.streams == 1)
    server.__exit__()
    await eventually(lambda: warned(caplog))
    await asyncio.sleep(0.2)
    assert len(warned(caplog)) == 1
    assert warned(caplog)[0].startswith("answers by way of 127.0.0.1 cannot be heard: ")
    assert CANARY not in caplog.text
    assert str(port)
    await channel.close()


@in_loop
async def test_a_server_that_lets_nobody_listen_is_not_asked_until_the_next_message(
    server: PushServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(push_answers, "REDIAL_S", (0.01,))
    answers = Answers()
    channel = open_("ntfy", server, answers)
    server.stream_status = 403
    await channel.show(prompt())
    await eventually(lambda: warned(caplog) == ["answers by way of 127.0.0.1 cannot be heard: HTTP 403: forbidden"])
    await asyncio.sleep(0.2)
    assert server.streams == 1
    server.stream_status = 200
    await channel.show(prompt("alex-2"))
    await eventually(lambda: server.streams == 2)
    server.say(f"{CANARY}-answers", actions(server)[0]["body"])
    await eventually(lambda: answers.heard)
    await channel.close()


@in_loop
async def test_a_fault_that_nobody_foresaw_does_not_end_the_listening(
    server: PushServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(push_answers, "REDIAL_S", (0.01,))
    heard: list[str] = []
    faults = [ZeroDivisionError(CANARY), ZeroDivisionError(CANARY)]

    def answer(command: str, _: Mapping[str, Any]) -> None:
        if faults:
            raise faults.pop()
        heard.append(command)

    channel = options("ntfy", server).open(answer)
    words = []
    for id_ in ("alex-1", "alex-2", "alex-3"):
        await channel.show(prompt(id_))
        words.append(actions(server)[0]["body"])
    for word in words:
        left = len(faults)
        server.say(f"{CANARY}-answers", word)
        await eventually(lambda left=left: len(faults) < left or heard)  # type: ignore[misc]  # a default binds the loop's
    assert heard == ["done"]
    (line,) = warned(caplog)
    assert line.startswith("answers by way of 127.0.0.1: listening ")
    assert "failed (ZeroDivisionError in answer, line" in line
    assert CANARY not in line
    await channel.close()


@in_loop
async def test_without_buttons_nobody_listens(server: PushServer) -> None:
    channel = open_("ntfy", server, buttons=False)
    await channel.show(prompt())
    assert "actions" not in server.heard[0].json
    assert server.streams == 0
    await channel.close()


def ntfy_of(url: str, public_url: str | None = None) -> push_ntfy.Ntfy:
    read = push_ntfy.ntfy_of(push._plugin(url), public_url)
    assert read is not None
    return read


def test_addresses_of_ntfy_are_read_as_apprise_does() -> None:
    cloud = ntfy_of("ntfy://my-topic")
    assert (cloud.server.url, cloud.topics, cloud.answer_topic) == (
        "https://ntfy.sh",
        ("my-topic",),
        "my-topic-answers",
    )
    own = ntfy_of("ntfys://tk_secret@ntfy.example.org/a/b?priority=high&click=https://x.example/", "https://n.example")
    assert (own.server.url, own.topics, own.public_url, own.priority) == (
        "https://ntfy.example.org",
        ("a", "b"),
        "https://n.example",
        4,
    )
    assert own.server.headers == {"Authorization": "Bearer tk_secret"}
    assert own.extra == {"click": "https://x.example/"}
    assert "tk_secret" not in repr(own)
    assert ntfy_of("ntfys://host/t?verify=no").server.verify is False
    assert len(ntfy_of("ntfy://" + "x" * 64).answer_topic) == 64


# --- Home Assistant's app -------------------------------------------------------------------------------------------


@in_loop
async def test_home_assistant_notifies_replaces_takes_away_and_hears_the_answer(server: PushServer) -> None:
    answers = Answers()
    url = f"hassio://127.0.0.1:{server.port}/{CANARY}?to=mobile_app_phone,mobile_app_tablet"
    channel = PushOptions.model_validate({"type": "push", "url": url}).open(answers)
    await channel.show(prompt())
    first, second = server.heard
    assert [heard.path for heard in (first, second)] == [
        "/api/services/notify/mobile_app_phone",
        "/api/services/notify/mobile_app_tablet",
    ]
    assert first.headers["Authorization"] == f"Bearer {CANARY}"
    assert (first.json["title"], first.json["message"]) == ("Up", "Walk to the door.")
    assert first.json["data"]["tag"] == "alex-1"
    done, snooze, _ = first.json["data"]["actions"]
    assert (done["title"], snooze["title"]) == ("Erledigt", "Später")
    await eventually(lambda: server.streams == 1)
    for word in ("guess", snooze["action"], snooze["action"], done["action"]):
        server.say("api", word)
    await eventually(lambda: answers.heard)
    await channel.withdraw("alex-1", "up")
    assert server.heard[-1].json == {"message": "clear_notification", "data": {"tag": "alex-1"}}
    assert answers.heard == [("snooze", {"id": "alex-1"})]
    await channel.close()


@pytest.mark.parametrize(
    "url",
    [
        "hassio://127.0.0.1/token",  # a note on the dashboard
        "hassio://127.0.0.1/token?to=mobile_app_x,script.wake",
        "hassio://user:password@127.0.0.1/token?to=mobile_app_x",
        "json://127.0.0.1/",
    ],
)
def test_what_is_not_for_phones_alone_is_left_to_apprise(url: str) -> None:
    channel = PushOptions.model_validate({"type": "push", "url": url}).open(Answers())
    assert isinstance(channel, push.AppriseChannel)


@pytest.mark.parametrize("line", [b"data: ping", b"data: {", b"data: 7", b'data: {"data": 7}', b": comment", b"{}"])
def test_other_lines_of_home_assistant_are_no_answers(line: bytes) -> None:
    assert push_home_assistant.word_in(line) is None


@pytest.mark.parametrize("line", [b"{", b"7", b'{"event": "keepalive"}', b'{"event": "open", "message": "x"}'])
def test_other_lines_of_ntfy_are_no_answers(line: bytes) -> None:
    assert push_ntfy.word_in(line) is None


# --- several phones behind one address -------------------------------------------------------------------------------

TWO_PHONES = pytest.mark.parametrize(
    "url",
    [
        "ntfy://127.0.0.1:{port}/phone/tablet",
        "hassio://127.0.0.1:{port}/token?to=mobile_app_phone,mobile_app_tablet",
    ],
    ids=["ntfy", "home assistant"],
)


def two_phones(url: str, server: PushServer, answer: Answers | None = None, **others: Any) -> Channel:
    values = {"type": "push", "url": url.format(port=server.port), **others}
    return PushOptions.model_validate(values).open(answer or Answers())


def reached(server: PushServer) -> list[str]:
    """Return which phone each request was for."""
    named = [heard.json["topic"] if heard.path == "/" else heard.path for heard in server.heard]
    return ["phone" if "phone" in name else "tablet" for name in named]


@TWO_PHONES
@in_loop
async def test_a_phone_that_has_the_message_does_not_ring_again_for_one_that_lacks_it(
    url: str, server: PushServer
) -> None:
    answers = Answers()
    channel = two_phones(url, server, answers, daily_limit=4)
    worker = Worker("push", channel, lambda _: None, Timing(backoff_s=(0.02,)))
    server.statuses = [200, 500, 500, 500, 200]
    worker.show(prompt())
    await eventually(lambda: len(server.heard) == 5 and worker.trouble is None)
    assert reached(server) == ["phone", "tablet", "tablet", "tablet", "tablet"]
    first, *_, last = (heard.json for heard in server.heard)
    assert "ntfy" not in url or first["actions"] == last["actions"], "the buttons of the first phone still count"
    assert "ntfy" in url or first["data"]["actions"] == last["data"]["actions"]
    worker.withdraw("alex-1", "up")
    await eventually(lambda: reached(server)[5:] == ["phone", "tablet"])
    worker.show(prompt("alex-2"))
    await eventually(lambda: worker.trouble)
    assert "4 messages today are the limit" in str(worker.trouble), "only what was sent has counted"
    await worker.close()


@TWO_PHONES
@in_loop
async def test_a_phone_that_fails_first_keeps_the_message_from_no_other(url: str, server: PushServer) -> None:
    worker = Worker("push", two_phones(url, server), lambda _: None, Timing(backoff_s=(0.02,)))
    server.statuses = [503, 200, 200]
    worker.show(message())
    await eventually(lambda: len(server.heard) == 3 and worker.trouble is None)
    assert reached(server) == ["phone", "tablet", "phone"]
    worker.show(message(level=1, repeated=True))
    await eventually(lambda: reached(server)[3:] == ["phone", "tablet"])
    await worker.close()


@TWO_PHONES
@in_loop
async def test_a_phone_that_hangs_is_tried_last_the_next_time(url: str, server: PushServer) -> None:
    worker = Worker("push", two_phones(url, server), lambda _: None, Timing(limit_s=0.5, backoff_s=(0.02,)))
    server.hangs.set()
    worker.show(message())
    await eventually(lambda: worker.trouble)
    server.hangs.clear()
    await eventually(lambda: worker.trouble is None)
    assert reached(server)[:2] == ["phone", "tablet"]
    await worker.close()


@TWO_PHONES
@in_loop
async def test_a_phone_that_is_gone_for_good_is_named_and_the_other_is_cleared_all_the_same(
    url: str, server: PushServer, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker("push", two_phones(url, server), lambda _: None, Timing(backoff_s=(0.02,)))
    server.statuses = [200, 404]
    worker.show(message())
    await eventually(lambda: warned(caplog) == ["output push: HTTP 404: not found"])
    worker.withdraw("alex-1", "up")
    await eventually(lambda: reached(server) == ["phone", "tablet", "phone", "tablet"])
    await worker.close()


@in_loop
async def test_what_some_phones_lack_is_remembered_of_a_few_messages_only(server: PushServer) -> None:
    channel = two_phones("ntfy://127.0.0.1:{port}/phone/tablet", server)
    assert isinstance(channel, push_ntfy.NtfyChannel)
    for number in range(3 * MOST_ROUNDS):
        server.statuses = [200, 500]
        with pytest.raises(ChannelError):
            await channel.show(message(str(number)))
    assert len(channel._targets._rounds) == MOST_ROUNDS
    await channel.show(message(str(number)))
    assert reached(server)[-2:] == ["tablet", "tablet"], "the newest are remembered"
    await channel.close()


# --- the day's limit, and what is wrong with an address --------------------------------------------------------------


def test_the_limit_of_a_day_ends_at_midnight() -> None:
    now = [1_790_000_000.0]
    quota = Quota(2, lambda: now[0])
    for _ in range(5):
        with pytest.raises(ConnectionResetError), quota.one():
            raise ConnectionResetError  # what fails does not count
    for _ in range(2):
        with quota.one():
            pass
    with pytest.raises(ChannelError, match="2 messages today are the limit") as caught, quota.one():
        pass
    assert not caught.value.passes
    now[0] += 86400
    with quota.one():
        pass


@EVERY_KIND
@in_loop
async def test_the_limit_is_told_once(kind: str, server: PushServer, caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker("push", open_(kind, server, daily_limit=1), lambda _: None)
    for id_ in ("a", "b", "c"):
        worker.show(message(id_))
        await eventually(lambda: not worker._waiting and (worker.trouble or shown(kind, server)))
    assert len(shown(kind, server)) == 1
    assert warned(caplog) == ["output push: 1 messages today are the limit; the next ones tomorrow"]
    await worker.close()


@in_loop
async def test_taking_a_message_away_counts_too(server: PushServer) -> None:
    url = f"hassio://127.0.0.1:{server.port}/{CANARY}?to=mobile_app_phone"
    channel = PushOptions.model_validate({"type": "push", "url": url, "daily_limit": 2}).open(Answers())
    await channel.show(prompt())
    await channel.withdraw("alex-1", "up")
    with pytest.raises(ChannelError, match="2 messages today are the limit"):
        await channel.show(prompt())
    assert len([heard for heard in server.heard if heard.method == "POST"]) == 2
    await channel.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ntfx://secrethost/secrettopic", "ntfx:// is no service that Apprise knows"),
        ("https://secrethost/secret", "https:// is no service that Apprise knows; a webhook of your own is json://"),
        ("discord://secretid", "discord:// is not followed by what Apprise expects there"),
        ("ntfy://", "ntfy:// is not followed by what Apprise expects there"),
        ("secrettopic", "must be the address of a service"),
    ],
)
def test_a_wrong_address_is_named_without_its_secret(
    url: str, reason: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValidationError) as caught:
        PushOptions.model_validate({"type": "push", "url": url})
    (error,) = caught.value.errors(include_input=False)
    assert reason in error["msg"]
    assert "secret" not in error["msg"] + caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("url", ["ftp://x", "https://", "https://u:p@x", "https://x/?a=b", "nonsense"])
def test_a_public_url_is_an_address_without_a_secret(url: str) -> None:
    with pytest.raises(ValidationError, match="must be an address such as"):
        PushOptions.model_validate({"type": "push", "url": "ntfy://topic", "public_url": url})


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "_is_installed", lambda: False)
    options = PushOptions.model_validate({"type": "push", "url": "ntfx://whatever"})
    assert options.lacks() == "the extra push: pip install 'nudger[push]'"
