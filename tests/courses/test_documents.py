"""A YAML document keeps the line of every value, and refuses what is hostile or ambiguous."""

import pytest

from courses.documents import DocumentError, Problem, read_yaml


def refusal(text):
    with pytest.raises(DocumentError) as caught:
        read_yaml(text, "course.yaml")
    return caught.value


def test_it_knows_the_line_of_every_value():
    document = read_yaml("a: 1\nb:\n  - c\n  - d: |\n      two\n      lines\n    e: 5\n", "course.yaml")

    assert document.value == {"a": 1, "b": ["c", {"d": "two\nlines\n", "e": 5}]}
    assert document.line(("b", 1, "e")) == 7
    assert document.line(("b", 1, "missing", "below")) == 4
    assert str(document.problem(("b", 0), "Oh.")) == "course.yaml:3: Oh."


def test_it_counts_lines_from_where_the_text_stands_in_its_file():
    assert read_yaml("a: 1\nb: 2", "x", first_line=10).line(("b",)) == 11
    with pytest.raises(DocumentError) as caught:
        read_yaml("a: 1\na: 2", "x", first_line=10)
    assert caught.value.line == 11


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("1e-4", 0.0001),
        ("0.5", 0.5),
        (".5", 0.5),
        ("12", 12),
        ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"),
        ("'12'", "12"),
        ("~", None),
        (".nan", ".nan"),
        ("<<", "<<"),
    ],
)
def test_it_reads_scalars_as_they_look(text, value):
    read = read_yaml(f"key: {text}", "x").value["key"]
    assert read == value
    assert type(read) is type(value)


def test_it_takes_keys_as_words():
    assert read_yaml("{true: 1, 2: b, no: c}", "x").value == {"true": 1, "2": "b", "no": "c"}


def test_it_refuses_a_key_that_is_given_twice_and_names_both_lines():
    problem = refusal("a: 1\nb: 2\na: 3\n")
    assert problem.line == 3
    assert "line 1" in problem.message


def test_it_follows_aliases_with_the_lines_of_the_anchor():
    document = read_yaml("a: &spec\n  epochs: 5\nb: *spec\n", "x")
    assert document.value["b"] == {"epochs": 5}
    assert document.line(("b", "epochs")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "a: " * 100,
        "a: &a [*a]",
        "a: *unknown",
        "a: !!python/object/apply:os.system [ls]",
        "a: !secret x",
        "{[1, 2]: 3}",
        "a: b: c",
        "a: 'open",
        "a: 1\n---\nb: 2",
        "a: \x00",
        "a: \ud800",
        "a: 1e999",
        "a: " + "x" * 1_000_001,
        "\n".join(["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]),
    ],
    ids=lambda text: text[:20].replace("\x00", "NUL").replace("\ud800", "surrogate"),
)
def test_it_refuses_what_is_hostile_or_broken(text):
    problem = refusal(text)
    assert problem.line >= 1
    assert problem.message


def test_a_problem_gives_the_terminal_no_commands():
    shown = str(Problem("a\x1b[2J.md", 3, "“\x07\x9b31m\u202egnp.x\nno errors” is no picture"))
    assert shown == "a\ufffd[2J.md:3: “\ufffd\ufffd31m\ufffdgnp.x\ufffdno errors” is no picture"


def test_it_reads_an_empty_file_as_nothing():
    assert read_yaml("# only a remark\n", "x").value is None
