"""Cards → an .apkg of the layout that every Anki reads (genanki), with what it knows of memory.

genanki writes notes and media; scheduling, memory states and the log are put into its database here, as Anki writes
them: `cards.data` {"s": stability, "d": difficulty, …}, intervals in days or (below zero) seconds, days counted from
the day on which the collection was made.
"""

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import genanki

from quizzes.kinds.base import Html
from quizzes.memory.anki.note_types import BASIC, FIELDS
from quizzes.memory.fsrs import STEPS, Entry, Phase, State

NEW, LEARNING, REVIEW, RELEARNING = 0, 1, 2, 3
SUSPENDED_QUEUE: Final = -1
EASE_FACTOR: Final = 2500
"""What Anki gives a card whose ease nobody has changed; with FSRS it plays no part."""
MOST_MILLISECONDS: Final = 3_600_000
_DAY: Final = timedelta(days=1)
_TYPES: Final[Mapping[Phase, int]] = {
    Phase.LEARNING: LEARNING,
    Phase.REVIEW: REVIEW,
    Phase.RELEARNING: RELEARNING,
}


@dataclass(frozen=True, slots=True)
class LoggedReview:
    """One rating that counts, the state before it (None before the first) and after it."""

    entry: Entry
    before: State | None
    after: State
    elapsed_ms: int | None


@dataclass(frozen=True, slots=True)
class Memory:
    state: State
    log: Sequence[LoggedReview]
    desired_retention: float
    decay: float


@dataclass(frozen=True, slots=True)
class CardOut:
    """One card to be written. `memory` is None for one that is new, or where scheduling is not asked for.

    `changed_at`: when its text was last changed. Anki takes the text of a note that it knows only from a newer one, so
    that what was changed there since stands.
    """

    guid: str
    front: Html
    back: Html
    changed_at: datetime
    tags: Sequence[str] = ()
    memory: Memory | None = None
    is_suspended: bool = False


@dataclass(frozen=True)
class DeckOut:
    """`media`: name in the package → content. `day_start`: when the learner's present day began."""

    id: int
    name: str
    cards: Sequence[CardOut]
    day_start: datetime
    media: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)


def write_package(deck: DeckOut, *, now: datetime) -> bytes:
    """Return the bytes of the package. The same cards at the same moment give the same database."""
    made = genanki.Deck(deck.id, deck.name)
    made.add_model(BASIC)
    for card in deck.cards:
        made.add_note(_note(card))
    with tempfile.TemporaryDirectory(prefix="engram-anki-") as folder:
        files = []
        for name, content in deck.media.items():
            path = Path(folder) / name
            path.write_bytes(content())
            files.append(str(path))
        sink = io.BytesIO()
        package = _Package(made, files, deck)
        package.write_to_file(sink, timestamp=now.timestamp())
    return _packed(sink)


def _packed(written: io.BytesIO) -> bytes:
    """Return the same archive a fifth as large: genanki compresses nothing. Its files have no date of their own."""
    sink = io.BytesIO()
    with zipfile.ZipFile(written) as loose, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in loose.namelist():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, loose.read(name))
    return sink.getvalue()


def _note(card: CardOut) -> Any:
    note = genanki.Note(model=BASIC, fields=[card.front, card.back], guid=card.guid, tags=list(card.tags))
    assert len(note.fields) == len(FIELDS)
    return note


class _Package(genanki.Package):  # type: ignore[misc]
    """genanki's, with scheduling: it has no place for that."""

    def __init__(self, made: Any, media: list[str], deck: DeckOut) -> None:
        super().__init__(made, media)
        self.deck = deck

    def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, id_gen: Iterator[int]) -> None:
        super().write_to_db(cursor, timestamp, id_gen)
        _Scheduling(cursor, self.deck).write()


def _made_at(deck: DeckOut) -> datetime:
    """When the collection was made, at the begin of a day: before the first line of the log, so that no day is below
    zero."""
    moments = [one.entry.effective_at for card in deck.cards if card.memory for one in card.memory.log]
    first = min(moments, default=deck.day_start)
    return deck.day_start - max(1, -((first - deck.day_start) // _DAY)) * _DAY


class _Scheduling:
    def __init__(self, cursor: sqlite3.Cursor, deck: DeckOut) -> None:
        self.cursor, self.deck = cursor, deck
        first = min(
            (one.entry.effective_at for card in deck.cards if card.memory for one in card.memory.log), default=None
        )
        days = max(1, -((first - deck.day_start) // _DAY)) if first else 1
        self.made_at = deck.day_start - days * _DAY
        self.used: set[int] = set()

    def write(self) -> None:
        cards = dict(
            self.cursor.execute("SELECT notes.guid, cards.id FROM cards JOIN notes ON notes.id = cards.nid").fetchall()
        )
        # The second scheduler: with the first, a log has three buttons while learning.
        configuration = json.loads(self.cursor.execute("SELECT conf FROM col").fetchone()[0]) | {"schedVer": 2}
        self.cursor.execute(
            "UPDATE col SET crt = ?, conf = ?", (int(self.made_at.timestamp()), json.dumps(configuration))
        )
        for position, card in enumerate(self.deck.cards):
            pk = cards[card.guid]
            self.cursor.execute("UPDATE cards SET due = ? WHERE id = ?", (position, pk))
            changed = (int(card.changed_at.timestamp()), card.guid)
            self.cursor.execute("UPDATE notes SET mod = ? WHERE guid = ?", changed)
            if card.memory is not None:
                self._schedule(pk, card.memory, position)
                self._log(pk, card.memory)
            if card.is_suspended:
                self.cursor.execute("UPDATE cards SET queue = ? WHERE id = ?", (SUSPENDED_QUEUE, pk))

    def _schedule(self, pk: int, memory: Memory, position: int) -> None:
        state = memory.state
        kind = _TYPES[state.state]
        is_review = kind == REVIEW
        due = (state.due - self.made_at) // _DAY if is_review else int(state.due.timestamp())
        left = 0 if is_review else (len(STEPS[state.state]) - (state.step or 0)) * 1001
        data = {
            "pos": position,
            "s": round(state.stability, 4),
            "d": round(state.difficulty, 3),
            "dr": memory.desired_retention,
            "decay": round(memory.decay, 3),
            "lrt": int(state.last_review.timestamp()),
        }
        self.cursor.execute(
            "UPDATE cards SET type = ?, queue = ?, due = ?, ivl = ?, factor = ?, reps = ?, lapses = ?, left = ?,"
            " data = ? WHERE id = ?",
            (
                *(kind, REVIEW if is_review else LEARNING, due, _days_kept(memory), EASE_FACTOR),
                *(state.reps, state.lapses, left, json.dumps(data, separators=(",", ":")), pk),
            ),
        )

    def _log(self, pk: int, memory: Memory) -> None:
        before = 0
        for one in memory.log:
            interval = _interval(one.after)
            # As Anki writes difficulty into the log where FSRS is used: 1…10 as 100…1100.
            factor = round((one.after.difficulty - 1) / 9 * 1000) + 100
            kind = 0 if one.before is None else _KINDS_OF_LOG[one.before.state]
            spent = min(one.elapsed_ms or 0, MOST_MILLISECONDS)
            row = (self._moment(one.entry), pk, -1, one.entry.rating, interval, before, factor, spent, kind)
            self.cursor.execute("INSERT INTO revlog VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            before = interval

    def _moment(self, entry: Entry) -> int:
        """The key of the log is a moment: of two reviews in one millisecond the second is written a little later."""
        moment = int(entry.effective_at.timestamp() * 1000)
        while moment in self.used:
            moment += 1
        self.used.add(moment)
        return moment


_KINDS_OF_LOG: Final[Mapping[Phase, int]] = {Phase.LEARNING: 0, Phase.REVIEW: 1, Phase.RELEARNING: 2}


def _interval(state: State) -> int:
    wait = state.due - state.last_review
    return max(1, round(wait / _DAY)) if state.state is Phase.REVIEW else -int(wait.total_seconds())


def _days_kept(memory: Memory) -> int:
    """The interval of the card in days: while it is learned again, that which Anki would give it afterwards."""
    if memory.state.state is Phase.LEARNING:
        return 0
    return max(1, _interval(memory.state)) if memory.state.state is Phase.REVIEW else 1
