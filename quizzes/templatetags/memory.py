from datetime import datetime, timedelta

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@register.filter
def interval(wait: timedelta) -> str:
    """A waiting time in words, as coarse as its length: 10 minutes, 3 days, 1.4 months, 2.1 years."""
    seconds = max(0.0, wait.total_seconds())
    if seconds < 59.5 * _MINUTE:
        minutes = max(1, round(seconds / _MINUTE))
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if seconds < 23.5 * _HOUR:
        hours = max(1, round(seconds / _HOUR))
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(seconds / _DAY)
    if days < 31:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if days < 365:
        return _("%(count)s months") % {"count": _coarse(days / 30.4)}
    return _("%(count)s years") % {"count": _coarse(days / 365.25)}


def _coarse(amount: float) -> str:
    digits = 0 if amount >= 9.95 else 1
    return formats.number_format(round(amount, digits), digits)


@register.filter
def interval_from(due: datetime, now: datetime) -> str:
    return interval(due - now)
