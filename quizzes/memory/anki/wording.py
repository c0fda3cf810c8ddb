"""What is said of packages to people: why one is not taken, what of it is left out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from quizzes.memory.anki.package_reading import FAULTS

_MORE_FAULTS: Final = {
    "too_many_own_cards": _(
        "With these cards you would have more than %(most)s of your own. What was done so far stays."
    ),
    "no_room": _("Your pictures would take more room than one learner has. What was done so far stays."),
    "crashed": _("Something went wrong here. What was done so far stays; try again, and it goes on from there."),
}

_LEFT_OUT: Final = {
    "empty_front": ngettext_lazy(
        "%(number)d card has nothing in front that is shown here.",
        "%(number)d cards have nothing in front that is shown here.",
        "number",
    ),
    "empty_back": ngettext_lazy(
        "%(number)d card has nothing behind that is shown here.",
        "%(number)d cards have nothing behind that is shown here.",
        "number",
    ),
    "too_long": ngettext_lazy(
        "%(number)d card is longer than 10,000 characters on one side.",
        "%(number)d cards are longer than 10,000 characters on one side.",
        "number",
    ),
    "no_template": ngettext_lazy(
        "%(number)d card has no template in the package.",
        "%(number)d cards have no template in the package.",
        "number",
    ),
    "no_cloze": ngettext_lazy(
        "%(number)d cloze card asks for a gap that its text does not have.",
        "%(number)d cloze cards ask for a gap that their text does not have.",
        "number",
    ),
    "occlusion": ngettext_lazy(
        "%(number)d card hides parts of a picture, which is not shown here.",
        "%(number)d cards hide parts of a picture, which is not shown here.",
        "number",
    ),
    "reviews_without_card": ngettext_lazy(
        "%(number)d review is of a card that stays out.",
        "%(number)d reviews are of cards that stay out.",
        "number",
    ),
    "strays": ngettext_lazy(
        "%(number)d review is of a card that is not in the package.",
        "%(number)d reviews are of cards that are not in the package.",
        "number",
    ),
    "graded_here": ngettext_lazy(
        "%(number)d review is of a question that is graded here: it takes no rating.",
        "%(number)d reviews are of questions that are graded here: they take no rating.",
        "number",
    ),
    "by_hand": ngettext_lazy(
        "%(number)d line of the log is no answer: the card was rescheduled by hand.",
        "%(number)d lines of the log are no answers: the cards were rescheduled by hand.",
        "number",
    ),
    "filtered": ngettext_lazy(
        "%(number)d review is of a filtered deck that did not reschedule.",
        "%(number)d reviews are of filtered decks that did not reschedule.",
        "number",
    ),
    "before_forgetting": ngettext_lazy(
        "%(number)d review is older than the moment when its card was reset in Anki.",
        "%(number)d reviews are older than the moment when their card was reset in Anki.",
        "number",
    ),
    "impossible": ngettext_lazy(
        "%(number)d line of the log has a button or a moment that cannot be.",
        "%(number)d lines of the log have a button or a moment that cannot be.",
        "number",
    ),
    "sounds": ngettext_lazy(
        "%(number)d sound is left out; its card is kept.",
        "%(number)d sounds are left out; their cards are kept.",
        "number",
    ),
    "missing_picture": ngettext_lazy(
        "%(number)d picture cannot be shown on its card.",
        "%(number)d pictures cannot be shown on their cards.",
        "number",
    ),
    "no_picture": ngettext_lazy(
        "%(number)d file is no PNG, JPEG, GIF or WebP, whatever its name says.",
        "%(number)d files are no PNG, JPEG, GIF or WebP, whatever their names say.",
        "number",
    ),
    "large_picture": ngettext_lazy(
        "%(number)d picture is too large.", "%(number)d pictures are too large.", "number"
    ),
    "no_room": ngettext_lazy(
        "%(number)d picture finds no room beside those that you have.",
        "%(number)d pictures find no room beside those that you have.",
        "number",
    ),
    "other_media": ngettext_lazy(
        "%(number)d file of the package is shown on no card and stays out.",
        "%(number)d files of the package are shown on no card and stay out.",
        "number",
    ),
    "simplified": ngettext_lazy(
        "%(number)d card loses some of its layout (a table, a style); its words are kept.",
        "%(number)d cards lose some of their layout (tables, styles); their words are kept.",
        "number",
    ),
}  # fmt: skip
REASONS: Final = tuple(_LEFT_OUT)


def fault(code: str, values: Mapping[str, Any]) -> str:
    """Return why a package is not taken, in the language of the page."""
    sentence = str(_MORE_FAULTS[code]) if code in _MORE_FAULTS else gettext(FAULTS[code])
    return sentence % values


def left_out(counts: Mapping[str, int]) -> Sequence[str]:
    """Return a sentence for every reason, in a fixed order: cards first, then reviews, media, layout."""
    return [_LEFT_OUT[reason] % {"number": counts[reason]} for reason in REASONS if counts.get(reason)]
