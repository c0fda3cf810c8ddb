"""What the templates of the kinds of questions show. What only one kind shows is said in the module of that kind."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import get_language

from quizzes.kinds import KINDS
from quizzes.kinds.base import Sheet

register = template.Library()

Shown = Mapping[str, Any]


@register.simple_tag
def laid_out(
    question: Shown, outcome: Shown | None = None, key: Shown | None = None, given: Mapping[str, str] | None = None
) -> Any:
    """Return what the public type of this kind makes of the question (`laid_out`), before or after the answer."""
    kind = KINDS[question["kind"]]
    sheet = Sheet(
        locale=get_language() or "",
        key=kind.Key.model_validate(key) if kind.Key and key else None,
        response=kind.Response.model_validate(outcome["response"]) if kind.Response and outcome else None,
        parts=outcome["parts"] if outcome else {},
        beside=outcome["beside"] if outcome else {},
        given=given or {},
    )
    return kind.Public.model_validate(question).laid_out(sheet)


@register.filter
def plain_number(number: float) -> str:
    """A number as one would type it: 2100, 3.2, −0.0001; no exponent, no separators of thousands."""
    text = f"{Decimal(repr(float(number))):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


@register.filter
def mark_number(mark: float) -> str:
    """A mark as it is told: at most two digits after the point, and a minus sign that is one."""
    text = f"{mark:.2f}".rstrip("0").rstrip(".")
    return ("0" if text in {"-0", ""} else text).replace("-", "−")
