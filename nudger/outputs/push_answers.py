"""Answers from a phone, by way of the service that brought the message there.

Each button has a word, drawn anew for every message, and counts once: so nobody who did not get the message can answer
it, and one that is pressed twice, after the prompt has ended or after a restart does nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final

from nudger.outputs.channel import Answer, Button, ChannelError, Message, unforeseen
from nudger.outputs.http_call import Server, lines

log = logging.getLogger(__name__)

MOST_BUTTONS: Final = 3
SILENCE_S: Final = 150.0
"""Living servers send a sign of life every 45 or 50 s; after this long without one, we dial anew."""
REDIAL_S: Final = (1.0, 5.0, 30.0, 60.0)


class Answers:
    """Hands out words for buttons, and listens for them from the first one on."""

    def __init__(self, server: Server, path: str, word_in: Callable[[bytes], str | None], answer: Answer) -> None:
        """``path`` is the stream to listen to; ``word_in`` finds a word in one of its lines."""
        self._server = server
        self._path = path
        self._word_in = word_in
        self._answer = answer
        self._words: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._is_deaf = False
        self._surprises: set[str] = set()

    def words_for(self, message: Message) -> list[tuple[Button, str]]:
        """Return the message's buttons, as many as a phone shows, each with its word."""
        self.forget(message.id)
        offered = [(button, secrets.token_urlsafe(16)) for button in message.buttons[:MOST_BUTTONS]]
        self._words |= {word: (message.id, button.command, button.data) for button, word in offered}
        if offered and (self._listening is None or self._listening.done()):
            self._listening = asyncio.get_running_loop().create_task(self._listen(), name="answers from a phone")
        return offered

    def forget(self, prompt_id: str) -> None:
        """Take no more answers to this message."""
        self._words = {word: meant for word, meant in self._words.items() if meant[0] != prompt_id}

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait((self._listening,))

    async def _listen(self) -> None:
        attempts = surprises = 0
        while True:
            try:
                async with contextlib.aclosing(self._lines()) as heard:
                    async for line in heard:
                        if not line:
                            attempts = 0
                            self._hear_again()
                        elif (word := self._word_in(line)) is not None:
                            self._take_in(word)
                reason = "the connection ended"
            except TimeoutError:
                reason = "no sign of life"
            except ChannelError as error:
                reason = str(error)
                if not error.passes:  # to ask again and again with a wrong password gets one locked out
                    self._complain(reason)
                    return
            except OSError as error:
                reason = error.strerror or type(error).__name__
            except Exception as error:  # noqa: BLE001  (whatever a server says, or an answer leads to, we go on)
                self._wonder(unforeseen(error))
                await asyncio.sleep(REDIAL_S[min(surprises, len(REDIAL_S) - 1)])
                surprises += 1
                continue
            if attempts > 0:  # a server that merely hangs up now and then is dialled again without a word
                self._complain(reason)
            await asyncio.sleep(REDIAL_S[min(attempts, len(REDIAL_S) - 1)])
            attempts += 1

    async def _lines(self) -> AsyncGenerator[bytes, None]:
        stream = lines(self._server, self._path)
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    try:
                        line = await anext(stream)
                    except StopAsyncIteration:
                        return
                yield line
        finally:
            await stream.aclose()

    def _take_in(self, word: str) -> None:
        meant = self._words.get(word)
        if meant is not None:
            prompt_id, command, data = meant
            self.forget(prompt_id)
            self._answer(command, data)

    def _complain(self, reason: str) -> None:
        if not self._is_deaf:
            self._is_deaf = True
            log.warning("answers by way of %s cannot be heard: %s", self._server.host, reason)

    def _wonder(self, surprise: str) -> None:
        if surprise not in self._surprises:
            self._surprises.add(surprise)
            log.warning("answers by way of %s: listening %s; it goes on", self._server.host, surprise)

    def _hear_again(self) -> None:
        if self._is_deaf:
            self._is_deaf = False
            log.info("answers by way of %s are heard again", self._server.host)
