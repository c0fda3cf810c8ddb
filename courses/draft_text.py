"""The Markdown of one drafted lesson, block by block, so that the importer's renderer accepts each of them."""

import re
from collections.abc import Callable

from courses.draft_questions import at_line_start
from courses.draft_report import Report, shown
from courses.emphasis import KEPT_TAGS, TAGS, plain, spans, to_markdown
from courses.notes import Block
from courses.parsing import MAX_PICTURE_BYTES, PICTURES
from courses.rendering import render_lesson

# The bytes of a picture that the notes name, or None where there is none.
Picture = Callable[[str], bytes | None]

IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)")
HTML_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
HTML_SOURCE = re.compile(r"""\bsrc\s*=\s*["']?(?P<target>[^"'>\s]+)""", re.IGNORECASE)
LINK = re.compile(r"(?<!!)\[(?P<words>[^\[\]\n]+)\]\((?!https?://|mailto:)[^()\n]*\)")
REFERENCE = re.compile(r"^\s*\[(?!\^)[^\]]+\]:", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TAG = re.compile(r"</?(?P<name>[a-zA-Z][a-zA-Z0-9-]*)(?:\s[^<>]*)?/?>")
OUTSIDE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
SUMMARY = 160


class TextDraft:
    """Collects a lesson's text. What had to be changed or left out goes to the report, with its line."""

    def __init__(self, report: Report, picture: Picture) -> None:
        self.report, self.picture = report, picture
        self.pictures: dict[str, bytes] = {}
        self.summary = ""
        self._parts: list[str] = []
        self._list: Block | None = None
        self._first_depth = 0

    @property
    def text(self) -> str:
        return "\n".join(self._parts).strip() + "\n"

    def add(self, markdown: str) -> None:
        """A block of its own, with blank lines around it."""
        self._list = None
        self._parts += [markdown, ""]

    def block(self, block: Block, tell: bool = True) -> str:
        """Take the block in; returns its fate, for the report. `tell`: whether its faults go to the report, too."""
        if block.kind == "rule":
            self.add("---")
            return "rule, kept"
        markdown = self._markdown(block, tell)
        if not markdown.strip() and (IMAGE.search(block.text) or HTML_IMAGE.search(block.text)):
            return "picture, left out (see “Needs a hand”)"
        if not markdown.strip():
            return f"empty {'bullet' if block.kind == 'item' else block.kind}, left out"
        problem = _fault(markdown, self._data_of)
        if problem:
            self.add(_fenced(block.text))
            if tell:
                self.report.problem(block.line, f"{problem} The block is kept as plain text.")
            return f"{block.kind} {shown(block.text)}, kept as plain text"
        if block.kind == "item":
            self._item(block, markdown)
        else:
            self.add(markdown)
        if not self.summary and block.kind in ("paragraph", "item"):
            self.summary = _first_sentence(plain(self.cleaned(block)))
        return f"{block.kind} {shown(plain(block.text))}, kept"

    def cleaned(self, block: Block, tell: bool = False) -> str:
        """The text without pictures, dead links and HTML that a lesson does not have."""
        text = IMAGE.sub(lambda m: self._image(block, m["alt"], m["target"], tell, inline=True), block.text)
        text = HTML_IMAGE.sub(lambda m: self._html_image(block, m[0], tell, inline=True), text)
        return self._without_html(block, text, tell).strip()

    def _markdown(self, block: Block, tell: bool) -> str:
        if block.kind == "math":
            return block.text
        text = IMAGE.sub(lambda m: self._image(block, m["alt"], m["target"], tell), block.text)
        text = HTML_IMAGE.sub(lambda m: self._html_image(block, m[0], tell), text)
        text = self._without_html(block, text, tell)
        parts = re.split(r"(!\[[^\]]*\]\(picture-\d+\.\w+\))", text)
        text = "".join(part if number % 2 else to_markdown(spans(part)) for number, part in enumerate(parts))
        if block.kind == "table":
            return text
        text = "  \n".join(line.strip() for line in text.strip().splitlines())
        text = REFERENCE.sub(lambda m: m[0].replace("[", r"\[", 1), text)
        text = re.sub(r"^(!)(?=\[)|^(\s*)([#>+{!]|-(?=\s)|::)", _line_start, text, flags=re.MULTILINE)
        if block.kind == "quote":
            return "\n".join(f"> {line}" for line in text.splitlines())
        return text if block.kind == "item" else re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", text, flags=re.MULTILINE)

    def _item(self, block: Block, markdown: str) -> None:
        if self._list is None:
            self._first_depth = block.depth
        depth = max(0, block.depth - self._first_depth)
        bullet = "-" if block.bullet in "*+-" else f"{int(re.sub(r'[^0-9]', '', block.bullet) or 1)}."
        before, after = (self._list.bullet[:1].isdigit() if self._list else None), block.bullet[:1].isdigit()
        if self._parts and self._parts[-1] == "" and self._list is not None and before == after:
            self._parts.pop()
        lines = markdown.splitlines()
        indent = "    " * depth
        self._parts.append(f"{indent}{bullet} {lines[0]}")
        self._parts += [f"{indent}    {at_line_start(line)}" for line in lines[1:]]
        self._parts.append("")
        self._list = block

    # --- pictures, links, HTML -----------------------------------------------------------------------------------

    def _html_image(self, block: Block, tag: str, tell: bool, inline: bool = False) -> str:
        source = HTML_SOURCE.search(tag)
        return self._image(block, "", source["target"] if source else "", tell, inline)

    def _image(self, block: Block, alt: str, target: str, tell: bool, inline: bool = False) -> str:
        """The Markdown of a picture that is there; "" and an entry in the report for one that is not."""
        target = re.sub(r"\s+[\"'].*$", "", target.strip()).strip("<>")
        name = re.split(r"[/\\]", target)[-1] or target
        if inline and not tell:
            return ""
        if OUTSIDE.match(target):
            problem = f"the picture {shown(name)} lies on another site; save it beside the notes"
        elif (content := self.picture(target)) is None:
            problem = f"the picture {shown(name)} is not there"
        elif not (kind := next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), "")):
            problem = f"the picture {shown(name)} is no PNG, JPEG, GIF or WebP"
        elif len(content) > MAX_PICTURE_BYTES:
            problem = f"the picture {shown(name)} is larger than {MAX_PICTURE_BYTES // 1000} KB"
        elif inline:
            problem = f"the picture {shown(name)} cannot stand in a question"
        else:
            return self._keep(content, kind, alt or name)
        if tell:
            self.report.problem(block.line, f"{problem}; it is left out")
        return ""

    def _keep(self, content: bytes, kind: str, alt: str) -> str:
        file = next((name for name, known in self.pictures.items() if known == content), "")
        file = file or f"picture-{len(self.pictures) + 1}.{kind}"
        self.pictures[file] = content
        described = re.sub(r"[\[\]\\\n]", " ", alt)
        return f"![{described}]({file})"

    def _data_of(self, name: str) -> str | None:
        return "data:image/png;base64,AA==" if name in self.pictures else None

    def _without_html(self, block: Block, text: str, tell: bool) -> str:
        if tell:
            for link in LINK.finditer(text):
                self.report.problem(block.line, f"the link {shown(link[0])} leads nowhere; its words are kept")
            tags = {m["name"].lower() for m in TAG.finditer(_without_code(text))} - TAGS.keys() - KEPT_TAGS
            for tag in sorted(tags):
                self.report.problem(block.line, f"<{tag}> is not for lessons; its text is kept")
            if COMMENT.search(text):
                self.report.problem(block.line, "an HTML comment is left out")
        text = LINK.sub(lambda m: m["words"], COMMENT.sub("", text))
        codes = re.split(r"(`+[^`\n]+`+)", text)
        return "".join(part if number % 2 else TAG.sub(_known_tag, part) for number, part in enumerate(codes))


def _without_code(text: str) -> str:
    return re.sub(r"`+[^`\n]+`+", "", text)


def _known_tag(tag: re.Match[str]) -> str:
    name = tag["name"].lower()
    return re.sub(r"\s[^<>]*?(?=/?>)", "", tag[0]) if name in TAGS or name in KEPT_TAGS else ""


def _line_start(found: re.Match[str]) -> str:
    return found[0] if found[1] else f"{found[2]}\\{found[3]}"


def _fault(markdown: str, picture: Callable[[str], str | None]) -> str:
    """What the importer would object to; "" if nothing."""
    rendered = render_lesson(markdown, picture)
    errors = [problem.message for problem in rendered.problems if problem.severity == "error"]
    dead = [f"The link {href} leads nowhere." for href, _ in rendered.links if not OUTSIDE.match(href)]
    other = ["It reads like a heading or a directive."] if rendered.contents or rendered.directives else []
    return next(iter([*errors, *dead, *other]), "")


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[。！？!?])|(?<=\.)\s", text, maxsplit=1)[0].strip()
    return sentence if len(sentence) <= SUMMARY else sentence[: SUMMARY - 1] + "…"
