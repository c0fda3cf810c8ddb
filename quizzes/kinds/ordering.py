from collections.abc import Mapping
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
    Refused,
    Render,
    Strict,
    Texts,
    inline,
    same_ids,
)

MAX_ITEMS = 12


class OrderingTexts(Strict):
    prompt: Markdown
    items: dict[Id, Markdown]
    feedback: Markdown | None = None


class OrderingResponse(Strict):
    """The ids of all items, the first one first."""

    order: Annotated[list[str], Field(max_length=100)]


class Item(Strict):
    id: str
    text: Html


class PublicOrdering(Strict):
    """`items` in the order in which they are shown, which is not the right one."""

    kind: Literal["ordering"] = "ordering"
    prompt: Html
    items: list[Item]


class OrderingKey(Strict):
    kind: Literal["ordering"] = "ordering"
    order: list[str]


class Ordering(Body):
    """Items to be put in order. The mark of a response is

        pairs of neighbours in the response that are neighbours in the key, in this direction / (number of items − 1)

    so a sequence that is right but stands one place too late keeps its marks.
    """

    Response = OrderingResponse

    kind: Literal["ordering"]
    items: Annotated[list[Id], Field(min_length=2, max_length=MAX_ITEMS)]
    key: list[Id]
    texts: Annotated[dict[Locale, OrderingTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.items)) < len(self.items):
            raise ValueError("an item stands twice")
        if sorted(self.key) != sorted(self.items):
            raise ValueError("the key must hold every item once")
        if self.key == self.items:
            raise ValueError("the items are shown in the right order already: shuffle them")
        for locale, texts in self.texts.items():
            same_ids(self.items, texts.items, f"items ({locale})")
        return self

    def markdown(self, locale: str) -> dict[str, str]:
        texts = self.texts[locale]
        written = {"prompt": texts.prompt, "feedback": texts.feedback}
        written |= {f"items.{item}": text for item, text in texts.items.items()}
        return {path: text for path, text in written.items() if text}

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        for texts in rendered.values():
            texts |= {f"items.{item}": inline(texts[f"items.{item}"]) for item in self.items}
        return rendered

    def public(self, texts: Texts) -> PublicOrdering:
        items = [Item(id=item, text=texts[f"items.{item}"]) for item in self.items]
        return PublicOrdering(prompt=texts["prompt"], items=items)

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
