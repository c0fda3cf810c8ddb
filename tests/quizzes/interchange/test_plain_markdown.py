"""Plain text as Markdown, and back."""

import re
import time
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.rendering import render_fragment
from quizzes.interchange.markdown_signs import WHITE
from quizzes.interchange.plain_markdown import from_plain, to_plain

SIGNS = "ab1 2\n\t*_`#>-+.!|~=:[](){}<&;/\\^\"'人，é\xa0"
PLAIN = st.text(st.sampled_from(SIGNS), max_size=40) | st.text(max_size=40)


def shown(markdown: str) -> str:
    """The words that a reader sees, with line ends where there are breaks or paragraphs."""
    html = render_fragment(markdown).replace("\n", "")
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br>|</p>", "\n", html))).strip(WHITE)


def as_lines(text: str) -> str:
    """What is left of a text when only its lines, their indents and their words count."""
    plain = re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", "", text.replace("\r\n", "\n").replace("\r", "\n")
    )
    lines = [line.rstrip(WHITE).expandtabs(4) for line in plain.strip(WHITE).split("\n")]
    indented = [re.sub(r"^ +", lambda indent: "\xa0" * len(indent[0]), line) for line in lines]
    return "\n".join(line for line in indented if line.strip(WHITE))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("The loss is 0.3", "The loss is 0.3"),
        ("a * b and _c_", r"a \* b and \_c\_"),
        ("learning_rate stays readable", "learning_rate stays readable"),
        ("# of epochs", r"\# of epochs"),
        ("1. first", r"1\. first"),
        ("- minus", r"\- minus"),
        ("-1 is a number", "-1 is a number"),
        ("x < 3 and <b>", "x < 3 and &lt;b>"),
        ("R&D, AT&amp;T", "R&D, AT&amp;amp;T"),
        ("&#1 and &#x2", "&amp;#1 and &amp;#x2"),
        ("two\nlines", "two  \nlines"),
        ("two\n\n\nparagraphs", "two\n\nparagraphs"),
        ("the rate $\\eta_t * g$", "the rate $\\eta_t * g$"),
        ("costs $5 and $6", r"costs \$5 and \$6"),
        ("for i in x:\n    w[i] = 0", "for i in x:  \n\xa0\xa0\xa0\xa0w\\[i] = 0"),
    ],
)
def test_it_escapes_what_markdown_would_take_for_its_own(text, markdown):
    assert from_plain(text) == markdown


@given(PLAIN.filter(lambda text: "$" not in text and "\\(" not in text and "\\[" not in text))
@settings(max_examples=400)
def test_it_shows_the_text_as_it_is(text):
    assert as_lines(shown(from_plain(text))) == as_lines(text)


@given(st.text(st.sampled_from("$ab <&*_`{}[]\n"), max_size=25))
@settings(max_examples=400)
def test_it_keeps_the_words_around_formulas_and_in_them(text):
    with_latex = re.sub(r'<math [^>]*?alttext="([^"]*)".*?</math>', r"\1", render_fragment(from_plain(text)))
    words = unescape(re.sub(r"<[^<>]*>", "", with_latex))
    assert re.sub(r"[$\s]", "", words) == re.sub(r"[$\s]", "", text)


@given(PLAIN)
@settings(max_examples=400)
def test_it_comes_back_as_it_was(text):
    markdown = from_plain(text)
    assert from_plain(to_plain(markdown)) == markdown


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**SGD** and `relu`", "SGD and relu"),
        ("a  \nb", "a\nb"),
        ("one paragraph\nin two lines", "one paragraph in two lines"),
        ("the rate $\\eta$ *is* small", "the rate $\\eta$ is small"),
        ("- a\n- b", "a\nb"),
        ("x<sup>2</sup> &lt; 3", "x2 < 3"),
    ],
)
def test_it_gives_the_words_without_their_marks(markdown, words):
    assert to_plain(markdown) == words


@pytest.mark.parametrize("sign", ["$", "\\(", "\\[", "`", "*", "~", "\\", "[", "=", "|-", "&#", "\n ", " \n", "_"])
def test_its_time_grows_with_the_length(sign):
    text = sign * (20_000 // len(sign))
    began = time.process_time()
    from_plain(text)
    assert time.process_time() - began < 2
