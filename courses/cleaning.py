"""The allow-list that every piece of rendered Markdown passes, whoever wrote it.

No style, no script, no event handler, no frame, no form; MathML for formulas, but none of its links; classes and ids
only from fixed patterns, so that text can neither borrow the look of a control nor take the id of a part of the page.
"""

import re

import nh3

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
# Pygments names its tokens in one to three characters.
CLASS = re.compile(r"admonition(-title)?|note|tip|warning|highlight|footnote(-ref|-backref)?|[a-z][a-z0-9]{0,2}")
SECTION_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FOOTNOTE_ID = re.compile(r"fn(ref)?\d*:[\w-]+")
# Ids that the pages use themselves.
RESERVED_IDS = frozenset({"main", "contents", "concepts", "quiz", "top"})
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")


def is_section_id(text: str) -> bool:
    return len(text) <= 100 and SECTION_ID.fullmatch(text) is not None and text not in RESERVED_IDS


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(name for name in value.split() if CLASS.fullmatch(name)) or None
    if attribute == "id":
        return value if is_section_id(value) or FOOTNOTE_ID.fullmatch(value) else None
    if attribute == "src":
        # A picture travels in the text: remote ones would tell a stranger who reads, and the site's policy blocks them.
        return value if PICTURE.fullmatch(value) else None
    if attribute == "href" and value.strip().lower().startswith("data:"):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=TEXT | MATHS,
    clean_content_tags={"script", "style", "template", "iframe", "object", "noscript", "xmp", "svg"},
    attributes=ATTRIBUTES,
    attribute_filter=_filter,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel="noopener noreferrer",
)


def clean(html: str) -> str:
    """Return `html` balanced, with nothing but what the allow-list names."""
    return _CLEANER.clean(html)
