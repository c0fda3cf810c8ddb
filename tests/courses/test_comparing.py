"""Two texts beside each other: which lines, which words, which sections changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.comparing import (
    Counts,
    changed_sections,
    compare,
    compare_texts,
    count,
    pieces,
    section_sources,
    section_titles,
)

LINES = st.lists(st.text(alphabet="ab \n学率", max_size=12), max_size=12).map("\n".join)


def written(rows):
    return [(row.kind, "".join(text for _, text in row.old), "".join(text for _, text in row.new)) for row in rows]


def test_equal_texts_have_no_rows():
    assert compare("a\nb", "a\nb") == []
    assert compare_texts(("t", "s", "m"), ("t", "s", "m")).is_empty


@given(LINES, LINES)
def test_both_texts_can_be_read_from_the_rows(old, new):
    rows = compare(old, new, context=None)
    if old != new:
        assert [text for row in rows if row.old_number for text in ["".join(text for _, text in row.old)]] == (
            old.split("\n") if old else []
        )
        assert [text for row in rows if row.new_number for text in ["".join(text for _, text in row.new)]] == (
            new.split("\n") if new else []
        )


@given(LINES, LINES)
def test_numbers_grow_and_what_is_left_out_is_counted(old, new):
    shown = compare(old, new)
    numbers = [row.old_number for row in shown if row.old_number]
    assert numbers == sorted(set(numbers))
    missing = sum(row.left_out for row in shown)
    assert len(numbers) + missing == len(compare(old, new, context=None) and (old.split("\n") if old else []))


def test_a_line_that_was_changed_stands_beside_what_it_was():
    old = "The step size is called learning rate.\nThe end."
    new = "A new line.\nThe step size is called the learning rate.\nThe end."
    assert written(compare(old, new)) == [
        ("added", "", "A new line."),
        ("changed", "The step size is called learning rate.", "The step size is called the learning rate."),
        ("same", "The end.", "The end."),
    ]


def test_words_are_marked_and_han_characters_are_words():
    assert pieces("It adds up inputs.", "It adds up weighted inputs.") == [
        ("same", "It adds up "), ("added", "weighted "), ("same", "inputs."),
    ]  # fmt: skip
    assert pieces("在训练集上学习", "在验证集上学习") == [
        ("same", "在"), ("removed", "训练"), ("added", "验证"), ("same", "集上学习"),
    ]  # fmt: skip


def test_lines_far_from_a_change_are_left_out():
    lines = [f"line {number}" for number in range(1, 31)]
    changed = [*lines[:14], "another", *lines[15:]]
    rows = compare("\n".join(lines), "\n".join(changed))
    assert [row.left_out for row in rows if row.kind == "gap"] == [11, 12]
    assert [row.old_number for row in rows if row.kind == "same"] == [12, 13, 14, 16, 17, 18]


def test_it_counts_lines():
    assert count("a\nb\nc", "a\nB\nc\nd") == Counts(added=2, removed=1)
    assert count("", "a\nb") == Counts(added=2, removed=0)


@pytest.mark.parametrize(("old", "new"), [("a b " * 40_000, "b a " * 40_000), ("\n" * 30_000, "x" + "\n" * 30_000)])
def test_it_does_not_match_what_is_too_long_to_match(old, new):
    assert count(old, new).added
    assert compare(old, new)


# --- sections --------------------------------------------------------------------------------------------------------

TEXT = """
Before.

## One *thing* {#one}

A.

```text
## no heading {#none}
```

### Two {#two}

B."""


def test_a_text_has_sections_with_what_stands_below_their_headings():
    sources = section_sources(TEXT)
    assert list(sources) == ["one", "two"]
    assert sources["one"].startswith("Before.")
    assert "## no heading" in sources["one"]
    assert sources["two"] == "### Two {#two}\n\nB."
    assert section_titles(TEXT) == {"one": "One thing", "two": "Two"}


def test_sections_that_differ_are_changed_new_or_gone():
    assert changed_sections(TEXT, TEXT + "\n\n") == {}
    assert changed_sections(TEXT, TEXT.replace("A.", "AA.")) == {"one": "changed"}
    assert changed_sections(TEXT, TEXT + "\n\n## Three {#three}\n") == {"three": "new"}
    assert changed_sections(TEXT, TEXT.replace("#two", "#too")) == {"too": "new", "two": "gone"}
    assert changed_sections("no heading", "none either") == {}
