"""What is wrong with the text of a lesson, in the reader's language.

Checks say it in English, because a terminal and a file of problems need one language. Here are the sentences that an
author meets while writing; any other stays English, and is marked so.
"""

import re
from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language, gettext, gettext_noop

SENTENCES = (
    # headings and sections
    gettext_noop("There are no sections: a heading is ## Title {#some-id}."),
    gettext_noop("The title of a lesson is in its front matter; headings in the text begin with ##."),
    gettext_noop("The heading “%(title)s” has no id: write ## %(again)s {#some-id}."),
    gettext_noop("“%(id)s” cannot be an id: small letters, digits, single hyphens, and no id of the page itself."),
    gettext_noop("The id “%(id)s” is here a second time."),
    gettext_noop("The section “%(id)s” of %(other)s is missing here."),
    gettext_noop("The section “%(id)s” is not in %(other)s."),
    gettext_noop("The sections stand in another order than in %(other)s, from “%(id)s” on."),
    # what a text names
    gettext_noop("The link %(target)s leads nowhere."),
    gettext_noop("There is no question “%(id)s”."),
    gettext_noop("There is no preset “%(id)s”."),
    gettext_noop("There is no challenge “%(id)s”."),
    gettext_noop(
        "There is no picture “%(name)s” in the folder of the lesson (PNG, JPEG, GIF or WebP, at most 500 KB)."
    ),
    gettext_noop("The picture “%(name)s” has no description: ![what there is to see](%(again)s)."),
    gettext_noop("The pictures of this text are larger than %(megabytes)s MB together."),
    # directives and diagrams
    gettext_noop('A directive is written ::name[caption]{id key=value key="value"}, alone on its line.'),
    gettext_noop("A directive cannot stand inside other HTML."),
    gettext_noop("There is no directive ::%(name)s. There are: %(known)s."),
    gettext_noop("::%(name)s does not say which: write its id first inside the braces."),
    gettext_noop("::%(name)s has no option “%(option)s”."),
    gettext_noop('Cannot read “%(text)s”: options are key=value or key="value".'),
    gettext_noop("There are two ids, “%(first)s” and “%(second)s”."),
    gettext_noop("The option “%(option)s” is given twice."),
    gettext_noop("There is no diagram called “%(name)s”. There are: %(known)s."),
    gettext_noop("%(name)s has no option “%(option)s”. It has: %(known)s."),
    # formulas, code, marks, length
    gettext_noop("The braces of this formula do not match: %(formula)s"),
    gettext_noop("This formula is not complete: %(formula)s"),
    gettext_noop("This formula is longer than %(number)s characters."),
    gettext_noop("“%(sign)s” is not known in formulas: %(formula)s"),
    gettext_noop("The code fence %(fence)s is never closed."),
    gettext_noop(
        "“==” stays in the text. Marks are ==written so==, without spaces inside; code stands between backticks."
    ),
    gettext_noop("A paragraph has at most %(number)s characters, and %(brackets)s square brackets."),
    gettext_noop("Lists or quotations stand too deep in each other."),
    gettext_noop("This file is larger than %(number)s bytes."),
    gettext_noop("This is not text: it has NUL."),
    # title and summary
    gettext_noop("title: String should have at least 1 character."),
    gettext_noop("title: String should have at most %(number)s characters."),
    gettext_noop("summary: String should have at most %(number)s characters."),
)
GAP = re.compile(r"%\\\((\w+)\\\)s")


@dataclass(frozen=True)
class Worded:
    """`language`: that of the words."""

    words: str
    language: str


def in_words(message: str) -> Worded:
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(message):
            words = gettext(sentence) % found.groupdict()
            return Worded(words, get_language() or "en" if gettext(sentence) != sentence else "en")
    return Worded(message, "en")


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The sentences as patterns; what stands in their gaps may be anything."""
    # `re.escape` leaves “%” alone, so the gaps are found as “%\(name\)s”.
    return [(one, re.compile(GAP.sub(r"(?P<\1>.*)", re.escape(one)), re.DOTALL)) for one in SENTENCES]
