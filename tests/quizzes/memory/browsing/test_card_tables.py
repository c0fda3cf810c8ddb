import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.interchange.items import FileFault
from quizzes.memory.browsing.tables import CardRow, Format, read, write

# Control characters make a file that is no text; what is trimmed does not come back.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40).map(str.strip)


def sides(content: bytes) -> list[tuple[str, str, str]]:
    return [(row.id, row.front, row.back) for row in read(content).rows]


def test_headings_say_which_column_is_which() -> None:
    assert sides(b"Back,ID,tags,Front\nb,1,x,f\n") == [("1", "f", "b")]
    assert list(read(b"back,front,tags\nb,f,x\n").unread) == ["tags"]
    assert sides("正面;背面\n问;答\n".encode()) == [("", "问", "答")]


def test_without_headings_the_first_column_is_the_front() -> None:
    assert sides(b"f\tb\ttags\ng\th\n") == [("", "f", "b"), ("", "g", "h")]


def test_lines_are_counted_as_the_file_has_them_with_the_settings_of_anki() -> None:
    sheet = read(b"#separator:tab\n#html:true\nf\tb\n\ng\t\n")
    assert list(sheet.rows) == [CardRow(3, "", "f", "b"), CardRow(5, "", "g", "")]


def test_a_card_may_begin_with_a_heading_sign() -> None:
    assert sides(b"# a heading\tb\n") == [("", "# a heading", "b")]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_what_holds_no_card_is_said(content: bytes) -> None:
    with pytest.raises(FileFault):
        read(content)


@pytest.mark.parametrize(("content", "line"), [(b"front,back\n", 1), (b'front,back\n"a,b\n', 2)])
def test_a_fault_names_its_line(content: bytes, line: int) -> None:
    with pytest.raises(FileFault) as fault:
        read(content)
    assert fault.value.line == line


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(FileFault, match="larger than 1 MB"):
        read(b"a,b\n" * 250_001)


@pytest.mark.parametrize("file_format", ["csv", "tsv"])
def test_nothing_starts_a_formula_in_a_spreadsheet(file_format: Format) -> None:
    text = write(["id", "front", "back"], [["1", "=1+1", "@SUM(A1)"], ["2", "-2", "'=x"]], file_format).decode(
        "utf-8-sig"
    )
    assert "'=1+1" in text
    assert "'@SUM" in text
    assert "''=x" in text


def test_a_csv_has_the_mark_that_excel_looks_for_and_a_tsv_has_none() -> None:
    assert write(["front"], [["a"]], "csv").startswith(codecs.BOM_UTF8)
    assert not write(["front"], [["a"]], "tsv").startswith(codecs.BOM_UTF8)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.sampled_from(["csv", "tsv"]))
def test_what_is_written_comes_back(cards: list[tuple[str, str]], file_format: Format) -> None:
    rows = [[str(number), front, back] for number, (front, back) in enumerate(cards)]
    assert [list(row) for row in sides(write(["id", "front", "back"], rows, file_format))] == rows
