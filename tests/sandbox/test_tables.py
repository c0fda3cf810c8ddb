"""A CSV becomes columns that can be trained on, or an error that says what to mend …"""

import random
import string
import subprocess
import sys
from collections.abc import Callable
from unittest.mock import ANY

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.spec import TableData
from sandbox.spec.data import IncompleteError, TableColumn
from sandbox.tables import Column, Table, TableError, complete, describes, leaks, read_table
from sandbox.tables.texts import ERRORS, REPORT
from tests.sandbox.tables import TABLE_ID, csv, flowers


def column(content: bytes, name: str) -> Column:
    found = read_table(content).column(name)
    assert found is not None
    return found


def names(content: bytes) -> list[str]:
    return [each.name for each in read_table(content).columns]


def report(content: bytes) -> list[tuple[str, str | None, int | None]]:
    return [(remark.code, remark.column, remark.count) for remark in read_table(content).report]


def refusal(content: bytes) -> TableError:
    with pytest.raises(TableError) as caught:
        read_table(content)
    return caught.value


def read_or_error(content: bytes) -> Table | str:
    """What a learner gets of any file: a table, or a sentence."""
    try:
        return read_table(content)
    except TableError as error:
        return str(error)


def xy(*cells: str, rows: int = 20, separator: str = ",") -> bytes:
    """A good table of x and y whose first rows have `cells` as x."""
    xs = [*cells, *(f"{i}.25" for i in range(rows - len(cells)))]
    return csv(f"x{separator}y", [f"{x}{separator}{i * i % 7 + i / 10}" for i, x in enumerate(xs)])


class TestColumns:
    def test_numbers_have_bounds_and_categories_have_counts(self) -> None:
        content = csv("size,kind", [f"{i / 4},{'ab'[i % 2]}" for i in range(20)])
        assert column(content, "size") == Column("size", "number", low=0.0, high=4.75, fingerprint=ANY)
        assert column(content, "kind") == Column("kind", "category", ("a", "b"), (10, 10), fingerprint=ANY)

    def test_few_whole_numbers_can_be_classes_in_the_order_of_their_values(self) -> None:
        content = csv("x,grade", [f"{i / 4},{[10, 2, 1][i % 3]}" for i in range(30)])
        assert column(content, "grade").classes == ("1", "2", "10")
        assert column(content, "grade").categories == ()

    @pytest.mark.parametrize("grades", [[f"{i}" for i in range(11)], ["0.5", "1.5"], ["1e30", "2e30"]])
    def test_other_numbers_are_a_regression(self, grades: list[str]) -> None:
        content = csv("x,y", [f"{i / 4},{grades[i % len(grades)]}" for i in range(33)])
        assert column(content, "y").classes == ()

    def test_numbers_may_be_written_in_several_ways(self) -> None:
        content = xy("1", "+2.", "-.5", "1e3", " 4 ", "007", "2E-1")
        assert read_table(content).values("x")[:7] == [1, 2, -0.5, 1000, 4, 7, 0.2]

    @pytest.mark.parametrize("text", ["1_000", "٣", "0x1F", "1,5", "12:30", "１２", "--1", "1e", "$5"])
    def test_what_python_or_people_might_take_for_a_number_is_a_text(self, text: str) -> None:
        content = csv("x\ty", [f"{text if i % 2 else 'word'}\t{i * i % 7 + i / 10}" for i in range(20)])
        assert column(content, "x").kind == "category"

    def test_minus_zero_is_zero(self) -> None:
        content = csv("x,y", [f"{i / 4},{['-0', '1'][i % 2]}" for i in range(20)])
        assert column(content, "y").classes == ("0", "1")

    def test_formulas_are_texts(self) -> None:
        content = csv("x,y", [f"{i / 4},{['=1+1', '@SUM(A1:A9)'][i % 2]}" for i in range(20)])
        assert column(content, "y").classes == ("=1+1", "@SUM(A1:A9)")

    def test_spaces_and_invisible_marks_make_no_other_category(self) -> None:
        words = ["yes", " yes ", "y\u200bes", "no", "n\x07o", "\xa0no"]
        content = csv("x,y", [f"{i / 4},{words[i % 6]}" for i in range(24)])
        assert column(content, "y").classes == ("no", "yes")

    def test_names_are_cleaned(self) -> None:
        rows = [f"{i / 4},{i * i % 7 + i / 10}" for i in range(20)]
        assert names(csv(" a\x07  b , \u202e年龄\u200b", rows)) == ["a b", "年龄"]

    def test_a_column_without_a_name_has_a_number(self) -> None:
        """As pandas writes its index."""
        content = csv(",x,y", [f"{i},{i / 4},{i * i % 7 + i / 10}" for i in range(20)])
        assert report(content) == [("unnamed", "#1", None), ("identifier", "#1", None)]
        assert names(content) == ["x", "y"]


class TestEncodings:
    TEXT = "重量,颜色\n" + "".join(f"{i / 4},{'红绿'[i % 2]}\n" for i in range(20))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_unicode_is_read(self, encoding: str) -> None:
        content = self.TEXT.encode(encoding)
        assert column(content, "颜色").classes == ("红", "绿")
        assert report(content) == []

    @pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
    def test_utf_16_is_read_in_both_orders(self, encoding: str, mark: bytes) -> None:
        assert names(mark + self.TEXT.encode(encoding)) == ["重量", "颜色"]

    def test_a_chinese_spreadsheet_is_read_and_named(self) -> None:
        table = read_table(self.TEXT.encode("gb18030"))
        assert [each.name for each in table.columns] == ["重量", "颜色"]
        assert [str(remark) for remark in table.report] == [
            "The file is not written in UTF-8 and was read as GB18030. If words look wrong, save it as “CSV UTF-8”."
        ]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_lines_may_end_in_three_ways(self, end: str) -> None:
        assert read_table(xy().replace(b"\n", end.encode())).rows == 20


class TestSeparators:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_four_are_known(self, separator: str) -> None:
        assert names(xy(separator=separator)) == ["x", "y"]

    def test_semicolons_bring_decimal_commas(self) -> None:
        content = csv("Länge;Preis", [f"{i},5;{i * i % 7},{i}" for i in range(20)])
        table = read_table(content)
        assert table.values("Länge")[:3] == [0.5, 1.5, 2.5]
        assert table.values("Preis")[:3] == [0.0, 1.1, 4.2]

    def test_decimal_points_stay_points_between_semicolons(self) -> None:
        assert read_table(xy("1.5", separator=";")).values("x")[0] == 1.5

    def test_a_comma_in_quotation_marks_separates_nothing(self) -> None:
        content = csv('x,"y, of z"', [f'{i / 4},"{"ab"[i % 2]}, ""c"""' for i in range(20)])
        assert column(content, "y, of z").classes == ('a, "c"', 'b, "c"')


class TestMissing:
    @pytest.mark.parametrize("cell", ["", "  ", "NA", "n/a", "null", "?", "#N/A", "缺失", "\x07"])
    def test_rows_with_a_missing_value_are_left_out_and_counted(self, cell: str) -> None:
        content = xy(cell, cell)
        assert read_table(content).rows == 18
        assert report(content) == [("rows_left_out", None, 2)]

    @pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e39", "#DIV/0!"])
    def test_what_is_no_finite_number_is_missing_and_reported(self, cell: str) -> None:
        """1e39 is none in float32, in which networks compute."""
        content = xy(cell, cell, cell)
        assert report(content) == [("not_finite", "x", 3), ("rows_left_out", None, 3)]
        assert column(content, "x").high == 16.25

    def test_a_word_among_many_numbers_is_missing_and_named(self) -> None:
        table = read_table(xy("unknown", "see note"))
        assert [str(remark) for remark in table.report] == [
            "Values of “x” that are no numbers (such as “see note”) count as missing: 2.",
            "Rows left out because a value is missing in them: 2 of 20.",
        ]

    def test_dashes_among_numbers_are_missing(self) -> None:
        assert read_table(xy(*"-----")).rows == 15

    def test_a_column_that_would_cost_more_than_half_of_the_rows_is_left_out_itself(self) -> None:
        content = csv("x,y,z", [f"{i / 4},{i * i % 7 + i / 10},{'' if i < 11 else i / 3}" for i in range(20)])
        assert (read_table(content).rows, report(content)) == (20, [("mostly_missing", "z", 11)])

    def test_columns_go_before_hardly_a_row_is_left(self) -> None:
        """Each column lacks 40 % of its values, in rows of its own: together they would leave nothing."""
        rows = [",".join(["" if (i + shift) % 5 < 2 else f"{i / 7}" for shift in range(5)]) for i in range(50)]
        table = read_table(csv("a,b,c,d,e", rows))
        assert table.rows >= 10
        assert len(table.columns) >= 2
        assert {remark.code for remark in table.report} == {"mostly_missing", "rows_left_out"}

    def test_rows_of_nothing_are_skipped(self) -> None:
        content = xy() + b"\n,\n , \n\n\n"
        assert (read_table(content).rows, report(content)) == (20, [("empty_rows", None, 2)])


class TestColumnsWithoutUse:
    @pytest.mark.parametrize(
        ("cells", "code", "count"),
        [
            (["" for _ in range(100)], "empty_column", None),
            (["same" for _ in range(100)], "constant", None),
            (["7.0" if i % 2 else "7" for i in range(100)], "constant", None),
            ([f"word {i % 60}" for i in range(100)], "many_texts", 60),
            ([f"{i % 3}" + "x" * 101 for i in range(100)], "long_texts", None),
            (["" if i < 51 else f"{i / 3}" for i in range(100)], "mostly_missing", 51),
            ([f"{1000 + i}" for i in range(100)], "identifier", None),
            ([f"person {i}" for i in range(100)], "identifier", None),
            ([f"{13_900_000_000 + i * 7919}" for i in range(100)], "identifier", None),
        ],
    )
    def test_they_are_left_out_with_a_reason(self, cells: list[str], code: str, count: int | None) -> None:
        content = csv("x,y,z", [f"{i / 4},{i * i % 7 + i / 10},{cell}" for i, cell in enumerate(cells)])
        assert names(content) == ["x", "y"]
        assert report(content) == [(code, "z", count)]

    @pytest.mark.parametrize("name", ["id", "ID", "user_id", "Nr.", "index", "学号", "No"])
    def test_different_whole_numbers_are_an_identifier_by_name(self, name: str) -> None:
        content = csv(f"{name},x,y", [f"{i * 37},{i / 4},{i * i % 7 + i / 10}" for i in range(20)])
        assert report(content) == [("identifier", name, None)]

    def test_different_whole_numbers_of_any_other_name_are_numbers(self) -> None:
        content = csv("price,x", [f"{i * 37},{i * i % 7 + i / 10}" for i in range(20)])
        assert report(content) == []

    def test_running_numbers_stay_where_nothing_else_could_be_learned_from(self) -> None:
        content = csv("x,y", [f"{i},{i * i}" for i in range(20)])
        assert (names(content), report(content)) == (["x", "y"], [])

    def test_a_column_that_varied_only_in_rows_that_are_gone_is_left_out(self) -> None:
        rows = [f"{i / 4},{'' if i < 4 else i * i % 7 + i / 10},{'odd' if i < 4 else 'usual'}" for i in range(20)]
        assert report(csv("x,y,z", rows)) == [("rows_left_out", None, 4), ("constant", "z", None)]

    def test_categories_go_before_there_are_too_many_inputs(self) -> None:
        """Each category is an input: 5 columns of 45 make 225, and any of them may be the target."""
        rows = [",".join([f"{i / 4}", *(f"w{(i * step) % 45}" for step in (1, 2, 4, 7, 8, 11))]) for i in range(90)]
        table = read_table(csv("x,a,b,c,d,e,f", rows))
        assert [remark.code for remark in table.report] == ["many_inputs"]
        assert len(table.columns) == 6


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "code", "line"),
        [
            (b"", "empty", None),
            (b"\xef\xbb\xbf", "empty", None),
            (b" \r\n \n", "empty", None),
            (b"a,b\n", "no_rows", None),
            (b"a,b\n1,2\n", "too_few_rows", None),
            (csv("a,b", [f"{i},{i / 3}" for i in range(9)]), "too_few_rows", None),
            (csv("a", [str(i) for i in range(30)]), "one_column", 1),
            (csv("a,b", [f"{i / 3},same" for i in range(30)]), "too_few_columns", None),
            (b"\na,b\n1,2\n1,2,3\n", "ragged", 4),
            (b"a,b\n1,2\n3\n", "ragged", 3),
            (b'a,b\n"1\n1",2\n3\n', "ragged", 4),
            (b'a,b\n1,2\n1,"2\n3,4\n', "bad_quotes", 3),
            (b'a,b\n1,"2"x\n', "bad_quotes", 2),
            (b"a,b\n1,2\n1,\x002\n", "not_text", 3),
            ("a,b\n1,2\n".encode("utf-16-le"), "not_text", 1),
            (b"\xff\xfea", "encoding", None),
            (b"a,b\n\xff\xff\xff,1\n", "encoding", None),
            (b"a,a\n1,2\n", "same_name", 1),
            (b"a,\x07 a\n1,2\n", "same_name", 1),
            (b"a," + b"n" * 101 + b"\n1,2\n", "long_name", 1),
            (b"5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n", "no_header", 1),
            (b"a,b\n1," + b"x" * 1001 + b"\n", "long_cell", 2),
            (b"x" * (2 * 1024 * 1024 + 1), "too_large", None),
            (csv("a,b", ["1,2"] * 20_001), "too_many_rows", 20_002),
            (",".join(f"c{i}" for i in range(201)).encode(), "too_many_columns", 1),
        ],
    )
    def test_they_say_what_is_wrong_and_where(self, content: bytes, code: str, line: int | None) -> None:
        error = refusal(content)
        assert (error.code, error.line) == (code, line)
        assert str(error).startswith(f"Line {line}: " if line else ERRORS[code][:10])

    @pytest.mark.parametrize(
        "start",
        [
            b"PK\x03\x04\x14\x00\x06\x00",
            b"%PDF-1.7\n",
            b"\x1f\x8b\x08\x00",
            b"\x89PNG\r\n\x1a\n",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"<!DOCTYPE html>",
        ],
    )
    def test_another_format_is_known_by_its_first_bytes(self, start: bytes) -> None:
        assert refusal(start + b"a,b\n1,2\n").code == "other_format"

    def test_what_was_left_out_before_too_little_was_left_is_said(self) -> None:
        error = refusal(csv("a,b", [f"person {i},same" for i in range(30)]))
        assert [(remark.code, remark.column) for remark in error.report] == [("identifier", "a"), ("constant", "b")]

    def test_years_can_be_names(self) -> None:
        rows = [f"{'AB'[i % 2]},{i / 4},{i * i % 7 + i / 10}" for i in range(20)]
        assert names(csv("land,1990,2000", rows)) == ["land", "1990", "2000"]

    def test_empty_cells_at_the_end_of_rows_are_no_cells(self) -> None:
        content = xy().replace(b"\n", b",,\n")
        assert names(content) == ["x", "y"]

    def test_every_message_can_be_filled_in(self) -> None:
        """A code without its parameters would be a crash in front of a learner."""
        words = dict.fromkeys(("column", "count", "rows", "most", "example", "encoding"), 0)
        assert all(message % words for message in REPORT.values())


_RANDOM = random.Random(1)


def grid(rows: int, columns: int, cell: Callable[[int, int], object]) -> bytes:
    """As much of such a table as is read at all."""
    lines, left = [",".join(f"c{i}" for i in range(columns))], 2 * 1024 * 1024 - 3000
    for row in range(rows):
        lines.append(",".join(str(cell(row, place)) for place in range(columns)))
        left -= len(lines[-1].encode()) + 1
        if left < 0:
            break
    return "\n".join(lines[:-1]).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: b"a," * 100_000 + b"\n" + b"1," * 100_000, id="100,000 columns"),
        pytest.param(lambda: ",".join(f"c{i}" for i in range(200_000)).encode(), id="200,000 names"),
        pytest.param(lambda: b"a,b\n1," + b"x" * 1_000_000, id="a cell of 1 MB"),
        pytest.param(lambda: b'a,b\n1,"' + b"x\n" * 500_000, id="a quotation mark never closed"),
        pytest.param(lambda: b'"' * 2_000_000, id="nothing but quotation marks"),
        pytest.param(lambda: b"a,b\n" + b"\n" * 2_000_000, id="2,000,000 empty lines"),
        pytest.param(lambda: b"a,b\n" + b" \n" * 1_000_000, id="1,000,000 blank lines"),
        pytest.param(lambda: b"\xef\xbb\xbf" + b"," * 2_000_000, id="nothing but commas"),
        pytest.param(lambda: grid(20_000, 200, lambda row, place: (row * place) % 7), id="1,000,000 digits"),
        pytest.param(lambda: grid(20_000, 10, lambda *_: f"{_RANDOM.random():.6f}"), id="200,000 numbers"),
        pytest.param(lambda: grid(20_000, 10, lambda *_: f"ü{_RANDOM.random():.6f}"), id="200,000 texts"),
        pytest.param(lambda: grid(20_000, 90, lambda *_: f"\xa0{_RANDOM.randrange(9**5)}\u200b"), id="invisible marks"),
        pytest.param(lambda: grid(20_000, 200, lambda *_: _RANDOM.choice(["", "1", "2"])), id="holes everywhere"),
        pytest.param(lambda: grid(1000, 2, lambda *_: "9" * 1000), id="numbers of 1,000 digits"),
        pytest.param(lambda: _RANDOM.randbytes(2_000_000), id="noise"),
        pytest.param(lambda: "".join(_RANDOM.choices(string.printable, k=2_000_000)).encode(), id="printable noise"),
    ],
)
def test_the_largest_hostile_files_are_read_or_refused(content: Callable[[], bytes]) -> None:
    assert read_or_error(content())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"\xfe\xff")
@example(b"\xff\xfe\x00\x00")
@example(b",\n\r,\r\r\n")
def test_any_bytes_are_a_table_or_a_table_error(content: bytes) -> None:
    assert read_or_error(content)


_CELL = st.sampled_from(
    [
        "",
        "1",
        "2",
        "-0",
        "1.5",
        "1,5",
        "1e999",
        "nan",
        "NA",
        "a",
        "b",
        '"c,d"',
        '"e""',
        "=1+1",
        "\x07",
        "\u202e",
        "é",
        "🙂",
    ]
) | st.text(max_size=8)


@given(
    st.sampled_from([",", ";", "\t", "|"]),
    st.integers(2, 6).flatmap(lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), max_size=40)),
)
def test_any_cells_are_a_table_that_keeps_its_promises_or_a_table_error(separator: str, rows: list[list[str]]) -> None:
    width = len(rows[0]) if rows else 2
    lines = [separator.join(string.ascii_lowercase[:width]), *(separator.join(row) for row in rows)]
    found = read_or_error("\n".join(lines).encode("utf-8", "replace"))
    if isinstance(found, Table):
        _keeps_its_promises(found)


def _keeps_its_promises(table: Table) -> None:
    assert table.rows >= 10
    assert len(table.columns) == len(table.cells) >= 2
    for each, cells in zip(table.columns, table.cells, strict=True):
        assert len(cells) == table.rows
        assert len(set(cells)) > 1
        assert sum(each.counts) in (0, table.rows)
        assert all(isinstance(cell, float if each.kind == "number" else str) for cell in cells)
        assert Column.of_json(each.as_json()) == each
        completed = complete(table_data(each.name), table)
        assert TableData.model_validate_json(completed.model_dump_json()) == completed


def table_data(target: str) -> TableData:
    return TableData(kind="table", table=TABLE_ID, target=target)


class TestTarget:
    def test_a_category_gives_classes(self) -> None:
        completed = complete(table_data("kind"), read_table(flowers()))
        assert completed.rows == 30
        assert completed.columns == (TableColumn(name="petal"), TableColumn(name="sepal"))
        assert completed.classes == ("lily", "rose", "tulip")

    def test_a_number_gives_a_regression_and_categories_become_inputs(self) -> None:
        completed = complete(table_data("petal"), read_table(flowers()))
        assert completed.classes == ()
        assert completed.columns[1] == TableColumn(name="kind", categories=("lily", "rose", "tulip"))

    def test_what_was_sent_does_not_matter(self) -> None:
        sent = table_data("kind").model_copy(update={"rows": 7, "classes": ("x",), "validation": 0.3})
        completed = complete(sent, read_table(flowers()))
        assert (completed.rows, completed.validation) == (30, 0.3)
        assert completed.classes == ("lily", "rose", "tulip")

    def test_it_has_to_be_a_column_that_was_kept(self) -> None:
        content = csv("id,x,y", [f"{i},{i / 4},{i * i % 7 + i / 10}" for i in range(20)])
        for target in ("id", "nothing"):
            with pytest.raises(IncompleteError) as caught:
                complete(table_data(target), read_table(content))
            assert (caught.value.key, caught.value.code) == ("target", "unknown_target")
            assert caught.value.parameters["columns"] == "“x”, “y”"

    def test_a_completed_spec_describes_its_table_and_no_other(self) -> None:
        table = read_table(flowers())
        assert describes(complete(table_data("kind"), table), table)
        assert not describes(table_data("kind"), table)
        assert not describes(complete(table_data("kind"), table), read_table(flowers(31)))
        assert not describes(complete(table_data("kind"), table), read_table(xy()))


class TestLeaks:
    ROWS = [
        f"{'yes' if i % 3 else 'no'},{1 if i % 3 else 0},{'j' if i % 3 else 'n'},{i % 3},{i / 4},{i / 4},{i}.0625"
        for i in range(30)
    ]
    TABLE = read_table(csv("target,code,letter,finer,x,same,other", ROWS))

    def test_columns_that_determine_the_target_and_are_determined_by_it_are_named(self) -> None:
        assert leaks(self.TABLE, "target") == ["code", "letter"]
        assert leaks(self.TABLE, "code") == ["target", "letter"]

    def test_a_column_that_says_more_than_the_target_is_none(self) -> None:
        assert leaks(self.TABLE, "finer") == []

    def test_of_numbers_only_equal_ones_are(self) -> None:
        """Different numbers in every row stand in one-to-one correspondence with any others."""
        assert leaks(self.TABLE, "x") == ["same"]
        assert leaks(self.TABLE, "other") == []

    def test_a_table_read_from_its_description_knows_them_too(self) -> None:
        stored = tuple(Column.of_json(each.as_json()) for each in self.TABLE.columns)
        assert leaks(Table(stored, self.TABLE.rows), "target") == ["code", "letter"]


def test_reading_needs_neither_numpy_nor_django() -> None:
    script = "import sys, sandbox.tables; print(sorted({'numpy', 'django'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == "[]"
