"""Markdown becomes HTML: marks, formulas, code and directives come through. Of what is hostile `test_hostile_markdown`
has more than enough."""

import re
from itertools import product

import pytest

from courses.rendering import render_fragment, render_inline, render_lesson


def whole(text, picture=lambda name: None):
    lesson = render_lesson(text, picture)
    return "".join(part.get("html", "") + part.get("caption", "") for part in lesson.parts)


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


BESIDE = ["", " ", "字", "a", "7", "，", "。", "“", "”", "（", "!", "**b**", "$x$", "`c`", "[d](#e)", "<b>f</b>"]


def test_a_mark_stands_beside_any_letter_and_any_sign():
    inside = [text for text in BESIDE if text.strip()]
    texts = [f"上文{before}=={first}…。==下文" for before, first in product(BESIDE, inside)]
    texts += [f"上文==甲…{last}=={after}下文" for last, after in product(inside, BESIDE)]
    unread = [
        text for text in texts if not re.search("<mark>.*…", render_fragment(text)) or "==" in render_fragment(text)
    ]
    assert unread == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("==步长太大会发散。==下文", "<p><mark>步长太大会发散。</mark>下文</p>"),
        ("上文==“甲”==和==（乙）==。", "<p>上文<mark>“甲”</mark>和<mark>（乙）</mark>。</p>"),
        ("==甲==，==乙==；==丙==", "<p><mark>甲</mark>，<mark>乙</mark>；<mark>丙</mark></p>"),
        ("==a====b==", "<p><mark>a</mark><mark>b</mark></p>"),
        ("==甲\n乙==", "<p><mark>甲\n乙</mark></p>"),
        (r"\==甲==", "<p>==甲==</p>"),
        ("if a == b and c == d", "<p>if a == b and c == d</p>"),
    ],
)
def test_it_marks_what_stands_between_the_signs(text, html):
    assert render_fragment(text) == html


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n\nThis ==never ends.\n", 3),
        ("```\na == b\n```\n\na ==b ==\n", 5),
        ("| a |\n|---|\n| **x** == y |\n", 3),
        ("a [^1]\n\n[^1]: one == two\n", 3),
        ("a\n\n::preset[b ==c]{d}\n", 3),
    ],
)
def test_it_warns_of_signs_of_a_mark_that_stay_in_the_text(text, line):
    problems = render_lesson(text).problems
    assert [(problem.line, problem.severity, "==" in problem.message) for problem in problems] == [
        (line, "warning", True)
    ]


@pytest.mark.parametrize(
    "text", ["`a == b`", "```\na == b\n```", "    a == b", "$a == b$", "<kbd>==</kbd>", "Title\n==="]
)
def test_code_and_formulas_may_compare(text):
    assert not any("==" in problem.message for problem in render_lesson(text).problems)


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


def test_a_sign_after_a_formula_stays_on_its_line():
    assert re.search(r'<span class="nobr"><math .*</math>，</span>所以', render_fragment("误差$e$，所以"))
    assert "nobr" not in render_fragment("$e$ 所以") + render_fragment("$$e$$，")


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


def test_the_title_of_a_section_is_its_words():
    text = r"## A <b>b</b> `<c>` ==d== &amp; \* [e](#f) $x_1$ {#a}"
    assert render_lesson(text).contents == [{"id": "a", "title": "A b <c> d & * e x_1", "level": 2}]


def test_an_admonition_has_the_title_that_was_written_and_no_other():
    assert whole('!!! note "注意"\n    甲') == (
        '<div class="admonition note">\n<p class="admonition-title">注意</p>\n<p>甲</p>\n</div>'
    )
    assert whole("!!! note\n    甲") == '<div class="admonition note">\n<p>甲</p>\n</div>'
    assert whole('!!! tip ""\n    甲') == '<div class="admonition tip">\n<p>甲</p>\n</div>'


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


CODE = "model = 1\nmodel.fit(x)"


def code_parts(text, runs=lambda code: "fit" in code):
    return [part for part in render_lesson(text, runs=runs).parts if part.get("directive") == "code"]


@pytest.mark.parametrize("fence", ["```python", "~~~ py", "```{.python}"])
def test_it_leaves_a_place_under_code_that_can_be_run(fence):
    end = fence[: len(fence) - len(fence.lstrip("`~"))]
    text = f"Before.\n\n{fence}\n{CODE}\n{end}\nAfter.\n\n```python\nimport keras\n```\n\n```python\nb.fit(y)\n```\n"
    parts = render_lesson(text, runs=lambda code: "fit" in code).parts
    assert [part.get("directive", "html") for part in parts] == ["html", "code", "html", "code"]
    assert parts[0]["html"].rstrip().endswith("</div>")
    assert [(part["ref"], part["code"]) for part in parts if "code" in part] == [("1", CODE), ("2", "b.fit(y)")]


@pytest.mark.parametrize(
    "text",
    [f"```\n{CODE}\n```", f"```js\n{CODE}\n```", f"> ```python\n> {CODE}\n> ```",
     f"- a\n\n    ```python\n    {CODE}\n    ```", f"<div>\n```python\n{CODE}\n```\n</div>", f"    {CODE}"],
)  # fmt: skip
def test_other_code_and_code_inside_something_has_none(text):
    assert code_parts(text) == []
    html = whole(text)
    assert not re.search("[\ue000\ue001]|c0", html)
    assert render_lesson(text, runs=lambda code: True).problems == []


def test_lines_keep_their_numbers_below_code_that_can_be_run():
    lesson = render_lesson(f"```python\n{CODE}\n```\n\n## No id\n", runs=lambda code: True)
    assert [problem.line for problem in lesson.problems] == [6]


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


def test_no_other_pictures_come_in():
    text = '<img src="picture:7"> <img src="https://example.org/spy.png"> `<img src="picture:0">`\n\n![A](net.png)\n'
    html = whole(text, {"net.png": "data:image/png;base64,AAAA"}.get)
    assert re.findall("<img[^>]*>", html) == ["<img>", "<img>", '<img alt="A" src="data:image/png;base64,AAAA">']
    assert '&lt;img src="picture:0"&gt;' in html
    assert render_inline("![A](net.png)") == '<img alt="A">'


def test_it_drops_ids_and_classes_that_belong_to_the_page():
    html = whole('<p id="main" class="button notice">x</p>\n\ntext\n{: #contents .card }\n\n<b id="checkpoint-x">x</b>')
    assert "id=" not in html
    assert "class=" not in html


def test_a_fragment_has_no_ids():
    assert render_fragment('<b id="a">x</b>') == "<p><b>x</b></p>"


def test_the_paragraph_around_an_inline_text_is_no_other():
    html = render_inline('a</p><p class="note">b')
    assert html == '<p>a</p><p class="note">b</p>'


def test_it_reads_a_longer_text_for_more_minutes():
    assert render_lesson("word " * 30).minutes == 1
    assert render_lesson("word " * 1000).minutes == 5
    assert render_lesson("字" * 1400).minutes == 4


def test_every_head_of_a_table_can_be_read_aloud():
    html = render_fragment("| | $w$ | Loss |\n|---|---|---|\n| a | 1 | 2 |")
    assert "<th></th>" not in html
    assert '<math aria-hidden="true" ' in html
    assert '<span class="visually-hidden">w</span></th>' in html
    assert "<th>Loss</th>" in html
