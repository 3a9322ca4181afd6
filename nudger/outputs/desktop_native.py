"""Notifications on macOS, with buttons that answer: desktop-notifier speaks to its notification centre.

The library raises nothing: what it warns of in its log is what went wrong. It replaces no notification either, so the
one before is taken away first. And macOS tells of buttons on the run loop of the main thread, which nobody runs here;
so that is given a turn now and then, as long as something shows that has buttons.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from nudger.outputs.channel import Answer, Button, ChannelError, Message
from nudger.outputs.notification import APP, CRITICAL, LOW, MOST_SHOWN, notification_of

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

log = logging.getLogger(__name__)

PATIENCE_S: Final = 3.0
"""The first time, macOS asks the person whether nudger may notify; an attempt waits so long for the answer."""
TURN_EVERY_S: Final = 0.5
"""A button answers within this time. Nothing is woken while nothing shows."""

RunLoopTurn = Callable[[], object]
"""Lets the main thread's run loop do what waits in it; takes no time."""


class NativeChannel:
    """Shows notifications, one for each message id, and hears of their buttons."""

    def __init__(
        self, answer: Answer, *, sound: bool = False, neutral: bool = False, turn: RunLoopTurn | None = None
    ) -> None:
        """``sound`` and ``neutral`` are as in the options of the desktop; ``turn`` is None where none is needed."""
        self._answer = answer
        self._sound = sound
        self._neutral = neutral
        self._turn = turn
        self._turning: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[bool] | None = None
        self._run = secrets.token_hex(4)
        self._sent = 0
        self._shown: dict[str, tuple[str, tuple[Button, ...]]] = {}
        self._notifier: DesktopNotifier | None = None
        self._warned = _Warned()

    async def show(self, message: Message) -> None:
        """Show a message in place of the one with its id. Raises ChannelError."""
        from desktop_notifier import DEFAULT_SOUND, Capability, Notification, Urgency  # noqa: PLC0415  (on macOS only)
        from desktop_notifier import Button as NativeButton  # noqa: PLC0415

        notifier = self._open()
        can = await notifier.get_capabilities()
        if not can:
            raise ChannelError(
                "this Python is no app bundle, so macOS shows nothing from it; the one of python.org is", passes=False
            )
        await self._be_allowed(notifier)
        await self._take_away(notifier, message.id)
        known = {Capability.MESSAGE: "body", Capability.BUTTONS: "actions"}
        capabilities = [name for capability, name in known.items() if capability in can]
        # macOS keeps the keys of a set of buttons as they were when it first saw these labels: so they count from 0.
        keys = [str(place) for place in range(len(message.buttons))]
        told = notification_of(message, capabilities, keys, sound=self._sound, neutral=self._neutral)
        urgency = {LOW: Urgency.Low, CRITICAL: Urgency.Critical}.get(told.urgency, Urgency.Normal)
        self._sent += 1
        identifier = f"{APP}-{self._run}-{self._sent}"
        self._shown[message.id] = identifier, message.buttons
        for old in list(self._shown)[:-MOST_SHOWN]:
            del self._shown[old]
        self._warned.forget()
        await notifier.send_notification(
            Notification(
                title=told.title,
                message=told.body,
                urgency=urgency,
                buttons=tuple(
                    NativeButton(label, identifier=key)
                    for key, label in zip(told.actions[::2], told.actions[1::2], strict=True)
                ),
                sound=DEFAULT_SOUND if told.sound is not None else None,
                identifier=identifier,
            )
        )
        if (error := self._warned.error) is not None:
            self._shown.pop(message.id, None)
            raise error
        self._keep_turning()

    async def withdraw(self, prompt_id: str, why: str) -> None:  # noqa: ARG002  (it just goes)
        """Take a notification away."""
        if self._notifier is not None:
            await self._take_away(self._notifier, prompt_id)

    async def close(self) -> None:
        """Hear of no button any more."""
        self._warned.stop()
        tasks = [task for task in (self._turning, self._asking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _open(self) -> DesktopNotifier:
        from desktop_notifier import DesktopNotifier  # noqa: PLC0415  (on macOS only)

        if self._notifier is None:
            self._notifier = DesktopNotifier(app_name=APP, app_icon=None)
            loop = asyncio.get_running_loop()
            self._notifier.on_button_pressed = lambda *pressed: loop.call_soon_threadsafe(self._on_button, *pressed)
        return self._notifier

    async def _be_allowed(self, notifier: DesktopNotifier) -> None:
        """Ask whether nudger may notify: the person, the first time. Raises ChannelError unless it may."""
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(notifier.request_authorisation())
        done, _ = await asyncio.wait((self._asking,), timeout=PATIENCE_S)
        if not done:
            raise ChannelError("macOS has asked whether nudger may notify, and waits for your answer")
        asked, self._asking = self._asking, None
        if not asked.result():
            raise ChannelError("macOS does not let nudger notify: allow Python in System Settings, Notifications")

    async def _take_away(self, notifier: DesktopNotifier, message_id: str) -> None:
        identifier, _ = self._shown.pop(message_id, ("", ()))
        if identifier and identifier in await notifier.get_current_notifications():
            await notifier.clear(identifier)

    def _on_button(self, identifier: str, key: str) -> None:
        found = next((each for each, (shown, _) in self._shown.items() if shown == identifier), None)
        if found is None:
            log.info("output desktop: a button of a notification that is no longer asking was ignored")
            return
        _, buttons = self._shown.pop(found)  # with the press it goes
        button = buttons[int(key)]
        self._answer(button.command, button.data)

    def _keep_turning(self) -> None:
        if self._turn is not None and (self._turning is None or self._turning.done()):
            self._turning = asyncio.get_running_loop().create_task(self._turn_while_shown(self._turn))

    async def _turn_while_shown(self, turn: RunLoopTurn) -> None:
        while any(buttons for _, buttons in self._shown.values()):
            turn()
            await asyncio.sleep(TURN_EVERY_S)


class _Warned(logging.Handler):
    """Keeps what desktop-notifier warned of last, in place of the log, which gets it from the channel's worker."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.error: ChannelError | None = None
        self._logger = logging.getLogger("desktop_notifier")
        self._logger.addHandler(self)
        self._logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        detail = "" if error is None else f"{type(error).__name__}: {error}"
        self.error = ChannelError(record.getMessage(), detail=detail)

    def forget(self) -> None:
        """Take what was warned of so far for settled."""
        self.error = None

    def stop(self) -> None:
        """Listen no more."""
        self._logger.removeHandler(self)


def main_run_loop() -> RunLoopTurn | None:
    """Return what gives the main thread's run loop a turn: on macOS alone there is one."""
    if sys.platform != "darwin":
        return None
    else:  # noqa: RET505  (a type checker for either system then sees only its own branch)
        import ctypes  # noqa: PLC0415  (on macOS only)

        library = ctypes.CDLL("/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation")
        mode = ctypes.c_void_p.in_dll(library, "kCFRunLoopDefaultMode")
        library.CFRunLoopRunInMode.argtypes = (ctypes.c_void_p, ctypes.c_double, ctypes.c_bool)
        library.CFRunLoopRunInMode.restype = ctypes.c_int32
        return lambda: library.CFRunLoopRunInMode(mode, 0.0, False)
