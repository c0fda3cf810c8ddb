"""What is said of a CSV, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from sandbox.tables import Remark, TableError
from sandbox.tables.texts import ERRORS, REPORT


def error_in_words(error: TableError) -> str:
    """Why a file is refused, the line first if one is to blame."""
    text = gettext(ERRORS[error.code]) % error.parameters
    return gettext("Line %(line)d: %(problem)s") % {"line": error.line, "problem": text} if error.line else text


def remark_in_words(remark: Remark) -> str:
    return gettext(REPORT[remark.code]) % remark.words


def report_in_words(stored: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a stored report, each with its sentence as `detail`."""
    remarks = [Remark(**line) for line in stored]
    return [{"detail": remark_in_words(remark), **remark.as_json()} for remark in remarks]
