"""Decisions about a question in words and figures, for the page and the API. Reads only."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import User
from quizzes.kinds import Texts
from quizzes.kinds.base import plain
from quizzes.models import Question, QuestionVersion, Quiz, Regrade
from quizzes.regrading.difference import AttemptChange, Difference, MemoryChange
from quizzes.searching import prompt_html

MOST_ROWS = 100


@dataclass(frozen=True)
class Worded:
    """A version with its key in words. `same_key`: as the version before it."""

    version: QuestionVersion
    key: Sequence[str]
    answers: int
    same_key: bool
    is_current: bool


@dataclass(frozen=True)
class Decided:
    """`taken_back` is the row that takes this one back, if there is one."""

    row: Regrade
    taken_back: Regrade | None

    @property
    def is_exclusion(self) -> bool:
        return self.row.version_id is None


def prompt(question: Question, locale: str) -> str:
    """What is asked, as text."""
    assert question.current is not None
    return plain(prompt_html(question.current.texts_in(locale, question.course.fallback))) or question.slug


def versions(question: Question, locale: str) -> list[Worded]:
    """Return all versions, the newest first, with their keys in words. One query."""
    counts = Count("responses", distinct=True), Count("reviews", filter=~Q(reviews__source="quiz"), distinct=True)
    rows = question.versions.annotate(given=counts[0], reviewed=counts[1]).order_by("number")
    found: list[Worded] = []
    for version in rows:
        key = key_in_words(version, locale, question.course.fallback)
        same = bool(found) and found[-1].version.parsed.revealed() == version.parsed.revealed()
        answers = version.given + version.reviewed
        found.append(Worded(version, key, answers, same, version.pk == question.current_id))
    return found[::-1]


def key_in_words(version: QuestionVersion, locale: str, fallback: str) -> list[str]:
    """Return the right answer in the words of its choices, one line for each part; nothing for a kind without a key."""
    revealed = version.parsed.revealed()
    if revealed is None:
        return []
    key = {name: value for name, value in revealed.model_dump(exclude={"kind", "shown"}).items() if value is not None}
    texts = version.texts_in(locale, fallback)
    if len(key) == 1:
        return list(_lines(next(iter(key.values())), texts))
    return [f"{name}: {_in_words(value, texts)}" for name, value in key.items()]


def _lines(value: Any, texts: Texts) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{_word(str(name), texts)}: {_in_words(inner, texts)}" for name, inner in value.items())
    else:
        yield _in_words(value, texts)


def _in_words(value: Any, texts: Texts) -> str:
    if isinstance(value, bool):
        return _("true") if value else _("false")
    if isinstance(value, dict):
        return "; ".join(_lines(value, texts))
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_in_words(inner, texts) for inner in value)
    return _word(value, texts) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _word(name: str, texts: Texts) -> str:
    """The text that an id stands for, where there is one."""
    for path, text in texts.items():
        parts = path.split(".")
        if name in parts[1:] and (parts[-1] == name or parts[-2:] == [name, "text"]):
            return plain(text)
    return name


def decisions(question: Question) -> list[Decided]:
    """Return what was decided, the newest first; what takes back stands with what it takes back. One query."""
    rows = list(question.regrades.select_related("version", "author").defer("version__rendered", "version__body"))
    taken_back = {row.undoes_id: row for row in rows if row.undoes_id is not None}
    return [Decided(row, taken_back.get(row.pk)) for row in rows if row.undoes_id is None]


# --- a difference ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What changes for one learner in one place."""

    learner: str
    where: str
    change: Any


@dataclass(frozen=True)
class Shown:
    """A difference with names, at most `MOST_ROWS` of each list; `more_*` says how many others there are."""

    difference: Difference
    attempts: Sequence[Row]
    memory: Sequence[Row]

    @property
    def more_attempts(self) -> int:
        return len(self.difference.attempts) - len(self.attempts)

    @property
    def more_memory(self) -> int:
        return len(self.difference.memory) - len(self.memory)


def shown(difference: Difference, locale: str, fallback: str) -> Shown:
    """Two queries."""
    attempts, states = difference.attempts[:MOST_ROWS], difference.memory[:MOST_ROWS]
    names = _names({one.user for one in attempts} | {one.user for one in states})
    quizzes = Quiz.objects.in_bulk({one.quiz for one in attempts})
    titles = {pk: quiz.title(locale, fallback) for pk, quiz in quizzes.items()}
    return Shown(
        difference,
        [_attempt_row(one, names, titles) for one in attempts],
        [_memory_row(one, names) for one in states],
    )


def _attempt_row(one: AttemptChange, names: Mapping[uuid.UUID, str], titles: Mapping[uuid.UUID, str]) -> Row:
    return Row(names[one.user], titles[one.quiz], one)


def _memory_row(one: MemoryChange, names: Mapping[uuid.UUID, str]) -> Row:
    return Row(names[one.user], "", one)


def _names(users: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=users)}
