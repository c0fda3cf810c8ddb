"""A note of Anki and one of its templates → the two sides of a card, in Markdown. Pure.

The templates are Anki's: `{{Field}}`, `{{filter:Field}}`, `{{#Field}}…{{/Field}}`, `{{^Field}}…{{/Field}}`, cloze
deletions `{{c1::text::hint}}`, which may stand in each other. What the sides say is kept (words, emphasis, lists, code,
formulas, pictures); how they look is not.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote
from uuid import UUID

from quizzes.interchange.html_markdown import from_html
from quizzes.interchange.markdown_signs import PLACE
from quizzes.memory.anki.package_reading import Card, Note, Template
from quizzes.memory.browsing import own_texts

MAX_SIDE: Final = 10_000
"""Characters of one side in Markdown, as many as a question's text has."""
MAX_HTML: Final = 200_000
MAX_NESTING: Final = 20

_TOKEN = re.compile(r"\{\{([#^/]?)\s*([^{}]{1,500}?)\s*\}\}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NOTHING = re.compile(r"(?:\s|&nbsp;|</?(?:br|div)\s?/?>)*", re.IGNORECASE)
_ANSWER = re.compile(r"<hr\s[^>]{0,100}?id=[\"']?answer[\"']?[^>]{0,100}>", re.IGNORECASE)
_CLOZE = re.compile(r"\{\{c(\d{1,4}(?:,\d{1,4}){0,9})::|\}\}|\\[()\[\]]")
_SOUND = re.compile(r"\[sound:[^\]]{1,1000}\]|\[anki:tts[^\]]{0,1000}\](?:.{0,5000}?\[/anki:tts\])?", re.DOTALL)
_PLAY = re.compile(r"\[anki:play:[^\]]{1,50}\]")
_LATEX = re.compile(r"\[(\$\$?|latex)\](.{1,2000}?)\[/\1\]", re.DOTALL | re.IGNORECASE)
_IN_LATEX = re.compile(r"\s*(\$\$?)([^$]+)\1\s*")
_MATHS = re.compile(r"\\\(.{1,2000}?\\\)|\\\[.{1,2000}?\\\]", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_IMAGE = re.compile(r"<img\b((?:[^<>\"']|\"[^\"]{0,20000}\"|'[^']{0,20000}')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
_HELD = re.compile(f"{PLACE}([$]|[0-9]+){PLACE}")
_SPECIAL: Final = frozenset({"Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "FrontSide"})


class UnfitError(ValueError):
    """No card can be made of it. `code`: empty_front, empty_back, too_long, no_template, no_cloze or occlusion."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sides:
    """`pictures`: those that stand on it. `missing`: names of pictures that cannot be shown. `sounds`: how many were
    left out. `is_simplified`: whether some of the layout (a table, a style) was left out and its words kept."""

    front: str
    back: str
    pictures: tuple[UUID, ...]
    missing: tuple[str, ...]
    sounds: int
    is_simplified: bool


def sides_of(card: Card, pictures: Mapping[str, UUID]) -> Sides:
    """Return both sides. `pictures`: name in the package → id, of those that can be shown. Raises UnfitError."""
    note, template = card.note, _template(card)
    assert note.note_type is not None
    fields = dict(zip(note.note_type.fields, note.fields, strict=False)) | _special(card, template)
    if any("image-occlusion:" in value for value in note.fields):
        raise UnfitError("occlusion")
    number = card.ordinal + 1 if note.note_type.is_cloze else 0
    if number and not any(_has_cloze(value, number) for value in note.fields):
        raise UnfitError("no_cloze")
    front = _Filling(fields, number, is_back=False).filled(template.front)
    back = _Filling(fields, number, is_back=True).filled(_own_part(template.back))
    reading = _Reading(pictures)
    return reading.sides(front, back)


def _template(card: Card) -> Template:
    note_type = card.note.note_type
    number = 0 if note_type is not None and note_type.is_cloze else card.ordinal
    if note_type is None or number >= len(note_type.templates):
        raise UnfitError("no_template")
    return note_type.templates[number]


def _special(card: Card, template: Template) -> dict[str, str]:
    kind = card.note.note_type
    named = {"Type": kind.name if kind else "", "Card": template.name, "Tags": card.note.tags}
    named |= {"Deck": card.deck, "Subdeck": card.deck.split("::")[-1]}
    return {name: html.escape(value) for name, value in named.items()}


def _own_part(back: str) -> str:
    """The back without the front, which is shown beside it anyway: what follows the line of the answer."""
    parts = _ANSWER.split(back, maxsplit=1)
    return parts[-1]


# --- templates -------------------------------------------------------------------------------------------------------


class _Filling:
    """One template with the fields of one note put in. `number`: of the cloze deletion that is asked for, from 1."""

    def __init__(self, fields: Mapping[str, str], number: int, *, is_back: bool) -> None:
        self.fields, self.number, self.is_back = fields, number, is_back

    def filled(self, template: str) -> str:
        shown: list[str] = []
        hidden: list[bool] = []
        at = 0
        template = _COMMENT.sub("", template)
        for token in _TOKEN.finditer(template):
            if not any(hidden):
                shown.append(template[at : token.start()])
            at = token.end()
            sign, name = token[1], token[2]
            if sign == "/":
                hidden = hidden[:-1]
            elif sign:
                hidden.append(self._is_empty(name) == (sign == "#"))
            elif not any(hidden):
                shown.append(self._value(name))
        if not any(hidden):
            shown.append(template[at:])
        filled = "".join(shown)
        if len(filled) > MAX_HTML:
            raise UnfitError("too_long")
        return filled

    def _is_empty(self, name: str) -> bool:
        if re.fullmatch(r"c\d{1,4}", name):  # Anki: whether this deletion is the one that is asked for
            return name != f"c{self.number}"
        return _NOTHING.fullmatch(self.fields.get(name, "")) is not None

    def _value(self, name: str) -> str:
        *filters, field = (part.strip() for part in name.split(":"))
        value = self.fields.get(field, "")
        if field in _SPECIAL and field not in self.fields:
            return ""
        for filter_ in reversed(filters):
            value = self._filtered(filter_.lower(), value)
        return value

    def _filtered(self, filter_: str, value: str) -> str:
        if filter_ in ("cloze", "cloze-only"):
            return clozed(value, self.number, is_back=self.is_back)
        if filter_ in ("type", "hint"):  # what is typed, or looked at on demand, is for the back alone
            return value if self.is_back else ""
        if filter_ == "text":
            return _TAG.sub(" ", value)
        return "" if filter_.startswith("tts") else value


def _has_cloze(value: str, number: int) -> bool:
    return any(number in _numbers(found) for found in _CLOZE.finditer(value) if found[1])


def _numbers(found: re.Match[str]) -> list[int]:
    return [int(number) for number in found[1].split(",")]


def clozed(value: str, number: int, *, is_back: bool) -> str:
    """Return a field with its cloze deletions: that of this number is a gap or (on the back) stressed, the others are
    their words."""
    levels: list[tuple[list[int], list[str]]] = [([], [])]
    at, in_maths = 0, False
    for found in _CLOZE.finditer(value):
        levels[-1][1].append(value[at : found.start()])
        at = found.end()
        if found[0].startswith("\\"):
            in_maths = found[0] in (r"\(", r"\[")
            levels[-1][1].append(found[0])
        elif found[1]:
            if len(levels) > MAX_NESTING:
                raise UnfitError("too_long")
            levels.append((_numbers(found), []))
        elif len(levels) == 1:
            levels[-1][1].append(found[0])
        else:
            numbers, parts = levels.pop()
            levels[-1][1].append(_deletion("".join(parts), number in numbers, is_back=is_back, in_maths=in_maths))
    levels[-1][1].append(value[at:])
    return "".join("".join(parts) for _, parts in levels)


def _deletion(inside: str, is_asked: bool, *, is_back: bool, in_maths: bool) -> str:
    words, _, hint = inside.partition("::")
    if not is_asked:
        return words
    shown = words if is_back else f"[{hint or '…'}]"
    return shown if in_maths else f"<b>{shown}</b>"


# --- HTML to Markdown ------------------------------------------------------------------------------------------------


class _Reading:
    """Both sides of one card."""

    def __init__(self, pictures: Mapping[str, UUID]) -> None:
        self.pictures = pictures
        self.shown: dict[UUID, None] = {}
        self.missing: dict[str, None] = {}
        self.sounds = 0
        self.is_simplified = False

    def sides(self, front: str, back: str) -> Sides:
        read_front, read_back = self._markdown(front), self._markdown(back)
        for side, code in ((read_front, "empty_front"), (read_back, "empty_back")):
            if not side:
                raise UnfitError(code)
            if len(side) > MAX_SIDE:
                raise UnfitError("too_long")
        shown, missing = tuple(self.shown), tuple(self.missing)
        return Sides(read_front, read_back, shown, missing, self.sounds, self.is_simplified)

    def _markdown(self, side: str) -> str:
        text = side.replace(PLACE, "")
        self.sounds += len(_SOUND.findall(text)) + len(_PLAY.findall(text))
        text = _LATEX.sub(_as_mathjax, _PLAY.sub("", _SOUND.sub("", text)))
        text = "".join(self._without_dollars(text))
        held: list[str] = []
        text = _IMAGE.sub(lambda image: self._hold(image[1], held), text)
        markdown, notes = from_html(text)
        self.is_simplified |= bool(notes)
        return _HELD.sub(lambda place: r"\$" if place[1] == "$" else held[int(place[1])], markdown).strip()

    def _without_dollars(self, text: str) -> Iterator[str]:
        """Formulas as they are, but for their tags; a dollar elsewhere is only that in Anki."""
        at = 0
        for found in _MATHS.finditer(text):
            yield text[at : found.start()].replace("$", f"{PLACE}${PLACE}")
            yield " ".join(_TAG.sub(" ", found[0]).replace("&nbsp;", " ").split())
            at = found.end()
        yield text[at:].replace("$", f"{PLACE}${PLACE}")

    def _hold(self, attributes: str, held: list[str]) -> str:
        attributes = attributes.replace(f"{PLACE}${PLACE}", "$")
        given = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(attributes)}
        source = html.unescape(given.get("src", ""))
        name = next((name for name in (_name(source), _name(unquote(source))) if name in self.pictures), None)
        what = html.unescape(given.get("alt", ""))
        if name is None:
            self.missing[source[:200]] = None
            return html.escape(what)
        self.shown[self.pictures[name]] = None
        held.append(own_texts.written(self.pictures[name], what or name.rpartition(".")[0]))
        return f"{PLACE}{len(held) - 1}{PLACE}"


def _name(source: str) -> str:
    return unicodedata.normalize("NFC", source)


def _as_mathjax(found: re.Match[str]) -> str:
    r"""`[$]x[/$]` → `\(x\)`; LaTeX that is more than a formula stays as code."""
    kind, inside = found[1].lower(), found[2]
    if kind == "latex":
        formula = _IN_LATEX.fullmatch(_TAG.sub(" ", inside))
        if formula is None:
            return f"<code>{inside}</code>"
        kind, inside = formula[1], formula[2]
    return rf"\[{inside}\]" if kind == "$$" else rf"\({inside}\)"


def pictures_named(note: Note) -> list[str]:
    """Return the names of the media that the note's fields show as pictures, each once."""
    found = []
    for value in note.fields:
        for image in _IMAGE.finditer(value):
            given = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(image[1])}
            source = html.unescape(given.get("src", ""))
            found += [_name(source), _name(unquote(source))]
    return list(dict.fromkeys(name for name in found if name))
