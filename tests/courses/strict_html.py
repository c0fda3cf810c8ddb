"""A judge of rendered HTML that shares nothing with what cleans it.

It knows one form: text without angle brackets, tags with every attribute in double quotes, all closed in their order.
Where nothing else occurs, no parser of HTML can find an element or an attribute in it that is not written there; so it
is enough that each of them is on the lists below. (What a browser makes of it, `tests/e2e/test_hostile_lesson` asks.)
"""

import re
from collections.abc import Collection, Iterator
from html import unescape

TOKEN = re.compile(
    r"(?P<text>[^<>]+)|</(?P<close>[a-zA-Z][a-zA-Z0-9]*)>"
    r'|<(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>(?: [^\s=<>"]+="[^"<>]*")*)(?P<end> ?/?)>'
)
ATTRIBUTE = re.compile(r' ([^\s=<>"]+)="([^"]*)"')


def words(text: str) -> set[str]:
    return set(text.split())


EMPTY = {"br", "hr", "img", "wbr"}
TEXT = words("""
    a abbr b blockquote br code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd
    li mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead tr u ul var wbr
""")
MATHS = words("""
    math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt
    mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
""")
DRAWING = {"svg", "line", "circle", "text", "rect", "polyline", "polygon"}
ANY = {"class", "lang", "dir"}
OF_TAG = {
    "a": {"href", "title", "rel"},
    "abbr": {"title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "math": {"display", "alttext", "tabindex"},
    "div": {"tabindex", "role", "aria-label"},
    "pre": {"tabindex"},
    "svg": {"role", "aria-label", "aria-hidden", "width", "height", "viewBox", "xmlns"},
}
OF_MATHS = words("""
    accent accentunder columnalign columnspacing displaystyle fence form largeop linebreak linethickness
    lspace mathvariant maxsize minsize movablelimits notation rowspacing rspace scriptlevel separator stretchy
    symmetric width
""")
OF_DRAWING = words("x y x1 y1 x2 y2 cx cy r rx points text-anchor width height")
# Of code no class has more than three letters; `key`, `now`, `bar` and `net` belong to the pages.
CLASS = re.compile(
    r"admonition(-title)?|note|tip|warning|highlight|hll|footnote(-ref|-backref)?|nobr|table(-scroll)?|figure"
    r"|diagram(-scroll|-panels)?|diagram-(-[a-z-]+|panels--\d)|d-[a-z0-9-]+|(?!key|now|bar|net)[a-z][a-z0-9]{0,2}"
)
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|fn(ref)?\d*:[\w-]+")
OF_THE_PAGE = re.compile(r"main|top|(contents|concepts|quiz)(-title)?|(checkpoint|challenge|fault|verdict)-.*")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def faults(html: str, *, pictures: Collection[str] = (), ids: bool = False) -> list[str]:
    """Return everything in `html` that is on no list. `ids`: whether it may have any."""
    return list(_faults(html, pictures, ids=ids))


def _faults(html: str, pictures: Collection[str], *, ids: bool) -> Iterator[str]:
    position, open_tags = 0, []
    while position < len(html):
        token = TOKEN.match(html, position)
        if token is None:
            yield f"no HTML of the one form: {html[position : position + 80]!r}"
            return
        position = token.end()
        if tag := token["tag"]:
            yield from (f"<{tag}>: {fault}" for fault in _of_tag(tag, token["attributes"], pictures, ids=ids))
            if tag not in EMPTY and not token["end"].endswith("/"):
                open_tags.append(tag)
        elif (close := token["close"]) and (not open_tags or open_tags.pop() != close):
            yield f"</{close}> closes nothing"
            return
    yield from (f"<{tag}> is never closed" for tag in open_tags)


def _of_tag(tag: str, written: str, pictures: Collection[str], *, ids: bool) -> Iterator[str]:
    if tag not in TEXT | MATHS | DRAWING:
        yield "no such tag"
    allowed = ANY | OF_TAG.get(tag, set()) | (OF_MATHS if tag in MATHS else OF_DRAWING if tag in DRAWING else set())
    attributes = ATTRIBUTE.findall(written)
    names = [name for name, _ in attributes]
    if len(set(names)) < len(names):
        yield f"an attribute twice: {written}"
    for name, value in attributes:
        if name not in allowed | ({"id"} if ids else set()) or not _is_allowed(name, unescape(value), pictures):
            yield f"{name}={value!r}"
    if "href" in names and "rel" not in names:
        yield "a link without rel"


def _is_allowed(name: str, value: str, pictures: Collection[str]) -> bool:
    match name:
        case "href":
            return scheme_of(value) in {"", "http:", "https:", "mailto:"}
        case "src":
            return value in pictures
        case "class":
            return all(CLASS.fullmatch(part) for part in value.split())
        case "id":
            return ID.fullmatch(value) is not None and not OF_THE_PAGE.fullmatch(value)
        case "scriptlevel":
            return re.fullmatch(r"\+?[0-9]", value) is not None
        case "width" | "lspace" | "rspace" | "minsize" | "maxsize" | "rowspacing" | "columnspacing" | "linethickness":
            return re.search(r"\d{3}", value.partition(".")[0]) is None or value.replace(".", "").isdigit()
        case "tabindex":
            return value == "0"
        case "xmlns":
            return value == "http://www.w3.org/2000/svg"
        case _:
            return True


def scheme_of(address: str) -> str:
    """As browsers read it: control characters and spaces around it, tabs and line breaks in it do not count."""
    scheme = SCHEME.match(re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33))))))
    return scheme[0].lower() if scheme else ""
