"""Which question of a course each question of a file is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from quizzes.interchange.bodies import is_id
from quizzes.interchange.items import Item
from quizzes.interchange.naming import slug
from quizzes.interchange.plain_markdown import to_plain
from quizzes.searching import PROMPTS

HASH_DIGITS: Final = 10


def prompt_of(texts: Mapping[str, Any]) -> str:
    """Return what is asked in the texts of one language, on one line and without marks: some formats have none."""
    return " ".join(to_plain(next((str(texts[name]) for name in PROMPTS if texts.get(name)), "")).split())


def asked(body: Mapping[str, Any], locale: str) -> tuple[str, str]:
    """Return the kind and the prompt in this language, by which a question is known where a file names nothing."""
    return str(body.get("kind", "")), prompt_of(body.get("texts", {}).get(locale, {}))


def stable_ids(items: Sequence[Item], locale: str, known: Mapping[tuple[str, str], str]) -> list[str]:
    """Return the stable id of each item; "" for one that was refused and has none.

    It is the id that the file gives; else the Latin letters of the title, where nothing else in the file has these;
    else that of the question of the course which asks the same (`known`: `asked` → stable id); else it is made of the
    kind and the prompt. So the same item has the same id in every import.
    """
    given = {item.id for item in items if is_id(item.id)}
    titles = Counter(slug(item.title) for item in items if not is_id(item.id))
    return [_stable_id(item, locale, given, titles, known) for item in items]


def _stable_id(
    item: Item, locale: str, given: set[str], titles: Counter[str], known: Mapping[tuple[str, str], str]
) -> str:
    if is_id(item.id):
        return item.id
    title = slug(item.title)
    if title and titles[title] == 1 and title not in given:
        return title
    if item.body is None:
        return ""
    kind, prompt = asked(item.body, locale)
    digits = sha256(f"{kind}\n{prompt}".encode(errors="replace")).hexdigest()[:HASH_DIGITS]
    return known.get((kind, prompt), f"q-{digits}")


def is_nameless(item: Item) -> bool:
    """Whether the file says nothing but the question itself."""
    return item.body is not None and not is_id(item.id) and not slug(item.title)
