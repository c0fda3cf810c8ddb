"""What the templates of the kinds of questions show, made of a public question, an outcome and a key."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import strip_tags

register = template.Library()

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Ticked:
    """A choice that could be ticked. `right` and `beside` stand only after the answer."""

    id: str
    text: str
    ticked: bool
    right: bool
    beside: str


@register.simple_tag
def ticked_choices(question: Shown, outcome: Shown | None, key: Shown | None) -> list[Ticked]:
    given: Sequence[str] = outcome["response"]["choices"] if outcome else ()
    right: Sequence[str] = key["choices"] if key else ()
    beside: Mapping[str, str] = outcome["beside"] if outcome else {}
    return [
        Ticked(
            id=choice["id"],
            text=choice["text"],
            ticked=choice["id"] in given,
            right=choice["id"] in right,
            beside=beside.get(choice["id"], ""),
        )
        for choice in question["choices"]
    ]


@dataclass(frozen=True)
class Row:
    """An item to be put in order; `plain` is its text without markup.

    `place` is what was chosen in a form that was no answer, and `wanting` that it is no place of its own; `followed`
    says whether the right one comes next, None after the last.
    """

    id: str
    text: str
    plain: str = ""
    place: str = ""
    wanting: bool = False
    followed: bool | None = None


@register.simple_tag
def items_to_order(question: Shown, given: Mapping[str, str] | None) -> list[Row]:
    """Return the items as they are shown; what had been chosen is still chosen."""
    items: Sequence[Mapping[str, str]] = question["items"]
    chosen = {item["id"]: (given or {}).get(f"place-{item['id']}", "") for item in items}
    times = Counter(chosen.values())
    return [
        Row(
            id=item["id"],
            text=item["text"],
            plain=html.unescape(strip_tags(item["text"])).strip(),
            place=chosen[item["id"]],
            wanting=bool(given) and (not chosen[item["id"]] or times[chosen[item["id"]]] > 1),
        )
        for item in items
    ]


@register.simple_tag
def items_in_order(question: Shown, order: Sequence[str], parts: Mapping[str, bool] | None = None) -> list[Row]:
    texts = {item["id"]: item["text"] for item in question["items"]}
    return [Row(item, texts[item], followed=(parts or {}).get(item)) for item in order]


@register.filter
def plain_number(number: float) -> str:
    """A number as one would type it: 2100, 3.2, −0.0001; no exponent, no separators of thousands."""
    text = f"{Decimal(repr(float(number))):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")
