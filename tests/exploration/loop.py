"""An event loop without a network and without waiting: what is ready runs, in order."""

from __future__ import annotations

import asyncio
from asyncio import events
from collections import deque
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Loop:
    """As much of a loop as tasks, futures and `gather` need. Asked to wait, it fails: nobody here waits."""

    def __init__(self) -> None:
        self._ready: deque[tuple[Callable[..., object], tuple[Any, ...], Context]] = deque()
        self._tasks: list[asyncio.Task[Any]] = []

    def run_until_complete(self, work: Any) -> Any:
        """What the coroutine returns. Tasks that it leaves behind when it fails are ended."""
        events._set_running_loop(cast("asyncio.AbstractEventLoop", self))
        try:
            task = self.create_task(work)
            self._run(task.done)
            return task.result()
        finally:
            self._end()
            events._set_running_loop(None)

    def _run(self, done: Callable[[], bool]) -> None:
        ready = self._ready
        while not done():
            if not ready:
                msg = "everybody waits for something that nobody will do"
                raise RuntimeError(msg)
            callback, arguments, context = ready.popleft()
            context.run(callback, *arguments)

    def _end(self) -> None:
        left = [task for task in self._tasks if not task.done()]
        for task in left:
            task.cancel()
        self._run(lambda: not self._ready)
        for task in self._tasks:
            if not task.cancelled():
                task.exception()  # nobody else asks for the failures that a crash leaves
        self._tasks.clear()

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """Runs it after all that is ready."""
        self._ready.append((callback, args, context or copy_context()))

    def create_task(self, coro: Coroutine[Any, Any, Any], **named: Any) -> asyncio.Task[Any]:
        """A task that starts with the next turn."""
        task = asyncio.Task(coro, loop=cast("asyncio.AbstractEventLoop", self), **named)
        self._tasks.append(task)
        return task

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=cast("asyncio.AbstractEventLoop", self))

    def time(self) -> float:
        """No time passes."""
        return 0.0

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Always, for whoever can ask."""
        return True

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A crash leaves tasks whose failure nobody asks for."""

    def call_later(self, *_: Any, **__: Any) -> NoReturn:
        """Nobody waits here."""
        msg = "the engine waits for time to pass"
        raise RuntimeError(msg)
