"""The synchronous application on a fixed pool of threads.

Short requests go one after another. Threads that compute at the same time only take the interpreter's lock away from
each other, at every query, and the one that holds the database's write lock meanwhile holds up the other processes,
too. A request that takes longer lets the next one go beside it, so nobody waits for a slow page.

A request is handed to its thread with its body, and the answer back as a whole. Reading and sending piece by piece from
a thread would be five such hand-overs. A body that comes in pieces is read so all the same, and an answer that is
streamed is sent so: neither has to fit in the memory.
"""

import asyncio
import io
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final

from a2wsgi.wsgi import Body, build_environ

PATIENCE: Final = 0.02
"""Seconds that a request has for itself."""

Message = dict[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]


class OnThreads:
    """An ASGI application that calls Django's WSGI application, on at most `threads` threads."""

    def __init__(self, application: Callable[..., Iterable[bytes]], threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, "WSGI")
        self._turn = asyncio.Lock()  # first come, first served

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        environ = build_environ(scope, await _body(receive, loop))

        def send_from_thread(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(send(message), loop).result()

        async with self._turn:
            answer = loop.run_in_executor(self._pool, copy_context().run, self._answer, environ, send_from_thread)
            await asyncio.wait([answer], timeout=PATIENCE)
        for message in await answer:
            await send(message)

    def _answer(self, environ: Any, send: Callable[[Message], None]) -> list[Message]:
        """Return what is to be sent; of an answer that is streamed, what has not been sent yet."""
        start: Message = {"type": "http.response.start"}

        def start_response(status: str, headers: Iterable[tuple[str, str]], error: Any = None) -> None:
            start["status"] = int(status.split(" ", 1)[0])
            start["headers"] = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]

        answer: Any = self._application(environ, start_response)
        try:
            if not answer.streaming:
                return [start, {"type": "http.response.body", "body": b"".join(answer)}]
            send(start)
            for chunk in answer:
                send({"type": "http.response.body", "body": chunk, "more_body": True})
            return [{"type": "http.response.body", "body": b""}]
        finally:
            answer.close()


async def _body(receive: Receive, loop: asyncio.AbstractEventLoop) -> Any:
    """Return the body as a file: read already if it is all there, else as it comes."""
    first = await receive()
    if not first.get("more_body"):
        return io.BytesIO(first.get("body", b""))
    body = Body(loop, receive)
    body.buffer.extend(first["body"])
    return body
