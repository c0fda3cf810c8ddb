"""The page on which an instructor reads what a class did in a quiz."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quizzes import access
from quizzes.kinds import Texts
from quizzes.kinds.base import plain
from quizzes.statistics import gathering
from quizzes.statistics import wording as statistics_wording
from quizzes.statistics.gathering import Item, Which
from quizzes.statistics.measures import MIN_ATTEMPTS_FOR_CORRELATION
from quizzes.statistics.responses import Answer, Part, wording
from quizzes.statistics.wording import Told, percent, together
from quizzes.views import LearnerRequest

_BLANK: Final = re.compile(r"\[\[[a-z0-9_-]+\]\]")
TYPED_SHOWN: Final = 12
"""Of what was typed, so many answers are listed; the rest is one line."""


@dataclass(frozen=True)
class Bar:
    """How often, as a share of those who were asked; `width` of 100, for an attribute of SVG, which knows no decimal
    comma."""

    count: int
    share: str
    width: str

    @classmethod
    def of(cls, count: int, share: float) -> "Bar":
        return cls(count, percent(share), f"{share * 100:.1f}")


@dataclass(frozen=True)
class ShownAnswer:
    """`wording` is safe HTML, or what was `typed`. `mark` is one of right, wrong, gone."""

    wording: SafeString | str
    typed: bool
    mark: str
    credit: str
    given: Bar


@dataclass(frozen=True)
class ShownPart:
    """`title` names the part, if the question has several; `summary` says the table in a sentence."""

    title: SafeString | str
    summary: str
    together: bool
    answers: list[ShownAnswer]
    others: int
    others_given: Bar
    unanswered: Bar


@dataclass(frozen=True)
class ShownItem:
    """`prompt` is plain and short: it stands in headings and links."""

    item: Item
    number: str
    prompt: str
    headline: str
    told: list[Told]
    parts: list[ShownPart]

    @property
    def figures(self) -> dict[str, Told]:
        return {told.name: told for told in self.told}


@login_required
@require_GET
def statistics(request: LearnerRequest, quiz_id: uuid.UUID) -> HttpResponse:
    """What the first attempts say, or all of them: `?attempts=all`. For who teaches the course."""
    quiz = access.taught_quiz(request.user, quiz_id)
    which: Which = "all" if request.GET.get("attempts") == "all" else "first"
    report = gathering.report(quiz, which)
    locale, fallback = get_language() or "", quiz.lesson.course.fallback
    items = [_item(item, item.version.texts_in(locale, fallback)) for item in report.items]
    context: dict[str, Any] = {
        "quiz": quiz,
        "title": quiz.title(locale, fallback),
        "lesson": quiz.lesson,
        "report": report,
        "lead": statistics_wording.lead(report.which, report.learners, report.attempts),
        "told": statistics_wording.of_quiz(report.quiz),
        "items": items,
        "flagged": [item for item in items if item.item.statistics.flagged],
        "judged": any(item.item.statistics.discrimination_index.value is not None for item in items),
        "enough": MIN_ATTEMPTS_FOR_CORRELATION,
    }
    return render(request, "quizzes/statistics.html", context)


def _item(item: Item, texts: Texts) -> ShownItem:
    shown = item.version.parsed.public(texts)
    asked = next((text for name in ("prompt", "text", "front") if (text := getattr(shown, name, None))), "")
    prompt = _BLANK.sub("___", plain(asked))
    return ShownItem(
        item=item,
        number=", ".join(str(position) for position in item.positions),
        prompt=Truncator(prompt or item.question.slug).chars(120),
        headline=statistics_wording.headline(item.statistics),
        told=statistics_wording.of_item(item.statistics),
        parts=_parts(item, shown, texts),
    )


def _parts(item: Item, shown: Any, texts: Texts) -> list[ShownPart]:
    """Blanks in the order in which they stand in the text."""
    written = str(getattr(shown, "code", "") or getattr(shown, "text", ""))
    parts = sorted(item.parts, key=lambda part: written.find(f"[[{part.name}]]"))
    titles = [_title(item.question.kind, part, place, texts) for place, part in enumerate(parts, start=1)]
    return [_part(part, title if len(parts) > 1 else "", texts) for part, title in zip(parts, titles, strict=True)]


def _part(part: Part, title: SafeString | str, texts: Texts) -> ShownPart:
    offered = [answer for answer in part.answers if answer.offered]
    typed = [answer for answer in part.answers if not answer.offered]
    others = sum(answer.count for answer in typed[TYPED_SHOWN:])
    return ShownPart(
        title=title,
        summary=_summary(part, texts),
        together=part.together,
        answers=[_answer(answer, texts) for answer in (*offered, *typed[:TYPED_SHOWN])],
        others=len(typed[TYPED_SHOWN:]),
        others_given=Bar.of(others, others / part.asked if part.asked else 0.0),
        unanswered=Bar.of(part.unanswered, part.unanswered / part.asked if part.asked else 0.0),
    )


def _title(kind: str, part: Part, place: int, texts: Texts) -> SafeString | str:
    html = wording(part.path, texts)
    if html is None:
        return _("Blank %(number)d") % {"number": place}
    named = mark_safe(html)
    return format_html(_("What comes after: {item}"), item=named) if kind == "ordering" else named


def _answer(answer: Answer, texts: Texts) -> ShownAnswer:
    html = wording(answer.path, texts)
    return ShownAnswer(
        wording=_plain(answer, {}) if html is None else mark_safe(html),
        typed=not answer.offered,
        mark="gone" if answer.credit is None else "right" if answer.right else "wrong",
        credit=_credit(answer.credit),
        given=Bar.of(answer.count, answer.share),
    )


def _credit(credit: float | None) -> str:
    if credit is None:
        return "–"
    return f"−{percent(-credit)}" if credit < 0 else percent(credit)


def _plain(answer: Answer, texts: Texts) -> str:
    """The answer as plain text."""
    html = wording(answer.path, texts)
    if html is not None:
        return plain(html)
    if not answer.offered:
        return answer.text
    kind, *numbers = answer.text.split("-")
    if kind in {"layer", "node"} and all(number.isdigit() for number in numbers):
        return _target(kind, [int(number) for number in numbers])
    return {"true": _("True"), "false": _("False"), "": _("nothing: it was put last")}.get(answer.text, answer.text)


def _target(kind: str, numbers: Sequence[int]) -> str:
    """A part of a drawn network; the inputs are its first column."""
    if kind == "layer":
        return _("Column %(column)d") % {"column": numbers[0] + 1}
    return _("Column %(column)d, node %(node)d") % {"column": numbers[0] + 1, "node": numbers[1]}


def _summary(part: Part, texts: Texts) -> str:
    """The table in one or two sentences: what was given most, and which wrong answers nobody gave."""
    given = max((answer for answer in part.answers if answer.count), key=lambda answer: answer.count, default=None)
    said = [] if given is None else [_given_most(given, texts)]
    return together([*said, *_unchosen(part.answers)])


def _given_most(given: Answer, texts: Texts) -> str:
    most = {"answer": _plain(given, texts), "count": given.count, "share": percent(given.share)}
    if given.right:
        right = ngettext(
            "Given most: “%(answer)s”, right, %(count)d time (%(share)s).",
            "Given most: “%(answer)s”, right, %(count)d times (%(share)s).",
            given.count,
        )
        return right % most
    wrong = ngettext(
        "Given most: “%(answer)s”, not right, %(count)d time (%(share)s).",
        "Given most: “%(answer)s”, not right, %(count)d times (%(share)s).",
        given.count,
    )
    return wrong % most


def _unchosen(answers: Sequence[Answer]) -> list[str]:
    idle = sum(1 for answer in answers if answer.offered and not answer.right and not answer.count)
    if not idle or not any(answer.count for answer in answers):
        return []
    sentence = ngettext(
        "%(count)d wrong answer was given by nobody: it does no work.",
        "%(count)d wrong answers were given by nobody: they do no work.",
        idle,
    )
    return [sentence % {"count": idle}]
