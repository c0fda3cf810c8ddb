"""What the pages of quizzes read of a request: fields that anybody may have changed."""

import uuid
from typing import Final

from django.http import HttpRequest, QueryDict

MAX_NUMBER: Final = 2**31 - 1


def htmx(request: HttpRequest) -> bool:
    """Whether only a part of the page is wanted."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def number_in(form: QueryDict, name: str, most: int = MAX_NUMBER) -> int | None:
    """Return a field that holds a whole number 0 … most, else None."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= most else None


def uuid_in(form: QueryDict, name: str) -> uuid.UUID | None:
    """Return a field that holds a UUID, else None."""
    try:
        return uuid.UUID(form.get(name, ""))
    except ValueError:
        return None


def answer_in(form: QueryDict) -> dict[str, str]:
    """Return the fields that hold an answer, without the one sign that PostgreSQL keeps in no text."""
    return {name: value.replace("\x00", "") for name, value in form.dict().items() if isinstance(value, str)}
