"""HTML that takes long to make is kept in the process, by everything that it is made of.

A kept page is right for exactly the rows that it was made of: they are its key. So nobody has to be told that a lesson
was edited, a course imported, a question mended or archived: other rows are another key, in every process at once. What
nobody asks for is pushed out by what is asked for.

What belongs to one person or one request has no place in it, and is not a part of the key either. A page has *holes*
for that: where it would stand, it is made with a text that nobody can guess, and it is cut there. A `StandIn` takes
the person's and the request's place while it is made, so that a template cannot reach for more.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, Final, Generic, NoReturn, TypeVar

Made = TypeVar("Made", bound=Hashable)

MOST: Final = 4_000_000
"""Characters of one kind of page, with their keys, in each web process: at most 8 MB, a Chinese one having two bytes.
The text of a lesson has about 80,000, half of them the rows that it is made of."""
_SECRET: Final = secrets.token_hex(16)
"""An author who could write a hole into a text would have the reader's token put there."""


class Kept(Generic[Made]):
    """What was asked for last, as much as has `most` characters together with its keys. Threads share it."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._characters = most, 0
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made of `key`; made now if it is not there. `make` may read nothing that the key does not say."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()  # perhaps in two threads at once, and then it is the same
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._characters += characters((key, made))
            while self._characters > self._most:
                self._characters -= characters(self._kept.popitem(last=False))
        return made


def characters(thing: object) -> int:
    """How many characters the texts in nested tuples have; whatever else is in them counts as ten."""
    if isinstance(thing, tuple):
        return sum(map(characters, thing))
    return len(thing) if isinstance(thing, str) else 10


# --- holes -----------------------------------------------------------------------------------------------------------


def hole(*name: object) -> str:
    """What stands for something while a page is made: no template escapes it, and nobody else can write it."""
    return f"{_SECRET}.{'.'.join(map(str, name))}."  # ends, so that none is the beginning of another


def cut(html: str, holes: Iterable[str]) -> tuple[str, ...]:
    """The page in pieces: text, hole, text, …, hole, text."""
    return tuple(re.split(f"({'|'.join(map(re.escape, holes))})", html))


def filled(pieces: Sequence[str], filling: Mapping[str, str]) -> str:
    """The page with its holes filled. KeyError for a hole that nothing is meant for."""
    return "".join([filling[piece] if index % 2 else piece for index, piece in enumerate(pieces)])


class UnkeptError(Exception):
    """A template asked for something of a person or a request that a kept page does not know."""


class StandIn:
    """Has what a kept page may know, and refuses the rest: a template would take a missing value for an empty one."""

    def __init__(self, **known: Any) -> None:
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> NoReturn:
        raise UnkeptError(f"A kept page does not know {name!r}: it needs a hole, or a place in the key.")
