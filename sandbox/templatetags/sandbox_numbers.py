from typing import TYPE_CHECKING

from django import template
from django.template.defaultfilters import floatformat

if TYPE_CHECKING:
    from sandbox.models import Run

register = template.Library()


@register.filter
def percent(share: float | str | None) -> str:
    """0.9342 → "93.4 %"; nothing measured → a dash."""
    # A template passes "" for what is not there.
    return f"{floatformat(100 * share, 1)} %" if isinstance(share, int | float) else "–"


@register.filter
def value(number: float | str | None) -> str:
    """A loss with four decimals, a large one with fewer; nothing measured → a dash."""
    return str(floatformat(number, _decimals(number))) if isinstance(number, int | float) else "–"


def _decimals(number: float) -> int:
    """`decimal` in page.js counts alike."""
    return 4 if abs(number) < 10 else 2 if abs(number) < 1000 else 0


@register.filter
def headline(run: "Run") -> dict[str, str] | None:
    """The one figure to list a run by, as `label` and `text`; None as long as nothing is measured."""
    from sandbox import measures  # which writes its numbers with the filters above

    return measures.headline(run.outcome.get("metrics"), run.spec)
