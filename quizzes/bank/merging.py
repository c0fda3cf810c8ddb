"""The text of one language, as a file has it, put into a question that a course has in several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from quizzes import kinds
from quizzes.importing import IN_QUESTIONS
from quizzes.kinds.base import Body


class UnfitError(ValueError):
    """The question cannot be what the file says. `locales`: the languages whose texts do not fit; else `fault`."""

    def __init__(self, locales: Sequence[str] = (), fault: str = "") -> None:
        super().__init__(fault or f"The texts in {', '.join(locales)} do not fit.")
        self.locales = locales
        self.fault = fault


@dataclass(frozen=True)
class Merged:
    """`copied`: the languages that have the text of the file too, because they had none of their own."""

    body: Body
    copied: Sequence[str]


def merge(written: Mapping[str, Any], locale: str, locales: Sequence[str], current: Body | None) -> Merged:
    """Return the question with the texts of `written` in `locale`, and with all else that `written` says.

    Texts in other languages are kept; those that were a copy of the old text of `locale` become one of the new text; a
    language of the course that has none gets a copy. Raises UnfitError.
    """
    body = _dumped(_parsed(written))
    texts = body["texts"][locale]
    before = _texts_of(current)
    own = {name: text for name, text in before.items() if name != locale and text != before.get(locale)}
    copied = [name for name in dict.fromkeys([*locales, *before]) if name not in own]
    merged = {**body, "texts": {**dict.fromkeys(copied, texts), **own}}
    try:
        found = kinds.parse(merged, IN_QUESTIONS)
    except (kinds.UnknownKindError, ValidationError):
        unfit = [name for name, text in own.items() if not _fits({**body, "texts": {name: text}})]
        raise UnfitError(unfit or list(own)) from None
    return Merged(found, [name for name in copied if name != locale])


def _parsed(written: Mapping[str, Any]) -> Body:
    try:
        return kinds.parse(written, IN_QUESTIONS)
    except kinds.UnknownKindError as error:
        raise UnfitError(fault=str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UnfitError(fault=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _fits(body: Mapping[str, Any]) -> bool:
    try:
        kinds.parse(body, IN_QUESTIONS)
    except (kinds.UnknownKindError, ValidationError):
        return False
    return True


def _dumped(body: Body) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_defaults=True)


def _texts_of(body: Body | None) -> dict[str, Any]:
    return _dumped(body)["texts"] if body is not None else {}
