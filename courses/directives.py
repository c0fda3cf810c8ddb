"""Directives of a lesson, alone on a line: `::name[caption in Markdown]{ref key=value key="value"}`."""

import re
from dataclasses import dataclass

NAMES = ("preset", "diagram", "question", "challenge")

QUOTED = r'"(?:[^"\\]|\\.)*"'
LINE = re.compile(rf"^::(?P<name>[a-z][a-z-]*)(?:\[(?P<caption>.*)\])?\{{(?P<options>(?:[^{{}}\"]|{QUOTED})*)\}}\s*$")
LOOKS_LIKE = re.compile(r"^::[a-z]")
OPTION = re.compile(rf"""\s*(?:(?P<key>[a-z][a-z0-9_-]*)=)?(?:(?P<quoted>{QUOTED})|(?P<bare>[^\s"=]+))(?=\s|$)""")


class DirectiveError(ValueError):
    """The line is no directive that is known; the message is for the author."""


@dataclass(frozen=True)
class Directive:
    name: str
    ref: str
    caption: str
    """Markdown, maybe empty."""
    options: dict[str, str]
    line: int
    """1-based, in the text it was read from."""


def parse_directive(text: str, line: int) -> Directive | None:
    """Return the directive on this line, None if it is ordinary text; raises DirectiveError."""
    if not LOOKS_LIKE.match(text):
        return None
    match = LINE.match(text)
    if match is None:
        raise DirectiveError('A directive is written ::name[caption]{id key=value key="value"}, alone on its line.')
    name = match["name"]
    if name not in NAMES:
        known = ", ".join(f"::{known}" for known in NAMES)
        raise DirectiveError(f"There is no directive ::{name}. There are: {known}.")
    ref, options = _parse_options(match["options"])
    if not ref:
        raise DirectiveError(f"::{name} does not say which: write its id first inside the braces.")
    if name != "diagram" and options:
        raise DirectiveError(f"::{name} has no option “{next(iter(options))}”.")
    return Directive(name, ref, (match["caption"] or "").strip(), options, line)


def _parse_options(text: str) -> tuple[str, dict[str, str]]:
    ref, options, position = "", {}, 0
    text = text.rstrip()
    while position < len(text):
        match = OPTION.match(text, position)
        if match is None:
            raise DirectiveError(f'Cannot read “{text[position:].strip()}”: options are key=value or key="value".')
        position = match.end()
        value = match["bare"] if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"][1:-1])
        key = match["key"]
        if key is None and ref:
            raise DirectiveError(f"There are two ids, “{ref}” and “{value}”.")
        if key is None:
            ref = value
        elif key in options:
            raise DirectiveError(f"The option “{key}” is given twice.")
        else:
            options[key] = value
    return ref, options
