"""What the API of files of questions takes and gives; the OpenAPI document is made from these types."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from quizzes.kinds.base import Strict

FormatName = Literal["gift", "moodle_xml", "csv", "xlsx", "aiken"]
Slug = Annotated[str, StringConstraints(max_length=100)]


class ImportQuery(Strict):
    """`format`: what the file looks like if left out; `locale`: the first of the course. Without `lesson`, each new
    question goes to the lesson that its category ends with."""

    dry_run: Annotated[bool, Field(strict=False)] = False
    format: FormatName | None = None
    lesson: Slug | None = None
    locale: Slug | None = None
    name: Annotated[str, StringConstraints(max_length=200)] = ""


class ExportQuery(Strict):
    """`report`: say as JSON what the file does not hold, instead of the file."""

    format: FormatName
    lesson: Slug | None = None
    locale: Slug | None = None
    report: Annotated[bool, Field(strict=False)] = False


class PlannedQuestion(Strict):
    """One item of the file. `line`: where it begins, from 1 (a row of a sheet); 0 unknown. `question` is null where the
    item was refused and nothing says which it is. `prompt` is plain text. `changed`: the fields that the file has
    otherwise. `notes`: what was changed or is not kept."""

    line: int
    title: str
    prompt: str
    kind: str
    status: Literal["refused", "changed", "new", "same"]
    question: UUID | None
    slug: str
    lesson: str | None
    why: str
    changed: list[str]
    notes: list[str]


class ImportCounts(Strict):
    refused: int
    changed: int
    new: int
    same: int


class QuestionImport(Strict):
    """What is done, or would be. `hash` is the ETag of a dry run: send it as If-Match to have just this done.

    `items` are in the order of the file.
    """

    hash: str
    imported: bool
    format: FormatName
    locale: str
    counts: ImportCounts
    items: list[PlannedQuestion]


class LeftOutQuestion(Strict):
    question: UUID
    slug: str
    kind: str
    why: str


class QuestionExport(Strict):
    """What a file of this format holds of `asked` questions. Those not in it, or not as a whole, are listed."""

    format: FormatName
    locale: str
    asked: int
    left_out: list[LeftOutQuestion]
