from django import template
from django.template.defaultfilters import floatformat

register = template.Library()


@register.filter
def percent(share: float | str | None) -> str:
    """0.9342 → "93.4 %"; nothing measured → a dash."""
    # A template passes "" for what is not there.
    return f"{floatformat(100 * share, 1)} %" if isinstance(share, int | float) else "–"


@register.filter
def value(number: float | str | None) -> str:
    """A loss with four decimals; nothing measured → a dash."""
    return str(floatformat(number, 4)) if isinstance(number, int | float) else "–"
