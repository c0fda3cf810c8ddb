"""Markdown → safe HTML. `render_lesson` for the text of a lesson, `render_fragment` for everything shorter.

Markdown with ==marks==, $formulas$ (MathML), fenced code (Pygments classes), tables, footnotes, admonitions and ids. It
is hostile: whatever comes out has passed `cleaning.clean`. Diagrams are drawn here; presets and questions stay
directives, because only the page knows their rows. Under code that can be run a part of its own is left for a button.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from courses import diagrams
from courses.cleaning import clean, clean_fragment, is_section_id
from courses.directives import Directive
from courses.finished_html import pieces
from courses.lesson_source import CLOSE, OPEN, RenderProblem, Runs, Source, read_source, without_places
from courses.markdown_dialect import (
    MAX_BRACKETS,
    MAX_PARAGRAPH,
    Heading,
    Outline,
    Picture,
    TooDeepError,
    convert_fragment,
    convert_lesson,
)
from courses.maths import FormulaError, to_mathml

# Part of the content hash: raise it when the same Markdown gives other HTML (or when the sandbox can read more code),
# and every course is rendered anew.
VERSION = 6

Part = dict[str, str]

# Words and punctuation that mean nothing to Markdown and HTML: most texts of questions, and rendered ten times sooner.
PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ .,;:?!%()'’‘“”，。、；：？！（）《》…–—−×-])*(?<! )")
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])([^<]*)\\[)\]]</\1>([,.;:?!)，。、；：？！）》」”’]*)')
PICTURE = re.compile(r'(<img(?: [a-z]+="[^"]*")*) src="picture:(\d{1,6})"')
HEAD_CELL = re.compile(r'<th((?: [a-z]+="[^"]*")*)>(.*?)</th>', re.DOTALL)
FORMULAS = re.compile(r"<math .*?</math>", re.DOTALL)
PLACE = re.compile(f"<p>{OPEN}(c?\\d+){CLOSE}</p>")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Where == means what it says.
LITERAL = frozenset({"code", "kbd", "math", "pre", "samp", "svg"})
WORD = re.compile(r"[A-Za-z0-9À-ÿ]+(?:['’.-][A-Za-z0-9À-ÿ]+)*")


@dataclass(frozen=True)
class RenderedLesson:
    parts: list[Part]
    """`{"html": …}` and `{"directive": name, "ref": id, "caption": html}`, in reading order.

    After code that can be run, `{"directive": "code", "ref": its number from 1, "caption": "", "code": its text}`.
    """
    contents: list[Heading]
    problems: list[RenderProblem]
    directives: list[Directive]
    links: list[tuple[str, int]]
    """Every href with its line."""
    ids: set[str]
    minutes: int


def render_fragment(text: str) -> str:
    """Return `text` (a question, a definition) as safe HTML. Without pictures, footnotes and directives."""
    if PLAIN.fullmatch(text):
        return f"<p>{text}</p>"
    try:
        rendered, _ = _formulas(convert_fragment(without_places(text)))
    except TooDeepError:
        return f"<p>{html.escape(text)}</p>"
    return _finish(clean_fragment(rendered))


def render_inline(text: str) -> str:
    """Return one line of Markdown as safe HTML without a paragraph around it: for captions and names."""
    rendered = render_fragment(text)
    match = re.fullmatch(r"<p>(.*)</p>", rendered.strip(), re.DOTALL)
    return match[1] if match and "</p>" not in match[1] else rendered


def render_lesson(text: str, picture: Picture = lambda name: None, runs: Runs = lambda code: False) -> RenderedLesson:
    """Return the parts of a lesson, its table of contents and everything that is wrong with it.

    `picture` gives the `data:` URL of a picture of the lesson's folder, or None if there is no such picture; `runs`
    says which Python code gets a part of its own, for a button.
    """
    source = read_source(without_places(text), runs)
    problems = source.problems
    try:
        converted, outline = convert_lesson("\n".join(source.lines), picture)
    except TooDeepError:
        converted, outline = "", Outline()
        problems.append(RenderProblem(_deepest(source), "Lists or quotations stand too deep in each other."))
    rendered, wrong_formulas = _formulas(converted)
    problems += _formula_problems(wrong_formulas, source) + _outline_problems(outline, source)
    parts = _split(rendered, outline.pictures, source, problems)
    found = _find("".join(part.get("html", "") + part.get("caption", "") for part in parts))
    problems += [_stray_mark_problem(text, source) for text in found.stray_marks]
    return RenderedLesson(
        parts=parts,
        contents=[heading for heading in outline.headings if heading["id"] and heading["level"] in (2, 3)],
        problems=sorted(problems, key=lambda problem: problem.line),
        directives=source.directives,
        links=[(href, source.line_of(href)) for href in found.links],
        ids=found.ids,
        minutes=_minutes(found.text, len(source.directives)),
    )


# --- after Markdown --------------------------------------------------------------------------------------------------


def _formulas(rendered: str) -> tuple[str, list[FormulaError]]:
    """Set the formulas that arithmatex has found; one that cannot be set stays as it was written."""
    wrong: list[FormulaError] = []

    def to_maths(match: re.Match[str]) -> str:
        latex, is_display, sign = html.unescape(match[3]).strip(), match[2] == "[", match[4]
        try:
            # What is an entity in LaTeX is a character here: it could be one of those that mark a place.
            maths = without_places(to_mathml(latex, display=is_display))
        except FormulaError as error:
            wrong.append(error)
            return f"<code>{html.escape(latex)}</code>{sign}"
        # Browsers break a line between a formula and the full stop after it.
        return f'<span class="nobr">{maths}{sign}</span>' if sign and not is_display else maths + sign

    return FORMULA.sub(to_maths, rendered), wrong


def _finish(cleaned: str) -> str:
    """Give tables their scrolling frame, and the keyboard a way to scroll what is too wide."""
    framed = re.sub(r"<table[^>]*>", '<div class="table-scroll" tabindex="0"><table class="table">', cleaned)
    framed = re.sub(r'<math( [^>]*display="block"[^>]*)>', r'<math\1 tabindex="0">', framed)
    framed = HEAD_CELL.sub(_named_head, framed)
    return framed.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')


def _named_head(match: re.Match[str]) -> str:
    """A head of a table that everybody can read: an empty one is no head, a formula is said in its signs."""
    attributes, content = match[1], match[2]
    if not content.strip():
        return f"<td{attributes}></td>"
    if FORMULAS.sub("", content).strip():
        return match[0]
    spoken = re.sub(r"<[^>]*>", "", content)
    hidden = content.replace("<math ", '<math aria-hidden="true" ')
    return f'<th{attributes}>{hidden}<span class="visually-hidden">{spoken}</span></th>'


def _with_pictures(cleaned: str, pictures: Sequence[str]) -> str:
    def with_picture(match: re.Match[str]) -> str:
        number = int(match[2])
        return f'{match[1]} src="{pictures[number]}"' if number < len(pictures) else match[1]

    return PICTURE.sub(with_picture, cleaned)


def _split(rendered: str, pictures: Sequence[str], source: Source, problems: list[RenderProblem]) -> list[Part]:
    pieces = PLACE.split(rendered)
    parts: list[Part] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            piece = re.sub(f"{OPEN}c\\d+{CLOSE}", "", piece)  # noqa: PLW2901  (inside other HTML there is no button)
            _add_html(parts, _with_pictures(_finish(clean(without_places(piece))), pictures))
            for lost in re.findall(f"{OPEN}(\\d+){CLOSE}", piece):
                line = source.directives[int(lost)].line
                problems.append(RenderProblem(line, "A directive cannot stand inside other HTML."))
        elif piece.startswith("c"):
            number = int(piece[1:])
            parts.append({"directive": "code", "ref": f"{number + 1}", "caption": "", "code": source.code[number]})
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


def _formula_problems(wrong: list[FormulaError], source: Source) -> list[RenderProblem]:
    problems = []
    for error in wrong:
        shown = str(error).rpartition(": ")[2].rstrip("…")
        problems.append(RenderProblem(source.line_of(shown), str(error)))
    return problems


def _outline_problems(outline: Outline, source: Source) -> list[RenderProblem]:
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
    for beginning in outline.long_paragraphs:
        message = f"A paragraph has at most {MAX_PARAGRAPH} characters, and {MAX_BRACKETS} square brackets."
        problems.append(RenderProblem(source.line_of(beginning), message))
    return problems


def _stray_mark_problem(text: str, source: Source) -> RenderProblem:
    message = "“==” stays in the text. Marks are ==written so==, without spaces inside; code stands between backticks."
    return RenderProblem(source.line_outside_code("==", text), message, "warning")


def _deepest(source: Source) -> int:
    lines = enumerate(source.lines, 1)
    return max(lines, key=lambda line: len(line[1]) - len(line[1].lstrip(" \t>*+-.0123456789")), default=(1, ""))[0]


def _heading_problem(heading: Heading, seen: set[str]) -> str:
    section = heading["id"]
    if heading["level"] == 1:
        return "The title of a lesson is in its front matter; headings in the text begin with ##."
    if not section and heading["level"] <= 3:
        return f"The heading “{heading['title']}” has no id: write ## {heading['title']} {{#some-id}}."
    if section and not is_section_id(section):
        return f"“{section}” cannot be an id: small letters, digits, single hyphens, and no id of the page itself."
    return f"The id “{section}” is here a second time." if section and section in seen else ""


@dataclass
class _Found:
    """Links, ids and the text that is read in finished HTML."""

    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    text: str = ""
    stray_marks: list[str] = field(default_factory=list)
    """Lines with a `==` that is neither code nor maths."""


def _find(finished: str) -> _Found:
    found = _Found()
    texts, literal = [], 0
    for piece in pieces(finished):
        if isinstance(piece, str):
            texts.append(piece)
            if "==" in piece and not literal:
                found.stray_marks += [line.strip() for line in piece.split("\n") if "==" in line]
            continue
        if piece.name in LITERAL:
            literal += piece.starts - piece.ends
        if "id" in piece.attributes:
            found.ids.add(piece.attributes["id"])
        if piece.name == "a" and "href" in piece.attributes:
            found.links.append(piece.attributes["href"])
    found.text = "".join(texts)
    return found


def _minutes(text: str, figures: int) -> int:
    """Reading time: 200 words or 350 Chinese characters a minute, and half a minute for each figure."""
    words = len(WORD.findall(text))
    characters = len(HAN.findall(text))
    return max(1, round(words / 200 + characters / 350 + figures / 2))
