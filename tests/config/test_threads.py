"""The synchronous application behind the asynchronous server."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from config.threads import OnThreads

SCOPE = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "http_version": "1.1", "headers": []}


def served(view: Callable[[Any], HttpResponseBase], threads: int = 4) -> OnThreads:
    """Return the view as it is served; it is given the WSGI environment."""

    def application(environ: Any, start_response: Any) -> Any:
        response = view(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return response

    return OnThreads(application, threads)


async def ask(site: OnThreads, *body: bytes) -> list[dict[str, Any]]:
    """Return every message that is sent; the body is received in these pieces."""
    pieces = [*body] or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(site(SCOPE, receive, send), timeout=10)
    return sent


@pytest.mark.parametrize("body", [(), (b"whole",), (b"in ", b"", b"three pie", b"ces")])
def test_a_body_arrives_whole_however_it_comes(body: tuple[bytes, ...]) -> None:
    site = served(lambda environ: HttpResponse(environ["wsgi.input"].read(1000), status=201))
    start, rest = asyncio.run(ask(site, *body))
    assert start["status"] == 201
    assert (b"content-type", b"text/html; charset=utf-8") in start["headers"]
    assert rest["body"] == b"".join(body)


def test_a_streamed_answer_is_sent_while_it_is_made() -> None:
    sent: list[dict[str, Any]] = []
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            seen.append(len(sent))
            yield b"%d" % number

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(served(lambda environ: StreamingHttpResponse(chunks()))(SCOPE, receive, send))
    assert seen == [1, 2, 3]
    assert b"".join(message.get("body", b"") for message in sent) == b"012"
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, True, False]


def test_an_answer_is_closed_also_where_it_breaks_off() -> None:
    closed = threading.Event()

    def chunks() -> Iterator[bytes]:
        yield b"begun"
        raise RuntimeError("broken off")

    def view(environ: Any) -> HttpResponseBase:
        response: Any = StreamingHttpResponse(chunks())
        response._resource_closers.append(closed.set)
        return response

    with pytest.raises(RuntimeError, match="broken off"):
        asyncio.run(ask(served(view)))
    assert closed.is_set()


def test_short_requests_go_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.threads.PATIENCE", 5.0)  # short, however busy the machine is
    running: list[int] = []
    at_once: list[int] = []

    def view(environ: Any) -> HttpResponseBase:
        running.append(1)
        at_once.append(len(running))
        time.sleep(0.002)
        running.pop()
        return HttpResponse()

    async def ask_all(site: OnThreads) -> None:
        await asyncio.gather(*[ask(site) for _ in range(8)])

    asyncio.run(ask_all(served(view)))
    assert at_once == [1] * 8


def test_a_long_request_holds_up_nobody() -> None:
    """The first waits for the second, which is answered meanwhile."""
    answered = threading.Event()

    def view(environ: Any) -> HttpResponseBase:
        if environ["wsgi.input"].read(10) == b"wait":
            return HttpResponse("waited" if answered.wait(timeout=8) else "held up")
        answered.set()
        return HttpResponse("quick")

    async def ask_both(site: OnThreads) -> tuple[list[dict[str, Any]], ...]:
        return await asyncio.gather(ask(site, b"wait"), ask(site, b"go"))

    bodies = [messages[-1]["body"] for messages in asyncio.run(ask_both(served(view)))]
    assert bodies == [b"waited", b"quick"]
