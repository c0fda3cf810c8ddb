"""Questions in Moodle's GIFT format."""

import time
from contextlib import suppress
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.interchange import gift
from quizzes.interchange.items import MAX_BYTES, MAX_ITEMS, Entry, FileFault, Item


def read(text: str) -> list[Item]:
    return gift.read(dedent(text).encode(), "en")


def read_one(text: str) -> Item:
    [item] = read(text)
    return item


def body_of(text: str) -> dict[str, Any]:
    item = read_one(text)
    assert item.refused == ""
    assert item.body is not None
    kinds.parse(item.body)
    return dict(item.body)


def texts_of(text: str) -> dict[str, Any]:
    texts: dict[str, Any] = body_of(text)["texts"]["en"]
    return texts


def entry(body: dict[str, Any], **more: Any) -> Entry:
    named: dict[str, Any] = {"id": "q", "title": "", "concepts": (), "category": "", **more}
    return Entry(body=kinds.parse(body), **named)


def entries(items: list[Item]) -> list[Entry]:
    found = [(item, item.body) for item in items if item.body is not None]
    return [Entry(item.id, item.title, kinds.parse(body), item.concepts, item.category) for item, body in found]


def written(body: dict[str, Any], **more: Any) -> str:
    return gift.write([entry(body, **more)], "en").content.decode()


# --- what a question can be ------------------------------------------------------------------------------------------


def test_one_right_choice():
    body = body_of("Which layer gives the class?{~the input layer =the output layer#Yes. ~a hidden layer#No, ####Look}")
    assert body["kind"] == "single_choice"
    assert body["key"] == "the-output-layer"
    assert body["choices"] == ["the-input-layer", "the-output-layer", "a-hidden-layer"]
    texts = body["texts"]["en"]
    assert texts["prompt"] == "Which layer gives the class?"
    assert texts["choices"]["the-output-layer"] == {"text": "the output layer", "feedback": "Yes."}
    assert texts["feedback"] == "Look"


def test_several_right_choices():
    item = read_one("Which are non-linear?{~%50%relu ~%50%tanh ~%-50%identity ~%-50%none}")
    assert item.body == {
        "kind": "multiple_choice",
        "choices": ["relu", "tanh", "identity", "none"],
        "key": ["relu", "tanh"],
        "texts": {
            "en": {
                "prompt": "Which are non-linear?",
                "choices": {name: {"text": name} for name in ["relu", "tanh", "identity", "none"]},
            }
        },
    }
    assert item.notes == ()


@pytest.mark.parametrize(
    ("block", "key", "note"),
    [
        ("{~%70%relu ~%30%tanh ~%-50%none}", ["relu", "tanh"], "The right choices count alike here"),
        ("{~%50%relu ~%50%tanh ~none}", ["relu", "tanh"], "takes back a right one, other than in the file"),
        ("{=relu =tanh ~none}", ["relu", "tanh"], "In the file one of them is enough; here all are to be ticked."),
        ("{=%50%relu =%50%tanh ~%-50%none}", ["relu", "tanh"], ""),
        ("{=relu ~%30%tanh ~none}", "relu", "“tanh” counts as wrong: its share of 30 % cannot be kept."),
    ],
)
def test_marks_that_would_be_others_here_are_told(block, key, note):
    item = read_one(f"Which are non-linear?{block}")
    assert item.body is not None
    assert item.body["key"] == key
    assert note in "\n".join(item.notes)
    assert bool(note) == bool(item.notes)


@pytest.mark.parametrize("word", ["T", "TRUE"])
def test_a_true_statement(word):
    body = body_of(f"An epoch sees all samples.{{{word}#It does, all of them.#Right.####A batch does not.}}")
    texts = {"prompt": "An epoch sees all samples.", "if_false": "It does, all of them.", "if_true": "Right."}
    assert body == {"kind": "true_false", "key": True, "texts": {"en": {**texts, "feedback": "A batch does not."}}}


@pytest.mark.parametrize("word", ["F", "FALSE"])
def test_a_false_statement(word):
    body = body_of(f"Neurons are copied.{{{word}#No.#Right, they are not.}}")
    texts = {"prompt": "Neurons are copied.", "if_true": "No.", "if_false": "Right, they are not."}
    assert body == {"kind": "true_false", "key": False, "texts": {"en": texts}}


def test_typed_answers():
    body = body_of("What falls in training?{=the loss =loss =%50%the error#Which one? =%0%accur*#It rises.}")
    assert body["kind"] == "short_text"
    assert body["answers"] == [
        {"id": "the-loss", "share": 1.0},
        {"id": "the-error", "share": 0.5},
        {"id": "accur", "share": 0.0},
    ]
    assert body["texts"]["en"]["answers"] == {
        "the-loss": {"accept": ["the loss", "loss"]},
        "the-error": {"accept": ["the error"], "feedback": "Which one?"},
        "accur": {"accept": ["accur*"], "feedback": "It rises."},
    }


def test_an_answer_without_a_sign():
    assert texts_of("What falls?{loss}")["answers"] == {"loss": {"accept": ["loss"]}}


def test_the_feedback_for_any_other_answer_is_told():
    item = read_one("What falls?{=loss =%0%*#Think of the error.}")
    assert item.body is not None
    assert item.notes == ("The feedback for every other answer was not kept: Think of the error.",)


def test_pairs():
    body = body_of(
        """\
        Which layer is for what?{
            =Conv2D -> pictures
            =LSTM -> sequences
            = -> money
        }"""
    )
    assert body == {
        "kind": "matching",
        "pairs": ["conv2d", "lstm"],
        "distractors": ["money"],
        "texts": {
            "en": {
                "prompt": "Which layer is for what?",
                "left": {"conv2d": "Conv2D", "lstm": "LSTM"},
                "right": {"conv2d": "pictures", "lstm": "sequences", "money": "money"},
            }
        },
    }


@pytest.mark.parametrize(
    ("block", "structure"),
    [
        ("{#3.14}", {"key": 3.14}),
        ("{#3.14:0.01}", {"key": 3.14, "tolerance": 0.01}),
        ("{# -2 : .5 }", {"key": -2.0, "tolerance": 0.5}),
        ("{#1e-4\\:1e-5}", {"key": 1e-4, "tolerance": 1e-5}),
        ("{#1..5}", {"range": [1.0, 5.0]}),
        ("{#-1.5 .. -.5}", {"range": [-1.5, -0.5]}),
        ("{#=0.9:0.1}", {"key": 0.9, "tolerance": 0.1}),
    ],
)
def test_numbers(block, structure):
    texts = {"en": {"prompt": "How large is it?"}}
    assert body_of(f"How large is it?{block}") == {"kind": "numeric", **structure, "texts": texts}


def test_a_number_with_a_known_mistake():
    item = read_one("1 - 0.1 * 2?{#=%100%0.8:0.01 =%0%1.8:0.01#It is subtracted. =%50%1:0 ~#Well####A step}")
    assert item.body is not None
    assert item.body["mistakes"] == {"1-8": 1.8}
    assert item.body["texts"]["en"]["mistakes"] == {"1-8": "It is subtracted."}
    assert item.notes == (
        "The feedback for every wrong number was not kept: Well",
        "The share of 50 % for 1:0 could not be kept.",
    )


def test_a_missing_word_to_choose():
    body = body_of("The {~batch =learning rate ~loss} scales each step.")
    assert body == {
        "kind": "cloze",
        "blanks": {"blank": {"input": "choose", "options": ["batch", "learning-rate", "loss"], "key": "learning-rate"}},
        "texts": {
            "en": {
                "text": "The [[blank]] scales each step.",
                "blanks": {"blank": {"options": {"batch": "batch", "learning-rate": "learning rate", "loss": "loss"}}},
            }
        },
    }


def test_a_missing_word_to_type():
    body = body_of("One pass over all samples is an {=epoch =Epoche}.")
    assert body["blanks"] == {"blank": {"input": "type"}}
    assert body["texts"]["en"] == {
        "text": "One pass over all samples is an [[blank]].",
        "blanks": {"blank": {"accept": ["epoch", "Epoche"]}},
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The {~batch =learning rate#Yes} scales.", "single_choice"),
        ("[markdown]The {~`batch` =rate} scales.", "single_choice"),
        ("An {=epo*} is a pass.", "short_text"),
        ("Pi is {#3.14:0.01} or so.", "numeric"),
        ("$x = {=3}$ holds.", "short_text"),
    ],
)
def test_a_missing_word_that_a_cloze_cannot_hold_is_a_line(text, kind):
    item = read_one(text)
    assert item.body is not None
    assert item.body["kind"] == kind
    assert r"\_\_\_\_\_" in item.body["texts"]["en"]["prompt"]
    assert "a line (_____) in its place" in item.notes[-1]


# --- how it is written -----------------------------------------------------------------------------------------------


def test_signs_that_mean_something_are_escaped():
    texts = texts_of(r"[markdown]Is f\(x\) \= 1 \~ 2 \# \{3\} \: 4\\n\nat all?{=yes\=no ~C\:\\data}")
    assert texts["prompt"] == "Is f\\(x\\) = 1 ~ 2 # {3} : 4\\n\nat all?"
    assert [choice["text"] for choice in texts["choices"].values()] == ["yes=no", "C:\\data"]


def test_a_name_an_id_and_concepts():
    item = read_one(
        """\
        // Made in spring. [id:rate\\]1] [tag:learning-rate]
        // [tag:concept:loss] [tag:Too Hard]
        ::Rates\\: too large::What happens?{=it diverges ~nothing}"""
    )
    assert (item.line, item.title, item.id) == (3, "Rates: too large", "rate]1")
    assert item.concepts == ("learning-rate", "loss")
    assert item.notes == ("The tag “Too Hard” is no id of a concept and was not kept.",)


def test_comments_may_stand_in_the_middle():
    assert texts_of(
        """\
        What falls?{
            // the right one
            =the loss
            ~the rate
        }"""
    )["choices"] == {"the-loss": {"text": "the loss"}, "the-rate": {"text": "the rate"}}


def test_a_category_holds_for_what_follows():
    items = read("A{T}\n\n$CATEGORY: Nets/Layers\n\nB{T}\n\nC{T}\n\n$CATEGORY: Nets/Loss\nD{T}\n")
    assert [(item.line, item.category) for item in items] == [
        (1, ""),
        (5, "Nets/Layers"),
        (7, "Nets/Layers"),
        (10, "Nets/Loss"),
    ]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("[markdown]Is *SGD* slow?", "Is *SGD* slow?"),
        ("[html]Is <i>SGD</i> &lt; Adam?", "Is *SGD* < Adam?"),
        ("[plain]Is *SGD* <b>?", r"Is \*SGD\* &lt;b>?"),
        ("[moodle]Is <b>SGD</b>\nslow*?", "Is **SGD**  \nslow\\*?"),
        ("Is <b>SGD</b>\nslow*?", "Is **SGD**  \nslow\\*?"),
        ("[other]Is it?", r"\[other]Is it?"),
    ],
)
def test_formats_of_texts(text, prompt):
    assert texts_of(f"{text}{{T}}")["prompt"] == prompt


def test_a_text_may_have_a_format_of_its_own():
    texts = texts_of("[markdown]Which?{=[html]<b>relu</b>#[plain]*good* ~`tanh`####[html]<i>end</i>}")
    assert texts["choices"]["relu"] == {"text": "**relu**", "feedback": r"\*good\*"}
    assert texts["choices"]["tanh"] == {"text": "`tanh`"}
    assert texts["feedback"] == "*end*"


def test_what_html_loses_is_told():
    assert read_one("[html]See <img src='x' alt='the net'>{T}").notes == (
        "A picture was left out; its description is kept: the net",
    )


def test_line_ends_of_windows_and_a_byte_order_mark():
    items = gift.read("\ufeff// a\r\nWhat falls?{\r\n=loss\r\n~rate\r\n}\r\n\r\nB{T}\r\n".encode(), "zh-hans")
    assert [item.line for item in items] == [2, 7]
    assert items[0].body is not None
    assert items[0].body["texts"]["zh-hans"]["prompt"] == "What falls?"


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Write about nets.{}", "This is an essay: there is no key in its answer block, so nothing here can mark it."),
        ("Write about nets.{####Well}", "This is an essay"),
        ("Nets learn.", "This is a text without a question: it has no answer block in braces."),
        ("What falls?{\n=loss", "Line 1: The answer block that begins here is never closed: } was expected."),
        ("What\nfalls?{=lo{ss}", r"Line 2: “{” stands where #, ####, = or ~, } was expected. A brace in a text"),
        ("What falls?\n}", r"Line 2: “}” stands where"),
        ("What falls?{=loss}\nWhat rises?{=accuracy}", "Line 2: “{” stands behind the answer block."),
        ("{=loss}", "The question has no text."),
        ("What falls?{~loss ~rate}", "None of the choices is right."),
        ("What falls?{=%50%loss}", "None of the answers is fully right."),
        ("What falls?{=loss =}", "An answer has no text."),
        ("Which?{~%50%a ~%50%b}", "Every choice is right: at least one must be wrong"),
        ("Which?{=a -> b =c}", "In “c” there is no -> between the two sides of a pair."),
        ("Which?{=a -> b =c ->}", "A pair has no text on its right."),
        ("Which?{#3,14}", "A number, as in 3.2, 3.2:0.1 or 3..4, was expected instead of '3,14'."),
        ("Which?{#}", "A numeric question has one right number or range here; this one has 0."),
        ("Which?{#=1 =2}", "A numeric question has one right number or range here; this one has 2."),
        ("Which?{#1e999}", "key"),
        ("$CATEGORY:", "A category needs a name behind $CATEGORY:."),
        (f"Which?{{={'a' * 11_000} ~b}}", "choices"),
    ],
)
def test_it_refuses_one_question_and_reads_the_next(text, refused):
    first, second = read(f"{text}\n\n::Next::Is it?{{T}}")
    assert first.body is None
    assert refused in first.refused
    assert second.title == "Next"
    assert second.body is not None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"What?{=a}\n\nIs it \xff?{T}", "Byte 18 of the file (0xFF, in line 3) is not UTF-8."),
        (b"\xef\xbb\xbfA\xe4", "Byte 5 of the file (0xE4, in line 1) is not UTF-8."),
        ("What?{=a}".encode("utf-16"), "The file is UTF-16. Save it as UTF-8."),
        (b"What?\0{=a}", "Line 1 holds a zero byte"),
        (b"A{T}\n\n" * (MAX_ITEMS + 1), "The file has more than 5,000 questions."),
        (b" " * (MAX_BYTES + 1), "The file has 5,000,001 bytes; at most 5,000,000 are read."),
    ],
)
def test_it_cannot_read_the_file(content, message):
    with pytest.raises(FileFault, match=message.replace("(", r"\(").replace(")", r"\)")):
        gift.read(content, "en")


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_file_that_people_can_read():
    grows = {"text": "It *grows*", "feedback": "Each step jumps over the minimum."}
    choices = {"grows": grows, "falls": {"text": "It falls"}}
    texts = {"prompt": "What does the loss do?", "choices": choices, "feedback": "See the race of rates: 0.1 and 1."}
    body = {"kind": "single_choice", "choices": ["grows", "falls"], "key": "grows", "texts": {"en": texts}}
    assert written(body, id="rate", title="Too large", concepts=("learning-rate",), category="Nets/Training") == (
        "$CATEGORY: Nets/Training\n\n"
        "// [id:rate] [tag:learning-rate]\n"
        "::Too large::[markdown]What does the loss do?{\n"
        "\t=It *grows*#Each step jumps over the minimum.\n"
        "\t~It falls\n"
        "\t####See the race of rates\\: 0.1 and 1.\n"
        "}\n\n"
    )


def test_wrong_choices_cost_what_right_ones_bring():
    names = ["a", "b", "c", "d"]
    texts = {"prompt": "Which?", "choices": {name: {"text": name} for name in names}}
    body = {"kind": "multiple_choice", "choices": names, "key": ["a", "b", "c"], "texts": {"en": texts}}
    assert "~%33.33333%a\n\t~%33.33333%b\n\t~%33.33333%c\n\t~%-33.33333%d\n" in written(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            {"kind": "flashcard", "texts": {"en": {"front": "a", "back": "b"}}},
            "GIFT has no questions of the kind flashcard.",
        ),
        (
            {"kind": "ordering", "items": ["a", "b"], "key": ["b", "a"],
             "texts": {"en": {"prompt": "x", "items": {"a": "a", "b": "b"}}}},
            "GIFT has no questions of the kind ordering.",
        ),
        (
            {"kind": "true_false", "key": True, "texts": {"de": {"prompt": "x"}}},
            "The question has no texts in the language en.",
        ),
        (
            {"kind": "cloze", "blanks": {"a": {"input": "type"}, "b": {"input": "type"}},
             "texts": {"en": {"text": "[[a]] [[b]]", "blanks": {"a": {"accept": ["x"]}, "b": {"accept": ["y"]}}}}},
            "GIFT has one missing word in a text, and this cloze has 2 blanks.",
        ),
        (
            {"kind": "short_text", "answers": [{"id": "a"}],
             "texts": {"en": {"prompt": "x", "answers": {"a": {"accept": ["in -> out"]}}}}},
            "An answer holds ->, which GIFT takes for the sign between the two sides of a pair.",
        ),
        (
            {"kind": "matching", "pairs": ["a", "b"],
             "texts": {"en": {"prompt": "x", "left": {"a": "`a -> b`", "b": "b"}, "right": {"a": "1", "b": "2"}}}},
            "There is a -> in the left side of a pair, which GIFT takes for the sign between the two sides of a pair.",
        ),
    ],
)  # fmt: skip
def test_it_says_what_it_leaves_out(body, reason):
    result = gift.write([entry(body, id="the-question")], "en")
    assert result.left_out == (("the-question", reason),)
    assert result.content == b""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            {"kind": "true_false", "key": True, "texts": {"en": {"prompt": "x", "hints": ["h"]}}},
            "Written without its hints: GIFT holds none.",
        ),
        (
            {"kind": "numeric", "key": 2.0, "relative": 0.1, "texts": {"en": {"prompt": "x"}}},
            "Written with an absolute tolerance in place of a relative one.",
        ),
        (
            {"kind": "numeric", "key": 2.0, "texts": {"en": {"prompt": "x", "unit": "kg"}}},
            "Written without its units: GIFT holds none.",
        ),
        (
            {"kind": "short_text", "case": True, "answers": [{"id": "a"}],
             "texts": {"en": {"prompt": "x", "answers": {"a": {"accept": ["ReLU"]}}}}},
            "Written without telling capitals from small letters: GIFT cannot ask for it.",
        ),
    ],
)  # fmt: skip
def test_it_says_what_it_writes_in_part(body, reason):
    result = gift.write([entry(body)], "en")
    assert result.left_out == (("q", reason),)
    [item] = gift.read(result.content, "en")
    assert item.body is not None


def test_questions_without_a_category_come_first():
    body = {"kind": "true_false", "key": True, "texts": {"en": {"prompt": "x"}}}
    result = gift.write([entry(body, id="a", category="A"), entry(body, id="b")], "en")
    assert [(item.id, item.category) for item in gift.read(result.content, "en")] == [("b", ""), ("a", "A")]


# --- fixed points ----------------------------------------------------------------------------------------------------

SIGNS = "ab1 ~=#{}:\\%[]->*`$_<&;\n\r\x1f\t/“人"
TEXT = st.text(st.sampled_from(SIGNS), max_size=12) | st.sampled_from(
    ["[html]x", "%50% of it", "::", "// no comment", "a -> b", "$CATEGORY: x", "####", "T", "\\n", "a\\", "**b**"]
)
MARKDOWN = TEXT.filter(lambda text: text.strip() and text.strip("\x1f \n\t\r"))
NUMBER = st.floats(-1e6, 1e6).map(lambda number: round(number, 4)) | st.sampled_from([1e-5, 1e20, 0.1])
NAMES = ["relu", "tanh", "c3", "d"]


def feedback_of(text: str | None) -> dict[str, str]:
    return {"feedback": text} if text else {}


MAYBE = st.none() | MARKDOWN
CHOICES = st.lists(st.tuples(MARKDOWN, MAYBE), min_size=2, max_size=4)


@st.composite
def choice_bodies(draw: Any) -> dict[str, Any]:
    drawn = draw(CHOICES)
    names = NAMES[: len(drawn)]
    choices = {name: {"text": text, **feedback_of(said)} for name, (text, said) in zip(names, drawn, strict=True)}
    texts = {"prompt": draw(MARKDOWN), "choices": choices, **feedback_of(draw(MAYBE))}
    some = st.lists(st.sampled_from(names), min_size=1, max_size=len(names) - 1, unique=True)
    key = draw(st.sampled_from(names) | some)
    kind = "single_choice" if isinstance(key, str) else "multiple_choice"
    return {"kind": kind, "choices": names, "key": key, "texts": {"en": texts}}


@st.composite
def truth_bodies(draw: Any) -> dict[str, Any]:
    said = {"if_true": draw(MAYBE), "if_false": draw(MAYBE), "feedback": draw(MAYBE)}
    texts = {"prompt": draw(MARKDOWN), **{name: text for name, text in said.items() if text}}
    return {"kind": "true_false", "key": draw(st.booleans()), "texts": {"en": texts}}


@st.composite
def typed_bodies(draw: Any) -> dict[str, Any]:
    shares = [1.0, *draw(st.lists(st.sampled_from([0.0, 0.3333333, 0.5, 1.0]), max_size=2))]
    pattern = MARKDOWN.map(lambda text: f"w{text}")
    answers = {
        name: {"accept": draw(st.lists(pattern, min_size=1, max_size=2)), **feedback_of(draw(MAYBE))}
        for name in NAMES[: len(shares)]
    }
    structure = [{"id": name, "share": share} for name, share in zip(NAMES, shares, strict=False)]
    texts = {"prompt": draw(MARKDOWN), "answers": answers, **feedback_of(draw(MAYBE))}
    return {"kind": "short_text", "answers": structure, "texts": {"en": texts}}


@st.composite
def pair_bodies(draw: Any) -> dict[str, Any]:
    count, others = draw(st.integers(2, 3)), draw(st.integers(0, 1))
    names = NAMES[: count + others]
    left = {name: draw(MARKDOWN) for name in names[:count]}
    right = {name: f"{place}{draw(MARKDOWN)}" for place, name in enumerate(names)}
    texts = {"prompt": draw(MARKDOWN), "left": left, "right": right, **feedback_of(draw(MAYBE))}
    return {"kind": "matching", "pairs": names[:count], "distractors": names[count:], "texts": {"en": texts}}


@st.composite
def number_bodies(draw: Any) -> dict[str, Any]:
    texts: dict[str, Any] = {"prompt": draw(MARKDOWN), **feedback_of(draw(MAYBE))}
    if draw(st.booleans()):
        return {"kind": "numeric", "range": sorted([draw(NUMBER), draw(NUMBER)]), "texts": {"en": texts}}
    key = draw(NUMBER)
    body: dict[str, Any] = {"kind": "numeric", "key": key, "tolerance": draw(st.sampled_from([0.0, 0.01, 1e-7]))}
    if draw(st.booleans()):
        body["mistakes"] = {"sign": key + 10}
        texts["mistakes"] = {"sign": draw(MARKDOWN)}
    return {**body, "texts": {"en": texts}}


@st.composite
def cloze_bodies(draw: Any) -> dict[str, Any]:
    text = f"{draw(TEXT)}[[rate]]{draw(TEXT)}"
    if draw(st.booleans()):
        accept = draw(st.lists(MARKDOWN, min_size=1, max_size=3))
        blank, given_texts = {"input": "type"}, {"accept": accept}
    else:
        names = NAMES[: draw(st.integers(2, 4))]
        blank = {"input": "choose", "options": names, "key": draw(st.sampled_from(names))}
        given_texts = {"options": {name: draw(MARKDOWN) for name in names}}
    texts = {"text": text, "blanks": {"rate": given_texts}, **feedback_of(draw(MAYBE))}
    return {"kind": "cloze", "blanks": {"rate": blank}, "texts": {"en": texts}}


BODIES = st.one_of(
    choice_bodies(), truth_bodies(), typed_bodies(), pair_bodies(), number_bodies(), cloze_bodies()
)  # fmt: skip
TITLES = st.text(st.sampled_from(SIGNS), max_size=8)


@st.composite
def an_entry(draw: Any) -> Entry | None:
    try:
        body = kinds.parse(draw(BODIES))
    except ValueError:
        return None
    concepts = draw(st.sampled_from([(), ("loss",), ("loss", "learning-rate")]))
    if body.kind == "cloze":
        try:
            body.render(render_fragment)
        except ValueError:  # the blank stands in a formula
            return None
    return Entry(draw(TITLES), draw(TITLES), body, concepts, draw(st.sampled_from(["", "A/B", "$course$/top: ~x"])))


@given(st.lists(an_entry(), max_size=3))
@settings(max_examples=200)
def test_what_is_written_is_read_and_written_the_same(drawn):
    first = gift.write([one for one in drawn if one], "en")
    items = gift.read(first.content, "en")
    assert [item.refused for item in items if item.refused] == []
    second = gift.write(entries(items), "en")
    assert second.content == first.content
    assert second.left_out == ()


def right_places(body: Any) -> Any:
    """What is right, without the ids, which the format does not keep."""
    match body.kind:
        case "single_choice" | "multiple_choice":
            return [choice in body.key if isinstance(body.key, list) else choice == body.key for choice in body.choices]
        case "true_false":
            return body.key
        case "numeric":
            return body.revealed()
        case "matching":
            return len(body.pairs), len(body.distractors)
        case "short_text":
            accepted = body.texts["en"].answers
            ways = [(answer.share, text) for answer in body.answers for text in accepted[answer.id].accept]
            return [(share, " ".join(text.replace("\x1f", "").split())) for share, text in ways]
    return [list(blank.options).index(blank.key) if blank.input == "choose" else None for blank in body.blanks.values()]


@given(an_entry())
@settings(max_examples=200)
def test_what_is_read_is_what_was_written(one):
    result = gift.write([one] if one else [], "en")
    if one is None or result.left_out:
        return
    [item] = gift.read(result.content, "en")
    assert item.body is not None
    assert item.body["kind"] == one.body.kind
    assert item.concepts == one.concepts
    assert right_places(kinds.parse(item.body)) == right_places(one.body)


FRAGMENTS = st.sampled_from(
    ["What falls?", "{", "}", "=", "~", "#", "####", "->", "%50%", "%-50%", "%100%", "::", "\n", "\n\n", "//", "T",
     "$CATEGORY:", "[html]", "[plain]", "[markdown]", "<b>x</b>", "&gt;", "-&gt;", "\\", "\\n", "\\{", "FALSE", "3",
     "1..5", ":", "0.1", "relu", "tanh", " ", "*", "_", "[[x]]", "$", "a", "[id:q]", "[tag:loss]", "{=relu ~tanh}",
     "{=a =b}", "{T", "{#3:1", "{=a -> b =c -> d", "{~%50%a ~%50%b ~c", "\ufeff", "\x1f", "`", "\uf8fe"]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
@settings(max_examples=400)
def test_it_reads_any_text_and_writes_what_it_has_read(text):
    items = gift.read(text.encode(), "en")
    assert all((item.body is None) == bool(item.refused) for item in items)
    result = gift.write(entries(items), "en")
    left_out = {reason for _, reason in result.left_out}
    again = gift.read(result.content, "en")
    if not left_out:
        by_category = sorted((item for item in items if item.body), key=lambda item: bool(item.category))
        assert [item.body for item in again] == [item.body for item in by_category]
        assert [(item.title, item.id, item.concepts, item.category) for item in again] == [
            (item.title, item.id, item.concepts, item.category) for item in by_category
        ]


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_it_reads_any_bytes_or_says_why_not(content):
    try:
        items = gift.read(content, "en")
    except FileFault:
        items = []
    assert all(item.body or item.refused for item in items)


@pytest.mark.parametrize(
    "piece",
    ["{", "}", "~", "=", "#", "\\", "::", ":", "%", "//", "//[id:", "[tag:", "->", "<b>", "&#", "$", "\\(", "{}",
     "{=a}\n", "\n\n", "\n", "[html]", "q{=a ~b}\n\n", "q{~" + "~" * 190 + "}\n\n"],
)  # fmt: skip
@pytest.mark.parametrize("begin", ["", "Q{=", "[html]"])
def test_its_time_grows_with_the_length(piece, begin):
    content = (begin + piece * (100_000 // len(piece))).encode()
    began = time.process_time()
    with suppress(FileFault):
        gift.read(content, "en")
    assert time.process_time() - began < 10
