"""Nothing of the notes is lost in silence: each of their words is in a lesson, a question, a card or the report."""

import re
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from courses.course_files import replace_folder
from courses.decoding import decode_notes
from courses.folders import check_folder
from courses.notes.drafting import Draft, DraftError, draft_course
from courses.notes.folders import read_code
from courses.notes.reading import read_notes
from courses.rendering import render_lesson
from tests.courses.awkward import FILES

WORD = re.compile(r"w\d+w")

# Each @ becomes a word of its own.
PIECES = [
    "@ @ @", "@，@。", "  @", "\t@", "    @", "> @", "> > @", ">>> @", "- @", "* @ ==@== @", "1. @", "12) @", "（3）@",
    "④ @", "• @", "  - @", "    - @ **@**", "+ ", "-@", "a) @", "B. @ ✓", "（ B ）@", "- [ ] @", "- [x] @",
    "@ A. @ B. @ C. @", "C、**@**", "# @", "## @ @", "###### @ ###", "#@", "##@", "# ", "#", "# 第三章 @", "## 1.2) @",
    "### ==@== @", "@\n===", "@\n---", "<h2>@</h2>", "# @ [@](x.md) ![@](y.png) `@`", "- # @", "- ## @", "## 测验",
    "# Quiz", "**测验**", "Quiz:", "- **Quiz**", "### @?", "### @ ==@==", "==@== @", "@**@**@", "<u>@</u> @",
    "***@*** @", "**@ ==@**@==", "==@", "@**", "__@__ ~~@~~ ^^@^^", "*@ @*", "== @ ==", "<b>@", "</mark>@",
    "@ (Answer: @)", "@（答案：@（@））", "答：@", "Answer: @", "**答案：** @", "Q: @", "A: @", "Q: @ A: @",
    "@？答：@", "解析：@",
    "【答案】@", "@ ____ @ (answer: @)", "____ @ （ ） @（答案：@；@）", "@（√）", "@ (False)", "答案：B",
    "(Answer: B)", "答：",
    "@ " * 30 + "(答案：" + "@ " * 20 + ")", "| @ | @ |\n|---|---|\n| @ | ==@== | @ |\n| @ |",
    "| 问题 | 答案 |\n|--|--|\n| @ | @ |", "|Q|A|B|Answer|\n|-|-|-|-|\n|@|@|@|A|", "@ | @", "<div>@</div>",
    "<div>\n@\n</div>", "<font color=red>@</font>", "<br>@<br/>@", "<p>@", "@<sup>@</sup>", "<b and c>@",
    "List<@> <@>", "<table><tr><td>@<td>@</tr>@</table>@", "<details><summary>@</summary>@\n\n@\n</details>",
    "<details><summary>答案</summary>@</details>", "<ul><li>@</li>\n<li>@</li></ul>", "<pre>@\n@</pre> @",
    "<a href='@.html'>@</a>", "<img src='@.png' alt='@'>", "<a>@</a>", "<!-- @ -->", "@ <!-- @ --> @",
    "<!-- @\n\n@ -->@", "@ <!--", "-->@", "<script>@</script>", "<script>", "%%@%%", "%%\n@\n%%", "@ %%@", "@[^1]",
    "@[^x] @[^y]", "[^1]: @", "[^x]: @\n\n    @", "[^1]: again @", "![@](@.png)", "![[@.png]]", "[[@]] [[@|@]]",
    "![@][r] [@][r] [r]", "[@](http://x.org/@)", "[@](@.md)", "[@](注：@)", "[r]: @.md", "[R]: http://x.org/@",
    "<http://x.org/@> https://x.org/@", "[@]", "[@][@]", "[@]()", "```\n@\n```", "```py\n@ = 1\n```",
    "~~~ @ @\n@\n~~~", "```", "````\n```\n@", "- ```\n  @\n  ```", "> ```\n> @\n> ```", "`@`", "`@", "``@`` `", "$@$",
    "$$\n@\n$$", "$$@$$ @", "\\(@\\) @", "\\[\n@\n\\]", "\\begin{align}\n@\n\\end{align}", "$$", "$\\frac{@$",
    "@ $5 @ $6", "---", "***", "===", "[TOC]", "#@ #@", "@ #@", "> [!note] @\n> @\n> - @",
    "> [!question] 测验\n> - @ ==@==", "> [!x]", "collapsed:: @", "::question{@}", "::@", "!!! note \"@\"", "{#@}",
    "@{@}", "[[b1]] ==@==", "@\u200b@", "@\u0000", "\\@", "&lt;@&gt; &amp; @ & @", "1.@", "一、@", "**@**", "**@？**",
    "【@】", "第一章 @", "（一）@", "@ " * 80, "# " + "@" * 70, "- " + "==@== " * 22, "* " + "@ " * 40 + "**@**",
    "## 答案", "### Answers", "1. B 2. @", "1-3 ABC @", "1. @？", "2. @ ![@](@.png) ==@==",
    "\u3000\u3000@",
]  # fmt: skip
ENDS = ["\n", "\n", "\n\n", "\n\n", "\n\n\n", "\r\n", " ", ""]
STARTS = [
    "",
    "# A\n",
    "---\ntitle: @\nkey: @\n---\n",
    "---\ntitle: @: @\n@: [\n---\n",
    "title:: @\ntags:: @\n\n",
    "---\n@\n",
]


@st.composite
def notes(draw: st.DrawFn) -> str:
    """Notes of awkward pieces, each word of which stands once."""
    pieces = draw(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12))
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=12, max_size=12))
    text = draw(st.sampled_from(STARTS)) + "".join(piece + end for piece, end in zip(pieces, ends, strict=False))
    numbers = count(100)
    return re.sub("@", lambda _: f"w{next(numbers)}w", text)


def drafted(text: str) -> Draft | None:
    """None where there is nothing to draft."""
    try:
        return draft_course(
            read_notes(text),
            slug="x",
            title="T",
            locale="en",
            source="n.md",
            translate=read_code,
            picture=lambda target: None,
        )
    except DraftError as error:
        why = str(error)
    assert why == "There is nothing in these notes that a reader would see."
    return None


def words(text: str) -> set[str]:
    return set(WORD.findall(text))


def errors(draft: Draft) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        replace_folder(Path(folder) / "course", draft.files.items())
        problems = check_folder(Path(folder) / "course").problems
    return [str(problem) for problem in problems if problem.severity == "error"]


def check(text: str) -> None:
    draft = drafted(text)
    if draft is None:
        return
    whole = "".join(content for content in draft.files.values() if isinstance(content, str))
    assert words(text) <= words(whole)
    assert errors(draft) == []


@settings(max_examples=25)
@given(notes())
@example("# Quiz\nw1w ==w2w==\n## 答案\nw3w w4w\n")  # answers without numbers
def test_no_word_is_lost_and_the_importer_accepts_the_course(text):
    check(text)


@pytest.mark.slow
@settings(max_examples=1500, suppress_health_check=[HealthCheck.too_slow])
@given(notes())
def test_no_word_of_any_notes_is_lost(text):
    check(text)


@pytest.mark.slow
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(notes())
def test_no_word_of_a_drafted_lesson_is_lost_when_it_is_rendered(text):
    """A table drops a cell too many, a line that looks like a definition is not shown: a draft has neither."""
    draft = drafted(text)
    for name, content in draft.files.items() if draft else ():
        if isinstance(content, str) and name.endswith(".en.md"):
            markdown = re.sub(r"^ *`{3,}.*$", "", content.split("---\n", 2)[2], flags=re.MULTILINE)
            html = "".join(str(part) for part in render_lesson(content.split("---\n", 2)[2]).parts)
            assert words(markdown) <= words(re.sub(r"</?(?:span|m[a-z]+)[^>]*>", "", html))


LINES = sorted({line for file in FILES for line in re.split(r"\r\n?|\n", decode_notes(file.read_bytes())[0])}, key=len)


@pytest.mark.slow
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(LINES[: len(LINES) * 9 // 10]), max_size=40))
def test_awkward_lines_in_any_order_make_a_course_and_are_all_told_of(lines):
    text = "\n".join(lines)
    draft = drafted(text)
    if draft is None:
        return
    assert errors(draft) == []
    report = draft.report
    told = {entry.line for entries in [report.problems, *report.fates.values()] for entry in entries}
    assert {block.line for block in read_notes(text).blocks if block.text.strip()} <= told
