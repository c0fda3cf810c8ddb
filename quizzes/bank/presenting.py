"""An import of questions in words: groups of items, what needs a look first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from courses.upload_presentation import KINDS
from quizzes.bank.plan import STATUSES, Plan, Planned, Status

MOST_SHOWN: Final = 500
OPEN_UP_TO: Final = 20
BADGES: Final[dict[Status, tuple[str, Promise]]] = {
    "refused": ("badge--bad", pgettext_lazy("question of a file", "refused")),
    "changed": ("badge--warn", pgettext_lazy("question of a file", "changed")),
    "new": ("badge--good", pgettext_lazy("question of a file", "new")),
    "same": ("", pgettext_lazy("question of a file", "the same")),
}
HEADINGS: Final[dict[Status, Promise]] = {
    "refused": _("Refused: these stay out"),
    "changed": _("Changed: the file says something else"),
    "new": pgettext_lazy("questions of a file", "New"),
    "same": _("The same: nothing happens"),
}
PARTS: Final[dict[str, Promise]] = {
    **dict.fromkeys(("prompt", "text", "front"), pgettext_lazy("part of a question", "what is asked")),
    **dict.fromkeys(
        ("choices", "items", "left", "right", "pairs", "distractors", "answers", "blanks", "back"),
        pgettext_lazy("part of a question", "answers"),
    ),
    **dict.fromkeys(("key", "range"), pgettext_lazy("part of a question", "key")),
    **dict.fromkeys(("feedback", "mistakes", "if_true", "if_false"), pgettext_lazy("part of a question", "feedback")),
    "hints": pgettext_lazy("part of a question", "hints"),
    "concepts": pgettext_lazy("part of a question", "concepts"),
}
OTHER_PART: Final = pgettext_lazy("part of a question", "how it is marked")
MORE_KINDS: Final[dict[str, Promise]] = {"flashcard": _("flashcard")}


@dataclass(frozen=True)
class Row:
    planned: Planned
    kind: str

    @property
    def changed(self) -> list[str]:
        """What the file has otherwise, in words."""
        return list(dict.fromkeys(str(PARTS.get(name, OTHER_PART)) for name in self.planned.changed))

    @property
    def heading(self) -> str:
        return self.planned.prompt or self.planned.title or self.planned.slug or gettext("without a title")


@dataclass(frozen=True)
class Group:
    """The items of one status; `more`: how many are not shown."""

    status: Status
    heading: str
    badge: str
    word: str
    rows: Sequence[Row]
    number: int
    is_open: bool

    @property
    def more(self) -> int:
        return self.number - len(self.rows)


def kind_in_words(kind: str) -> str:
    return str(KINDS.get(kind) or MORE_KINDS.get(kind) or kind)


def groups(plan: Plan) -> list[Group]:
    """Refused first, then changed, new and the same; those that nobody needs to look at are closed."""
    found = []
    for status in STATUSES:
        planned = plan.of(status)
        if planned:
            badge, word = BADGES[status]
            rows = [Row(one, kind_in_words(one.kind)) for one in planned[:MOST_SHOWN]]
            is_open = status in ("refused", "changed") or (status == "new" and len(planned) <= OPEN_UP_TO)
            found.append(Group(status, str(HEADINGS[status]), badge, str(word), rows, len(planned), is_open))
    return found
