"""Markdown → safe HTML. `render_lesson` for the text of a lesson, `render_fragment` for everything shorter.

Markdown with ==marks==, $formulas$ (MathML), fenced code (Pygments classes), tables, footnotes, admonitions and ids. It
is hostile: whatever comes out has passed `cleaning.clean`. Diagrams are drawn here; presets and questions stay
directives, because only the page knows their rows.
"""

import html
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, TypedDict

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from courses import diagrams
from courses.cleaning import clean, is_section_id
from courses.directives import Directive, DirectiveError, parse_directive
from courses.documents import Severity
from courses.maths import FormulaError, to_mathml

# Part of the content hash: raise it when the same Markdown gives other HTML, and every course is rendered anew.
VERSION = 3

Part = dict[str, str]
Picture = Callable[[str], str | None]

FRAGMENT_EXTENSIONS: list[str | Extension] = [
    "pymdownx.mark", "pymdownx.superfences", "pymdownx.highlight", "pymdownx.arithmatex", "tables", "attr_list",
    "sane_lists",
]  # fmt: skip
LESSON_EXTENSIONS: list[str | Extension] = [*FRAGMENT_EXTENSIONS, "footnotes", "admonition"]
EXTENSION_OPTIONS: dict[str, dict[str, Any]] = {
    # The smart marks of pymdownx want spaces around them, which Chinese has not.
    "pymdownx.mark": {"smart_mark": False},
    "pymdownx.highlight": {"guess_lang": False, "anchor_linenums": False},
    "pymdownx.arithmatex": {"generic": True},
    "tables": {"use_align_attribute": True},
    # No words of one language in a text of another.
    "footnotes": {"BACKLINK_TITLE": "↑ {}"},
}
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])([^<]*)\\[)\]]</\1>')
# Browsers break a line between a formula and the full stop after it.
FORMULA_AND_SIGN = re.compile(
    r'(<math display="inline"(?:(?!</math>).)*</math>)([,.;:?!)，。、；：？！）》」”’]+)', re.DOTALL
)
FENCE = re.compile(r"^[ \t>]*(`{3,}(?!.*`)|~{3,})")
# Two characters of the private use area, taken out of every text before it is read, mark where a directive stood.
OPEN, CLOSE = "\ue000", "\ue001"
PLACE = re.compile(f"<p>{OPEN}(\\d+){CLOSE}</p>")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
WORD = re.compile(r"[A-Za-z0-9À-ÿ]+(?:['’.-][A-Za-z0-9À-ÿ]+)*")


class Heading(TypedDict):
    id: str
    title: str
    level: int


@dataclass(frozen=True)
class RenderProblem:
    """`line` is 1-based in the Markdown that was given."""

    line: int
    message: str
    severity: Severity = "error"


@dataclass(frozen=True)
class RenderedLesson:
    parts: list[Part]
    """`{"html": …}` and `{"directive": name, "ref": id, "caption": html}`, in reading order."""
    contents: list[Heading]
    problems: list[RenderProblem]
    directives: list[Directive]
    links: list[tuple[str, int]]
    """Every href with its line."""
    ids: set[str]
    minutes: int


@dataclass
class _Source:
    """The lines of a text without its directives, and where everything stood."""

    lines: list[str]
    headings: list[int] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    problems: list[RenderProblem] = field(default_factory=list)

    def line_of(self, text: str) -> int:
        return next((number for number, line in enumerate(self.lines, 1) if text in line), 1)


def render_fragment(text: str) -> str:
    """Return `text` (a question, a definition) as safe HTML. Without pictures, footnotes and directives."""
    converter = _converters.fragment
    rendered, _ = _formulas(converter.reset().convert(_without_places(text)))
    return _finish(clean(rendered))


def render_inline(text: str) -> str:
    """Return one line of Markdown as safe HTML without a paragraph around it: for captions and names."""
    rendered = render_fragment(text)
    match = re.fullmatch(r"<p>(.*)</p>", rendered.strip(), re.DOTALL)
    return match[1] if match and "<p>" not in match[1] else rendered


def render_lesson(text: str, picture: Picture = lambda name: None) -> RenderedLesson:
    """Return the parts of a lesson, its table of contents and everything that is wrong with it.

    `picture` gives the `data:` URL of a picture of the lesson's folder, or None if there is no such picture.
    """
    source = _read_source(_without_places(text))
    converter = _converters.lesson
    _converters.outline.picture = picture
    rendered, wrong_formulas = _formulas(converter.reset().convert("\n".join(source.lines)))
    outline = _converters.outline
    problems = source.problems + _formula_problems(wrong_formulas, source)
    problems += _outline_problems(outline, source)
    parts = _split(rendered, source, problems)
    found = _Finder()
    found.feed("".join(part.get("html", "") + part.get("caption", "") for part in parts))
    return RenderedLesson(
        parts=parts,
        contents=[heading for heading in outline.headings if heading["id"] and heading["level"] in (2, 3)],
        problems=sorted(problems, key=lambda problem: problem.line),
        directives=source.directives,
        links=[(href, source.line_of(href)) for href in found.links],
        ids=found.ids,
        minutes=_minutes(found.text, len(source.directives)),
    )


# --- reading the source ----------------------------------------------------------------------------------------------


def _without_places(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def _read_source(text: str) -> _Source:
    source = _Source([])
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.replace(mark[1], "", 1).strip(" \t>"):
                fence = ""
        elif mark:
            fence = mark[1]
        elif line.startswith("#"):
            source.headings.append(number)
        else:
            line = _take_directive(line, number, source)  # noqa: PLW2901
        source.lines.append(line)
    if fence:
        source.problems.append(RenderProblem(len(source.lines), f"The code fence {fence} is never closed."))
    return source


def _take_directive(line: str, number: int, source: _Source) -> str:
    try:
        directive = parse_directive(line, number)
    except DirectiveError as error:
        source.problems.append(RenderProblem(number, str(error)))
        return ""
    if directive is None:
        return line
    source.directives.append(directive)
    # Its own paragraph, on the same line, so that the lines below keep their numbers.
    return f"\n{OPEN}{len(source.directives) - 1}{CLOSE}\n"


# --- Markdown --------------------------------------------------------------------------------------------------------


class _Outline(Treeprocessor):
    """Collects the headings, makes each a quiet link to itself, and puts the pictures in."""

    picture: Picture
    headings: list[Heading]
    missing_pictures: list[str]
    undescribed_pictures: list[str]

    def run(self, root: Any) -> None:
        self.headings, self.missing_pictures, self.undescribed_pictures = [], [], []
        for element in root.iter():
            if re.fullmatch(r"h[1-6]", str(element.tag)):
                self._heading(element)
            elif element.tag == "img":
                self._picture(element)

    def _heading(self, element: Any) -> None:
        heading_id = element.get("id", "")
        title = " ".join(re.sub(r"\\[()]", "", "".join(element.itertext())).split())
        self.headings.append(Heading(id=heading_id, title=title, level=int(element.tag[1])))
        if not is_section_id(heading_id) or element.find(".//a") is not None:
            return
        link = type(element)("a", {"href": f"#{heading_id}"})
        link.text, element.text = element.text, None
        for child in list(element):
            element.remove(child)
            link.append(child)
        element.append(link)

    def _picture(self, element: Any) -> None:
        name = element.get("src", "")
        url = self.picture(name)
        if url is None:
            self.missing_pictures.append(name)
        elif not element.get("alt", "").strip():
            self.undescribed_pictures.append(name)
        element.set("src", url or "")


class _OutlineExtension(Extension):
    def __init__(self, outline: _Outline) -> None:
        super().__init__()
        self.outline = outline

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802  (the library's name)
        # After inline patterns (20) and attr_list (8), so that ids and titles are there.
        md.treeprocessors.register(self.outline, "outline", 5)


class _Converters(threading.local):
    """Building a converter costs more than using it, and one is good for one thread."""

    def __init__(self) -> None:
        self.outline = _Outline()
        self.outline.picture = lambda name: None
        self.fragment = markdown.Markdown(extensions=FRAGMENT_EXTENSIONS, extension_configs=EXTENSION_OPTIONS)
        self.lesson = markdown.Markdown(
            extensions=[*LESSON_EXTENSIONS, _OutlineExtension(self.outline)], extension_configs=EXTENSION_OPTIONS
        )


_converters = _Converters()


# --- after Markdown --------------------------------------------------------------------------------------------------


def _formulas(rendered: str) -> tuple[str, list[FormulaError]]:
    """Set the formulas that arithmatex has found; one that cannot be set stays as it was written."""
    wrong: list[FormulaError] = []

    def to_maths(match: re.Match[str]) -> str:
        latex = html.unescape(match[3]).strip()
        try:
            return to_mathml(latex, display=match[2] == "[")
        except FormulaError as error:
            wrong.append(error)
            return f"<code>{html.escape(latex)}</code>"

    return FORMULA.sub(to_maths, rendered), wrong


def _finish(cleaned: str) -> str:
    """Give tables their scrolling frame, and the keyboard a way to scroll what is too wide."""
    framed = re.sub(r"<table[^>]*>", '<div class="table-scroll" tabindex="0"><table class="table">', cleaned)
    framed = re.sub(r'<math( [^>]*display="block"[^>]*)>', r'<math\1 tabindex="0">', framed)
    framed = FORMULA_AND_SIGN.sub(r'<span class="nobr">\1\2</span>', framed)
    return framed.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')


def _split(rendered: str, source: _Source, problems: list[RenderProblem]) -> list[Part]:
    pieces = PLACE.split(rendered)
    parts: list[Part] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            _add_html(parts, _finish(clean(_without_places(piece))))
            for lost in re.findall(f"{OPEN}(\\d+){CLOSE}", piece):
                line = source.directives[int(lost)].line
                problems.append(RenderProblem(line, "A directive cannot stand inside other HTML."))
        else:
            _add_directive(parts, source.directives[int(piece)], problems)
    return parts


def _add_html(parts: list[Part], piece: str) -> None:
    if not piece.strip():
        return
    if parts and "html" in parts[-1]:
        parts[-1]["html"] += piece
    else:
        parts.append({"html": piece})


def _add_directive(parts: list[Part], directive: Directive, problems: list[RenderProblem]) -> None:
    caption = render_inline(directive.caption) if directive.caption else ""
    if directive.name != "diagram":
        parts.append({"directive": directive.name, "ref": directive.ref, "caption": caption})
        return
    options = dict(directive.options)
    try:
        drawing = diagrams.draw(directive.ref, options, options.pop("alt", ""))
    except ValueError as error:
        problems.append(RenderProblem(directive.line, str(error)))
        return
    figcaption = f"<figcaption>{caption}</figcaption>" if caption else ""
    _add_html(parts, f'<figure class="figure">{drawing}{figcaption}</figure>')


# --- problems --------------------------------------------------------------------------------------------------------


def _formula_problems(wrong: list[FormulaError], source: _Source) -> list[RenderProblem]:
    problems = []
    for error in wrong:
        shown = str(error).rpartition(": ")[2].rstrip("…")
        problems.append(RenderProblem(source.line_of(shown), str(error)))
    return problems


def _outline_problems(outline: _Outline, source: _Source) -> list[RenderProblem]:
    problems: list[RenderProblem] = []
    seen: set[str] = set()
    paired = len(outline.headings) == len(source.headings)
    for index, heading in enumerate(outline.headings):
        line = source.headings[index] if paired else source.line_of(heading["title"])
        if message := _heading_problem(heading, seen):
            problems.append(RenderProblem(line, message))
        seen.add(heading["id"])
    for name in outline.missing_pictures:
        message = f"There is no picture “{name}” in the folder of the lesson (PNG, JPEG, GIF or WebP, at most 500 KB)."
        problems.append(RenderProblem(source.line_of(name), message))
    for name in outline.undescribed_pictures:
        message = f"The picture “{name}” has no description: ![what there is to see]({name})."
        problems.append(RenderProblem(source.line_of(name), message, "warning"))
    return problems


def _heading_problem(heading: Heading, seen: set[str]) -> str:
    section = heading["id"]
    if heading["level"] == 1:
        return "The title of a lesson is in its front matter; headings in the text begin with ##."
    if not section and heading["level"] <= 3:
        return f"The heading “{heading['title']}” has no id: write ## {heading['title']} {{#some-id}}."
    if section and not is_section_id(section):
        return f"“{section}” cannot be an id: small letters, digits, single hyphens, and no id of the page itself."
    return f"The id “{section}” is here a second time." if section and section in seen else ""


class _Finder(HTMLParser):
    """Finds links, ids and the text that is read in finished HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("id"):
            self.ids.add(str(attributes["id"]))
        if tag == "a" and attributes.get("href"):
            self.links.append(str(attributes["href"]))

    def handle_data(self, data: str) -> None:
        self.text += data


def _minutes(text: str, figures: int) -> int:
    """Reading time: 200 words or 350 Chinese characters a minute, and half a minute for each figure."""
    words = len(WORD.findall(text))
    characters = len(HAN.findall(text))
    return max(1, round(words / 200 + characters / 350 + figures / 2))
