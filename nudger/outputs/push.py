"""Push messages to phones and everything else that Apprise can reach: one address, which is a secret as a whole.

Apprise sends; an own thread, which can be left behind, keeps a service that hangs from hanging anything else. ntfy and
Home Assistant's app we speak to ourselves, because they can do more than Apprise asks of them: buttons that answer, and
taking a message away.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import re
import threading
import warnings
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator

from nudger.config.fields import NO_SWITCH
from nudger.outputs.channel import Answer, Channel, ChannelError, ChannelOptions, Message, MessageKind
from nudger.outputs.http_call import refusal
from nudger.outputs.push_home_assistant import HomeAssistantChannel, home_assistant_of
from nudger.outputs.push_ntfy import NtfyChannel, ntfy_of
from nudger.outputs.quota import One, Quota

if TYPE_CHECKING:
    import apprise

_KEPT: Final = 4000
_STATUS: Final = re.compile(r"error=(\d{3})\b")
_NOT_CONNECTED: Final = re.compile("NewConnection|ConnectTimeout|NameResolution|refused|unreachable", re.IGNORECASE)


def _check_public_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or "@" in url:
        raise ValueError("must be an address such as https://ntfy.example.org, without user and password")
    return url.rstrip("/")


class PushOptions(ChannelOptions):
    """Push messages by any service that Apprise knows: ntfy, Gotify, Pushover, Telegram, a webhook and 100 others."""

    type: Literal["push"]
    url: SecretStr
    """The address of the service as Apprise writes it, such as ntfy://ntfy.sh/my-topic; as it holds passwords, best
    kept in secrets.yaml: `!secret phone`."""
    shows: tuple[MessageKind, ...] = ("prompt", "checkin", "told")
    """What it shows: prompt, posture, pre_notice, enough, checkin, told. The phone is spared standing, the heads-up
    before a prompt and the end of a break."""
    daily_limit: Annotated[int, Field(ge=1, le=10_000), NO_SWITCH] = 400
    """Most messages a day (UTC), taking away included; Home Assistant's own limit is 500 for the whole house."""
    buttons: bool = True
    """For ntfy and the app of Home Assistant: buttons that answer. ntfy's answers come on the topic of the same name
    with -answers."""
    public_url: Annotated[str, AfterValidator(_check_public_url)] | None = None
    """For ntfy: the server's address as the phone reaches it, for the buttons. Default: the one in url."""

    @field_validator("url")
    @classmethod
    def _is_understood(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        if "://" not in text:
            raise ValueError("must be the address of a service as Apprise writes it, such as ntfy://ntfy.sh/my-topic")
        if _is_installed():
            _plugin(text)
        return url

    def lacks(self) -> str | None:
        """Return how to install Apprise where it is missing."""
        return None if _is_installed() else "the extra push: pip install 'nudger[push]'"

    def open(self, answer: Answer) -> Channel:
        """Return the channel for the service at the address."""
        plugin, quota = _plugin(self.url.get_secret_value()), Quota(self.daily_limit)
        taker = answer if self.buttons else None
        if (ntfy := ntfy_of(plugin, self.public_url)) is not None:
            return NtfyChannel(ntfy, quota.one, taker)
        if (home := home_assistant_of(plugin)) is not None:
            return HomeAssistantChannel(home, quota.one, taker)
        return AppriseChannel(plugin, quota.one, self.time_limit.total_seconds())


class AppriseChannel:
    """Sends through Apprise. What was sent cannot be taken back: Apprise has no way to, whatever the service can."""

    def __init__(self, plugin: apprise.NotifyBase, one: One, limit_s: float) -> None:
        """``one`` counts a message of the day; ``limit_s`` is how long one may take."""
        self._plugin = plugin
        self._one = one
        self._log = _LastWords()
        self._busy = False
        plugin.logger = self._log.logger
        plugin.socket_connect_timeout = plugin.socket_read_timeout = limit_s

    async def show(self, message: Message) -> None:
        """Send the message."""
        if self._busy:
            raise ChannelError("still hangs in the attempt before")
        self._log.text = ""
        with self._one():
            if not await self._send(title=message.title, body=message.body, body_format="text"):
                raise self._log.reason()

    async def withdraw(self, prompt_id: str, why: str) -> None:
        """Leave it: a second message to say that the first is over would be one more disturbance."""

    async def close(self) -> None:
        """Hold nothing."""

    async def _send(self, **message: str) -> bool:
        """Send in a thread of its own, which is left behind when this is cancelled and does not outlive the process."""
        loop = asyncio.get_running_loop()
        sent: asyncio.Future[bool] = loop.create_future()

        def settle(okay: bool) -> None:
            self._busy = False
            if not sent.done():
                sent.set_result(okay)

        def work() -> None:
            okay = False
            with contextlib.suppress(Exception):  # whatever a service's module does wrong, it has not been sent
                okay = bool(self._plugin.notify(**message))
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, okay)

        self._busy = True
        threading.Thread(target=work, name="push", daemon=True).start()
        return await sent


class _LastWords(logging.Handler):
    """Takes what a service's module logs away from the log, for it may hold secrets, and reads the reason out of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.logger = logging.Logger("push", logging.DEBUG)  # noqa: LOG001  (apart from all others on purpose)
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the lines of one attempt."""
        self.text = f"{self.text}{record.getMessage()}\n"[-_KEPT:]

    def reason(self) -> ChannelError:
        """Return what the lines come down to, without quoting them."""
        if status := _STATUS.search(self.text):
            return refusal(int(status[1]))
        if _NOT_CONNECTED.search(self.text):
            return ChannelError("cannot be reached")
        if "onnection" in self.text:
            return ChannelError("does not answer", unsure=True)
        return ChannelError("the service did not take the message", unsure=True)


def _is_installed() -> bool:
    return importlib.util.find_spec("apprise") is not None


def _plugin(url: str) -> Any:
    """Return Apprise's module for the service. Raises ValueError, naming the address by its scheme alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one of its hundred modules always stands on something outdated
        import apprise  # noqa: PLC0415  (170 ms and 20 MB that only this needs)

        # It logs addresses as they are. What is worth knowing is told by us.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        try:
            plugin = apprise.Apprise.instantiate(url, suppress_exceptions=False)
        except Exception:  # noqa: BLE001  (its texts quote parts of the address)
            plugin = None
    if plugin is None or not (getattr(plugin, "topics", True)):
        scheme = url.partition("://")[0][:20]
        raise ValueError(
            f"{scheme}:// is not followed by what Apprise expects there; see the page of the service in its manual"
            if _knows(scheme)
            else f"{scheme}:// is no service that Apprise knows{_WEBHOOK if scheme in {'http', 'https'} else ''}"
        )
    return plugin


_WEBHOOK: Final = "; a webhook of your own is json://, or jsons:// with TLS"


def _knows(scheme: str) -> bool:
    from apprise import NotificationManager  # noqa: PLC0415  (loaded already)

    manager: Any = NotificationManager
    return scheme.lower() in manager().schemas()
