"""Raw notes are read as students write them: any numbering, levels that skip, emphasis that nests and stays open."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.notes.emphasis import cut, plain, spans, to_markdown
from courses.notes.reading import clean_title, is_quiz_title, read_notes

NOTES = Path(__file__).parent / "notes"


def answers(text):
    return [piece.plain for piece in cut(text) if piece.is_answer]


def kinds(text):
    return [(block.kind, block.line) for chapter in read_notes(text).chapters for block in chapter.blocks]


def test_it_finds_chapters_sections_and_quizzes_with_their_lines():
    notes = read_notes((NOTES / "regression.zh-hans.md").read_text())
    assert [(chapter.line, chapter.title) for chapter in notes.chapters] == [
        (1, "线性回归"),
        (24, "梯度下降（gradient descent）"),
        (47, "Keras 里的训练"),
    ]
    sections = [
        (s.line, s.title, s.level, s.is_quiz) for chapter in notes.chapters for s in chapter.sections if s.level
    ]
    assert sections == [
        (3, "什么是回归", 1, False),
        (15, "最小二乘", 1, False),
        (19, "测验", 1, True),
        (26, "步长", 1, False),
        (42, "小测", 2, True),
        (49, "代码", 1, False),
        (68, "Quiz", 1, True),
    ]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("一 机器学习介绍", "机器学习介绍"),
        ("第三章：梯度", "梯度"),
        ("十二、总结", "总结"),
        ("IV. Losses", "Losses"),
        ("Chapter 2: Layers", "Layers"),
        ("**2** 优化算法", "优化算法"),
        ("==**2.从数据中学习**==", "从数据中学习"),
        ("(3) <u>正向</u>传递", "正向传递"),
        ("1.5倍学习率", "1.5倍学习率"),
        ("一种写法", "一种写法"),
        ("2 ways to write it", "2 ways to write it"),
        ("I think so", "I think so"),
        ("3", "3"),
        ("", "…"),
        ("① 激活", "激活"),
        ("Ⅲ. 损失", "损失"),
        ("1.2.3) 偏置", "偏置"),
        ("【2】sigmoid", "sigmoid"),
        ("第3讲 梯度", "梯度"),
        ("第四讲", "第四讲"),
        ("Lecture 3 — Training", "Training"),
        ("Chapter Five: Leakage", "Leakage"),
        ("Part of the loss", "Part of the loss"),
        ("1 Introduction", "Introduction"),
        ("小测：", "小测"),
        ("A ![picture](x.png) and a [link](y.md)[^1]", "A picture and a link"),
        ("word " * 50, "word " * 39 + "word…"),
    ],
)
def test_it_takes_numbering_and_emphasis_off_a_title(source, title):
    assert clean_title(source) == title


@pytest.mark.parametrize(
    "title",
    [
        "测验",
        "小测",
        "课后练习",
        "Quiz",
        "Quiz 3:",
        "Exercise",
        "Self-test",
        "测验一",
        "📝 Quiz",
        "测验：激活函数",
        "选择题（5题）",
        "Quiz: the loss",
    ],
)
def test_it_knows_a_quiz_by_its_heading(title):
    assert is_quiz_title(title)


@pytest.mark.parametrize(
    "title", ["测试集", "练习率", "Question answering networks", "验证", "A quiz show", "Questions: why", "练习曲"]
)
def test_it_takes_no_other_heading_for_a_quiz(title):
    assert not is_quiz_title(title)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("这句话归类为==**监督学习**==", ["监督学习"]),
        ("<u>*“标记”*</u> 归类为==监督学习==", ["监督学习"]),
        ("遵循密集层的==***非线性***==函数", ["非线性"]),
        ("作为<u>**列表**</u>传递到 `Sequential`", ["列表"]),
        ("**超参数：**是事先设置的值", ["超参数"]),
        ("一般是**<u>非线性转</u>换**", ["非线性转换"]),
        ("A <strong>dense</strong> layer and a <mark>pooling</mark> layer", ["pooling"]),
        ("both **one** and **two**", ["one", "two"]),
        ("传给 ==`Sequential`== 的列表", ["Sequential"]),
        ("没有高亮", []),
        ("*只有斜体*", []),
        ("a == b and c ** d", []),
        ("`a == b` and `==c==`", []),
        ("an **open end", []),
        ("$a ** b ** c$", []),
        ("2 ** 3 and 4 ** 5, a == b and c == d", []),
        ("def __init__(self) and __name__", []),
        ("****four signs**** and ====four====", ["four"]),
        ("****four signs****, **two**", ["four signs", "two"]),
        ("^^Logseq^^ marks so", ["Logseq"]),
        ("a hyper==para==meter", ["para"]),
        ("== 超参数 ==两边有空格", ["超参数"]),
        ("[==x==](y.md) and `==c==` and ==d `==` e==", ["d == e"]),
        (r"\(a ** b\) **c** \==d==", ["c"]),
    ],
)
def test_it_finds_the_highlighted_words(text, found):
    assert answers(text) == found


def test_it_escapes_signs_that_are_no_emphasis():
    assert to_markdown(spans("==新权重=旧权重-（学习速率*梯度）==")) == r"==新权重=旧权重-（学习速率\*梯度）=="
    assert to_markdown(spans("a < b, <u>c, `x*y`")) == "a < b, &lt;u>c, `x*y`"


def test_it_writes_nested_emphasis_properly():
    assert (
        to_markdown(spans("<u>***不应该***</u>，**<u>非线性转</u>换**")) == "**<u>*不应该*</u>**，**<u>非线性转</u>换**"
    )


def test_it_reads_blocks_of_every_kind():
    text = "# A\n\ntext\nmore\n\n* one\n  two\n\n```py\n# no heading\n```\n\n"
    text += "> quote\n\n$$\nx\n$$\n\n|a|b|\n|-|-|\n|c|d|\n\n---\n"
    assert kinds(text) == [
        ("paragraph", 3),
        ("item", 6),
        ("code", 9),
        ("quote", 13),
        ("math", 15),
        ("table", 19),
        ("rule", 23),
    ]


def test_it_takes_the_highest_level_for_chapters_where_there_is_no_first():
    assert [chapter.title for chapter in read_notes("intro\n## One\n#### a\n## Two\n").chapters] == ["One", "Two"]


def test_it_takes_an_open_fence_to_the_end_and_remembers():
    (block,) = read_notes("# A\n```py\nx = 1\n# B\n").chapters[0].blocks
    assert (block.kind, block.closed) == ("code", False)


def test_it_reads_the_title_of_a_front_matter():
    notes = read_notes('---\ntitle: "My notes"\ntags: [a]\n---\n# A\n')
    assert (notes.title, notes.chapters[0].line) == ("My notes", 5)


@given(st.text(alphabet="*=_#-|1. \n一层a~", max_size=60))
def test_it_loses_no_letter_to_emphasis(text):
    letters = set("一层a1")
    read = "".join(span.plain for span in spans(text))
    assert [sign for sign in read if sign in letters] == [sign for sign in text if sign in letters]
    assert plain(text) == plain(text).strip()


@given(st.text(alphabet="*=<>$#-|1. \n\t层()!", max_size=80))
def test_it_puts_everything_into_one_block_or_heading(text):
    notes = read_notes("# A\n" + text)
    sections = [section for chapter in notes.chapters for section in chapter.sections]
    blocks = [block for section in sections for block in section.blocks]
    lines = [section.line for section in sections if section.level] + [block.line for block in blocks]
    assert len(lines) == len(set(lines))
    titles = [chapter.title for chapter in notes.chapters] + [section.title for section in sections]
    assert "".join([*titles, *(block.text for block in blocks)]).count("层") == text.count("层")
