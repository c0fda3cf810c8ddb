from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Id,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Sheet,
    Strict,
    Texts,
    WrittenTexts,
    distinct,
    hints,
    plain,
    same_ids,
    shuffled,
)
from quizzes.kinds.choices import Choice

MAX_ITEMS = 12


class OrderingTexts(WrittenTexts):
    prompt: Markdown
    items: dict[Id, Markdown]
    feedback: Markdown | None = None


class OrderingResponse(Strict):
    """The ids of all items, the first one first."""

    order: Annotated[list[str], Field(max_length=100)]


@dataclass(frozen=True)
class Row:
    """An item to be put in order; `plain` is its text without markup.

    `place` is what was chosen in a form that stands again, and `wanting` that it is no place of its own; `followed`
    says whether the right one comes next, None after the last.
    """

    id: str
    text: Html
    plain: str = ""
    place: str = ""
    wanting: bool = False
    followed: bool | None = None


@dataclass(frozen=True)
class Rows:
    """The items as they are asked; after the answer as they were put, if they were, and as is right."""

    asked: Sequence[Row]
    given: Sequence[Row]
    right: Sequence[Row]


class PublicOrdering(PublicQuestion):
    """`items` in the order in which they are shown, which is not the right one."""

    kind: Literal["ordering"] = "ordering"
    prompt: Html
    items: list[Choice]

    def laid_out(self, sheet: Sheet) -> Rows:
        texts = {item.id: item.text for item in self.items}
        given: Sequence[str] = sheet.response.order if sheet.response else ()
        right: Sequence[str] = sheet.key.order if sheet.key else ()
        return Rows(
            asked=self._asked(sheet.given),
            given=[Row(item, texts[item], followed=sheet.parts.get(item)) for item in given],
            right=[Row(item, texts[item]) for item in right],
        )

    def _asked(self, form: Mapping[str, str]) -> list[Row]:
        """What had been chosen is still chosen."""
        chosen = {item.id: form.get(f"place-{item.id}", "") for item in self.items}
        times = Counter(chosen.values())
        return [
            Row(
                id=item.id,
                text=item.text,
                plain=plain(item.text),
                place=chosen[item.id],
                wanting=bool(form) and (not chosen[item.id] or times[chosen[item.id]] > 1),
            )
            for item in self.items
        ]


class OrderingKey(Strict):
    kind: Literal["ordering"] = "ordering"
    order: list[str]


class Ordering(Body):
    """Items to be put in order. The mark of a response is

        pairs of neighbours in the response that are neighbours in the key, in this direction / (number of items − 1)

    so a sequence that is right but stands one place too late keeps its marks.
    """

    Public, Key, Response = PublicOrdering, OrderingKey, OrderingResponse

    kind: Literal["ordering"]
    items: Annotated[list[Id], Field(min_length=2, max_length=MAX_ITEMS)]
    key: list[Id]
    texts: Annotated[dict[Locale, OrderingTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct(self.items, "an item")
        if sorted(self.key) != sorted(self.items):
            raise ValueError("the key must hold every item once")
        if self.key == self.items:
            raise ValueError("the items are shown in the right order already: shuffle them")
        for locale, texts in self.texts.items():
            same_ids(self.items, texts.items, f"items ({locale})")
        return self

    def inlined(self) -> list[str]:
        return [f"items.{item}" for item in self.items]

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        """The right order is never shown: where the seed makes it, the last item stands first."""
        items = shuffled(self.items, seed) if shuffle else self.items
        return self.model_copy(update={"items": [items[-1], *items[:-1]] if items == self.key else items})

    def public(self, texts: Texts) -> PublicOrdering:
        items = [Choice(id=item, text=texts[f"items.{item}"]) for item in self.items]
        return PublicOrdering(prompt=texts["prompt"], hints=hints(texts), items=items)

    def revealed(self) -> OrderingKey:
        return OrderingKey(order=self.key)

    def grade(self, response: OrderingResponse) -> Graded | Refused:
        """`parts`: for each item but the last of the response, whether the right one follows it."""
        given = response.order
        if not given:
            return Refused("/order", "empty", "No order is given.")
        if not set(given) <= set(self.items):
            return Refused("/order", "unknown_item", "One of these is none of the items.")
        if len(set(given)) < len(given):
            return Refused("/order", "given_twice", "An item is given twice.")
        if len(given) < len(self.items):
            return Refused("/order", "incomplete", "Every item needs a place of its own.")
        follows = dict(pairwise(self.key))
        parts = {first: follows.get(first) == second for first, second in pairwise(given)}
        return Graded(sum(parts.values()) / len(parts), parts, ("feedback",))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        """Each item has a field for its place, 1…n. A place that is chosen twice goes to the first who has it, so that
        the order stays incomplete, which `grade` refuses."""
        wanted = {item: form.get(f"place-{item}", "") for item in self.items}
        places = [str(place) for place in range(1, len(self.items) + 1)]
        found = (next((item for item in self.items if wanted[item] == place), None) for place in places)
        return {"order": [item for item in found if item is not None]}

    def fields(self, response: OrderingResponse) -> dict[str, str]:
        return {f"place-{item}": str(place) for place, item in enumerate(response.order, start=1)}


KIND = Ordering
