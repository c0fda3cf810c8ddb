"""The allow-list that every piece of rendered Markdown passes, whoever wrote it.

No style, no script, no event handler, no frame, no form; MathML for formulas, but none of its links; links to the web,
to an address of e-mail and within the site; classes and ids only from fixed patterns, so that text can neither borrow
the look of a control nor take the id of a part of the page.
"""

import re

import nh3
from pygments.token import STANDARD_TYPES

TEXT = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s",
    "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
    "var", "wbr",
}  # fmt: skip
MATHS = {
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts",
    "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr",
    "munder", "munderover", "none",
}  # fmt: skip
MATHS_ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "columnspacing", "displaystyle", "fence", "form", "largeop", "linebreak",
    "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowspacing", "rspace",
    "scriptlevel", "separator", "stretchy", "symmetric", "width",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "id", "lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    **dict.fromkeys(MATHS, MATHS_ATTRIBUTES),
    "math": {"display", "alttext"},
}
# A formula does not lie over the page: LaTeX needs neither large spaces nor signs above the size of the text.
LENGTHS = frozenset(
    {"columnspacing", "linethickness", "lspace", "maxsize", "minsize", "rowspacing", "rspace", "width"}
)  # fmt: skip
LENGTH = re.compile(r"[+-]?\d{0,2}(\.\d{1,8})?(em|ex|px|pt|mm|mu|%|width)?|\d(\.\d{1,8})?(cm|in|pc)|[a-z]+")
SCRIPT_LEVEL = re.compile(r"\+?\d")
CLASSES = frozenset(STANDARD_TYPES.values()) | {
    "admonition", "admonition-title", "footnote", "footnote-backref", "footnote-ref", "highlight", "hll", "nobr",
    "note", "tip", "warning",
}  # fmt: skip
SECTION_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FOOTNOTE_ID = re.compile(r"fn(ref)?\d*:[\w-]+")
# Ids that the pages use themselves.
RESERVED_ID = re.compile(r"main|top|(contents|concepts|quiz)(-title)?|(challenge|checkpoint|fault|verdict)-.*")
# Pictures travel in the text: remote ones would tell a stranger who reads. They are put in when the text is clean.
PICTURE = re.compile(r"picture:\d{1,6}")
SCHEMES = frozenset({"http", "https", "mailto"})
# What a browser leaves out of an address before it looks for the scheme.
AROUND_ADDRESS, IN_ADDRESS = "".join(map(chr, range(33))), re.compile(r"[\t\n\r]")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def is_section_id(text: str) -> bool:
    return len(text) <= 100 and SECTION_ID.fullmatch(text) is not None and not RESERVED_ID.fullmatch(text)


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(name for name in value.split() if name in CLASSES) or None
    if attribute == "id":
        return value if is_section_id(value) or FOOTNOTE_ID.fullmatch(value) else None
    if attribute == "src":
        return value if PICTURE.fullmatch(value) else None
    if attribute == "href":
        scheme = SCHEME.match(IN_ADDRESS.sub("", value.lstrip(AROUND_ADDRESS)))
        return value if scheme is None or scheme[1].lower() in SCHEMES else None
    if attribute in LENGTHS:
        return value if all(LENGTH.fullmatch(length) for length in value.split()) else None
    return value if attribute != "scriptlevel" or SCRIPT_LEVEL.fullmatch(value) else None


def _cleaner(attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TEXT | MATHS,
        clean_content_tags={"script", "style", "template", "iframe", "object", "noscript", "xmp", "svg"},
        attributes=attributes,
        attribute_filter=_filter,
        url_schemes={*SCHEMES, "picture"},
        link_rel="noopener noreferrer",
    )


_LESSON = _cleaner(ATTRIBUTES)
# A fragment stands on any page, beside others: it has no ids. Nor has it pictures; what describes one is kept.
_FRAGMENT = _cleaner({**ATTRIBUTES, "*": ATTRIBUTES["*"] - {"id"}, "img": ATTRIBUTES["img"] - {"src"}})


def clean(html: str) -> str:
    """Return `html` balanced, with nothing but what the allow-list names; `picture:0` for the source of a picture."""
    return _LESSON.clean(html)


def clean_fragment(html: str) -> str:
    """The same without ids and without the sources of pictures."""
    return _FRAGMENT.clean(html)
