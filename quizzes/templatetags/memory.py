from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from django import template
from django.utils import formats
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.rendering import render_fragment
from quizzes.memory.reviewing import typed

register = template.Library()

_ABOUT_MEMORY = ("today/", "review/", "memory/")
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
def is_about_memory(name: str | None) -> bool:
    """Whether the page of this URL name (of the app quizzes) is one of those about the learner's own memory."""
    return name in _pages_about_memory()


@cache
def _pages_about_memory() -> frozenset[str]:
    from quizzes.memory.urls import urlpatterns  # its views load this module

    return frozenset(one.name for one in urlpatterns if one.name and str(one.pattern).startswith(_ABOUT_MEMORY))


@register.filter
def interval_from(due: datetime, now: datetime) -> str:
    return interval(due - now)


@register.filter
def slip_from(text: str, answers: str | Sequence[str]) -> typed.Comparison | None:
    """A typed answer that missed a right one by a few signs, beside it."""
    return typed.slip(text, [answers] if isinstance(answers, str) else answers)


@register.filter
def as_markdown(text: str) -> SafeString:
    """What a learner wrote for the own eyes, as safe HTML."""
    return mark_safe(render_fragment(text))
