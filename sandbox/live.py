"""Event streams: one poller per process reads what is new for every watched run and hands it to the open streams.

The run rows carry `last_seq`, which moves in the same transaction as the events, so one cheap query tells which runs
have news, on SQLite and on PostgreSQL alike, and no event can be missed between two polls. Nothing here holds a
transaction, or a connection of the request, across an `await`.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import close_old_connections

from sandbox import runs
from sandbox.models import Event, Run, Status

POLL_SECONDS = 0.05
PLACE_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 600.0
"""A stream ends after ten minutes; the browser comes back by itself and names the last event it has."""
STREAMS_PER_USER = 6
"""What one browser opens to one host over HTTP/1.1."""
RETRY_MILLISECONDS = 2000
PENDING = 500
"""Batches a slow client may fall behind before its stream is closed; it resumes from the table."""


def encode(event: Event) -> str:
    """Return one numbered Server-Sent Event."""
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {_json(event.as_json())}\n\n"


def encode_place(place: runs.Place) -> str:
    """Return an event without a number: it is a glance at the queue, not history."""
    return f"event: place\ndata: {_json(place.as_json())}\n\n"


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


@dataclass(eq=False)
class Subscription:
    run_id: UUID
    seq: int
    """The newest event this stream has been given."""
    inbox: asyncio.Queue[list[Event] | runs.Place | None] = field(default_factory=lambda: asyncio.Queue(PENDING))

    def give(self, item: list[Event] | runs.Place | None) -> None:
        """Hand on what is new. A client that is too slow gets nothing more: it resumes after the last it was sent."""
        if self.inbox.full():
            while not self.inbox.empty():
                self.inbox.get_nowait()
            item = None
        self.inbox.put_nowait(item)


class Hub:
    """The streams of one event loop and the poller that feeds them; it polls only while somebody watches."""

    def __init__(self) -> None:
        self.subscriptions: set[Subscription] = set()
        self.streams_of: Counter[UUID] = Counter()
        self._arrival = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        # One thread, so that one database connection serves all streams and stays open between polls.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")

    @contextmanager
    def subscribe(self, run_id: UUID, seq: int, owner_id: UUID) -> Iterator[Subscription]:
        subscription = Subscription(run_id, seq)
        self.subscriptions.add(subscription)
        self.streams_of[owner_id] += 1
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        self._arrival.set()
        try:
            yield subscription
        finally:
            self.subscriptions.discard(subscription)
            self.streams_of[owner_id] -= 1

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        next_places = 0.0
        while self.subscriptions:
            self._arrival.clear()
            watched: dict[UUID, int] = {}
            for subscription in self.subscriptions:
                watched[subscription.run_id] = min(subscription.seq, watched.get(subscription.run_id, subscription.seq))
            with_places = loop.time() >= next_places
            try:
                events, places = await loop.run_in_executor(self._thread, read_news, watched, with_places)
            except Exception:
                for subscription in self.subscriptions:
                    subscription.give(None)  # the clients come back, and meet the error or its end
                raise
            if with_places:
                next_places = loop.time() + PLACE_SECONDS
            self._hand_out(events, places)
            await self._pause()

    def _hand_out(self, events: Mapping[UUID, Sequence[Event]], places: Mapping[UUID, runs.Place]) -> None:
        for subscription in self.subscriptions:
            fresh = [event for event in events.get(subscription.run_id, ()) if event.seq > subscription.seq]
            if fresh:
                subscription.seq = fresh[-1].seq
                subscription.give(fresh)
            elif subscription.run_id in places:
                subscription.give(places[subscription.run_id])

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._arrival.wait(), POLL_SECONDS)
        except TimeoutError:
            return


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def streams_of(user_id: UUID) -> int:
    """How many streams a user has open in this process."""
    return sum(each.streams_of[user_id] for each in list(_hubs.values()))


def read_news(watched: Mapping[UUID, int], with_places: bool) -> tuple[dict[UUID, list[Event]], dict[UUID, runs.Place]]:
    """Return the events after the given numbers, and (if asked) the places of the waiting runs."""
    close_old_connections()
    rows = list(Run.objects.filter(pk__in=watched).values_list("pk", "last_seq", "status"))
    changed = {pk: watched[pk] for pk, last_seq, _ in rows if last_seq > watched[pk]}
    events: dict[UUID, list[Event]] = {}
    if changed:
        for event in Event.objects.filter(run_id__in=changed, seq__gt=min(changed.values())).order_by("run_id", "seq"):
            if event.seq > changed[event.run_id]:
                events.setdefault(event.run_id, []).append(event)
    waiting = [pk for pk, _, status in rows if status == Status.QUEUED] if with_places else []
    return events, runs.places(waiting) if waiting else {}


async def stream(run_id: UUID, owner_id: UUID, backlog: Sequence[Event], after: int) -> AsyncIterator[str]:
    """Yield the events after `after`, beginning with the `backlog` already read, until the run ends.

    A comment goes out every 15 seconds of silence, so that proxies keep the connection.
    """
    yield f"retry: {RETRY_MILLISECONDS}\n\n" + "".join(encode(event) for event in backlog)
    if backlog and backlog[-1].kind == Event.END:
        return
    deadline = asyncio.get_running_loop().time() + STREAM_SECONDS
    with hub().subscribe(run_id, backlog[-1].seq if backlog else after, owner_id) as subscription:
        while asyncio.get_running_loop().time() < deadline:
            try:
                item = await asyncio.wait_for(subscription.inbox.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if item is None:
                return
            if isinstance(item, runs.Place):
                yield encode_place(item)
                continue
            yield "".join(encode(event) for event in item)
            if item[-1].kind == Event.END:
                return
