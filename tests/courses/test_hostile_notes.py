"""The time to draft notes grows with their length and no faster, whatever they hold."""

import time
from pathlib import Path

import pytest

from courses.notes.drafting import CodeReading, draft_course
from courses.notes.reading import read_notes

N = 100_000
QUICK = {
    **{f"a line of {sign}": f"# A\n\n{sign * N}" for sign in "=*(_`~(（："},
    "a heading of spaces": f"# a{' ' * N}b",
    "a heading of hashes": "# " + "# " * N,
    "a heading of numbers": "# " + "1." * N + "x",
    "a rule of a table": f"# A\na|b\n|-{' ' * N}x",
    "backticks, then words": "# A\n\n" + "`" * N + "a" * N,
    "tildes and a backtick": "# A\n" + "~" * N + "`",
    "tags": "# A\n" + "#a,,," * (N // 5) + " x",
    "quotations in quotations": "# A\n\n" + ">" * N,
    "fences of falling length": "# A\n\n" + "".join("`" * length + "\n" for length in range(400, 2, -1)),
    "answers in brackets": "# A\n## Quiz\n- a " + "(答案：(" * (N // 5),
}
M = 10_000
SLOWER = {
    **{f"a run of {sign}": f"# A\n\nx {sign * M}" for sign in "=*(_`~[<$!|^\\{：（"},
    **{f"a quiz with a run of {sign}": f"# A\n## Quiz\n- x ==y== {sign * M}" for sign in "=*(_`~[<$!|^\\{：（"},
    **{
        f"{what} that never end": f"# A\n\n{sign * M}"
        for what, sign in {
            "pictures": "![", "links": "[a](", "wiki links": "[[a", "tags": "<a ", "comments": "<!-- ",
            "scripts": "<script>", "marks": "==a", "bold words": "**a", "formulas": "$a", "blocks of formulas": "$$\n",
            "tables": "<table>\n", "definitions": "[\n", "footnotes": "[^a", "lines of HTML comments": "<!--\n\n",
        }.items()
    },
    "a heading of brackets": "# " + "[a" * M,
    "bullets in bullets": "# A\n\n" + "".join(f"{' ' * depth}- a\n" for depth in range(400)),
    "bullets below a question": "# A\n## Quiz\nx?\n\n" + "- y\n" * (M // 10),
    "choices without end": "# A\n## Quiz\n1. x?\n" + "   A. y\n   B. z\n" * (M // 20),
    "rows of a table": "# A\n|a|b|\n|-|-|\n" + "|x|y|\n" * (M // 10),
    "headings": "# A\n" + "## a\n" * (M // 5),
    "footnotes": "# A\n" + "".join(f"a[^{number}]\n\n[^{number}]: b\n\n" for number in range(M // 20)),
    "highlights": "# A\n\n" + "the ==word== is here. " * (M // 20),
    "statements": "# A\n## Quiz\n" + "".join(f"- the ==word{number}== is here.\n" for number in range(M // 20)),
}  # fmt: skip


def seconds(text):
    begun = time.process_time()
    draft_course(
        read_notes(text),
        slug="x",
        title="T",
        locale="en",
        source="n.md",
        translate=lambda source: CodeReading(None, has_model=False),
        picture=lambda target: None,
    )
    return time.process_time() - begun


@pytest.mark.parametrize("text", QUICK.values(), ids=QUICK)
def test_hostile_notes_take_no_time(text):
    """A tenth of a second; where one pattern is quadratic, ten seconds or more."""
    assert seconds(text) < 2


@pytest.mark.slow
@pytest.mark.parametrize("text", SLOWER.values(), ids=SLOWER)
def test_the_time_for_hostile_notes_is_bounded(text):
    assert seconds(text) < 30


@pytest.mark.slow
def test_a_megabyte_of_notes_takes_seconds():
    notes = (Path(__file__).parent / "notes" / "regression.zh-hans.md").read_text().replace("\n# ", "\n## ")
    notes = notes.partition("\n")[2]
    text = "".join(f"# 第{number}章 标题\n{notes * 13}\n" for number in range(1, 51))
    assert 900_000 < len(text.encode()) < 1_100_000
    assert seconds(text) < 60
