"""Ids for what a file gives none, and concepts from its tags. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from quizzes.interchange.bodies import is_id

MAX_ID = 40
_MARKUP = re.compile(r"<[^<>]{0,200}>|&#?[A-Za-z0-9]{1,32};")
_WORD = re.compile(r"[a-z0-9]+")


def ids_for(texts: Sequence[str], letter: str = "c") -> list[str]:
    """Return an id for each text, made of its Latin letters and digits, else of `letter` and its place from 1.

    Ids are unique. They depend on nothing but these texts and their order.
    """
    ids: list[str] = []
    taken: set[str] = set()
    for place, text in enumerate(texts, 1):
        wanted = slug(text) or f"{letter}{place}"
        found, number = wanted, 1
        while found in taken:
            number += 1
            found = f"{wanted}-{number}"
        taken.add(found)
        ids.append(found)
    return ids


def slug(text: str) -> str:
    """Return the Latin letters and digits of a text as an id of at most 40 signs; "" where it has none."""
    plain = unicodedata.normalize("NFKD", _MARKUP.sub(" ", text[:1_000]))
    words = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)).lower())
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word[:MAX_ID]
        if len(longer) > MAX_ID:
            break
        made = longer
    return made


def concepts_of(tags: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of concepts among the tags, with or without `concept:` before them, and a note for each other."""
    concepts: list[str] = []
    notes: list[str] = []
    for tag in tags:
        name = tag.strip().removeprefix("concept:").strip()
        if is_id(name):
            concepts.append(name)
        elif name:
            notes.append(f"The tag “{tag.strip()[:100]}” is no id of a concept and was not kept.")
    return tuple(dict.fromkeys(concepts)), tuple(dict.fromkeys(notes))
