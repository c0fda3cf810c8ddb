"""What a card said when its learner last saw it, where its author has changed the words since. Reads only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import Truncator

from quizzes.kinds import Texts
from quizzes.kinds.base import Html, plain
from quizzes.memory.reviewing.cards import Card
from quizzes.models import QuestionVersion

_BLANK: Final = re.compile(r"\[\[[a-z0-9_-]+\]\]")


@dataclass(frozen=True)
class Change:
    """The former texts that differ from those of now: of what is asked, and of what is turned up later."""

    asked: list[Html]
    answer: list[Html]


def since_last_seen(card: Card, locale: str) -> Change | None:
    """Return what has changed for the eyes of this learner; None for nothing. One query, where a version is newer.

    A key, a feedback or another language that changed is no other card. One's own card has changed by one's own hand.
    """
    if card.seen is None or card.seen >= card.version.number or card.question.owner_id is not None:
        return None
    former = QuestionVersion.objects.filter(question=card.question, number=card.seen).first()
    if former is None:
        return None
    before, after = _seen(former, card, locale), _seen(card.version, card, locale)
    answer = [before["back"]] if "back" in before and before["back"] != after.get("back") else []
    asked = [text for path, text in before.items() if path != "back" and text != after.get(path)]
    return Change(asked, answer) if asked or answer else None


def wording(texts: Texts) -> str:
    """Return what a question asks, in plain words and short, for where only its name would stand."""
    asked = next((texts[path] for path in ("front", "prompt", "text") if path in texts), "")
    return Truncator(" ".join(_BLANK.sub("___", plain(asked)).split())).chars(120)


def _seen(version: QuestionVersion, card: Card, locale: str) -> Texts:
    """Return the texts, by path, that are seen before the answer (of a flashcard both sides), without the hints."""
    texts = version.texts_in(locale, card.question.course.fallback)
    shown = set(_strings(version.parsed.public(texts).model_dump(exclude={"hints"})))
    return {path: _BLANK.sub("___", text) for path, text in texts.items() if text in shown}


def _strings(shown: Any) -> Iterator[str]:
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, dict | list | tuple):
        for inner in shown.values() if isinstance(shown, dict) else shown:
            yield from _strings(inner)
