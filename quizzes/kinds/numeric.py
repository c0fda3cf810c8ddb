import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from quizzes.kinds.base import Body, Graded, Html, Id, Locale, Markdown, Refused, Render, Strict, Texts, same_ids

MAX_TYPED = 100

# Full-width signs only: to fold all that looks alike would make 10² a 102.
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
# Three digits of an exponent are more than any float has; more would only be slow.
_NUMBER = re.compile(r"([+-]?) ?((?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]{1,3})?)")
# 2,100 is two thousand one hundred to one reader, and little more than two to another.
_THOUSANDS = re.compile(r"[+-]? ?[1-9][0-9]{0,2}(?:[, '][0-9]{3})+(?:\.[0-9]*)?")

Number = Annotated[float, Field(allow_inf_nan=False)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class NumericTexts(Strict):
    """`unit` is plain text: it stands beside the field, and may be typed after the number."""

    prompt: Markdown
    unit: Unit | None = None
    mistakes: dict[Id, Markdown] = {}
    feedback: Markdown | None = None


class NumericResponse(Strict):
    """`value` as it was typed: `3.2`, `3,2`, `−4`, `1e-4`, `15 %`."""

    value: str


class PublicNumeric(Strict):
    kind: Literal["numeric"] = "numeric"
    prompt: Html
    unit: str | None


class NumericKey(Strict):
    """Right is whatever is at most `tolerance` away from `value`."""

    kind: Literal["numeric"] = "numeric"
    value: float
    tolerance: float


class Numeric(Body):
    Response = NumericResponse

    kind: Literal["numeric"]
    key: Number
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    mistakes: Annotated[dict[Id, Number], Field(max_length=12)] = {}
    texts: Annotated[dict[Locale, NumericTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, value in self.mistakes.items():
            if self._is_near(_exact(value), self.key):
                raise ValueError(f"the mistake {name!r} is a right answer")
        if len(set(self.mistakes.values())) < len(self.mistakes):
            raise ValueError("two mistakes have the same value")
        for locale, texts in self.texts.items():
            same_ids(list(self.mistakes), texts.mistakes, f"mistakes ({locale})")
        return self

    def markdown(self, locale: str) -> dict[str, str]:
        texts = self.texts[locale]
        written = {"prompt": texts.prompt, "feedback": texts.feedback}
        written |= {f"mistakes.{name}": text for name, text in texts.mistakes.items()}
        return {path: text for path, text in written.items() if text}

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        for locale, texts in rendered.items():
            if unit := self.texts[locale].unit:
                texts["unit"] = unit
        return rendered

    def public(self, texts: Texts) -> PublicNumeric:
        return PublicNumeric(prompt=texts["prompt"], unit=texts.get("unit"))

    def revealed(self) -> NumericKey:
        return NumericKey(value=self.key, tolerance=self.tolerance)

    def grade(self, response: NumericResponse) -> Graded | Refused:
        """A known mistake is met within the tolerance, too; its feedback comes first. Units of every locale count."""
        if len(response.value) > MAX_TYPED:
            return Refused("/value", "too_long", f"At most {MAX_TYPED} characters.")
        value = read_number(response.value, [texts.unit for texts in self.texts.values() if texts.unit])
        if isinstance(value, Refused):
            return value
        right = self._is_near(value, self.key)
        met = [name for name, mistake in self.mistakes.items() if not right and self._is_near(value, mistake)]
        return Graded(float(right), {"value": right}, (*(f"mistakes.{name}" for name in met[:1]), "feedback"))

    def _is_near(self, value: Decimal, wanted: float) -> bool:
        """In decimals, as typed: 3.205 is exactly 0.005 away from 3.2."""
        return abs(value - _exact(wanted)) <= _exact(self.tolerance)

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"value": form.get("value", "")}


def read_number(text: str, units: list[str]) -> Decimal | Refused:
    """Return the number that was typed, with or without one of the units.

    Full-width digits, decimal comma or point, every kind of minus sign, an exponent (1e-4). There are no separators
    of thousands: where one could be meant, the text is refused instead of misread.
    """
    typed = _plain(text)
    if not typed:
        return Refused("/value", "empty", "No number is given.")
    for unit in ("", *(_plain(unit) for unit in units)):
        number = typed.removesuffix(unit).rstrip() if unit else typed
        if _THOUSANDS.fullmatch(number):
            return Refused("/value", "thousands", "Write the number without separators of thousands.")
        if match := _NUMBER.fullmatch(number):
            return Decimal(match[1] + match[2].replace(",", "."))
    return Refused("/value", "not_a_number", "This is no number, such as 3.2 or 1e-4.")


def _plain(text: str) -> str:
    visible = "".join(sign for sign in text.translate(_PLAIN).casefold() if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split())


def _exact(number: float) -> Decimal:
    """Return the decimal that was written: 0.1 is a tenth."""
    return Decimal(repr(float(number)))
