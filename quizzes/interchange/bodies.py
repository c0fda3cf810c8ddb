"""Between the body of a question and what a file can say of it, whatever the format. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.kinds.base import Body, Id, shuffled
from quizzes.kinds.cloze import Cloze

MAX_NOTES: Final = 30
_ID: Final = TypeAdapter[str](Id)


def is_id(text: str) -> bool:
    """Whether this can name a question, a choice or a concept."""
    try:
        _ID.validate_python(text)
    except ValidationError:
        return False
    return True


def few(notes: Sequence[str]) -> tuple[str, ...]:
    """Return as many notes on one question as anybody reads."""
    if len(notes) <= MAX_NOTES:
        return tuple(notes)
    return (*notes[:MAX_NOTES], f"There are {len(notes) - MAX_NOTES} more notes like these.")


def in_another_order(key: Sequence[str]) -> list[str]:
    """Return the ids in an order that is made from them, and is not theirs: how a file without one shows its items."""
    items = shuffled(key, "shown")
    return items if items != list(key) else [*items[1:], *items[:1]]


def blank_names(count: int) -> list[str]:
    """Return names for the blanks of a cloze in which a file gives none. Learners see them: they say nothing."""
    return [f"blank-{number}" for number in range(1, count + 1)]


def in_one_locale(body: Body, locale: str) -> dict[str, Any] | None:
    """Return the body as `questions.yaml` has it, with the texts of one locale; None where it has none of these."""
    if locale not in body.locales:
        return None
    written: dict[str, Any] = body.model_dump(mode="json", exclude_defaults=True)
    return {**written, "texts": {locale: written["texts"][locale]}}


def fault_in(body: Mapping[str, Any]) -> str:
    """Return what is wrong with a body that was read, as a sentence; nothing where it is a question."""
    try:
        parsed = kinds.parse(body)
    except kinds.UnknownKindError:
        return f"There are no questions of the kind {str(body.get('kind'))[:40]!r} here."
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][2 if first["loc"][:1] == ("texts",) else 0 :])
        message = first["msg"].removeprefix("Value error, ").rstrip(".")
        return f"{place}: {message}." if place else f"{message[:1].upper()}{message[1:]}."
    return _fault_in_blanks(parsed) if isinstance(parsed, Cloze) else ""


def _fault_in_blanks(cloze: Cloze) -> str:
    """Only who renders the text sees that a blank stands in a formula or a link."""
    try:
        cloze.render(render_fragment)
    except ValueError as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    return ""


def is_same(read: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether what was read from a file would be taken, and says all that was written into it."""
    return not fault_in(read) and kinds.content_hash(kinds.parse(read)) == kinds.content_hash(kinds.parse(body))
