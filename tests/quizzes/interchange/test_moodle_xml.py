"""Moodle XML: what Moodle writes is read, what cannot be kept is told, what we write comes back to the letter."""

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.interchange.items import MAX_ITEMS, Entry, FileFault, Item
from quizzes.interchange.moodle_xml import read, write
from tests.quizzes.interchange.questions import ALL, FLASHCARD, MULTIPLE, NUMERIC, SINGLE, entries, entry, said
from tests.quizzes.interchange.random_bodies import entry_lists

TRUE_FALSE_ANSWERS = '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>'


def file(*questions: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(questions)}\n</quiz>\n'.encode()


def question(kind: str, inside: str, text: str = "<text>What?</text>", form: str = ' format="html"') -> str:
    return f'<question type="{kind}"><questiontext{form}>{text}</questiontext>{inside}</question>\n'


def only(content: bytes) -> Item:
    (item,) = read(content, "en")
    return item


def body_of(content: bytes) -> dict[str, Any]:
    item = only(content)
    assert item.body is not None, item.refused
    return kinds.parse(item.body).model_dump(exclude_defaults=True)


def texts_of(content: bytes) -> dict[str, Any]:
    return body_of(content)["texts"]["en"]


# --- the kinds -------------------------------------------------------------------------------------------------------


def test_a_question_with_one_right_choice() -> None:
    item = only(
        file(
            """<question type="multichoice"><name><text>Even &amp; odd</text></name>
            <questiontext format="html"><text><![CDATA[<p>Which is <b>even</b>?</p>]]></text></questiontext>
            <generalfeedback format="html"><text>Twos.</text></generalfeedback>
            <defaultgrade>1.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden>
            <idnumber>even</idnumber><single>true</single><shuffleanswers>true</shuffleanswers>
            <answernumbering>ABCD</answernumbering>
            <correctfeedback format="html"><text>Your answer is correct.</text></correctfeedback>
            <answer fraction="0"><text>one</text><feedback><text>Odd.</text></feedback></answer>
            <answer fraction="100"><text><![CDATA[<p>two</p>]]></text><feedback><text></text></feedback></answer>
            <hint format="html"><text>Halve it.</text></hint><hint><text></text></hint>
            <tags><tag><text>concept:parity</text></tag><tag><text>numbers</text></tag></tags></question>"""
        )
    )

    assert (item.title, item.id, item.concepts, item.notes) == ("Even & odd", "even", ("parity", "numbers"), ())
    assert item.body == {
        "kind": "single_choice",
        "choices": ["one", "two"],
        "key": "two",
        "texts": {
            "en": {
                "prompt": "Which is **even**?",
                "choices": {"one": {"text": "one", "feedback": "Odd."}, "two": {"text": "two"}},
                "feedback": "Twos.",
                "hints": ["Halve it."],
            }
        },
    }


def test_several_right_choices_are_ticked_and_count_alike() -> None:
    answers = "".join(
        f'<answer fraction="{share}"><text>{text}</text></answer>'
        for text, share in {"a": "75", "b": "25", "c": "-10", "d": "0"}.items()
    )
    item = only(file(question("multichoice", f"<single>false</single>{answers}")))

    assert item.body is not None
    assert (item.body["kind"], item.body["key"]) == ("multiple_choice", ["a", "b"])
    assert "some counted more" in item.notes[0]
    assert "took another share" in item.notes[1]


def test_shares_that_are_marked_here_as_in_moodle_need_no_note() -> None:
    answers = "".join(
        f'<answer fraction="{share}"><text>{text}</text></answer>'
        for text, share in {"a": "33.33333", "b": "33.33333", "c": "33.33333", "d": "-33.33333"}.items()
    )

    assert only(file(question("multichoice", f"<single>false</single>{answers}"))).notes == ()


def test_true_and_false_have_feedback_of_their_own() -> None:
    inside = (
        '<penalty>1</penalty><answer fraction="0"><text>false</text><feedback><text>No.</text></feedback></answer>'
        '<answer fraction="100"><text>true</text><feedback><text>Yes.</text></feedback></answer>'
    )
    body = body_of(file(question("truefalse", inside)))

    assert body["key"] is True
    assert body["texts"]["en"] == {"prompt": "What?", "if_true": "Yes.", "if_false": "No."}


def test_true_and_false_in_another_language_are_read_in_their_order() -> None:
    inside = '<answer fraction="0"><text>Wahr</text></answer><answer fraction="100"><text>Falsch</text></answer>'
    item = only(file(question("truefalse", inside)))

    assert item.body is not None
    assert item.body["key"] is False
    assert "wahr" in item.notes[0]


def test_a_short_answer_keeps_shares_wildcards_and_case() -> None:
    inside = """<usecase>1</usecase>
        <answer fraction="100"><text>grad*descent</text><feedback><text>Yes.</text></feedback></answer>
        <answer fraction="50"><text>a \\* b</text></answer>
        <answer fraction="0"><text>*</text><feedback><text>Anything else.</text></feedback></answer>"""
    item = only(file(question("shortanswer", inside)))

    assert item.body is not None
    assert item.body["case"] is True
    assert item.body["answers"] == [{"id": "grad-descent"}, {"id": "a-b", "share": 0.5}]
    assert item.body["texts"]["en"]["answers"] == {
        "grad-descent": {"accept": ["grad*descent"], "feedback": "Yes."},
        "a-b": {"accept": ["a \\* b"]},
    }
    assert item.notes == ("The feedback for every other answer was not kept: “Anything else.”",)


def test_a_number_has_a_tolerance_units_and_known_mistakes() -> None:
    inside = """<answer fraction="100"><text>5500</text><tolerance>10</tolerance></answer>
        <answer fraction="0"><text>55</text><tolerance>10</tolerance><feedback><text>A slip.</text></feedback></answer>
        <units><unit><multiplier>1</multiplier><unit_name>W</unit_name></unit>
        <unit><multiplier>0.001</multiplier><unit_name>kW</unit_name></unit></units>"""
    content = file(question("numerical", inside))
    body = kinds.parse(body_of(content))

    assert only(content).notes == ()
    for typed, score in {"5505": 1, "5511": 0, "5.5 kW": 1, "5500 W": 1, "5.5 W": 0}.items():
        graded = body.grade(body.Response.model_validate({"value": typed}))
        assert isinstance(graded, kinds.Graded)
        assert graded.score == score, typed
    assert texts_of(content)["mistakes"] == {"55": "A slip."}


def test_numbers_in_old_files_stand_outside_of_a_text() -> None:
    inside = '<answer fraction="100">2,5<feedback><text>Right.</text></feedback><tolerance>0.1</tolerance></answer>'
    item = only(file(question("numerical", inside)))

    assert item.body is not None
    assert (item.body["key"], item.body["tolerance"]) == (2.5, 0.1)
    assert item.body["texts"]["en"]["feedback"] == "Right."
    assert item.notes == ("The feedback for the right number became the general feedback: “Right.”",)


def test_pairs_and_distractors() -> None:
    inside = """<subquestion format="html"><text><![CDATA[<i>loss</i>]]></text><answer><text>a_b * c_</text></answer>
        </subquestion>
        <subquestion><text>rate</text><answer><text>step</text></answer></subquestion>
        <subquestion><text></text><answer><text>layers</text></answer></subquestion>
        <subquestion><text></text><answer><text>step</text></answer></subquestion>
        <subquestion><text></text><answer><text></text></answer></subquestion>"""
    item = only(file(question("matching", inside)))

    assert item.body is not None
    assert item.body["pairs"] == ["loss", "rate"]
    assert item.body["distractors"] == ["layers"]
    assert item.body["texts"]["en"]["left"] == {"loss": "*loss*", "rate": "rate"}
    assert item.body["texts"]["en"]["right"]["loss"] == r"a_b \* c\_"
    assert item.notes == ("“step” stands twice among what can be matched, and was taken once.",)


def test_an_ordering_is_never_shown_in_the_right_order() -> None:
    answers = "".join(f'<answer fraction="{n}"><text>{n}. step</text></answer>' for n in (1, 2, 3))
    grading = "<gradingtype>ABSOLUTE_POSITION</gradingtype>"
    item = only(file(question("ordering", grading + answers)))

    assert item.body is not None
    assert item.body["key"] == ["1-step", "2-step", "3-step"]
    assert item.body["items"] != item.body["key"]
    assert "counted in another way" in item.notes[0]


def test_embedded_answers_become_blanks() -> None:
    text = (
        "<text><![CDATA[<p>The {1:SHORTANSWER:=rate#Yes.~=learning rate~%50%step} is {1:NUMERICAL:=0.01:0.001~%0%*#No.}"
        " of {1:MCV:wrong &amp; loud~=<b>a \\} b</b>}.</p>]]></text>"
    )
    item = only(file(question("cloze", "", text)))

    assert item.body is not None
    assert item.body["texts"]["en"]["text"] == "The [[blank-1]] is [[blank-2]] of [[blank-3]]."
    assert item.body["blanks"] == {
        "blank-1": {"input": "type"},
        "blank-2": {"input": "type"},
        "blank-3": {"input": "choose", "options": ["wrong-loud", "a-b"], "key": "a-b"},
    }
    assert item.body["texts"]["en"]["blanks"] == {
        "blank-1": {"accept": ["rate", "learning rate"]},
        "blank-2": {"accept": ["0.01"]},
        "blank-3": {"options": {"wrong-loud": "wrong & loud", "a-b": "a } b"}},
    }
    assert item.notes == (
        "Blank 1: the feedback for its answers was not kept.",
        "Blank 1: answers that are right in part count as wrong.",
        "Blank 2: the feedback for its answers was not kept.",
        "Blank 2: the tolerance “0.001” was not kept; just 0.01 is right.",
    )


@pytest.mark.parametrize(
    ("blank", "why"),
    [
        ("{1:MULTIRESPONSE:=a~=b~c}", "takes several choices"),
        ("{1:MULTICHOICE:=a~=b}", "several right choices"),
        ("{1:SA:a~b}", "no right answer"),
        ("{1:SA:=grad*}", "a pattern with *"),
        ("{1:SA:=a", "no embedded answer"),
        ("{2:ESSAY:=a}", "no embedded answer"),
        ("<code>x = {1:SA:=a}</code> $y = {1:SA:=b}$", "where none can be"),
        ("{1:SA:=a}" * 21, "at most 20"),
    ],
)
def test_an_embedded_answer_that_is_no_blank_is_refused(blank: str, why: str) -> None:
    item = only(file(question("cloze", "", f"<text><![CDATA[{blank}]]></text>")))

    assert item.body is None
    assert why in item.refused


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text", "markdown"),
    [
        (' format="html"', "<![CDATA[<p>a <em>b</em></p><ul><li>c_</li></ul>]]>", "a *b*\n\n-   c\\_"),
        (' format="plain_text"', "a *b* &lt;i&gt;\nc", "a \\*b\\* &lt;i>  \nc"),
        (' format="markdown"', "a *b* [c]", "a *b* [c]"),
        (' format="moodle_auto_format"', "a &lt;b&gt;c&lt;/b&gt;\nd", "a **c**  \nd"),
        ("", "a &amp;lt; b", "a < b"),
        ("", "a <b>forgotten</b> escape", "a **forgotten** escape"),
        (' format="html"', "$x_1 * y$", "$x_1 * y$"),
    ],
)
def test_texts_come_in_as_markdown(form: str, text: str, markdown: str) -> None:
    content = file(question("truefalse", TRUE_FALSE_ANSWERS, f"<text>{text}</text>", form))

    assert texts_of(content)["prompt"] == markdown


def test_texts_without_a_format_have_that_of_the_question() -> None:
    inside = f"{TRUE_FALSE_ANSWERS}<generalfeedback><text>a *b*</text></generalfeedback>"

    assert texts_of(file(question("truefalse", inside, form=' format="plain_text"')))["feedback"] == r"a \*b\*"
    assert texts_of(file(question("truefalse", inside, form=' format="markdown"')))["feedback"] == "a *b*"


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        ("<defaultgrade>2.5</defaultgrade>", "The mark of 2.5 was not kept"),
        ("<penalty>0.1</penalty>", "The penalty of 0.1"),
        ("<hidden>1</hidden>", "hidden in its Moodle"),
        ("<idnumber>Q 7</idnumber>", "“Q 7” is no id here"),
        ("<tags><tag><text>My tag</text></tag></tags>", "The tag “My tag”"),
        ("<incorrectfeedback><text>Read page 3.</text></incorrectfeedback>", "“Read page 3.”"),
        ("".join(f"<hint><text>Hint {n}</text></hint>" for n in range(6)), "this one was not kept: “Hint 5”"),
        ('<generalfeedback format="wiki_like"><text>a</text></generalfeedback>', "format of a wiki"),
        ('<generalfeedback format="odd"><text>a</text></generalfeedback>', "“odd” is unknown"),
        ('<generalfeedback><text>a</text><file name="plot.png">AA</file></generalfeedback>', "“plot.png”"),
        ("<generalfeedback><text>&lt;blink&gt;a&lt;/blink&gt;</text></generalfeedback>", "<blink> was left out"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told(inside: str, note: str) -> None:
    item = only(file(question("truefalse", TRUE_FALSE_ANSWERS + inside)))

    assert item.body is not None
    assert len(item.notes) == 1
    assert note in item.notes[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (question("essay", ""), "marked by a person"),
        (question("description", ""), "asks nothing"),
        (question("calculatedsimple", ""), "“calculatedsimple” are not read"),
        (question("", ""), "“” are not read"),
        (question("truefalse", ""), "no answer"),
        (question("truefalse", TRUE_FALSE_ANSWERS, "<text></text>"), "has no text"),
        (question("truefalse", TRUE_FALSE_ANSWERS.replace("100", "0")), "whether true or false"),
        (question("multichoice", '<answer fraction="50"><text>a</text></answer>'), "full mark"),
        (question("multichoice", '<answer fraction="x"><text>a</text></answer>'), "“x” is no number"),
        (question("multichoice", '<answer fraction="100"><text>a</text></answer>'), "at least 2 items"),
        (question("numerical", '<answer fraction="100"><text>*</text></answer>'), "“*” is no number"),
        (question("numerical", '<answer fraction="100"><text>1,000</text></answer>'), "“1,000” is no number"),
        (question("numerical", '<answer fraction="100"><text>1</text></answer>' * 2), "this one has 2"),
        (question("shortanswer", '<answer fraction="50"><text>a</text></answer>'), "share 1"),
        (question("matching", "<subquestion><text>a</text></subquestion>"), "nothing to match to “a”"),
        (question("truefalse", TRUE_FALSE_ANSWERS, f"<text>{'a' * 10_001}</text>"), "at most 10000 characters"),
    ],
)
def test_what_is_no_question_is_refused_alone(content: str, why: str) -> None:
    good = question("truefalse", TRUE_FALSE_ANSWERS)
    first, refused, last = read(file(good, content, good), "en")

    assert first.body is not None
    assert first.body == last.body
    assert refused.body is None
    assert why in refused.refused
    assert (first.line, refused.line, last.line) == (3, 4, 5)


# --- files -----------------------------------------------------------------------------------------------------------


def test_categories_are_paths_without_their_place_in_moodle() -> None:
    def category(path: str) -> str:
        return f'<question type="category"><category><text>{path}</text></category></question>\n'

    good = question("truefalse", TRUE_FALSE_ANSWERS)
    content = file(
        good, category("$course$/top/Training/Loss"), good, category("$module$/And//Or"), good, category("Bare"), good,
        category("$course$/top"), good,
    )  # fmt: skip

    assert [item.category for item in read(content, "en")] == ["", "Training/Loss", "And//Or", "Bare", ""]


def test_blank_lines_before_the_head_count_as_lines() -> None:
    content = b"\n\r\n" + file(question("essay", ""))

    assert only(content).line == 5


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"<quiz>", 1),
        (b"<quiz>\n<question>\n</quiz>", 3),
        (b"\n<html>\n</html>", 2),
        (b"<quiz>\n&nbsp;</quiz>", 2),
        (b"<quiz>\xff</quiz>", 1),
        (b"<quiz>\x00</quiz>", 1),
        (b'<?xml version="1.0" encoding="GBK"?>\n<quiz>\xff</quiz>', 2),
        (b"<quiz>" + b"<a>" * 50, 1),
        (b"<quiz>" + b"\n<question/>" * (MAX_ITEMS + 1) + b"</quiz>", MAX_ITEMS + 2),
        (b"<quiz>" + b" " * 5_000_000 + b"</quiz>", 0),
    ],
)
def test_a_file_that_cannot_be_read_says_where(content: bytes, line: int) -> None:
    with pytest.raises(FileFault) as caught:
        read(content, "en")

    assert caught.value.line == line
    assert caught.value.message.endswith(".")


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE quiz [<!ENTITY e0 "ha">{BOMB}]>',
        '<!DOCTYPE quiz [<!ENTITY e11 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/quiz.dtd">',
        '<!DOCTYPE quiz [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a"> %a;]>',
        "<!DOCTYPE quiz>",
    ],
)
def test_entities_and_what_lies_outside_are_not_even_looked_at(head: str) -> None:
    with pytest.raises(FileFault, match="document type"):
        read(f"{head}<quiz>{question('truefalse', TRUE_FALSE_ANSWERS, '<text>&e11;</text>')}</quiz>".encode(), "en")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk", "iso-8859-1", "big5"])
def test_a_file_may_say_its_encoding(encoding: str) -> None:
    word = "Größe" if encoding == "iso-8859-1" else "速度"
    declared = "" if encoding == "utf-16" else f' encoding="{encoding.removesuffix("-sig")}"'
    text = question("truefalse", TRUE_FALSE_ANSWERS, f"<text>{word}</text>")

    assert texts_of(f'<?xml version="1.0"{declared}?><quiz>{text}</quiz>'.encode(encoding))["prompt"] == word


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, body in ALL.items() if body is not FLASHCARD])
def test_every_kind_goes_out_and_comes_back_to_the_letter(name: str) -> None:
    written = write([entry(ALL[name], name, category="Training/Loss")], "en")
    item = only(written.content)

    assert written.left_out == ()
    assert item.body is not None
    assert kinds.parse(item.body) == kinds.parse(ALL[name])
    assert (item.id, item.title, item.category, item.notes) == (name, "A title", "Training/Loss", ())
    assert item.concepts == ("loss", "learning-rate")


@pytest.mark.parametrize(
    "structure",
    [
        {"range": [0.1, 0.30000000000000004]},
        {"key": 3.0, "relative": 0.07},
        {"key": 1e-05, "tolerance": 1e-07, "units": {"kg": 1.0, "g": 0.001, "lb": 0.45359237}},
        {"key": 2.0, "units": {"g": 0.001}},
        {"key": 2.0, "units": {"%": 1.0}},
    ],
)
@pytest.mark.parametrize("unit", [{}, {"unit": "%"}])
def test_numbers_come_back_exactly(structure: dict[str, Any], unit: dict[str, str]) -> None:
    body = {"kind": "numeric", **structure, "texts": {"en": {"prompt": "How much?", **unit}}}

    assert body_of(write([entry(body)], "en").content) == kinds.parse(body).model_dump(exclude_defaults=True)


def test_moodle_finds_its_own_words() -> None:
    """What Moodle reads: types, shares as its list has them, formats, an answer per pattern."""
    content = write([entry(ALL[name], name) for name in ("single", "multiple", "short-text", "cloze")], "en").content
    single, multiple, short, cloze = fromstring(content).findall("question")

    assert single.findtext("name/text") == "A title"
    assert single.find("questiontext").get("format") == "markdown"  # type: ignore[union-attr]
    assert [answer.get("fraction") for answer in single.findall("answer")] == ["0", "100", "0"]
    assert single.findtext("single") == "true"
    assert [answer.get("fraction") for answer in multiple.findall("answer")] == ["50", "-50", "50"]
    assert [answer.findtext("text") for answer in short.findall("answer")] == [
        "SGD", "stochastic*descent", "a\\*b", "GD", "*tree*",
    ]  # fmt: skip
    assert cloze.findtext("questiontext/text") == (
        "A step is the {1:SHORTANSWER:=rate~==step~=a|b} times the {1:MULTICHOICE:gradient~==\\~loss\\}\\#1},"
        " as in `x[[0, 1]]` and {1}."
    )


def test_a_file_that_went_through_moodle_gets_ids_from_its_texts() -> None:
    """Moodle drops attributes that it does not know."""
    content = write([entry(SINGLE)], "en").content.replace(b' id="rate"', b"").replace(b' id="w"', b"")

    assert body_of(content)["choices"] == ["the-learning-rate", "the-weights", "epoch"]


def test_what_it_cannot_hold_is_left_out_with_the_reason() -> None:
    alien = {"kind": "true_false", "key": True, "texts": {"zh-hans": {"prompt": "对吗？"}}}
    noisy = {"kind": "true_false", "key": True, "texts": {"en": {"prompt": "a\x07b"}}}
    braces = {
        "kind": "cloze",
        "blanks": {"a": {"input": "type"}},
        "texts": {"en": {"text": "Write {1:SA:=x} for [[a]].", "blanks": {"a": {"accept": ["a"]}}}},
    }
    written = write(
        [
            entry(FLASHCARD, "card"),
            entry(alien, "alien"),
            entry(noisy, "noisy"),
            entry(braces, "braces"),
            entry(NUMERIC),
        ],
        "en",
    )

    assert dict(written.left_out) == {
        "card": "Moodle XML cannot hold a flashcard.",
        "alien": "It has no texts in en.",
        "noisy": "A text holds control characters, which XML cannot.",
        "braces": "Moodle XML cannot say all that stands in it.",
    }
    assert only(written.content).id == "q"


def test_line_ends_and_signs_of_xml_survive() -> None:
    body = {
        "kind": "true_false",
        "key": True,
        "texts": {"en": {"prompt": "a\r\nb\tc ]]> &amp; <i> \U0001f600 'x' \"y\""}},
    }

    assert texts_of(write([entry(body)], "en").content) == body["texts"]["en"]


# --- always ----------------------------------------------------------------------------------------------------------

_words = st.sampled_from([
    *("<", ">", "</", "/>", "&", ";", "&lt;", "&#0;", "quiz", "question", "answer", "text", "questiontext", '"', " "),
    *(' type="', "multichoice", "numerical", "cloze", "matching", "ordering", "shortanswer", "truefalse", "pair"),
    *(' fraction="', "100", "-1", "1e999", "nan", "{1:SA:", "}", "~", "\\", "*", "<![CDATA[", "]]>", "<!--", "\n", "a"),
    *(' format="', "markdown", "html", "units", "unit", "multiplier", "0", "hint", "file", "name", "[[a]]", ' id="'),
])  # fmt: skip
_text = st.sampled_from([
    *("a", "b", "c_d *e*", "1", "0", "-3e400", "2.5", "*", "x*", "false", "true", "&lt;p&gt;x&lt;/p&gt;y", "", "$x$"),
    "[[a]]",
    *("{1:SA:=a~%5%b#c}", "is {2:MC:=a~b} of {:NM:=1:0.1}", "{1:MC:a~=b}", "{1:SAC:=\\}\\*}{1:SA:=a", "权重"),
    "&amp;amp;#",
    *("a\n\nb", "<b>x</b>", "&lt;li&gt;x", "\\", "- a", "=x"),
])  # fmt: skip
_form = st.sampled_from(
    ["", "", ' format="html"', ' format="markdown"', ' format="plain_text"', ' format="moodle_auto_format"']
)
_share = st.sampled_from(["100", "100", "0", "0", "50", "-50", "33.33333", "1e5", "x"])
_more = st.sampled_from([
    *("", "<single>false</single>", "<usecase>1</usecase>", "<hint><text>h</text></hint>", "<idnumber>q-1</idnumber>"),
    *("<generalfeedback><text>&lt;i&gt;f&lt;/i&gt;</text></generalfeedback>", "<tags><tag><text>a</text></tag></tags>"),
    "<units><unit><multiplier>3</multiplier><unit_name>m</unit_name></unit></units>",
    '<blank id="a" options="b c"/>',
])  # fmt: skip


@st.composite
def _questions(draw: st.DrawFn) -> str:
    """What people and programs write: mostly questions, with something odd about each."""
    kind = draw(st.sampled_from([
        "multichoice", "truefalse", "shortanswer", "numerical", "matching", "ordering", "cloze", "essay",
    ]))  # fmt: skip
    inside = []
    for _ in range(draw(st.integers(0, 4))):
        form, share, text, said = draw(_form), draw(_share), draw(_text), draw(_text)
        own = draw(st.sampled_from(["", "", ' id="x"', ' share="0.1"', ' shown="2" key="1"']))
        if kind == "matching":
            inside.append(
                f"<subquestion{form}{own}><text>{text}</text><answer><text>{said}</text></answer></subquestion>"
            )
        else:
            tolerance = draw(st.sampled_from(["", "<tolerance>0.1</tolerance>", '<tolerance relative="0.1"/>']))
            answer = f"<text>{text}</text><feedback><text>{said}</text></feedback>{tolerance}"
            inside.append(f'<answer fraction="{share}"{form}{own}>{answer}</answer>')
    if kind == "truefalse" and draw(st.booleans()):
        inside = [TRUE_FALSE_ANSWERS]
    more = "".join(draw(st.lists(_more, max_size=3)))
    text = "{1:SA:=a}" * (kind == "cloze") + draw(_text)
    return question(kind, "".join(inside) + more, f"<text>{text or 'What?'}</text>", draw(_form))


def _read(content: bytes) -> list[Item]:
    """Read, or be refused: nothing else may happen."""
    try:
        items = read(content, "en")
    except FileFault:
        return []
    for item in items:
        assert (item.body is None) == bool(item.refused)
        if item.body is not None:
            kinds.parse(item.body)
    return items


@given(st.binary(max_size=300) | st.lists(_words, max_size=40).map(lambda words: "".join(words).encode()))
@example(b'<?xml version="1.0" encoding="punycode"?><quiz/>')
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _read(content)


@settings(max_examples=200)
@given(st.lists(_questions(), max_size=3))
def test_whatever_is_read_is_written_and_read_the_same(questions: list[str]) -> None:
    items = [item for item in _read(f"<quiz>{''.join(questions)}</quiz>".encode()) if item.body is not None]
    written = write(entries(items), "en")

    assert written.left_out == ()
    again = read(written.content, "en")
    assert [kinds.parse(item.body or {}) for item in again] == [kinds.parse(item.body or {}) for item in items]
    assert write(entries(again), "en").content == written.content


@settings(max_examples=60)
@given(entry_lists())
def test_whatever_is_written_is_read_and_written_the_same(sources: list[Entry]) -> None:
    written = write(sources, "en")
    items = read(written.content, "en")

    left_out = {name for name, _ in written.left_out}
    kept = [source for source in sources if source.id not in left_out]
    assert [kinds.parse(item.body or {}) for item in items] == [source.body for source in kept]
    assert said(items) == said(read(write(entries(items), "en").content, "en"))
    assert write(entries(items), "en").content == written.content


def test_the_key_of_several_choices_keeps_its_order() -> None:
    assert body_of(write([entry(MULTIPLE)], "en").content)["key"] == ["biases", "weights"]
