"""The ways in which students write a question, its choices and its answer."""

import pytest

from courses.notes.quiz_reading import Asked, read_quiz
from courses.notes.reading import read_notes


def asked(text):
    """The questions of a quiz, and the kinds of the blocks that ask nothing."""
    sections = read_notes(f"# A\n## Quiz\n{text}\n").chapters[0].sections
    return list(read_quiz(sections[-1].blocks))


def choices(question):
    return [f"[{one.text}]" if one.is_marked else one.text for one in question.choices]


@pytest.mark.parametrize(
    ("text", "prompt", "answer"),
    [
        ("- why? (Answer: so)", "why?", "so"),
        ("- 为什么？（答案：因为（括号里的）原因）", "为什么？", "因为（括号里的）原因"),
        ("- why? [answer: so]", "why?", "so"),
        ("- why?\n  Answer: so", "why?", "so"),
        ("- why?\n  **Answer:** so", "why?", "so"),
        ("- why?\n  **Answer: so**", "why?", "so"),
        ("- why?\n\n  > Answer: so", "why?", "so"),
        ("为什么？\n\n答：这样", "为什么？", "这样"),
        ("为什么？\n\n【答案】这样", "为什么？", "这样"),
        ("- 为什么？答：这样", "为什么？", "这样"),
        ("- 为什么？\n- 答：这样", "为什么？", "这样"),
        ("Q: why?\nA: so", "why?", "so"),
        ("**Q1.** why?\n**A1:** so", "why?", "so"),
        ("Q: why? A: so", "why?", "so"),
        ("问：为什么？\n答：这样\n还有那样", "为什么？", "这样\n还有那样"),
        ("why?\n\n<details><summary>Show the answer</summary>so</details>", "why?", "so"),
        ("why?\n\n<details>\n<summary>答案</summary>\n\nso\n\n</details>", "why?", "so"),
        ("- 地球是平的（×）", "地球是平的", "×"),
        ("- it is so (True)", "it is so", "True"),
        ("- the sign of time is ==t== (T)", "the sign of time is ==t== (T)", None),
        ("- Give the answer: a or b", "Give the answer: a or b", None),
        ("- A. Turing and B. Russell asked ==this==", "A. Turing and B. Russell asked ==this==", None),
        ("- a statement with a ==highlight==", "a statement with a ==highlight==", None),
    ],
)
def test_it_finds_the_answer(text, prompt, answer):
    (question,) = asked(text)
    assert (question.prompt, question.answer) == (prompt, answer)


@pytest.mark.parametrize(
    ("text", "found", "answer"),
    [
        ("- which?\n  - [ ] a\n  - [x] b", ["a", "[b]"], None),
        ("which?\n\n- [ ] a\n- [X] b", ["a", "[b]"], None),
        ("which?\na) x\nb) y\nAnswer: b", ["x", "y"], "b"),
        ("which?\n(a) x\n(b) **y**", ["x", "[y]"], None),
        ("which?\nA. x\n**B. y**\nC. z", ["x", "[y]", "z"], None),
        ("which?\nA. x\nB. y ✓", ["x", "[y]"], None),
        ("which?\n✓ A. x\nB. y", ["[x]", "y"], None),
        ("which?\nA. x (wrong)\nB. y (correct)", ["x", "[y]"], None),
        ("which? A. x B. y C. z（答案：C）", ["x", "y", "z"], "C"),
        ("哪个？\n\nA、甲\nB、乙\n\n答案：B", ["甲", "乙"], "B"),
        ("1. 哪个？\n   1. no\n   2. ==yes==", ["no", "[yes]"], None),
        ("which?\n\n- x\n- y\n\nAnswer: y", ["x", "y"], "y"),
        ("which?\n\n- x\n- y", [], None),
        ("which?\nA. x and nothing else", [], None),
    ],
)
def test_it_finds_the_choices(text, found, answer):
    question = asked(text)[0]
    assert (choices(question), question.answer) == (found, answer)


def test_an_explanation_is_no_part_of_the_answer():
    (question,) = asked("- why?\n  答案：这样\n  解析：因为\n  那样")
    assert (question.answer, question.explanation) == ("这样", "因为\n那样")


def test_each_bullet_asks_for_itself():
    found = asked("- one ==a==\n  goes on\n- two ==b==\n  - three ==c==\n\nfour ==d==\n\n```\ncode\n```")
    assert [question.prompt for question in found[:-1]] == [
        "one ==a==\ngoes on",
        "two ==b==",
        "three ==c==",
        "four ==d==",
    ]
    assert not isinstance(found[-1], Asked)


def test_the_lines_of_a_paragraph_ask_for_themselves_where_each_has_an_answer():
    assert [question.line for question in asked("第一句是==甲==\n第二句是==乙==")] == [3, 4]
    assert [question.line for question in asked("a sentence over two ==lines==\nof one ==paragraph==")] == [3]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("|Q|A|\n|-|-|\n|why?|so|", [("why?", "so", [])]),
        ("|题目|A|B|答案|\n|-|-|-|-|\n|哪个？|甲|乙|B|", [("哪个？", "B", ["甲", "乙"])]),
        ("|No.|Question|Answer|Topic|\n|-|-|-|-|\n|1|why?|so|nets|", [("why? (Topic: nets)", "so", [])]),
        ("|术语|说明|\n|-|-|\n|步长|==学习率==|", [("术语：步长；说明：==学习率==", None, [])]),
        ("| | |\n|-|-|\n|rate|==step==|", [("rate: ==step==", None, [])]),
    ],
)
def test_the_rows_of_a_table_ask(table, found):
    assert [(one.prompt, one.answer, choices(one)) for one in asked(table)] == found


def test_a_table_without_answers_asks_nothing():
    (block,) = asked("|a|b|\n|-|-|\n|c|d|")
    assert block.kind == "table"
