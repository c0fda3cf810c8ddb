"""Marks. Pure and total: whatever JSON comes as a response, there is a mark or a refusal that says why."""

from typing import Any

from pydantic import ValidationError

from quizzes.kinds.base import Body, Graded, Refused, Texts

__all__ = ["Graded", "Refused", "beside", "feedback", "grade"]


def grade(body: Body, response: Any) -> Graded | Refused:
    """Mark a response of unknown shape. No locale: what is right in one language is right in all."""
    if body.Response is None:
        return body.grade(response)
    try:
        valid = body.Response.model_validate(response)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in first["loc"])
        return Refused(pointer, first["type"], first["msg"])
    return body.grade(valid)


def feedback(graded: Graded, texts: Texts) -> list[str]:
    """Return the feedback that was written, as HTML, in the order in which to read it."""
    return [texts[path] for path in graded.feedback if path in texts]


def beside(graded: Graded, texts: Texts) -> dict[str, str]:
    """Return the feedback of single parts, as HTML, by part."""
    return {part: texts[path] for part, path in graded.beside.items() if path in texts}
