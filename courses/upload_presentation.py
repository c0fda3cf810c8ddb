"""An upload in words: what is done with it, what was found, what an import would change.

What was found comes out of the database without the order of its keys (PostgreSQL keeps none): the order is given here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext, pgettext, pgettext_lazy

from courses.upload_forms import megabytes
from courses.upload_models import CourseUpload, Refusal
from courses.upload_progress import Glance

MOST_LINES = 12
STEPS: dict[str, Promise] = {
    "unpacking": _("Unpacking the file"),
    "drafting": _("Drafting lessons from the notes"),
    "checking": _("Checking the lessons"),
    "comparing": _("Comparing with what is here"),
    "writing texts": _("Writing the texts"),
    "writing questions": _("Writing the questions"),
}
KINDS: dict[str, Promise] = {
    "single_choice": _("one right choice"),
    "multiple_choice": _("several right choices"),
    "true_false": _("true or false"),
    "numeric": _("a number"),
    "ordering": _("put in order"),
    "cloze": _("fill the gap"),
    "short_text": _("a few words"),
    "matching": _("find the pairs"),
    "calculated": _("a number to work out"),
    "hotspot": _("a place in a network"),
    "code_cloze": _("fill the gap in code"),
    "challenge": _("reach a target in training"),
}
GROUPS: dict[str, Promise] = {
    "notes": _("Chapters and headings"),
    "quiz": _("Quizzes"),
    "code": _("Code and formulas"),
    "pictures": _("Pictures"),
    "links": _("Links and footnotes"),
    "signs": _("HTML, comments and other signs"),
}
CHANGES: dict[str, Promise] = {
    "new": pgettext_lazy("change", "new"),
    "changed": pgettext_lazy("change", "changed"),
    "back": pgettext_lazy("change", "restored"),
    "archived": pgettext_lazy("change", "archived"),
    "same": pgettext_lazy("change", "unchanged"),
}
PARTS: dict[str, Promise] = {
    "lessons": pgettext_lazy("part of a course", "Lessons"),
    "questions": pgettext_lazy("part of a course", "Questions"),
    "cards": pgettext_lazy("part of a course", "Flashcards"),
    "experiments": pgettext_lazy("part of a course", "Experiments"),
    "concepts": pgettext_lazy("part of a course", "Concepts"),
}
REFUSALS: dict[str, Promise] = {
    Refusal.UNREADABLE: _("It cannot be read."),
    Refusal.NO_COURSE: _("There is neither a course.yaml in this zip nor a file of notes (.md or .txt)."),
    Refusal.SEVERAL_NOTES: _(
        "There are several files of notes in this zip, and one is drafted at a time: %(detail)s. Put them into one"
        " file, each below a heading of its own."
    ),
    Refusal.NOT_YOURS: _(
        "There is a course “%(detail)s” here that you do not teach. If yours is another, give it another slug in its"
        " course.yaml; else ask those who teach it."
    ),
    Refusal.OTHER_COURSE: _("This is the course “%(detail)s”, and a version of “%(target)s” was asked for."),
}
ADDRESS_TAKEN = _("There is a course at /courses/%(detail)s/ that you do not teach. Choose another address.")


@dataclass(frozen=True)
class Step:
    """What a worker does now. `percent` is None where there is nothing to count."""

    words: str
    done: int
    total: int

    @property
    def is_counted(self) -> bool:
        return self.total > 0


def step_in_words(glance: Glance | None) -> Step | None:
    if glance is None:
        return None
    return Step(str(STEPS.get(glance.what, glance.what)), glance.done, glance.total)


def refusal_in_words(upload: CourseUpload) -> str:
    """Why it cannot be imported, and what its author can do. What the file's reader says of it stands in `detail`."""
    if upload.refusal == Refusal.ERRORS:
        return _errors_in_words(upload.findings.get("problems", {}))
    message = ADDRESS_TAKEN if upload.refusal == Refusal.NOT_YOURS and upload.is_notes else REFUSALS[upload.refusal]
    return str(message) % {"detail": upload.detail, "target": upload.target}


def _errors_in_words(problems: dict[str, Any]) -> str:
    errors = int(problems.get("errors", 0))
    message = ngettext(
        "%(errors)d error must be mended first. Each is below with its file and line.",
        "%(errors)d errors must be mended first. Each is below with its file and line.",
        errors,
    )
    return message % {"errors": errors}


# --- what was found --------------------------------------------------------------------------------------------------


def findings_in_words(upload: CourseUpload, locale: str) -> dict[str, Any]:
    """Everything that the page of a read upload shows of what was found."""
    changes = upload.findings.get("changes", {})
    return {
        "numbers": numbers_of(upload),
        "kinds": kinds_in_words(upload),
        "lessons": lesson_rows(upload, locale),
        "changes": changes_in_words(upload),
        "is_new": changes.get("is_new", False),
        "is_unchanged": is_unchanged(upload),
        "archives": any(changes[part]["archived"] for part in PARTS if part in changes),
        "problems": upload.findings.get("problems", {}),
        "groups": groups_in_words(upload),
        "encoding": upload.draft.get("encoding", ""),
        "has_report": bool(upload.draft),
    }


def numbers_of(upload: CourseUpload) -> list[tuple[int, str]]:
    """How many lessons, sections, … there are, each with its word; of pictures and the like only if there are any."""
    lessons = upload.findings.get("lessons", [])
    kinds = kinds_of(upload)
    cards = kinds.pop("flashcard", 0)
    sections, experiments, pictures = (
        sum(lesson[name] for lesson in lessons) for name in ("sections", "experiments", "pictures")
    )
    optional = [
        (cards, npgettext("so many", "flashcard", "flashcards", cards)),
        (experiments, npgettext("so many", "experiment", "experiments", experiments)),
        (pictures, npgettext("so many", "picture", "pictures", pictures)),
    ]
    return [
        (len(lessons), npgettext("so many", "lesson", "lessons", len(lessons))),
        (sections, npgettext("so many", "section", "sections", sections)),
        (kinds.total(), npgettext("so many", "question", "questions", kinds.total())),
        *((number, word) for number, word in optional if number),
    ]


def kinds_of(upload: CourseUpload) -> Counter[str]:
    found: Counter[str] = Counter()
    for lesson in upload.findings.get("lessons", []):
        found.update(lesson["questions"])
    return found


def kinds_in_words(upload: CourseUpload) -> list[tuple[str, int]]:
    """The kinds of questions that there are, the most frequent first; flashcards are counted by themselves."""
    found = kinds_of(upload)
    in_order = sorted((kind for kind in KINDS if found[kind]), key=lambda kind: -found[kind])
    return [(str(KINDS[kind]), found[kind]) for kind in in_order]


def lesson_rows(upload: CourseUpload, locale: str) -> list[dict[str, Any]]:
    """A row of the table for each lesson, its title in `locale` if it has one."""
    rows = []
    preferred = [locale, *upload.findings.get("course", {}).get("locales", [])]
    for lesson in upload.findings.get("lessons", []):
        titles = lesson["titles"]
        language = next((one for one in preferred if one in titles), "")
        cards = lesson["questions"].get("flashcard", 0)
        rows.append(
            {
                **lesson,
                "title": titles.get(language, lesson["slug"]),
                "language": language,
                "asked": sum(lesson["questions"].values()) - cards,
                "cards": cards,
                "change_in_words": CHANGES[lesson["change"]],
            }
        )
    return rows


def changes_in_words(upload: CourseUpload) -> list[dict[str, Any]]:
    """For lessons, questions, …: how many are new, changed, …, and which."""
    rows = []
    changes = upload.findings.get("changes", {})
    for part, label in PARTS.items():
        found = changes.get(part, {"numbers": {}})
        numbers = [
            (change, found["numbers"][change], words)
            for change, words in CHANGES.items()
            if found["numbers"].get(change)
        ]
        named = [
            {"change": change, "words": CHANGES[change], "names": found[change], "more": number - len(found[change])}
            for change, number, _words in numbers
            if change != "same"
        ]
        if numbers:
            rows.append({"part": part, "label": label, "numbers": numbers, "named": named})
    return rows


def is_unchanged(upload: CourseUpload) -> bool:
    """Whether the import would write nothing that a reader sees."""
    changes = upload.findings.get("changes", {})
    if not changes or changes["is_new"]:
        return False
    return not any(row["named"] for row in changes_in_words(upload))


def groups_in_words(upload: CourseUpload) -> list[dict[str, Any]]:
    """What the report of drafting says needs a hand, by its group."""
    problems = upload.draft.get("problems", {})
    return [
        {"title": title, "entries": [(lines_in_words(lines), text) for lines, text in problems[group]]}
        for group, title in GROUPS.items()
        if group in problems
    ]


def lines_in_words(lines: Sequence[int]) -> str:
    """`line 3`, `lines 3, 5, 8`; of very many only the first."""
    shown = pgettext("between the numbers of lines", ", ").join(map(str, lines[:MOST_LINES]))
    message = ngettext("line %(lines)s", "lines %(lines)s", len(lines))
    return message % {"lines": f"{shown}…" if len(lines) > MOST_LINES else shown}


def size_in_words(upload: CourseUpload) -> str:
    return megabytes(upload.size)
