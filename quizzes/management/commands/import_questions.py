"""`import_questions FILE --course SLUG`: the questions of a file into a course; first with `--dry-run`.

It ends with 1 where a question was refused, in a dry run and in an import: not everything that the file asks for was
done. The rest is imported all the same.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from courses.models import Course, Lesson
from quizzes.bank import files, importing
from quizzes.bank.formats import FORMATS, Format, guess
from quizzes.bank.plan import STATUSES, Plan, Planned, WrongPlaceError, plan
from quizzes.interchange.items import MAX_BYTES, FileFault

WIDEST = 40


class Command(BaseCommand):
    help = (
        "Import questions from GIFT, Moodle XML, CSV, Excel or Aiken. Importing the file again changes nothing. New "
        "questions stand at the end of the lesson; no quiz lists them by itself. Ends with 1 if something was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--course", required=True, metavar="SLUG")
        parser.add_argument(
            "--lesson", metavar="SLUG", help="where new questions go; else the one that each category ends with"
        )
        parser.add_argument("--format", choices=FORMATS, help="what the file looks like, if left out")
        parser.add_argument("--locale", metavar="L", help="language of the texts; the first of the course if left out")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, *, file: Path, verbosity: int, dry_run: bool, **options: Any) -> None:
        course, lesson = found_course(options["course"]), None
        if options["lesson"]:
            lesson = found_lesson(course, options["lesson"])
        content = _content(file)
        file_format = FORMATS[options["format"]] if options["format"] else guess(file.name, content)
        shown = _plan(file, course, lesson, content, options["locale"] or course.fallback, file_format)
        self._say(shown, verbosity)
        if not dry_run:
            _apply(shown)
        counts = ", ".join(f"{number} {status}" for status, number in shown.counts.items())
        self.stdout.write(f"{file}: {counts}." + (" Nothing was imported: this is a dry run." if dry_run else ""))
        if refused := shown.counts["refused"]:
            raise CommandError(f"{refused} of {len(shown.planned)} refused.")

    def _say(self, shown: Plan, verbosity: int) -> None:
        """A table of what an import does; what is the same only where more is to be said."""
        told = [one for status in STATUSES for one in shown.of(status) if status != "same" or verbosity > 1]
        width = min(WIDEST, max((len(one.slug) for one in told), default=0))
        styles = {"refused": self.style.ERROR, "changed": self.style.WARNING}
        for one in told if verbosity else ():
            style = styles.get(one.status, str)
            line = f"line {one.line}" if one.line else "-"
            self.stdout.write(f"{style(f'{one.status:<8}')}  {line:<10}  {one.slug:<{width}}  {_title(one)}".rstrip())
            for remark in (one.why, *one.notes, *one.remarks):
                if remark:
                    self.stdout.write(f"{'':<22}{remark}")


def _apply(shown: Plan) -> None:
    try:
        importing.apply(shown, now=timezone.now())
    except (importing.ChangedMeanwhileError, WrongPlaceError) as error:  # between the plan and now
        raise CommandError(str(error)) from None


def _title(one: Planned) -> str:
    title = one.prompt or one.title
    return f"{title[: 2 * WIDEST]}…" if len(title) > 2 * WIDEST else title


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None


def _plan(file: Path, course: Course, lesson: Lesson | None, content: bytes, locale: str, file_format: Format) -> Plan:
    try:
        return plan(course, lesson, files.read(content, locale, file_format), locale, file_format)
    except WrongPlaceError as error:
        raise CommandError(str(error)) from None
    except FileFault as fault:
        where = f"{file}:{fault.line}" if fault.line else str(file)
        raise CommandError(f"{where}: {fault.message} (It was read as {file_format.label}.)") from None


def found_course(slug: str) -> Course:
    course = Course.objects.published().filter(slug=slug).first()
    if course is None:
        known = ", ".join(Course.objects.published().values_list("slug", flat=True)) or "none at all"
        raise CommandError(f"There is no course “{slug}”. There are: {known}.")
    return course


def found_lesson(course: Course, slug: str) -> Lesson:
    lessons = Lesson.objects.published().filter(course=course)
    lesson = lessons.filter(slug=slug).first()
    if lesson is None:
        known = ", ".join(lessons.in_order().values_list("slug", flat=True)) or "none at all"
        raise CommandError(f"The course has no lesson “{slug}”. There are: {known}.")
    return lesson
