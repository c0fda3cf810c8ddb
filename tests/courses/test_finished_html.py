"""The short ways of rendering say what the long ones say."""

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from courses.finished_html import Tag, pieces
from courses.rendering import PLAIN, render_fragment, render_lesson

MARKED = (
    '<a href="x&amp;y#a" title="&quot; id=&quot;q">a</a> <b id=x>1</b> $a<b$ '
    """<p id="k" class='note'>&lt;a href="no"&gt;</p>"""
)
OTHER = (
    ' <!-- <a href="c"> --> [l](u"v) <svg><a href="s"/></svg> a < b > c <br/> ::diagram{network layers=2-1 alt="<b>"}'
)
CUTS = [text[i:j] for text in (MARKED, OTHER) for i in range(0, len(text), 7) for j in range(i + 1, len(text), 9)]


class Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value for name, value in attrs if name in {"id", "href"} and value}))

    def handle_data(self, data):
        self.found.append(data)


def joined(found):
    """Texts that stand side by side as one."""
    result = []
    for piece in found:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        else:
            result.append(piece)
    return result


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CUTS) | st.text(max_size=6), max_size=8).map("".join))
def test_finished_html_is_read_as_any_parser_reads_it(text):
    for part in render_lesson(text).parts:
        finished = part.get("html", "")
        parser = Parser()
        parser.feed(finished)
        parser.close()
        found = [
            (piece.name, piece.attributes) if isinstance(piece, Tag) else piece
            for piece in pieces(finished)
            if not isinstance(piece, Tag) or piece.starts
        ]
        assert joined(found) == joined(parser.found)


SIGNS = st.text("ab 1.,-:!()'%“”（…é学²ⅣßÅ\u0301一 ", max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(PLAIN, fullmatch=True) | SIGNS | st.text(max_size=8))
def test_plain_words_are_what_markdown_makes_of_them(text):
    """A word with a mark behind it goes the long way."""
    short = render_fragment(text)
    if PLAIN.fullmatch(text):
        long = render_fragment(f"{text}\n\n**end**")
        assert long.split("\n")[0] == short


def test_most_texts_of_questions_are_plain():
    assert PLAIN.fullmatch("Yes: it is moved by every batch (about 1 % at first), and so learns.")
    assert PLAIN.fullmatch("学习率太大，每一步都越过最小值；训练（几乎）不会结束。")
    for text in ("1. one", "a *b*", "a `b`", "$x$", "<b>", "a\nb", "a_b", "[a](b)", "a ", "- a", "&amp;", "a=b", "#a"):
        assert not PLAIN.fullmatch(text)
