"""The kinds of questions: strict types of what is written, shown, answered and revealed. Pure.

A new kind is a module here, a line in `KINDS` (and in the unions below, which the API's schema shows), a template
`quizzes/kinds/<kind>.html`, and a test file.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from quizzes.kinds.base import Body, Graded, Refused, Texts
from quizzes.kinds.challenge import Challenge, PublicChallenge
from quizzes.kinds.cloze import Cloze, ClozeKey, ClozeResponse, PublicCloze
from quizzes.kinds.flashcard import Flashcard, PublicFlashcard
from quizzes.kinds.multiple_choice import (
    MultipleChoice,
    MultipleChoiceKey,
    MultipleChoiceResponse,
    PublicMultipleChoice,
)
from quizzes.kinds.numeric import Numeric, NumericKey, NumericResponse, PublicNumeric
from quizzes.kinds.ordering import Ordering, OrderingKey, OrderingResponse, PublicOrdering
from quizzes.kinds.single_choice import PublicSingleChoice, SingleChoice, SingleChoiceKey, SingleChoiceResponse
from quizzes.kinds.true_false import PublicTrueFalse, TrueFalse, TrueFalseKey, TrueFalseResponse

__all__ = [
    "KINDS",
    "AnyKey",
    "AnyPublic",
    "AnyResponse",
    "Body",
    "Graded",
    "Refused",
    "Texts",
    "UnknownKindError",
    "content_hash",
    "in_locale",
    "parse",
]

KINDS: Final[Mapping[str, type[Body]]] = {
    "single_choice": SingleChoice,
    "multiple_choice": MultipleChoice,
    "true_false": TrueFalse,
    "numeric": Numeric,
    "ordering": Ordering,
    "cloze": Cloze,
    "flashcard": Flashcard,
    "challenge": Challenge,
}

AnyPublic = Annotated[
    PublicSingleChoice
    | PublicMultipleChoice
    | PublicTrueFalse
    | PublicNumeric
    | PublicOrdering
    | PublicCloze
    | PublicFlashcard
    | PublicChallenge,
    Field(discriminator="kind"),
]
AnyKey = Annotated[
    SingleChoiceKey | MultipleChoiceKey | TrueFalseKey | NumericKey | OrderingKey | ClozeKey,
    Field(discriminator="kind"),
]
AnyResponse = (
    SingleChoiceResponse
    | MultipleChoiceResponse
    | TrueFalseResponse
    | NumericResponse
    | OrderingResponse
    | ClozeResponse
)


class UnknownKindError(ValueError):
    pass


def parse(body: Mapping[str, Any], allowed: Collection[str] = KINDS.keys()) -> Body:
    """Return the body as its kind; raise UnknownKindError, or ValidationError with the place of each fault."""
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in allowed:
        raise UnknownKindError(f"unknown kind {kind!r}; known are {', '.join(allowed)}")
    return KINDS[kind].model_validate(body)


def content_hash(body: Body) -> str:
    """Return the same for the same content, whatever the order of keys and locales."""
    canonical = json.dumps(body.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def in_locale(rendered: Mapping[str, Texts], locale: str, fallback: str) -> Texts:
    """Return the rendered texts in `locale`, else in `fallback` (the course's first locale), else in any."""
    return rendered.get(locale) or rendered.get(fallback) or next(iter(rendered.values()))
