"""What the door says of a value that does not fit: pydantic's findings, with paths into the JSON and in plain words."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from sandbox.advice import ADVICE
from sandbox.datasets import gettext_noop

Path = tuple[str | int, ...]
MOST_PROBLEMS = 50
"""More than a reader would mend in one go."""

_OBJECT = gettext_noop("This must be an object: names with their values, in curly brackets.")
_CHOICE = gettext_noop("Choose one of: %(choices)s.")
REFUSALS: dict[str, str] = {
    "missing": gettext_noop("This is missing."),
    "extra_forbidden": gettext_noop("Nothing of this name is known here."),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "tuple_type": gettext_noop("This must be a list, in square brackets."),
    "int_type": gettext_noop("This must be a whole number, without quotes and without a decimal point."),
    "float_type": gettext_noop("This must be a number, without quotes."),
    "finite_number": gettext_noop(
        "This must be an ordinary number: neither infinite nor NaN, nor with hundreds of digits."
    ),
    "bool_type": gettext_noop("This must be true or false, without quotes."),
    "string_type": gettext_noop("This must be a text, in quotes."),
    "string_unicode": gettext_noop("This text holds half a character."),
    "string_too_short": gettext_noop("This text must have at least %(min_length)s character(s)."),
    "string_too_long": gettext_noop("This text must have at most %(max_length)s characters."),
    "string_pattern_mismatch name": gettext_noop(
        "A name begins with one of a to z and goes on with a to z, 0 to 9 and _, at most 40 in all."
    ),
    "string_pattern_mismatch table": gettext_noop("This is not the id of a table."),
    "greater_than_equal": gettext_noop("This must be at least %(ge)s."),
    "greater_than": gettext_noop("This must be more than %(gt)s."),
    "less_than_equal": gettext_noop("This must be at most %(le)s."),
    "less_than": gettext_noop("This must be less than %(lt)s."),
    "literal_error": _CHOICE,
    "union_tag_invalid": _CHOICE,
    "union_tag_not_found": gettext_noop("This is missing: it says what kind of thing is meant."),
    "too_short": gettext_noop("This list must have at least %(min_length)s item(s)."),
    "too_long": gettext_noop("This list may have at most %(max_length)s items; it has %(actual_length)s."),
}
"""Pydantic's code, followed by the field's name where that matters → message id."""


def in_plain_words(error: ValidationError) -> ValidationError:
    """The same findings, at most MOST_PROBLEMS of them; the tag of a union (data.circles.rows) is left out of a path,
    for no such key exists in the JSON."""
    return ValidationError.from_exception_data(error.title, [*map(_plain, _first_lines(error))])


def refusal(loc: Path, code: str, message_id: str, parameters: Mapping[str, str | int]) -> InitErrorDetails:
    """`message_id` and its parameters stay in the error's context, so that a page can say it in another language."""
    context: dict[str, Any] = {**parameters, "message_id": message_id, "message": message_id % parameters}
    return InitErrorDetails(type=PydanticCustomError(code, "{message}", context), loc=loc, input=None)


def _first_lines(error: ValidationError) -> list[ErrorDetails]:
    """Pydantic counts the items of a list that are right; those that are wrong are named one by one anyway."""
    lines = error.errors(include_url=False)
    return [line for line in lines if line["type"] != "too_short" or not line["input"]][:MOST_PROBLEMS]


def _plain(line: ErrorDetails) -> InitErrorDetails:
    loc, code = _without_tags(line["loc"]), line["type"]
    if code in ("union_tag_invalid", "union_tag_not_found"):
        loc = (*loc, "kind")
    if code == "float_type" and type(line["input"]) is int:
        code = "finite_number"  # an integer so large that no float holds it
    return refusal(loc, code, _message_id(code, loc, line["msg"]), _parameters(line.get("ctx", {})))


def _message_id(code: str, loc: Path, message: str) -> str:
    for known in (f"{code} {loc[-1]}" if loc else code, code):
        if known in REFUSALS:
            return REFUSALS[known]
    return ADVICE[code][1] if code in ADVICE else message.replace("%", "%%")


def _parameters(context: Mapping[str, Any]) -> dict[str, str | int]:
    parameters = {key: _in_figures(value) for key, value in context.items()}
    choices = parameters.get("expected") or parameters.get("expected_tags", "")
    return {**parameters, "choices": choices.replace("'", "").replace(" or ", ", ")}


def _in_figures(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _without_tags(loc: Path) -> Path:
    if loc[:1] in (("data",), ("optimizer",)) and len(loc) > 1:
        loc = (loc[0], *loc[2:])
        if loc[:2] == ("optimizer", "schedule") and len(loc) > 2:
            loc = (*loc[:2], *loc[3:])
    elif loc[:1] == ("layers",) and len(loc) > 2:
        loc = (*loc[:2], *loc[3:])
    return loc
