import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from quizzes.kinds.arithmetic import exact
from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Id,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Render,
    Strict,
    Texts,
    WrittenTexts,
    hints,
    same_ids,
)

MAX_TYPED = 100

# Full-width signs only: to fold all that looks alike would make 10² a 102.
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
# Three digits of an exponent are more than any float has; more would only be slow.
_NUMBER = re.compile(r"([+-]?) ?((?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]{1,3})?)")
# 2,100 is two thousand one hundred to one reader, and little more than two to another.
_THOUSANDS = re.compile(r"[+-]? ?[1-9][0-9]{0,2}(?:[, '][0-9]{3})+(?:\.[0-9]*)?")

Number = Annotated[float, Field(allow_inf_nan=False)]
Tolerance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Factor = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class NumericTexts(WrittenTexts):
    """`unit` is plain text: it stands beside the field, and may be typed after the number."""

    prompt: Markdown
    unit: Unit | None = None
    mistakes: dict[Id, Markdown] = {}
    feedback: Markdown | None = None


class NumericResponse(Strict):
    """`value` as it was typed: `3.2`, `3,2`, `−4`, `1e-4`, `15 %`."""

    value: str


class PublicNumeric(PublicQuestion):
    """`unit` is meant where none is typed; any of `units` may be typed after the number."""

    kind: Literal["numeric"] = "numeric"
    prompt: Html
    unit: str | None
    units: list[str] = []


class NumericKey(Strict):
    """Right is whatever is at most `tolerance` away from `value`; or, with a `range`, whatever lies in it.

    `tolerance` is absolute here, however it was written. The ends of a range belong to it.
    """

    kind: Literal["numeric"] = "numeric"
    value: float | None
    tolerance: float
    range: list[float] | None = None


class Numeric(Body):
    """The `key`, give or take `tolerance` or the share `relative` of it; or any number of the `range` [low, high].

    `units` are those that may be typed, with their factors: in a question asked in kilograms `{kg: 1, g: 0.001}`. A
    number without one is in the unit that stands beside the field. Case is no difference between units.
    """

    Public, Key, Response = PublicNumeric, NumericKey, NumericResponse
    PLAIN = {"unit": True}

    kind: Literal["numeric"]
    key: Number | None = None
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    tolerance: Tolerance = 0.0
    relative: Share | None = None
    units: Annotated[dict[Unit, Factor], Field(max_length=20)] = {}
    mistakes: Annotated[dict[Id, Number], Field(max_length=12)] = {}
    texts: Annotated[dict[Locale, NumericTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _says_once_what_is_right(self) -> Self:
        if (self.key is None) == (self.range is None):
            raise ValueError("either key or range says what is right")
        if self.range is not None:
            if self.range[0] > self.range[1]:
                raise ValueError("the range begins with its lower end: [low, high]")
            if self.tolerance or self.relative is not None:
                raise ValueError("a range has no tolerance: write it as wide as it is meant")
        if self.tolerance and self.relative is not None:
            raise ValueError("either tolerance or relative says how far away is right")
        return self

    @model_validator(mode="after")
    def _consistent_mistakes(self) -> Self:
        for name, value in self.mistakes.items():
            if self._is_right(exact(value)):
                raise ValueError(f"the mistake {name!r} is a right answer")
        if len(set(self.mistakes.values())) < len(self.mistakes):
            raise ValueError("two mistakes have the same value")
        for locale, texts in self.texts.items():
            same_ids(list(self.mistakes), texts.mistakes, f"mistakes ({locale})")
        return self

    @model_validator(mode="after")
    def _consistent_units(self) -> Self:
        folded = [_plain(unit) for unit in self.units]
        if len(set(folded)) < len(folded):
            raise ValueError("two units differ in nothing but case")
        for locale, texts in self.texts.items():
            if texts.unit and self._factors.get(_plain(texts.unit)) != 1:
                raise ValueError(f"the unit beside the field ({locale}) has the factor 1")
        return self

    @property
    def _factors(self) -> dict[str, Decimal]:
        """What each unit that may be typed is worth; the units of every locale count."""
        shown = {_plain(texts.unit): Decimal(1) for texts in self.texts.values() if texts.unit}
        return shown | {_plain(unit): exact(factor) for unit, factor in self.units.items()}

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        for locale, texts in rendered.items():
            if unit := self.texts[locale].unit:
                texts["unit"] = unit
        return rendered

    def public(self, texts: Texts) -> PublicNumeric:
        units = sorted(self.units, key=lambda unit: (-self.units[unit], unit))  # PostgreSQL keeps no order of keys
        return PublicNumeric(prompt=texts["prompt"], hints=hints(texts), unit=texts.get("unit"), units=units)

    def revealed(self) -> NumericKey:
        if self.key is None:
            return NumericKey(value=None, tolerance=0.0, range=self.range)
        return NumericKey(value=self.key, tolerance=float(self._reach(self.key)))

    def grade(self, response: NumericResponse) -> Graded | Refused:
        """A known mistake is met within the tolerance, too; its feedback comes first."""
        if len(response.value) > MAX_TYPED:
            return Refused("/value", "too_long", f"At most {MAX_TYPED} characters.")
        value = read_quantity(response.value, self._factors)
        if isinstance(value, Refused):
            return value
        right = self._is_right(value)
        met = [name for name, mistake in self.mistakes.items() if not right and self._is_near(value, mistake)]
        return Graded(float(right), {"value": right}, (*(f"mistakes.{name}" for name in met[:1]), "feedback"))

    def _is_right(self, value: Decimal) -> bool:
        if self.range is not None:
            low, high = self.range
            return exact(low) <= value <= exact(high)
        assert self.key is not None
        return self._is_near(value, self.key)

    def _is_near(self, value: Decimal, wanted: float) -> bool:
        """In decimals, as typed: 3.205 is exactly 0.005 away from 3.2."""
        return abs(value - exact(wanted)) <= self._reach(wanted)

    def _reach(self, wanted: float) -> Decimal:
        """How far away a number may lie."""
        return exact(self.tolerance) if self.relative is None else exact(self.relative) * abs(exact(wanted))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"value": form.get("value", "")}


def read_number(text: str, units: Iterable[str]) -> Decimal | Refused:
    """Return the number that was typed, with or without one of the units; these are all worth the same.

    Full-width digits, decimal comma or point, every kind of minus sign, an exponent (1e-4). There are no separators
    of thousands: where one could be meant, the text is refused instead of misread.
    """
    return read_quantity(text, {_plain(unit): Decimal(1) for unit in units})


def read_quantity(text: str, factors: Mapping[str, Decimal]) -> Decimal | Refused:
    """Return the number that was typed times the factor of its unit. The units are in small letters."""
    typed = _plain(text)
    if not typed:
        return Refused("/value", "empty", "No number is given.")
    for unit, factor in {"": Decimal(1), **factors}.items():
        number = typed.removesuffix(unit).rstrip() if unit else typed
        if _THOUSANDS.fullmatch(number):
            return Refused("/value", "thousands", "Write the number without separators of thousands.")
        if match := _NUMBER.fullmatch(number):
            written = Decimal(match[1] + match[2].replace(",", "."))
            return written if factor == 1 else written * factor
    return Refused("/value", "not_a_number", "This is no number, such as 3.2 or 1e-4.")


def _plain(text: str) -> str:
    visible = "".join(sign for sign in text.translate(_PLAIN).casefold() if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split())


KIND = Numeric
