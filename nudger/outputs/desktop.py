"""Notifications on this computer's desktop, with buttons that answer.

On Linux they go to the freedesktop notification service, over D-Bus, by ourselves: desktop-notifier can replace no
notification there, escapes no text, and never connects again. On macOS it is what is used (`desktop_native`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, ClassVar, Final, Literal

from nudger.chores import Chores
from nudger.config.fields import Duration, between
from nudger.dbus import Bus, BusError, Emitted, HangingError
from nudger.dbus_address import NO_SESSION, session_address
from nudger.outputs.channel import Answer, Button, Channel, ChannelError, ChannelOptions, Message
from nudger.outputs.desktop_native import NativeChannel, main_run_loop
from nudger.outputs.messages import SCORE_PAGE
from nudger.outputs.notification import APP, MOST_SHOWN, Notification, notification_of

log = logging.getLogger(__name__)

NAME: Final = "org.freedesktop.Notifications"
PATH: Final = "/org/freedesktop/Notifications"
PATIENCE_S: Final = 3.0
"""A service that has not shown a notification by then hangs. What it was sent is not sent a second time ..."""
GIVEN_UP_S: Final = 60.0
"""... before this has passed: then it is taken to have lost it."""


class DesktopOutput(ChannelOptions):
    """Notifications on the desktop of the session that nudger runs in."""

    shows_silent: ClassVar[bool] = True

    type: Literal["desktop"]
    sound: bool = False
    """Make a sound with a prompt, where the desktop does sounds."""
    neutral: bool = False
    """Say no more than that nudger has something to say: for a screen that others see."""
    health: bool = True
    """Let it tell of the back: safety messages, offers of a stage and the plan (all of them told), and the answers to a
    check-in."""
    page: bool = True
    """Give the check-in a button that opens a page with all scores in the browser, served to this computer alone and
    only from then until it is answered. Without, the scores next to the last one are offered."""
    time_limit: Annotated[Duration, between(timedelta(seconds=1), timedelta(minutes=1))] = timedelta(seconds=10)
    """How long one attempt may take; then it counts as failed, and is tried again later."""

    @property
    def opens_page(self) -> bool:
        """Whether its buttons open the page with all scores."""
        return self.page

    def fitted(self, message: Message) -> Message:
        """Return the message as it may be shown here: where others see the screen, no button names a score either."""
        message = super().fitted(message)
        if not self.neutral or message.kind != "checkin":
            return message
        return replace(message, buttons=tuple(each for each in message.buttons if each.command == SCORE_PAGE))

    def lacks(self) -> str | None:
        """Return what is missing: a session, where it is found by its bus."""
        has_desktop = sys.platform == "darwin" or session_address(os.environ) is not None
        return None if has_desktop else f"a desktop: {NO_SESSION}"

    def open(self, answer: Answer) -> Channel:
        """Return the channel, which begins to connect."""
        if sys.platform == "darwin":
            return NativeChannel(answer, sound=self.sound, neutral=self.neutral, turn=main_run_loop())
        else:  # noqa: RET505  (a type checker for either system then sees only its own branch)
            return DesktopChannel(self, session_address(os.environ) or "", answer)


class DesktopChannel:
    """Shows notifications, one for each message id, and hears what becomes of them.

    A button is known by a key that no other run of nudger gave out, so that what an earlier one left on the screen
    answers for nothing here.
    """

    def __init__(self, options: DesktopOutput, address: str, answer: Answer) -> None:
        """``address`` is that of the session's bus."""
        self._options = options
        self._answer = answer
        self._run = secrets.token_hex(4)
        self._pressed = 0
        self._shown: dict[str, tuple[int, Message]] = {}
        self._buttons: dict[str, tuple[str, Button]] = {}
        self._capabilities: frozenset[str] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._chores = Chores()
        self._one_at_a_time = asyncio.Lock()
        self._bus = Bus(address)
        self._bus.follow(NAME, self._on_service)
        self._bus.start()

    async def show(self, message: Message) -> None:
        """Show a message in place of the one with its id. Raises ChannelError."""
        async with self._one_at_a_time:
            await self._outcome_of_the_last()  # how that one ended was told before
            await self._prepare()
            self._sending = self._chores.begin(self._notify(message))
            failed = await self._outcome_of_the_last()
            if failed is not None:
                raise ChannelError(_reason(failed)) from None

    async def withdraw(self, prompt_id: str, why: str) -> None:  # noqa: ARG002  (it just goes)
        """Take a notification away. Raises ChannelError while it cannot be known whether it shows."""
        async with self._one_at_a_time:
            self._forget_buttons(prompt_id)
            await self._outcome_of_the_last()
            self._forget_buttons(prompt_id)  # those of one that has just got through as well
            if prompt_id not in self._shown:
                return
            number, _ = self._shown[prompt_id]
            try:
                await self._bus.call(NAME, PATH, NAME, "CloseNotification", "u", number)
            except HangingError as error:
                raise ChannelError(_reason(error)) from None
            except BusError as error:
                log.debug("notification %s was gone already: %s", number, error)
            self._shown.pop(prompt_id, None)

    async def close(self) -> None:
        """Disconnect."""
        await self._chores.cancel()
        await self._bus.stop()

    # --- to the service ----------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        """Ask what the service can do, and listen to it; the bus may start it for that. Raises ChannelError."""
        if self._capabilities is not None:
            return
        await self._bus.look_around()
        try:
            (capabilities,) = await self._bus.call(NAME, PATH, NAME, "GetCapabilities", may_start=True)
            await self._bus.listen(Emitted(NAME, NAME, "ActionInvoked", PATH), self._on_action)
            await self._bus.listen(Emitted(NAME, NAME, "NotificationClosed", PATH), self._on_closed)
        except BusError as error:
            raise ChannelError(_reason(error)) from None
        self._capabilities = frozenset(capabilities)

    async def _outcome_of_the_last(self) -> BaseException | None:
        """Wait for the message under way, and return how it failed, if it did. Raises ChannelError while it hangs.

        One that hangs is neither given up nor sent again: a late answer holds the number by which it is taken away.
        """
        task = self._sending
        if task is None:
            return None
        done, _ = await asyncio.wait((task,), timeout=PATIENCE_S)
        if not done:
            raise ChannelError(f"the notification service does not answer in {PATIENCE_S:g} s")
        self._sending = None
        return None if task.cancelled() else task.exception()

    async def _notify(self, message: Message) -> None:
        """Show a message and remember it. Raises BusError."""
        from dbus_fast import Variant  # noqa: PLC0415  (loaded with the connection)

        self._forget_buttons(message.id)
        keys = [self._key() for _ in message.buttons]
        for key, button in zip(keys, message.buttons, strict=True):
            self._buttons[key] = message.id, button
        told: Notification = notification_of(
            message, self._capabilities or (), keys, sound=self._options.sound, neutral=self._options.neutral
        )
        hints = {
            "urgency": Variant("y", told.urgency),
            "desktop-entry": Variant("s", APP),
            "category": Variant("s", told.category),
            "transient": Variant("b", told.is_transient),
        }
        if told.sound is None:
            hints["suppress-sound"] = Variant("b", True)
        else:
            hints["sound-name"] = Variant("s", told.sound)
        before, _ = self._shown.get(message.id, (0, message))
        (number,) = await self._bus.call(
            NAME,
            PATH,
            NAME,
            "Notify",
            "susssasa{sv}i",
            *(APP, before, told.icon, told.title, told.body, list(told.actions), hints, told.expires_ms),
            may_start=True,
            limit_s=GIVEN_UP_S,
        )
        self._shown[message.id] = number, message
        for old in list(self._shown)[:-MOST_SHOWN]:
            del self._shown[old]

    def _key(self) -> str:
        self._pressed += 1
        return f"{APP}-{self._run}-{self._pressed}"

    def _forget_buttons(self, message_id: str) -> None:
        self._buttons = {key: found for key, found in self._buttons.items() if found[0] != message_id}

    # --- from the service --------------------------------------------------------------------------------------------

    def _on_service(self, is_there: bool) -> None:
        """The service has come or gone; with it goes what it showed, and a new one is shown that again."""
        self._capabilities = None
        if is_there and self._shown:
            lost = [message for _, message in self._shown.values()]
            self._shown.clear()
            self._chores.begin(self._show_again(lost))

    async def _show_again(self, lost: list[Message]) -> None:
        """Show what asks for an answer on a service that has come anew."""
        for message in lost:
            if message.asks:
                with contextlib.suppress(ChannelError):  # it is not there after all
                    await self.show(replace(message, silent=True, repeated=True))

    def _on_action(self, number: int, key: str) -> None:
        if not key.startswith(f"{APP}-"):
            return  # another program's
        found = self._buttons.get(key)
        if found is None:
            log.info("output desktop: a button of a notification that is no longer asking was ignored")
            return
        message_id, button = found
        self._forget_buttons(message_id)
        self._chores.begin(self._close(number))  # most services do that by themselves
        self._answer(button.command, button.data)

    async def _close(self, number: int) -> None:
        await self._bus.call(NAME, PATH, NAME, "CloseNotification", "u", number)

    def _on_closed(self, number: int, _reason: int) -> None:
        for message_id, (shown, _) in tuple(self._shown.items()):
            if shown == number:
                del self._shown[message_id]
                self._forget_buttons(message_id)


def _reason(error: BaseException) -> str:
    """Return what went wrong, in words."""
    text = str(error)
    if "ServiceUnknown" in text or "NameHasNoOwner" in text:
        return "no notification service runs on this desktop; install one, such as dunst"
    if isinstance(error, HangingError):
        return f"the notification service gives {text}"
    return f"the notification service failed: {text}"
