"""Sheets: what an instructor writes without a manual, what spreadsheet programs do to it, and what comes back."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from quizzes import kinds
from quizzes.interchange.items import MAX_ITEMS, Entry, FileFault, Item
from quizzes.interchange.table_files import guarded, unguarded
from quizzes.interchange.tables import read_csv, read_xlsx, write_csv, write_xlsx
from tests.quizzes.interchange.questions import ALL, CLOZE, NUMERIC, SINGLE, entries, entry, said
from tests.quizzes.interchange.random_bodies import entry_lists

FORMS = [(read_csv, write_csv), (read_xlsx, write_xlsx)]


def sheet(**columns: str) -> bytes:
    """A CSV file with one question; `choice_1` is the column `choice 1`."""
    return f"{','.join(columns)}\n{','.join(_quoted(cell) for cell in columns.values())}\n".encode()


def _quoted(cell: str) -> str:
    return f'"{cell.replace(chr(34), chr(34) * 2)}"'


def only(content: bytes) -> Item:
    (item,) = read_csv(content, "en")
    return item


def body_of(item: Item) -> dict[str, Any]:
    assert item.body is not None, item.refused
    return kinds.parse(item.body).model_dump(exclude_defaults=True)


def workbook(rows: Iterable[Iterable[object]]) -> bytes:
    """An XLSX file as another program writes it."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


# --- the kinds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["B", "b", "2", "two", " B "])
def test_a_single_choice_names_its_key_by_letter_number_or_text(key: str) -> None:
    item = only(
        sheet(kind="single choice", id="even", title="Even", concepts="parity, numbers", prompt="Which is **even**?",
              choice_1="one", choice_2="two", choice_1_feedback="Odd.", key=key, feedback="Twos.", hint_1="Halve it.")
    )  # fmt: skip

    assert (item.line, item.id, item.title, item.concepts, item.notes) == (2, "even", "Even", ("parity", "numbers"), ())
    assert body_of(item) == {
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


@pytest.mark.parametrize("key", ["A, C", "A;C", "1 3", "C A", "a, weights"])
def test_several_right_choices(key: str) -> None:
    item = only(
        sheet(
            kind="multiple_choice",
            prompt="What is found?",
            choice_1="biases",
            choice_2="rate",
            choice_3="weights",
            key=key,
        )
    )

    assert set(body_of(item)["key"]) == {"biases", "weights"}


@pytest.mark.parametrize(("key", "truth"), [("TRUE", True), ("true", True), ("No", False), ("f", False)])
def test_true_or_false(key: str, truth: bool) -> None:
    item = only(sheet(kind="True/False", prompt="It is.", key=key, feedback_if_true="Yes.", feedback_if_false="No."))

    assert body_of(item)["key"] is truth
    assert body_of(item)["texts"]["en"] == {"prompt": "It is.", "if_true": "Yes.", "if_false": "No."}


def test_a_short_text_has_alternatives_or_answers_with_shares() -> None:
    plain = body_of(
        only(sheet(kind="short_text", prompt="Who?", key="SGD | stochastic * descent\nrate\\|step", case="yes"))
    )
    shared = body_of(
        only(sheet(kind="short_text", prompt="Who?", choice_1="SGD", choice_2="GD|descent", choice_2_share="50 %",
                   choice_2_feedback="Nearly."))
    )  # fmt: skip

    assert plain["case"] is True
    assert plain["texts"]["en"]["answers"] == {"sgd": {"accept": ["SGD", "stochastic * descent", "rate|step"]}}
    assert shared["answers"] == [{"id": "sgd"}, {"id": "gd", "share": 0.5}]
    assert shared["texts"]["en"]["answers"]["gd"] == {"accept": ["GD", "descent"], "feedback": "Nearly."}


@pytest.mark.parametrize(
    ("cells", "structure"),
    [
        ({"key": "3.2", "tolerance": "0,1"}, {"key": 3.2, "tolerance": 0.1}),
        ({"key": "−4", "tolerance": "5 %"}, {"key": -4.0, "relative": 0.05}),
        ({"key": "2 to 3"}, {"range": [2.0, 3.0]}),
        ({"key": "-2..-1"}, {"range": [-2.0, -1.0]}),
        ({"key": "1e-4", "units": "kg=1, g=0.001"}, {"key": 0.0001, "units": {"kg": 1.0, "g": 0.001}}),
        ({"key": "1", "choice_1": "2", "choice_1_feedback": "Twice."}, {"key": 1.0, "mistakes": {"2": 2.0}}),
    ],
)
def test_a_number(cells: dict[str, str], structure: dict[str, Any]) -> None:
    body = body_of(only(sheet(kind="numeric", prompt="How much?", **cells)))

    assert {name: body[name] for name in body if name not in ("kind", "texts")} == structure


def test_pairs_and_distractors() -> None:
    item = only(
        sheet(
            kind="matching",
            prompt="What?",
            choice_1="loss",
            match_1="error",
            choice_2="rate",
            match_2="step",
            match_3="layers",
        )
    )

    assert body_of(item)["pairs"] == ["loss", "rate"]
    assert body_of(item)["distractors"] == ["layers"]


def test_an_ordering_is_written_in_the_right_order_or_with_a_key() -> None:
    cells = {"kind": "ordering", "prompt": "Order.", "choice_1": "one", "choice_2": "two", "choice_3": "three"}
    right, shown = (body_of(only(sheet(**cells, **key))) for key in ({}, {"key": "C, A, B"}))

    assert right["key"] == ["one", "two", "three"] != right["items"]
    assert (shown["items"], shown["key"]) == (["one", "two", "three"], ["three", "one", "two"])


def test_blanks_stand_in_the_prompt() -> None:
    item = only(
        sheet(kind="cloze", prompt=r"A [[rate|learning rate]] of [[=0.01 | loud]] in `x\[[0, 1]]`, or [[\=a]].")
    )

    assert body_of(item)["texts"]["en"]["text"] == "A [[blank-1]] of [[blank-2]] in `x[[0, 1]]`, or [[blank-3]]."
    assert body_of(item)["texts"]["en"]["blanks"] == {
        "blank-1": {"accept": ["rate", "learning rate"]},
        "blank-2": {"options": {"0-01": "0.01", "loud": "loud"}},
        "blank-3": {"accept": ["=a"]},
    }


@pytest.mark.parametrize("answer", ["x[0]", "[0]", "x[[0]]", "a]]b", "=", "a|b", "\\\\", "\\|", "[[", "]]"])
@pytest.mark.parametrize("around", ["{}", "[{}]", "({})", "x[[0, 1]] {}", "\\[[0, 1]] {}", "$x$ [[ {}"])
def test_brackets_around_and_inside_of_a_blank_come_back(answer: str, around: str) -> None:
    accept = {"a": {"accept": ["first", answer]}}
    body = {
        "kind": "cloze",
        "blanks": {"a": {"input": "type"}},
        "texts": {"en": {"text": f"See {around.format('[[a]]')}.", "blanks": accept}},
    }

    assert body_of(only(write_csv([entry(body)], "en").content)) == kinds.parse(body).model_dump(exclude_defaults=True)


def test_the_name_of_a_blank_gives_nothing_away() -> None:
    cloze = kinds.parse(only(sheet(kind="cloze", prompt="A [[=rate|loss]] and [[step]].")).body or {})
    public = cloze.public(cloze.render(lambda text: text)["en"])

    assert "step" not in public.model_dump_json()
    assert public.text == "A [[blank-1]] and [[blank-2]]."


def test_a_flashcard() -> None:
    assert body_of(only(sheet(kind="flashcard", front="SGD?", back="*Descent.*")))["texts"]["en"] == {
        "front": "SGD?", "back": "*Descent.*",
    }  # fmt: skip


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"kind": "", "prompt": "x"}, "“kind” is empty"),
        ({"kind": "essay"}, "no kind “essay”; write one of single_choice"),
        ({"kind": "challenge"}, "no kind “challenge”"),
        ({"kind": "true_false", "key": "yes"}, "“prompt” is empty"),
        ({"kind": "true_false", "prompt": "x"}, "“key” is empty"),
        ({"kind": "true_false", "prompt": "x", "key": "maybe"}, "“maybe” is neither true nor false"),
        ({"kind": "true_false", "prompt": "x", "key": "t", "id": "Q 1"}, "The id “Q 1”"),
        ({"kind": "single_choice", "prompt": "x", "choice_1": "a", "choice_2": "b", "key": "C"}, "none of the choices"),
        ({"kind": "single_choice", "prompt": "x", "choice_1": "2", "choice_2": "1", "key": "1"}, "choice 1 or choice"),
        ({"kind": "single_choice", "prompt": "x", "choice_1": "a", "key": "A"}, "at least 2 items"),
        ({"kind": "numeric", "prompt": "x", "key": "3 m"}, "“key” is “3 m”"),
        ({"kind": "numeric", "prompt": "x", "key": "1,000"}, "without separators of thousands"),
        ({"kind": "numeric", "prompt": "x", "key": "1", "choice_1": "2"}, "“choice 1 feedback” is empty"),
        ({"kind": "numeric", "prompt": "x", "key": "1", "units": "kg"}, "“units” holds “kg”"),
        ({"kind": "short_text", "prompt": "x", "key": "a", "case": "perhaps"}, "write yes or no"),
        ({"kind": "short_text", "prompt": "x", "key": "*"}, "would accept any answer"),
        ({"kind": "matching", "prompt": "x", "choice_1": "a"}, "“choice 1” has no “match 1”"),
        ({"kind": "cloze", "prompt": "no blank"}, "There is no blank"),
        ({"kind": "cloze", "prompt": "[[a"}, "never closed"),
        ({"kind": "cloze", "prompt": "[[ | ]]"}, "A blank is empty"),
        ({"kind": "cloze", "prompt": "[[=a|=b]]"}, "two right options"),
        ({"kind": "cloze", "prompt": "$x = [[a]]$"}, "where none can be"),
        ({"kind": "cloze", "prompt": "[[a]]" * 21}, "at most 20"),
        ({"kind": "flashcard", "front": "x"}, "“back” is empty"),
        ({"kind": "ordering", "prompt": "x", "choice_1": "a", "choice_2": "b", "ids": "weights"}, "“ids” holds"),
        ({"kind": "true_false", "prompt": "a" * 10_001, "key": "t"}, "at most 10000 characters"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_question_is_refused_alone(cells: dict[str, str], why: str) -> None:
    good = {"kind": "true_false", "prompt": "It is.", "key": "true"}
    columns = list(dict.fromkeys([*good, *cells]))
    lines = [",".join(_quoted(row.get(column, "")) for column in columns) for row in (good, cells, good)]
    first, refused, last = read_csv("\n".join([",".join(columns), *lines]).encode(), "en")

    assert (first.line, refused.line, last.line) == (2, 3, 4)
    assert first.body == last.body is not None
    assert refused.body is None
    assert why in refused.refused


def test_what_means_nothing_is_told() -> None:
    content = b"kind,prompt,key,tolerance,concepts,comment,,\ntrue_false,x,true,0.1,Big loss,mine,,stray\n"

    assert only(content).notes == (
        "“stray” stands in column H, which has no heading, and was not read.",
        "“Big” is no id of a concept and was left out.",
        "“tolerance” means nothing for this kind and was not read.",
    )
    assert only(content).concepts == ("loss",)


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"", 1, "The sheet is empty"),
        (b"\n ; ;\n", 1, "The sheet is empty"),
        (b"kind,promt\n", 1, "Unknown column “promt” (B). Is “prompt” meant?"),
        ("kind,题目\n".encode(), 1, "Unknown column “题目” (B)."),
        (b"\nkind,key,KEY\n", 2, "two columns “key”"),
        (b"prompt,key\n", 1, "no column “kind”"),
        (b'kind,prompt\ntrue_false,"open\n', 2, "quotation marks do not match"),
        (b"kind\n" + b"x\n" * (MAX_ITEMS + 1), MAX_ITEMS + 2, "more than 5,000 questions"),
        (b"kind" + b" " * 5_000_000, 0, "larger than 5 MB"),
        (b"\x89PNG\r\n\x1a\n", 0, "no CSV text"),
        (b"kind,prompt\n" + bytes(range(9)) * 9, 0, "no CSV text"),
        (b"PK\x03\x04", 0, "no CSV text"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_where(content: bytes, line: int, why: str) -> None:
    with pytest.raises(FileFault) as caught:
        read_csv(content, "en")

    assert why in caught.value.message
    assert line in (caught.value.line, 0)


# --- CSV as programs write it ----------------------------------------------------------------------------------------

CHINESE = (
    "kind;prompt;key;comment\r\ntrue_false;学习率越大越好。;FALSE;\r\n\r\n;;;\r\ntrue_false;损失是误差。;TRUE;x\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_encodings_and_empty_rows(encoding: str, delimiter: str) -> None:
    items = read_csv(CHINESE.replace(";", delimiter).encode(encoding), "zh-hans")

    assert [item.line for item in items] == [2, 5]
    assert [body_of(item)["texts"]["zh-hans"]["prompt"] for item in items] == [
        "学习率越大越好。",
        "损失是误差。",
    ]


def test_excel_may_name_the_delimiter() -> None:
    assert [item.line for item in read_csv(b"sep=;\nkind;prompt;key\ntrue_false;a, b, c;true\n", "en")] == [3]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_large_files_are_read_in_their_encoding(encoding: str) -> None:
    row = f"true_false,{'神经网络的学习率越大越好，损失越小越好。' * 40},true\n"
    content = f"kind,prompt,key\n{row * 1_000}true_false,{'误' * 9_000},true\n".encode(encoding)
    items = read_csv(content, "zh-hans")

    assert len(content) > 1_000_000
    assert body_of(items[1_000])["texts"]["zh-hans"]["prompt"] == "误" * 9_000


# --- XLSX as programs write it ---------------------------------------------------------------------------------------


NOON = datetime(2026, 2, 1, 12, 30)  # noqa: DTZ001  (a cell has no time zone)


def test_excel_types_what_is_written_into_a_cell() -> None:
    head = ["Kind", "Prompt", "Key", "Tolerance", "Choice 1", "Choice 2", "Choice 3"]
    content = workbook(
        [
            [],
            head,
            ["numeric", "How much?", 3.0, 0.25],
            [],
            ["true_false", "It is.", True],
            ["single_choice", "When?", "A", None, 1986, "007", 0.1],
            ["single_choice", "On which day?", "B", None, date(2026, 2, 1), NOON, "never"],
        ]
    )
    numeric, truth, choice, day = read_xlsx(content, "en")

    assert [item.line for item in (numeric, truth, choice, day)] == [3, 5, 6, 7]
    assert (body_of(numeric)["key"], body_of(numeric)["tolerance"]) == (3.0, 0.25)
    assert body_of(truth)["key"] is True
    assert body_of(choice)["choices"] == ["1986", "007", "0-1"]
    texts = [text["text"] for text in body_of(day)["texts"]["en"]["choices"].values()]
    assert texts == ["2026-02-01", "2026-02-01 12:30:00", "never"]
    assert day.notes[0] == "Cell E7 holds a date and is read as “2026-02-01”."


def test_a_share_and_leading_zeros_are_read_as_they_are_shown() -> None:
    book = Workbook()
    book.active.append(["kind", "prompt", "key", "tolerance", "choice 1", "choice 1 feedback"])
    book.active.append(["numeric", "How much?", 7, 0.05, 3, "No."])
    book.active["D2"].number_format = "0%"
    book.active.append(["short_text", "Which agent?", 7])
    book.active["C3"].number_format = "000"
    numeric, agent = read_xlsx(saved(book), "en")

    assert body_of(numeric)["relative"] == 0.05
    assert body_of(agent)["texts"]["en"]["answers"] == {"007": {"accept": ["007"]}}


def test_formulas_are_never_evaluated() -> None:
    content = workbook([["kind", "prompt", "key"], ["true_false", "=1+1", "true"], ["true_false", "It is.", "=TRUE()"]])
    prompt, key = read_xlsx(content, "en")

    assert (prompt.refused, key.refused) == ("“prompt” is empty.", "“key” is empty.")
    assert prompt.notes == (
        "Cell B2 is a formula without a stored value and counts as empty; open and save the file in Excel.",
    )


def test_only_the_first_sheet_counts_whatever_is_open() -> None:
    book = Workbook()
    book.active.append(["kind", "prompt", "key"])
    book.active.append(["true_false", "First.", "true"])
    book.create_sheet("notes").append(["anything"])
    book.active = 1
    (item,) = read_xlsx(saved(book), "en")

    assert body_of(item)["texts"]["en"]["prompt"] == "First."


MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_sheet(inside: bytes, head: bytes = b"") -> bytes:
    """An XLSX file with this XML in its sheet."""
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["kind"]]))) as source,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            xml = head + b"<worksheet " + MAIN + b"><sheetData>" + inside + b"</sheetData></worksheet>"
            target.writestr(name, xml if is_sheet else source.read(name))
    return sink.getvalue()


KIND = b'<row r="1"><c r="A1" t="inlineStr"><is><t>kind</t></is></c></row>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no XLSX file"),
        (b"kind,prompt\n", "no XLSX file"),
        (b"PK\x05\x06" + b"\0" * 18, "damaged"),
        (with_sheet(KIND)[:-30], "no XLSX file"),
        (with_sheet(b"<row>"), "damaged"),
        (with_sheet(b"&a;", b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "damaged"),
        (with_sheet(KIND + b" " * 31_000_000), "more than 30 MB"),
        (with_sheet(KIND + b"<row/>" * 700_000), "tags inside"),
        (with_sheet(KIND + b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'), "more than 100,000 rows"),
        (with_sheet(KIND + b'<row><c r="XFD2"><v>1</v></c></row>' * 100), "1,000,000 cells"),
        (with_sheet(b""), "The sheet is empty"),
    ],
)
def test_a_broken_or_hostile_workbook_is_a_fault(content: bytes, why: str) -> None:
    with pytest.raises(FileFault, match=why):
        read_xlsx(content, "en")


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("read", "write"), FORMS)
@pytest.mark.parametrize("name", ALL)
def test_every_kind_goes_out_and_comes_back_to_the_letter(read: Any, write: Any, name: str) -> None:
    written = write([entry(ALL[name], name, category="Training/Loss")], "en")
    (item,) = read(written.content, "en")

    assert written.left_out == ()
    assert kinds.parse(item.body) == kinds.parse(ALL[name])
    assert (item.id, item.title, item.category, item.notes) == (name, "A title", "Training/Loss", ())
    assert item.concepts == ("loss", "learning-rate")


@pytest.mark.parametrize(("read", "write"), FORMS)
@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-a", "@x", "'=x", "''+x", "'", "'a", "#N/A", "＝1", "-1", "1e5", "- item"]
)
def test_no_text_starts_a_formula_and_all_come_back(read: Any, write: Any, text: str) -> None:
    body = {"kind": "flashcard", "texts": {"en": {"front": text, "back": "b"}}}
    content = write([entry(body, title=text)], "en").content
    (item,) = read(content, "en")

    assert body_of(item) == body
    assert item.title == text
    cells = _cells(content)
    assert not any(cell.startswith(("=", "+", "@", "＝")) or cell.startswith("-") > (cell == "-1") for cell in cells)


def _cells(content: bytes) -> list[str]:
    """The raw cells of a file, as a spreadsheet program gets them; no formula among them."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8-sig").replace("\r\n", ",").replace('"', "").split(",")
    (book,) = load_workbook(io.BytesIO(content)).worksheets
    cells = [cell for row in book.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    return [cell.value for cell in cells]


@given(st.text(st.sampled_from("'=+-@\t\r\n＝1a#N/"), max_size=6) | st.text(max_size=6))
def test_a_guard_is_taken_away_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "@", "\t", "\r", "\n", "＝"))


def test_only_columns_that_are_used_are_written_and_the_sheet_can_be_read_by_people() -> None:
    content = write_csv([entry(SINGLE), entry(CLOZE)], "en").content.decode("utf-8-sig")

    assert content.startswith("kind,id,title,concepts,prompt,choice 1,choice 2,choice 3,key,")
    assert "A step is the [[rate | \\=step | a\\|b]] times the [[gradient | =\\=~loss}#1]]" in content
    assert "match 1" not in content


def test_the_same_questions_give_the_same_workbook() -> None:
    sources = [entry(body, name) for name, body in ALL.items()]

    assert write_xlsx(sources, "en") == write_xlsx(sources, "en")


@pytest.mark.parametrize(("read", "write"), FORMS)
def test_what_it_cannot_hold_is_left_out_with_the_reason(read: Any, write: Any) -> None:
    alien = {"kind": "flashcard", "texts": {"zh-hans": {"front": "问", "back": "答"}}}
    noisy = {"kind": "flashcard", "texts": {"en": {"front": "a\x00b", "back": "c"}}}
    drawn = {"kind": "calculated", "values": {"a": {"one_of": [1, 2]}}, "answer": "a + 1", "tolerance": 0.1,
             "texts": {"en": {"prompt": "What is {a} + 1?"}}}  # fmt: skip
    tricky = {
        "kind": "cloze",
        "blanks": {"a": {"input": "type"}},
        "texts": {"en": {"text": r"Here: \[[a]]", "blanks": {"a": {"accept": ["a"]}}}},
    }
    written = write([entry(alien, "alien"), entry(noisy, "noisy"), entry(tricky, "tricky"), entry(NUMERIC)], "en")

    assert dict(written.left_out) == {
        "alien": "It has no texts in en.",
        "noisy": "A text holds control characters, or is longer than a cell can be.",
        "tricky": "A row of a sheet cannot say all that stands in it.",
    }
    assert [item.id for item in read(written.content, "en")] == ["q"]
    if "calculated" in kinds.KINDS:
        assert write([entry(drawn, "drawn")], "en").left_out == (
            ("drawn", "A row of a sheet cannot hold a calculated."),
        )


# --- always ----------------------------------------------------------------------------------------------------------

_cell = st.sampled_from([
    *("single_choice", "multiple_choice", "true_false", "short_text", "numeric", "matching", "ordering", "cloze"),
    *("flashcard", "A", "B, A", "1", "2", "a", "b | c", "true", "0.5", "50 %", "-3", "2 to 3", "", "=x", "'=x"),
    *("[[a]]", "[[a|=b]]", r"\[[a", "[[b", "A=x B=y", "1=z", "1A=q", "*", "$x$", "\\", "|", "x y", "权", "- a", "\n"),
])  # fmt: skip
_columns = st.sampled_from([
    "kind", "id", "title", "category", "concepts", "prompt", "front", "back", "choice 1", "choice 2", "choice 3",
    "match 1", "match 2", "match 3", "key", "case", "tolerance", "unit", "units", "choice 1 feedback", "choice 1 share",
    "feedback", "feedback if true", "hint 1", "hint 2", "ids", "comment",
])  # fmt: skip


def _read(read: Any, content: bytes) -> list[Item]:
    """Read, or be refused: nothing else may happen."""
    try:
        items: list[Item] = read(content, "en")
    except FileFault:
        return []
    for item in items:
        assert (item.body is None) == bool(item.refused)
        if item.body is not None:
            kinds.parse(item.body)
    return items


@given(
    st.binary(max_size=300)
    | st.lists(_cell | st.sampled_from(',;\t"\r'), max_size=40).map(lambda cells: "".join(cells).encode())
)
@example(b"sep=")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _read(read_csv, content)
    _read(read_csv, b"kind,prompt,key\n" + content)
    _read(read_xlsx, content)


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _read(read_xlsx, bytes(content))


WHOLE = workbook([["kind", "prompt", "key"], ["true_false", "It is.", True], ["numeric", "How much?", 2.5]])


@settings(max_examples=300)
@given(st.lists(_columns, unique=True, max_size=12).map(lambda columns: ["kind", "prompt", *columns]), st.data())
def test_whatever_is_read_is_written_and_read_the_same(columns: list[str], data: st.DataObject) -> None:
    columns = list(dict.fromkeys(columns))
    rows = data.draw(st.lists(st.lists(_cell, min_size=len(columns), max_size=len(columns)), max_size=3))
    lines = [",".join(map(_quoted, row)) for row in (columns, *rows)]
    items = [item for item in _read(read_csv, "\n".join(lines).encode()) if item.body is not None]
    written = write_csv(entries(items), "en")
    again = read_csv(written.content, "en")

    assert written.left_out == ()
    assert [kinds.parse(item.body or {}) for item in again] == [kinds.parse(item.body or {}) for item in items]
    assert write_csv(entries(again), "en").content == written.content


@settings(max_examples=60)
@given(entry_lists())
def test_whatever_is_written_is_read_and_written_the_same(sources: list[Entry]) -> None:
    _check_both_ways(sources, read_csv, write_csv)


@settings(max_examples=15)
@given(entry_lists())
def test_the_same_holds_for_workbooks(sources: list[Entry]) -> None:
    _check_both_ways(sources, read_xlsx, write_xlsx)


def _check_both_ways(sources: list[Entry], read: Any, write: Any) -> None:
    written = write(sources, "en")
    items = read(written.content, "en")

    left_out = {name for name, _ in written.left_out}
    kept = [source for source in sources if source.id not in left_out]
    assert [item.id for item in items] == [source.id for source in kept]
    if read is read_csv:  # a workbook knows one kind of line end
        assert [kinds.parse(item.body) for item in items] == [source.body for source in kept]
    assert said(items) == said(read(write(entries(items), "en").content, "en"))
    assert write(entries(items), "en").content == written.content
