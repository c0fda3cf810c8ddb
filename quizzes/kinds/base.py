"""What every kind of question is made of."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=100)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")]
Markdown = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]
Html = str

Render = Callable[[str], Html]
Texts = dict[str, Html]
"""The texts of one locale: path in the body (`choices.linear.text`) → safe HTML."""


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True)
class Graded:
    """The mark of one response, 0…1.

    `parts` says which parts of the response are right; `feedback` names rendered texts, to be read in this order;
    `beside` names those that stand beside one part each.
    """

    score: float
    parts: Mapping[str, bool]
    feedback: Sequence[str]
    beside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """Not a response to this question. `pointer` is the place in the response that is to blame."""

    pointer: str
    code: str
    detail: str


class Body(Strict):
    """One version of a question, as it was written: ids, key, and Markdown texts per locale.

    A kind is a subclass in a module of its own, one line in `kinds.KINDS`, and a template
    `quizzes/kinds/<kind>.html`. Nothing here knows of a database.
    """

    Response: ClassVar[type[Strict] | None] = None
    """What a learner sends. None: there is no response; the learner grades alone, or a run is judged."""

    kind: Any
    texts: Any

    @property
    def locales(self) -> list[str]:
        return list(self.texts)

    @abstractmethod
    def markdown(self, locale: str) -> dict[str, str]:
        """Return every text of this locale by its path."""

    def render(self, render: Render) -> dict[str, Texts]:
        return {locale: {path: render(text) for path, text in self.markdown(locale).items()} for locale in self.locales}

    @abstractmethod
    def public(self, texts: Texts) -> Any:
        """Return what a learner may see before answering, a `kinds.AnyPublic`: no key, feedback or accepted answer."""

    @abstractmethod
    def revealed(self) -> Any:
        """Return the right answer, a `kinds.AnyKey`, for a learner who has answered; None where nobody marks."""

    @abstractmethod
    def grade(self, response: Any) -> Graded | Refused:
        """Mark a response that `Response` has validated."""

    @abstractmethod
    def response_from_form(self, form: Mapping[str, str]) -> Any:
        """Return the response in a submitted HTML form, not yet validated."""


def inline(html: Html) -> Html:
    """Return a single paragraph without its `<p>`, to stand beside a button; anything longer as it is."""
    inner = html.strip().removeprefix("<p>").removesuffix("</p>")
    return inner if html.strip() == f"<p>{inner}</p>" and "</p>" not in inner else html


def same_ids(expected: Sequence[str], found: Mapping[str, Any], what: str) -> None:
    """Raise unless exactly the expected ids have a text."""
    missing, unknown = set(expected) - set(found), set(found) - set(expected)
    if missing:
        raise ValueError(f"{what} without a text: {', '.join(sorted(missing))}")
    if unknown:
        raise ValueError(f"texts of unknown {what}: {', '.join(sorted(unknown))}")
