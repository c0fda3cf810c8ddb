"""What every kind of question is made of."""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=100)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")]
Markdown = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]
Html = str
_TAG = re.compile(r"<[^>]*>")

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


class WrittenTexts(Strict):
    """What an author writes in one language. A kind adds its own texts to these."""

    hints: Annotated[list[Markdown], Field(max_length=5)] = []
    """Shown before the answer, one after another, each when the learner asks for it."""


@dataclass(frozen=True)
class Sheet:
    """What a page knows of one question. A question that is asked has no `key`; one that was left open, no `response`.

    `given` are the fields of a form that stands again, for it was no answer, or one that is kept and not marked yet.
    `parts` and `beside` are those of `Graded`, with the feedback as HTML; `locale` is the language of the page.
    """

    locale: str = ""
    key: Any = None
    response: Any = None
    parts: Mapping[str, bool] = field(default_factory=dict)
    beside: Mapping[str, Html] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)


class PublicQuestion(Strict):
    """What a learner may see before answering. A kind adds its own to these."""

    kind: Any
    hints: list[Html] = []

    def laid_out(self, sheet: Sheet) -> Any:
        """Return what the kind's template shows that the question alone does not say: `{% laid_out … as rows %}`."""
        return None


class Body(Strict):
    """One version of a question, as it was written: ids, key, and Markdown texts per locale.

    A kind is a subclass in a module of its own, which names it as its `KIND`, and a template
    `quizzes/kinds/<kind>.html`. Nothing here knows of a database.
    """

    Public: ClassVar[type[PublicQuestion]]
    Key: ClassVar[type[Strict] | None] = None
    """The right answer, as it is revealed. None: nobody marks."""
    Response: ClassVar[type[Strict] | None] = None
    """What a learner sends. None: there is no response; the learner grades alone, or a run is judged."""
    PLAIN: ClassVar[Mapping[str, Any]] = {}
    """The texts that are no Markdown, as pydantic's `exclude` names them."""

    kind: Any
    texts: Any

    @property
    def locales(self) -> list[str]:
        return list(self.texts)

    def markdown(self, locale: str) -> dict[str, str]:
        """Return every Markdown text of this locale by its path: `prompt`, `choices.linear.text`, `hints.0`."""
        return dict(_paths(self.texts[locale].model_dump(exclude_none=True, exclude=self.PLAIN)))

    def inlined(self) -> Iterable[str]:
        """Return the paths of texts that stand beside a button or a field: a single paragraph loses its `<p>` there."""
        return ()

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = {
            locale: {path: render(text) for path, text in self.markdown(locale).items()} for locale in self.locales
        }
        for texts in rendered.values():
            texts |= {path: inline(texts[path]) for path in self.inlined()}
        return rendered

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        """Return the question as one sitting asks it: the same for the same seed, and never marked otherwise.

        With `shuffle`, what has no order of its own stands in one that the seed makes.
        """
        return self

    def asked_for(self, response: Any) -> Self:
        """Return the question as it was asked when this response, which was marked, was given."""
        return self

    @abstractmethod
    def public(self, texts: Texts) -> Any:
        """Return what a learner may see before answering, a `Public`: no key, feedback or accepted answer."""

    @abstractmethod
    def revealed(self) -> Any:
        """Return the right answer, a `Key`, for a learner who has answered; None where nobody marks."""

    @abstractmethod
    def grade(self, response: Any) -> Graded | Refused:
        """Mark a response that `Response` has validated."""

    @abstractmethod
    def response_from_form(self, form: Mapping[str, str]) -> Any:
        """Return the response in a submitted HTML form, not yet validated."""

    def form_of(self, response: Any) -> dict[str, str]:
        """Return the fields of a form that gives this response again; none for what has not the shape of one."""
        if self.Response is None:
            return {}
        try:
            return self.fields(self.Response.model_validate(response))
        except ValidationError:
            return {}

    def fields(self, response: Any) -> dict[str, str]:
        """As `form_of`, of a valid response: here each part of it is a field of the same name."""
        return {name: value for name, value in response.model_dump().items() if isinstance(value, str)}


def _paths(written: Any, *path: str) -> Iterator[tuple[str, str]]:
    """Yield every text in what was written, with its path."""
    if isinstance(written, str):
        yield ".".join(path), written
        return
    for name, inner in written.items() if isinstance(written, dict) else enumerate(written):
        yield from _paths(inner, *path, str(name))


def hints(texts: Texts) -> list[Html]:
    """Return the rendered hints, the first one first."""
    return [texts[path] for index in range(len(texts)) if (path := f"hints.{index}") in texts]


def shuffled(ids: Sequence[str], seed: int | str) -> list[str]:
    """Return the ids in an order that is made from the seed, and the same on every machine."""
    return sorted(ids, key=lambda name: sha256(f"{seed}/{name}".encode()).digest())


def distinct(ids: Sequence[str], what: str) -> None:
    """Raise if an id stands twice. `what`: a name with its article, "a choice"."""
    if len(set(ids)) < len(ids):
        raise ValueError(f"{what} stands twice")


def inline(html: Html) -> Html:
    """Return a single paragraph without its `<p>`, to stand beside a button; anything longer as it is."""
    inner = html.strip().removeprefix("<p>").removesuffix("</p>")
    return inner if html.strip() == f"<p>{inner}</p>" and "</p>" not in inner else html


def plain(html: Html) -> str:
    """Return the text of rendered HTML, without its tags, for a place that shows no markup."""
    return unescape(_TAG.sub("", html)).strip()


def same_ids(expected: Sequence[str], found: Mapping[str, Any], what: str) -> None:
    """Raise unless exactly the expected ids have a text."""
    missing, unknown = set(expected) - set(found), set(found) - set(expected)
    if missing:
        raise ValueError(f"{what} without a text: {', '.join(sorted(missing))}")
    if unknown:
        raise ValueError(f"texts of unknown {what}: {', '.join(sorted(unknown))}")
