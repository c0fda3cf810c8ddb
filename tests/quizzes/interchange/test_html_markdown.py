"""HTML from a file as Markdown that renders the same."""

import re
import time
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.rendering import render_fragment
from quizzes.interchange.plain_markdown import from_html

TAG = re.compile(r"<(/?)([a-z0-9]+)[^<>]*>")
ALIKE = {"b": "strong", "i": "em"}
WORDS = st.text(st.sampled_from("ab1 *_`#>-+.|~=:[](){}<&!\"'人"), min_size=1, max_size=8)
MARKS = st.lists(st.sampled_from(["b", "i", "u", "sup", "sub", "mark", "code"]), max_size=3, unique=True)


def marked(html: str) -> list[tuple[str, frozenset[str]]]:
    """Every sign that is no space, with the marks that it has."""
    found: list[tuple[str, frozenset[str]]] = []
    at, marks = 0, []
    for tag in [*TAG.finditer(html), None]:
        text = unescape(html[at : tag.start() if tag else len(html)])
        found += [(sign, frozenset(marks)) for sign in text if not sign.isspace()]
        if tag is None:
            return found
        at, name = tag.end(), ALIKE.get(tag[2], tag[2])
        if name in ("strong", "em", "u", "sup", "sub", "mark", "code"):
            marks.remove(name) if tag[1] else marks.append(name)
    return found


def of_runs(runs: list[tuple[str, list[str]]]) -> str:
    html = ""
    for words, marks in runs:
        opened = "".join(f"<{mark}>" for mark in marks)
        closed = "".join(f"</{mark}>" for mark in reversed(marks))
        html += f"{opened}{escape(words, quote=False)}{closed}"
    return f"<p>{html}</p>"


@given(st.lists(st.tuples(WORDS, MARKS), min_size=1, max_size=5))
@settings(max_examples=400)
def test_every_sign_keeps_its_marks(runs):
    html = of_runs(runs)
    markdown, notes = from_html(html)
    assert marked(render_fragment(markdown)) == marked(html)
    assert notes == ()


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("A <b>dense</b> layer has <i>weights</i>.", "A **dense** layer has *weights*."),
        ("<p>one</p><p>two<br>lines</p>", "one\n\ntwo  \nlines"),
        ("call <code>model.fit()</code>", "call `model.fit()`"),
        ("<code>a ` b</code>", "``a ` b``"),
        ("x<sup>2</sup> and h<sub>1</sub>", "x<sup>2</sup> and h<sub>1</sub>"),
        ("a &lt; b &amp;&nbsp;&eacute;&#8804;", "a < b &\xa0é≤"),
        ('<a href="https://keras.io/api/?a=1&amp;b=2">the docs</a>', "[the docs](https://keras.io/api/?a=1&b=2)"),
        ("<ul><li>relu</li><li>tanh<ol><li>odd</li></ol></li></ul>", "-   relu\n-   tanh\n    1.  odd"),
        ('<ol start="3"><li>third<li>fourth</ol>', "3.  third\n4.  fourth"),
        ("<pre>for x in data:\n    step(x)</pre>", "```\nfor x in data:\n    step(x)\n```"),
        ('<pre><code class="language-python">x = 1</code></pre>', "```python\nx = 1\n```"),
        ("<blockquote>said<br>so</blockquote>", "> said  \n> so"),
        ("<h3>Loss</h3>falls", "### Loss\n\nfalls"),
        ("<p>&nbsp;</p><div>text</div>", "text"),
        ("the rate $\\eta &lt; 1$ is small", "the rate $\\eta < 1$ is small"),
        ("Is x < 3 and y > 2?", "Is x < 3 and y > 2?"),
        ("<!-- hidden -->seen", "seen"),
        ("<code>x<sup>2</sup></code>", "`x`<sup>`2`</sup>"),
        ("<b>never closed", "**never closed**"),
        ("not </b>opened", "not opened"),
    ],
)
def test_it_writes(html, markdown):
    assert from_html(html) == (markdown, ())


@pytest.mark.parametrize(
    ("html", "markdown", "note"),
    [
        ('see <img src="n.png" alt="a net">', "see a net", "A picture was left out; its description is kept: a net"),
        ("<script>alert(1)</script>text", "text", "<script> and what stood in it was left out."),
        (
            "<table><tr><td>1<td>2</table>",
            "1 | 2",
            "A table was left out; its words are kept, a paragraph for each row.",
        ),
        (
            '<a href="javascript:x()">click</a>',
            "click",
            "A link was left out, for it leads to no web page: javascript:x()",
        ),
        ("<blink>now</blink>", "now", "<blink> was left out; its words are kept."),
    ],
)
def test_it_tells_what_it_cannot_keep(html, markdown, note):
    assert from_html(html) == (markdown, (note,))


def test_line_ends_are_breaks_where_the_format_says_so():
    assert from_html("one\ntwo", keep_lines=True)[0] == "one  \ntwo"
    assert from_html("one\ntwo")[0] == "one two"


@given(st.text(st.sampled_from("<>/!-abpiul =\"'&#9;\n"), max_size=60))
@settings(max_examples=300)
def test_it_reads_any_text(text):
    markdown, _ = from_html(text)
    assert markdown == markdown.strip()


@pytest.mark.parametrize(
    "piece",
    ["<", "<b>", "<b>x", "<p>", "<!--", "<a", '<a "', "<a '", "<a \"'", "&#", "&", "<li>", "<ul><li>", "<blockquote>x",
     "</b>", "<b>x</b><i>y</i>", "<a href=", "<script>", "<pre>", "`", "<code>`x</code>", "<td>x", "<sup>x<sub>"],
)  # fmt: skip
def test_its_time_grows_with_the_length(piece):
    began = time.process_time()
    from_html(piece * (100_000 // len(piece)))
    assert time.process_time() - began < 4
