"""Several phones behind one address: each gets a message once, however often it is tried for the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from nudger.outputs.channel import ChannelError, Message

MOST_ROUNDS: Final = 16
"""Messages that some phones have and others lack; with more, the oldest is forgotten, and would go to all again."""

Content = dict[str, Any]


@dataclass(slots=True)
class _Round:
    """A message on its way to all, or its removal (``message`` is None). ``left`` are those that lack it."""

    message: Message | None
    content: Content
    left: list[str]
    has_reached: bool = False
    refused: ChannelError | None = None


class Targets:
    """Brings messages to each of several targets, and remembers across attempts which of them lacks which message."""

    def __init__(self, names: Iterable[str]) -> None:
        """``names`` are handed on to what delivers, in this order."""
        self._names = tuple(names)
        self._rounds: dict[str, _Round] = {}

    async def send(
        self,
        id_: str,
        message: Message | None,
        content: Callable[[], Content],
        deliver: Callable[[str, Content], Awaitable[None]],
    ) -> None:
        """Deliver to all that lack it; raises what went wrong where it did, after the others have had their turn.

        ``content`` is called once for a message and not for every attempt: what it holds must go on to be true on the
        phones that have it. A target that refuses for good is left out of further attempts.
        """
        going = self._rounds.pop(id_, None)
        if going is None or going.message != message:
            going = _Round(message, content(), list(self._names))
        self._rounds[id_] = going
        if len(self._rounds) > MOST_ROUNDS:
            del self._rounds[next(iter(self._rounds))]
        failed: list[ChannelError | OSError] = []
        for name in tuple(going.left):
            going.left.remove(name)
            going.left.append(name)  # one that hangs until the attempt is cut off comes last in the next one
            try:
                await deliver(name, going.content)
            except OSError as error:
                failed.append(error)
                continue
            except ChannelError as error:
                if error.passes:
                    failed.append(error)
                    continue
                going.refused = going.refused or error
            else:
                going.has_reached = True
            going.left.remove(name)
        if failed:
            raise next((error for error in failed if isinstance(error, ChannelError) and error.unsure), failed[0])
        del self._rounds[id_]
        if (refused := going.refused) is not None:
            raise ChannelError(str(refused), passes=False, unsure=going.has_reached, status=refused.status)
