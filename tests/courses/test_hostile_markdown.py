"""Markdown is hostile until cleaned: nothing of `hostile_markdown` leaves a tag, an attribute or an address behind that
is not on the lists of `strict_html`, nothing stops the import, and nothing asks the network."""

import socket
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.markdown_dialect import MAX_BRACKETS, MAX_PARAGRAPH
from courses.models import Course
from courses.rendering import render_fragment, render_inline, render_lesson
from quizzes.kinds import KINDS
from tests.courses.hostile_course import SLUG, make_hostile_course
from tests.courses.hostile_markdown import NAMES, PAYLOADS
from tests.courses.strict_html import faults

ALL = [payload for payloads in PAYLOADS.values() for payload in payloads]
PICTURE = "data:image/png;base64,iVBORw0KGgo="
# What Markdown, HTML and LaTeX begin and end things with.
TOO_LONG = [
    "[" * (MAX_BRACKETS + 1), "![](" * (MAX_BRACKETS + 1), "word " * MAX_PARAGRAPH,
    "| a |\n|---|\n" + "| b |\n" * MAX_PARAGRAPH,
]  # fmt: skip
NOTES = """# Notes

![A picture](https://spy.example/a.png) of ==a net==, from <https://spy.example/> and [there](//spy.example/).

<img src="https://spy.example/b.png"> <iframe src="//spy.example/"></iframe> <link rel=stylesheet href=//spy.example/c>

```python
import urllib.request; urllib.request.urlopen("https://spy.example/")
```

# Quiz

1. ==A network== is never asked.
"""
SIGNS = [
    *"$`*=<>\"'\n|#[](){}\\&;:! \t", "==", "**", "\n\n", "    ", "::", "</", "<!--", "-->", "![", "](", "{:", "]]>",
]  # fmt: skip


def lesson_faults(text: str) -> list[str]:
    rendered = render_lesson(text, {"a.png": PICTURE}.get)
    htmls = [part.get("html", "") for part in rendered.parts] + [part.get("caption", "") for part in rendered.parts]
    return [fault for html in htmls for fault in faults(html, pictures=[PICTURE], ids=True)]


def all_faults(text: str) -> list[str]:
    return [*lesson_faults(text), *faults(render_fragment(text)), *faults(render_inline(text))]


@pytest.mark.parametrize(
    "html",
    [
        "<script>", "<b onclick=x>x</b>", '<b onclick="x">x</b>', '<p style="x">x</p>', "<p>x", "<p>x</b></p>", "x > y",
        '<a href="javascript:x" rel="">x</a>', '<a href="&#1;JAVA&#9;SCRIPT:x" rel="">x</a>', '<img src="x">',
        '<a href="data:x" rel="">x</a>', '<p id="main">x</p>', '<p id="x">x</p>', '<p class="button">x</p>',
        '<svg onload="x"/>', '<p class="x"class="y">x</p>', '<a title="<b>">x</a>', "<!-- x -->", "<math><semantics/>",
    ],
)  # fmt: skip
def test_the_judge_sees_what_is_not_allowed(html: str) -> None:
    assert faults(html)


@pytest.mark.parametrize("kind", PAYLOADS)
def test_nothing_hostile_is_left(kind: str) -> None:
    left = {text: found for text in PAYLOADS[kind] if (found := all_faults(text))}
    assert left == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAYLOADS)
def test_nothing_hostile_is_left_in_the_middle_of_a_text(kind: str) -> None:
    texts = [f"## Head {{#head}}\n\nbefore *x* {text} after\n\n- item\n\n    {text}\n\nend" for text in PAYLOADS[kind]]
    left = {text: found for text in texts if (found := lesson_faults(text))}
    assert left == {}


def test_nothing_hostile_is_left_around_a_blank() -> None:
    blank = {"a": {"input": "choose", "options": ["x", "y"], "key": "x"}}
    for payload in ALL[::5]:
        texts = {"text": f"{payload} [[a]]", "blanks": {"a": {"options": {"x": payload[:200] or "x", "y": "y"}}}}
        try:
            body = KINDS["cloze"].model_validate({"kind": "cloze", "blanks": blank, "texts": {"en": texts}})
            rendered = body.render(render_fragment)
        except ValueError:  # refused: a blank inside of a tag, a text that is too long
            continue
        assert faults(rendered["en"]["text"]) == []


def pieces_of(payload: str) -> st.SearchStrategy[str]:
    cuts = st.tuples(st.integers(0, len(payload)), st.integers(0, len(payload)))
    return cuts.map(lambda cut: payload[min(cut) : max(cut)])


SHORT = [payload for payload in ALL if len(payload) < 200]
MIXED = st.lists(
    st.sampled_from(SHORT) | st.sampled_from(SHORT).flatmap(pieces_of) | st.sampled_from(SIGNS), max_size=8
)


@given(MIXED)
@settings(max_examples=60, deadline=None)
def test_nothing_is_left_of_pieces_put_together(pieces: list[str]) -> None:
    assert all_faults("".join(pieces)) == []


@pytest.mark.slow
@given(MIXED)
@settings(max_examples=5_000, deadline=None)
def test_nothing_is_left_of_any_pieces_put_together(pieces: list[str]) -> None:
    assert all_faults("".join(pieces)) == []


def test_what_stands_too_deep_is_refused_and_spoils_no_later_text() -> None:
    text = "- " * 1_000 + "x"
    (problem,) = render_lesson(f"Before.\n\n{text}").problems
    assert (problem.line, "too deep" in problem.message) == (3, True)
    assert faults(render_fragment(text)) == []
    assert render_lesson("- *x*").parts == [{"html": "<ul>\n<li><em>x</em></li>\n</ul>"}]
    assert render_fragment("- *x*") == "<ul>\n<li><em>x</em></li>\n</ul>"


@pytest.mark.parametrize("text", TOO_LONG, ids=["brackets", "pictures", "words", "rows"])
def test_what_would_take_minutes_to_read_is_refused(text: str) -> None:
    problems = render_lesson(f"Before.\n\n{text}").problems
    assert any("has at most" in problem.message and problem.line >= 3 for problem in problems)
    assert faults(render_fragment(text[:10_000])) == []


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the network; there is none."""
    asked: list[str] = []

    def refuse(*arguments: object, **options: object) -> None:
        asked.append(str(arguments))
        raise OSError("there is no network")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return asked


@pytest.mark.django_db
def test_nothing_is_asked_of_the_network(no_network: list[str], tmp_path: Path) -> None:
    notes, folder = tmp_path / "notes.md", tmp_path / "notes"
    notes.write_text(NOTES)
    call_command("draft_course", notes, folder, verbosity=0)
    call_command("import_course", folder, verbosity=0)
    assert Course.objects.get(slug="notes").lessons.exists()
    for payload in [*PAYLOADS["links"], *PAYLOADS["frames"]]:
        render_lesson(payload)
    assert no_network == []


@pytest.mark.slow
@pytest.mark.django_db
def test_names_stand_on_the_pages_as_they_are_written(admin_client, no_network: list[str], tmp_path: Path) -> None:
    call_command("import_course", make_hostile_course(tmp_path / SLUG), verbosity=0)
    course = Course.objects.get(slug=SLUG)
    addresses = [lesson.get_absolute_url() for lesson in course.lessons.all()]
    addresses += [f"/quizzes/{lesson.quizzes.get().pk}/" for lesson in course.lessons.all()]
    addresses += [f"/glossary/{SLUG}/{concept.slug}/" for concept in course.concepts.all()]
    addresses += ["/", "/courses/", course.get_absolute_url(), f"/glossary/{SLUG}/", f"/search/{SLUG}/?q=alert"]
    addresses += ["/admin/courses/course/", "/admin/courses/concept/", "/admin/quizzes/question/", "/review/"]
    pages = [admin_client.get(address, follow=True) for address in addresses]
    for page in pages:
        assert page.status_code == 200
        html = page.content.decode()
        assert [name for name in NAMES if name in html and "<" in name] == []
    shown = "".join(page.content.decode() for page in pages)
    assert [name for name in NAMES if escape(name) not in shown] == []
    assert no_network == []
