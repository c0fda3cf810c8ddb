"""An event stream …"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from sandbox import live
from sandbox.models import Event
from sandbox.runs import Place
from tests.sandbox.samples import NOW

RUN, OWNER = uuid.uuid4(), uuid.uuid4()


def event(seq: int, kind: str = Event.EPOCH, run: uuid.UUID = RUN) -> Event:
    return Event(run_id=run, attempt=1, seq=seq, kind=kind, payload={"number": seq}, created_at=NOW)


class Table:
    """Stands for the events and the queue: what `read_news` finds."""

    def __init__(self) -> None:
        self.events: dict[uuid.UUID, list[Event]] = {}
        self.places: dict[uuid.UUID, Place] = {}
        self.asked: list[dict[uuid.UUID, int]] = []
        self.is_broken = False

    def add(self, *events: Event) -> None:
        for each in events:
            self.events.setdefault(each.run_id, []).append(each)

    def read_news(self, watched: dict[uuid.UUID, int], with_places: bool) -> Any:
        if self.is_broken:
            raise RuntimeError("no database")
        self.asked.append(dict(watched))
        fresh = {run: [e for e in self.events.get(run, []) if e.seq > seq] for run, seq in watched.items()}
        return fresh, {run: place for run, place in self.places.items() if run in watched and with_places}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    table = Table()
    monkeypatch.setattr(live, "read_news", table.read_news)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)
    return table


def run(scene: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(scene(), 5))


def watch(after: int = 0, backlog: tuple[Event, ...] = (), run_id: uuid.UUID = RUN) -> AsyncIterator[str]:
    return live.stream(run_id, OWNER, list(backlog), after)


def ids(chunks: list[str]) -> list[int]:
    lines = "".join(chunks).splitlines()
    return [int(line.removeprefix("id: ")) for line in lines if line.startswith("id: ")]


def test_it_goes_on_from_the_backlog_to_the_end(table: Table) -> None:
    backlog = (event(1), event(2))
    table.add(*backlog)

    async def scene() -> list[str]:
        chunks = []
        async for chunk in watch(backlog=backlog):
            chunks.append(chunk)
            if len(chunks) == 1:
                table.add(event(3), event(4, Event.END))
        return chunks

    chunks = run(scene)
    assert chunks[0].startswith("retry: ")
    assert ids(chunks) == [1, 2, 3, 4]


def test_it_begins_after_the_number_asked_for(table: Table) -> None:
    table.add(event(1), event(2), event(3, Event.END))

    async def scene() -> list[str]:
        return [chunk async for chunk in watch(after=1)]

    assert ids(run(scene)) == [2, 3]


def test_it_shares_one_poller_with_every_other(table: Table) -> None:
    other = uuid.uuid4()

    async def scene() -> list[list[str]]:
        async def follow(run_id: uuid.UUID, after: int) -> list[str]:
            return [chunk async for chunk in watch(after=after, run_id=run_id)]

        streams = [asyncio.create_task(follow(*args)) for args in [(RUN, 0), (RUN, 1), (other, 0)]]
        await asyncio.sleep(0.05)
        table.add(event(1), event(2, Event.END), event(1, Event.END, other))
        return await asyncio.gather(*streams)

    assert [ids(chunks) for chunks in run(scene)] == [[1, 2], [2], [1]]
    assert {RUN: 0, other: 0} in table.asked, "one question for all streams"


def test_it_tells_the_place_in_the_queue_without_a_number(table: Table) -> None:
    table.places[RUN] = Place(3, 7, 12)

    async def scene() -> str:
        stream = watch()
        await anext(stream)
        return await anext(stream)

    assert run(scene) == 'event: place\ndata: {"position":3,"waiting":7,"seconds":12}\n\n'


def test_it_keeps_the_connection_through_silence(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)

    async def scene() -> str:
        stream = watch()
        await anext(stream)
        return await anext(stream)

    assert run(scene).startswith(":")


def test_it_ends_after_its_time(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.05)

    async def scene() -> list[str]:
        return [chunk async for chunk in watch()]

    assert ids(run(scene)) == []


def test_it_leaves_nothing_behind(table: Table) -> None:
    async def scene() -> tuple[int, int, int]:
        stream = watch()
        await anext(stream)
        pending = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.03)
        during = live.streams_of(OWNER)
        pending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pending
        await asyncio.sleep(0.05)
        asked = len(table.asked)
        await asyncio.sleep(0.05)
        return during, live.streams_of(OWNER), len(table.asked) - asked

    assert run(scene) == (1, 0, 0), "nobody watches, nobody polls"


def test_it_closes_when_the_client_is_too_slow(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PENDING", 2)

    async def scene() -> list[str]:
        chunks = []
        async for chunk in watch():
            chunks.append(chunk)
            for seq in range(8 * len(chunks) - 7, 8 * len(chunks) + 1):
                table.add(event(seq))
                await asyncio.sleep(0.03)  # the client does not read meanwhile
        return chunks

    received = ids(run(scene))
    assert received == list(range(1, len(received) + 1)), "what was sent has no gap"
    assert received


def test_it_closes_when_the_table_cannot_be_read(table: Table) -> None:
    async def scene() -> list[str]:
        table.is_broken = True
        return [chunk async for chunk in watch()]

    assert ids(run(scene)) == []
