"""The Markdown of a lesson as lines: where its headings stand, which directives it has, which of its code can be run.

In the place of a directive, and after code that can be run, a mark is left that comes through Markdown unchanged.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from courses.directives import Directive, DirectiveError, parse_directive
from courses.documents import Severity
from courses.markdown_dialect import MAX_PARAGRAPH

# Whether the network of this code can be trained. Who renders says so: courses know nothing of the sandbox.
Runs = Callable[[str], bool]
FENCE = re.compile(r"^[ \t>]*(`{3,}(?!.*`)|~{3,})")
# Only code that stands by itself; in a list or a quotation there is no place for a button.
PYTHON = re.compile(r"(`{3,}|~{3,})[ \t]*(\{ *\.)?(python3?|py)\b")
# Two characters of the private use area, taken out of every text before it is read, mark where a directive stood, or
# where code that can be run has ended.
OPEN, CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True)
class RenderProblem:
    """`line` is 1-based in the Markdown that was given."""

    line: int
    message: str
    severity: Severity = "error"


@dataclass
class Source:
    """The lines of a text without its directives, and where everything stood."""

    lines: list[str]
    headings: list[int] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    """That can be run."""
    fenced: set[int] = field(default_factory=set)
    """The numbers of the lines in code fences."""
    problems: list[RenderProblem] = field(default_factory=list)

    def line_of(self, text: str) -> int:
        return next((number for number, line in enumerate(self.lines, 1) if text in line), 1)

    def line_outside_code(self, sign: str, text: str) -> int:
        """Where `text` stands, or else (markup may stand between its words) the first line with `sign`."""
        lines = [(number, line) for number, line in enumerate(self.lines, 1) if number not in self.fenced]
        lines += [(directive.line, directive.caption) for directive in self.directives]
        found = (number for wanted in (text, sign) for number, line in lines if wanted in line)
        return next(found, 1)


def without_places(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def read_source(text: str, runs: Runs) -> Source:
    source = Source([])
    fence, opened, length = "", 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if fence:
            source.fenced.add(number)
            if mark and mark[1].startswith(fence) and not line.replace(mark[1], "", 1).strip(" \t>"):
                fence = ""
                line += _place_of_code(source, opened, runs)  # noqa: PLW2901
        elif mark:
            fence, opened = mark[1], number
        elif line.startswith("#"):
            source.headings.append(number)
        else:
            line = _take_directive(line, number, source)  # noqa: PLW2901
        length = len(line) + length if line.strip() and not fence else 0
        if length > MAX_PARAGRAPH:
            if length - len(line) <= MAX_PARAGRAPH:
                message = (
                    f"What stands without an empty line, paragraph or table, has at most {MAX_PARAGRAPH} characters."
                )
                source.problems.append(RenderProblem(number, message))
            line = ""  # noqa: PLW2901
        source.lines.append(line)
    if fence:
        source.problems.append(RenderProblem(len(source.lines), f"The code fence {fence} is never closed."))
    return source


def _place_of_code(source: Source, opened: int, runs: Runs) -> str:
    """What follows the fence that began on line `opened` and ends now: a place, if its code can be run."""
    first, *code = source.lines[opened - 1 :]
    text = "\n".join(code)
    if not PYTHON.match(first) or not runs(text):
        return ""
    source.code.append(text)
    return f"\n\n{OPEN}c{len(source.code) - 1}{CLOSE}\n"


def _take_directive(line: str, number: int, source: Source) -> str:
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
