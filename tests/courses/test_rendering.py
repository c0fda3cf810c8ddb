"""Markdown becomes safe HTML: marks, formulas, code and directives come through, hostile input does not."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.rendering import render_fragment, render_inline, render_lesson

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](https://example.org/spy.png)",
    '<div style="position:fixed">x</div>',
    "<style>*{display:none}</style>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe src='//example.org'></iframe>",
    "<form action='//example.org'><input name=x><button>go</button></form>",
    "<base href='//example.org'>",
    "<meta http-equiv=refresh content='0;url=//example.org'>",
    "<object data='x'></object><embed src=x>",
    "para {: onclick=alert(1) style=color:red }",
    '## Head {#head onclick="alert(1)" style="color:red"}',
    "```{.python onclick=alert(1) style=color:red}\nx\n```",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{color:red}{x}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$$\text{</math><script>alert(1)</script>}$$",
    '<span class="arithmatex">\\(&lt;script&gt;alert(1)&lt;/script&gt;\\)</span>',
    "<template><script>alert(1)</script></template>",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "::preset[<img src=x onerror=alert(1)> **cap**]{id}",
    '::diagram[<script>alert(1)</script>]{network layers=2-2 alt="<script>alert(1)</script>"}',
    '::diagram[cap]{network layers=2-2 labels="<script>,<b onclick=x>" alt="A picture"}',
]
FORBIDDEN_TAGS = {
    "annotation", "annotation-xml", "base", "button", "embed", "foreignobject", "form", "iframe", "input", "link",
    "meta", "mglyph", "noscript", "object", "script", "style", "template", "textarea",
}  # fmt: skip
FORBIDDEN_ATTRIBUTES = re.compile(r"on.*|style|srcdoc|xlink:href|formaction|action")
SAFE_SCHEME = re.compile(r"https?:|mailto:|data:image/(png|jpeg|gif|webp);base64,", re.IGNORECASE)


def is_dangerous_address(address):
    as_browsers_read_it = re.sub(r"[\s\x00-\x20]", "", address)
    scheme = re.match(r"[A-Za-z][\w+.-]*:", as_browsers_read_it)
    return scheme is not None and not SAFE_SCHEME.match(as_browsers_read_it)


class Inspector(HTMLParser):
    """Collects what a browser could run or load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in FORBIDDEN_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if FORBIDDEN_ATTRIBUTES.fullmatch(name):
                self.found.append(f"{tag} {name}")
            if name in {"href", "src"} and is_dangerous_address(value or ""):
                self.found.append(f"{tag} {name}={value}")


def dangers(html):
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.found


def whole(text):
    lesson = render_lesson(text)
    return "".join(part.get("html", "") + part.get("caption", "") for part in lesson.parts)


@pytest.mark.parametrize(
    "html", ["<script>", "<a onclick=x>", '<a href="javascript:x">', '<p style="x">', "<img src=data:x>"]
)
def test_the_inspector_sees_what_is_dangerous(html):
    assert dangers(html)


@pytest.mark.parametrize("text", HOSTILE)
def test_it_leaves_nothing_of_hostile_markdown(text):
    for html in (whole(text), whole(f"before\n\n{text}\n\nafter"), render_fragment(text), render_inline(text)):
        assert dangers(html) == []


@given(
    st.lists(
        st.sampled_from([*HOSTILE, "$", "`", "*", "==", "<", ">", '"', "\n", "::", "{", "}", "#", "|"]), max_size=8
    )
)
@settings(max_examples=60, deadline=None)
def test_it_leaves_nothing_of_hostile_pieces_put_together(pieces):
    text = "".join(pieces)
    assert dangers(whole(text)) == []
    assert dangers(render_fragment(text)) == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("归类为==**监督学习**==", "<mark><strong>监督学习</strong></mark>"),
        ("a ==mark== here", "<mark>mark</mark>"),
        ("costs $5 and $6", "costs $5 and $6"),
        ("`$x$` is code", "<code>$x$</code>"),
        ("误差$e=y$很小", "<mi>e</mi>"),
        ("==the rate $x^2$==", "<mark>the rate <math"),
        (r"$\text{a<b \& c}$", "a&lt;b"),
        ("<b>bold</b> and <kbd>Enter</kbd>", "<kbd>Enter</kbd>"),
    ],
)
def test_it_renders_inline_text(text, html):
    assert html in render_fragment(text)


def test_it_sets_formulas_as_mathml_that_says_its_source():
    html = render_fragment(r"$$w' = w - \eta \frac{\partial L}{\partial w}$$")
    assert re.search('<math [^>]*display="block"', html)
    assert "<mfrac>" in html
    assert r"\eta" in re.search('alttext="([^"]*)"', html)[1]


@pytest.mark.parametrize(
    "latex", [r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\begin{cases}0&x<0\\x&x\ge0\end{cases}"]
)
def test_it_sets_formulas_of_several_lines_as_tables(latex):
    html = render_fragment(f"$${latex}$$")
    assert html.count("<mtr>") == 2
    assert "&amp;" not in re.sub('alttext="[^"]*"', "", html)


def test_it_colours_code_with_classes_only():
    html = render_fragment("```python\nimport keras\n```")
    assert '<span class="kn">import</span>' in html
    assert "style=" not in html


def test_it_frames_tables_so_that_they_scroll():
    html = whole("| a | b |\n|---|--:|\n| 1 | $2$ |\n")
    assert '<div class="table-scroll" tabindex="0"><table class="table">' in html
    assert '<td align="right"><math' in html


def test_it_lists_the_sections_and_links_each_heading_to_itself():
    lesson = render_lesson("## One $x$ {#one}\n\ntext\n\n### Two `c` {#two}\n\n#### Deeper\n")
    assert lesson.problems == []
    assert lesson.contents == [
        {"id": "one", "title": "One x", "level": 2},
        {"id": "two", "title": "Two c", "level": 3},
    ]
    assert '<h2 id="one"><a href="#one"' in lesson.parts[0]["html"]


def test_it_puts_directives_where_they_stood():
    lesson = render_lesson("Before.[^1]\n::preset[Try **it** $x[1]$]{two-three}\nAfter.\n\n[^1]: A note.\n")
    assert [part.get("directive", "html") for part in lesson.parts] == ["html", "preset", "html"]
    assert lesson.parts[1]["ref"] == "two-three"
    assert lesson.parts[1]["caption"].startswith("Try <strong>it</strong> <math")
    assert "A note." in lesson.parts[2]["html"]
    assert lesson.directives[0].line == 2


def test_it_draws_diagrams_into_the_text():
    lesson = render_lesson('::diagram[The *net*]{network layers=2-3-2 alt="Three layers"}')
    (part,) = lesson.parts
    assert '<figure class="figure"><svg' in part["html"]
    assert "<figcaption>The <em>net</em></figcaption>" in part["html"]


def test_it_leaves_directives_in_code_alone():
    lesson = render_lesson("```\n::preset{x}\n# no heading\n```\n\n    ::preset{y}\n")
    assert lesson.directives == []
    assert lesson.problems == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n\n## No id\n", 3, "has no id"),
        ("## A {#a}\n\n## B {#a}\n", 3, "second time"),
        ("# Title {#t}\n", 1, "front matter"),
        ("## A {#Not_An_Id}\n", 1, "cannot be an id"),
        ("## A {#main}\n", 1, "cannot be an id"),
        ("a\n\n$x_{a$\n", 3, "braces"),
        ("a\n\n$\\foo{x}$\n", 3, "not known"),
        ("$\\frac{1}$\n", 1, "not complete"),
        ("a\n![x](missing.png)\n", 2, "no picture"),
        ("a\n\n::challenge{ninety-percent}\n", 3, "not yet offered"),
        ("::video{x}\n", 1, "no directive ::video"),
        ("::preset[caption]\n", 1, "A directive is written"),
        ("::preset{}\n", 1, "which"),
        ("::preset{a b}\n", 1, "two ids"),
        ("::preset{a size=3}\n", 1, "no option"),
        ('::diagram{network layers=2-3 layers=4-5 alt="x"}\n', 1, "twice"),
        ("a\n::diagram{network layers=2-3}\n", 2, "alt"),
        ("<div>\n::preset{x}\n</div>\n", 2, "inside other HTML"),
        ("```python\nx\n", 2, "never closed"),
    ],
)
def test_it_names_the_line_of_what_is_wrong(text, line, words):
    problems = render_lesson(text).problems
    assert [(problem.line, words in problem.message) for problem in problems] == [(line, True)]


def test_it_takes_pictures_from_the_lesson_and_asks_for_their_description():
    url = "data:image/png;base64,AAAA"
    lesson = render_lesson("![A net](net.png)\n\n![](net.png)\n", {"net.png": url}.get)
    assert f'<img alt="A net" src="{url}">' in lesson.parts[0]["html"]
    assert [(problem.line, problem.severity) for problem in lesson.problems] == [(1, "warning")]


def test_it_drops_ids_and_classes_that_belong_to_the_page():
    html = whole('<p id="main" class="button notice">x</p>\n\ntext\n{: #contents .card }\n')
    assert "id=" not in html
    assert "class=" not in html


def test_it_reads_a_longer_text_for_more_minutes():
    assert render_lesson("word " * 30).minutes == 1
    assert render_lesson("word " * 1000).minutes == 5
    assert render_lesson("字" * 1400).minutes == 4
