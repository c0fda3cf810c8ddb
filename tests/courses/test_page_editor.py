"""The editor: who may use it, what it shows while somebody writes, and what saving does."""

import re
import uuid
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from courses.folders import edited_course
from courses.models import Course, LessonBody, LessonVersion, Section
from courses.progress import advance
from courses.searching import find
from quizzes.models import MemoryState, Question
from sandbox.models import Preset
from tests.courses.editing import EDITOR, LESSON, WITH_HTMX, body, form, numbers, preview, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, teacher):
    client.force_login(teacher)
    return client


def shown(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


# --- who may ---------------------------------------------------------------------------------------------------------


DOORS = [
    ("get", EDITOR), ("post", f"{EDITOR}preview/"), ("post", f"{EDITOR}save/"), ("get", f"{EDITOR}history/"),
    ("get", f"{EDITOR}compare/"), ("post", f"{EDITOR}restore/1/"),
]  # fmt: skip


def test_nobody_else_is_told_that_it_is_there(client, teacher, learner, author):
    """A visitor, a learner, one of the staff who teaches another course."""
    Course.objects.create(pk=uuid.uuid4(), slug="other").instructors.add(author)
    sent = form("The end.", "Mine.")
    for user in (None, learner, author):
        client.logout()
        if user:
            client.force_login(user)
        for method, url in DOORS:
            assert getattr(client, method)(url, sent).status_code == 404, (user, url)
    assert numbers() == [1]


def test_an_archived_course_and_an_unknown_language_are_not_there(signed_in, course):
    assert signed_in.get(f"{LESSON}/fr/").status_code == 404
    assert signed_in.get("/authoring/small-course/nothing/en/").status_code == 404
    Course.objects.update(archived_at=timezone.now())
    assert signed_in.get(EDITOR).status_code == 404


def test_a_superuser_may_edit_every_course(client, course, admin_user):
    client.force_login(admin_user)
    assert save(client, "The end.", "Really the end.").status_code == 302


def test_the_lesson_page_leads_instructors_there_and_nobody_else(
    client, teacher, learner, django_assert_max_num_queries
):
    link = f'href="{EDITOR}"'
    assert link not in shown(client.get("/courses/small-course/neurons/"))
    client.force_login(learner)
    client.get("/courses/small-course/neurons/")
    with django_assert_max_num_queries(10):
        assert link not in shown(client.get("/courses/small-course/neurons/"))
    client.force_login(teacher)
    client.get("/courses/small-course/neurons/")
    with django_assert_max_num_queries(11):
        assert link in shown(client.get("/courses/small-course/neurons/"))


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_it_has_the_text_as_it_is_and_what_becomes_of_it(signed_in):
    page = shown(signed_in.get(EDITOR))
    text = re.search(r'<textarea[^>]*id="editor_text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)[1]
    assert text == body().markdown.replace('"', "&quot;").replace("'", "&#x27;")
    assert 'name="title" value="Neurons"' in page
    assert "<mark>neuron</mark>" in page
    assert "Nothing is wrong with this text" in page
    assert f'href="{LESSON}/zh-hans/"' in page


def test_saving_it_as_it_was_shown_changes_nothing(signed_in):
    answer = save(signed_in)
    assert answer.status_code == 302
    assert numbers() == [1]
    assert Course.objects.get().edited_at is None
    assert "Nothing has changed" in shown(signed_in.get(EDITOR))


def test_the_preview_shows_the_real_thing_and_writes_nothing(signed_in):
    before = body().parts
    page = shown(
        preview(signed_in, "The end.", "The ==last== word, $\\eta$.\n\n::diagram[A net]{network layers=2-2 alt=x}")
    )
    assert "<html" not in page
    assert "<mark>last</mark>" in page
    assert page.count('class="diagram diagram--network"') >= 2
    assert "What does a neuron add up?" in page
    assert "Two rings" in page
    assert "It adds" not in page
    assert body().parts == before
    assert numbers() == [1]


def test_the_preview_works_without_scripts_and_keeps_what_was_written(signed_in):
    page = shown(preview(signed_in, "The end.", "The last word.", headers={}, based_on=1, title="Nerves"))
    assert "<html" in page
    assert "<p>The last word.</p>" in page
    assert "The last word.\n</textarea>" in page
    assert 'value="Nerves"' in page


HOSTILE = [
    "<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "[x](javascript:alert(1))", "</textarea><b>out</b>",
    '<form action="/accounts/logout/"><button>x</button></form>', '<div hx-get="/" hx-trigger="load">x</div>',
]  # fmt: skip


def test_the_preview_is_safe_whatever_is_written(signed_in):
    for headers in (WITH_HTMX, {}):
        page = shown(preview(signed_in, "The end.", "\n\n".join(HOSTILE), title="<i>x</i>", headers=headers))
        article = page[page.index("<article") : page.index("</article>")]
        assert "x</div>" in article
        assert not re.search(r"<(script|form|button|iframe)|<[^>]*\s(on[a-z]+|hx-[a-z]+|style)=|javascript:", article)
        assert "</textarea><b>" not in page
        assert "<i>x</i>" not in page


def problems(page):
    found = re.findall(
        r'data-to-line="(\d+)".*?__severity--(\w+)">.*?<span lang="en">(.*?)</span></p>', page, re.DOTALL
    )
    return [(int(line), severity, re.sub(r"&\w+;", "", words)) for line, severity, words in found]


WRONG = [
    ("{what-it-adds}", "{nothing}", 14, "There is no question “nothing”."),
    ("{two-three-two}", "{nothing}", 18, "There is no preset “nothing”."),
    ("../learning-rate/#step-size", "../learning-rate/#gone", 20, "leads nowhere"),
    ("$a = f(", "$a = \\frac{1}{", 6, "braces"),
    ("{#going-on}", "", 22, "has no id"),
    ("The end.", "::nothing{x}", 24, "There is no directive"),
    ("The end.", "![A net](net.png)", 24, "There is no picture"),
    ("```\n", "", 23, "never closed"),
]


def test_it_names_what_the_importer_would_name_with_its_line_and_refuses_it(signed_in):
    for old, new, line, words in WRONG:
        found = problems(shown(preview(signed_in, old, new)))
        assert any(one[:2] == (line, "error") and words in one[2] for one in found), (words, found)
        assert "Errors must be mended" in shown(save(signed_in, old, new), 422)
    assert numbers() == [1]


def test_it_says_what_is_wrong_in_the_language_of_the_page(signed_in, monkeypatch):
    """Whatever the checks say in English has a sentence that is translated."""
    monkeypatch.setattr("courses.problem_wording.gettext", lambda sentence: f"译：{sentence}")
    for old, new, _line, _words in WRONG:
        page = shown(preview(signed_in, old, new))
        assert '<span lang="en">译：' in page, new
        assert page.count('lang="en">译：') == page.count('class="findings__severity '), new


def test_title_and_summary_obey_the_rules_of_front_matter(signed_in):
    for field, value in (("title", " "), ("title", "x" * 201), ("summary", "x" * 2001)):
        page = shown(save(signed_in, **{field: value}), 422)
        assert f'href="#editor_{field}"' in page
        assert "<mark>neuron</mark>" in page
    assert body().title == "Neurons"


def test_an_address_that_stayed_in_the_browser_leads_back(signed_in):
    for door, back in (("preview/", EDITOR), ("save/", EDITOR), ("restore/1/", f"{EDITOR}history/")):
        assert signed_in.get(EDITOR + door).headers["Location"] == back


def test_a_text_that_is_no_text_is_refused(signed_in):
    assert "no preview" in shown(preview(signed_in, "The end.", "\0"))
    assert "no preview" in shown(save(signed_in, "The end.", "x" * 1_000_001), 422)


def test_what_hangs_on_a_section_is_listed_as_soon_as_it_differs(signed_in):
    assert "hanging__kind" not in shown(preview(signed_in))
    page = shown(preview(signed_in, "Its output is", "Its result is"))
    hanging = page[page.index('class="hanging"') :]
    assert "What a neuron is" in hanging
    assert re.findall(r'hanging__kind">(\w+)</span>', hanging) == ["Question", "Flashcard", "Concept"]
    assert "What does a neuron add up?" in hanging
    assert "What is a neuron?" in hanging
    page = shown(preview(signed_in, "### Going on {#going-on}", "### Going on {#on}"))
    assert "Nothing hangs on it." in page


def test_a_section_that_goes_names_the_links_that_would_break(signed_in, course):
    other = LessonBody.objects.get(lesson__slug="learning-rate", locale="en")
    LessonBody.objects.filter(pk=other.pk).update(markdown=other.markdown + "\n[back](../neurons/#training)\n")
    page = shown(preview(signed_in, "{#training}", "{#learning}"))
    hanging = page[page.index('class="hanging"') :]
    assert "Link in" in hanging
    assert '<a href="/authoring/small-course/learning-rate/en/"' in hanging
    assert "two-three-two" in hanging


def test_it_needs_few_queries_however_much_there_is(signed_in, lesson, django_assert_max_num_queries):
    section, version = lesson.sections.get(slug="training"), Question.objects.get(slug="card-neuron").current
    Question.objects.bulk_create(
        Question(pk=uuid.uuid4(), course=lesson.course, lesson=lesson, section=section, slug=f"card-{number}",
                 kind="flashcard", current=version)
        for number in range(100)
    )  # fmt: skip
    signed_in.get(EDITOR)
    with django_assert_max_num_queries(10):
        signed_in.get(EDITOR)
    sent = form("{#", "{#x-")
    with django_assert_max_num_queries(13):
        page = shown(signed_in.post(f"{EDITOR}preview/", sent, headers=WITH_HTMX))
    assert page.count("Flashcard</span>") == 101


# --- saving ----------------------------------------------------------------------------------------------------------


def test_saving_makes_a_version_and_changes_the_lesson_and_its_index(signed_in, teacher, course):
    answer = save(signed_in, "The end.", "The ==synapse== waits.", title="Nerves")
    assert answer.headers["Location"] == EDITOR
    assert "Saved as version 2." in shown(signed_in.get(EDITOR))
    page = shown(signed_in.get("/courses/small-course/neurons/"))
    assert "<mark>synapse</mark>" in page
    assert "Nerves" in page
    version = LessonVersion.objects.get(number=2)
    assert (version.author, version.source, version.title) == (teacher, "editor", "Nerves")
    assert version.markdown == body().markdown
    assert "\r" not in version.markdown
    course.refresh_from_db()
    assert course.edited_at == version.created_at
    assert [hit.entry.anchor for hit in find(course, "synapse", "en").hits] == ["going-on"]
    assert body("zh-hans").title == "神经元"
    assert numbers("zh-hans") == [1]


def test_with_htmx_saving_answers_with_what_follows_the_text(signed_in):
    answer = save(signed_in, "The end.", "More.", headers=WITH_HTMX)
    page = shown(answer)
    assert answer.headers["HX-Trigger"] == "editor:saved"
    assert "<html" not in page
    assert "Saved as version 2." in page
    assert 'id="editor_based_on" value="2"' in page
    refused = save(signed_in, "More.", "::nothing{x}", headers=WITH_HTMX)
    assert "HX-Trigger" not in refused.headers
    assert "Not saved:" in shown(refused)


def test_saving_twice_is_saving_once(signed_in):
    sent = form("The end.", "More.")
    for _ in range(2):
        assert signed_in.post(f"{EDITOR}save/", sent).status_code == 302
    assert numbers() == [1, 2]


def test_a_newer_version_is_never_overwritten_unseen(signed_in, client, teacher):
    mine = form("The end.", "The end, says one.")
    save(signed_in, "The end.", "The end, says another.")
    page = shown(signed_in.post(f"{EDITOR}save/", mine), 409)
    assert "Version 2 was saved while you were writing" in page
    assert "says another." in body().markdown
    comparison = page[page.index("conflict") : page.index("</table>")]
    assert "<del>another</del>" in comparison
    assert "<ins>one</ins>" in comparison
    assert "The end, says one.\n</textarea>" in page
    assert 'name="based_on" id="editor_based_on" value="2"' in page
    assert signed_in.post(f"{EDITOR}save/", {**mine, "based_on": "2"}).status_code == 302
    assert numbers() == [1, 2, 3]
    again = signed_in.post(f"{EDITOR}save/", {**mine, "markdown": "x", "based_on": "nonsense"}, headers=WITH_HTMX)
    assert again.headers["HX-Trigger"] == "editor:conflict"


def test_progress_and_memory_survive_an_edit(signed_in, lesson, learner):
    question = Question.objects.get(slug="card-neuron")
    advance(learner, lesson, 0.6, ["what-a-neuron-is", "training"], now=timezone.now())
    MemoryState.objects.create(
        user=learner, question=question, state=2, stability=10.0, difficulty=5.0, due=timezone.now(),
        last_review=timezone.now(), reps=3, lapses=0, state_hash="x",
    )  # fmt: skip
    before = dict(Section.objects.values_list("slug", "pk"))
    save(signed_in, "## What a neuron is {", "## What one neuron does {")
    assert dict(Section.objects.values_list("slug", "pk")) == before
    question.refresh_from_db()
    assert question.section_id == before["what-a-neuron-is"]
    assert MemoryState.objects.get().question == question
    assert lesson.progress.get().sections == ["what-a-neuron-is", "training"]


# --- sections and languages ------------------------------------------------------------------------------------------


def test_a_section_that_one_language_lacks_is_a_warning_and_keeps_its_row(signed_in, lesson):
    page = shown(preview(signed_in, "### Going on {#going-on}\n", ""))
    assert ("warning", "The section “going-on” of Simplified Chinese is missing here.") in [
        one[1:] for one in problems(page)
    ]
    assert save(signed_in, "### Going on {#going-on}\n", "").status_code == 302
    assert Section.objects.get(slug="going-on").archived_at is None
    assert save(signed_in, "### 继续 {#going-on}\n", "", locale="zh-hans").status_code == 302
    gone = Section.objects.get(slug="going-on")
    assert gone.archived_at is not None
    assert signed_in.post(f"{EDITOR}restore/1/", {"based_on": "2"}).status_code == 302
    gone.refresh_from_db()
    assert gone.archived_at is None


def test_a_new_section_stands_where_its_language_has_it(signed_in, lesson):
    save(signed_in, "## Training {#training}", "## Between {#between}\n\n## Training {#training}")
    assert [section.slug for section in lesson.sections.published().in_order()] == [
        "what-a-neuron-is", "between", "training", "going-on",
    ]  # fmt: skip
    save(signed_in, "", "", locale="zh-hans")
    assert lesson.sections.published().count() == 4


def test_questions_of_a_section_that_is_gone_lead_to_the_lesson_and_come_back(signed_in, course, tmp_path):
    for locale in ("en", "zh-hans"):
        title = {"en": "What a neuron is", "zh-hans": "什么是神经元"}[locale]
        save(signed_in, f"## {title} {{#what-a-neuron-is}}", f"## {title} {{#neurons}}", locale=locale)
    question = Question.objects.get(slug="card-neuron")
    assert question.section.get_absolute_url() == "/courses/small-course/neurons/"
    call_command("export_course", "small-course", str(tmp_path / "out"), verbosity=0)
    call_command("import_course", str(tmp_path / "out"), "--check", verbosity=0)
    save(signed_in, "{#neurons}", "{#what-a-neuron-is}")
    question.refresh_from_db()
    assert question.section.get_absolute_url() == "/courses/small-course/neurons/#what-a-neuron-is"


# --- imports ---------------------------------------------------------------------------------------------------------


def test_an_import_makes_versions_only_of_texts_that_changed(course, folder, spoil):
    assert LessonVersion.objects.count() == 4
    assert set(LessonVersion.objects.values_list("number", "source", "author")) == {(1, "import", None)}
    call_command("import_course", str(spoil("01-neurons/lesson.en.md", "The end.", "Really.")), verbosity=0)
    assert numbers() == [1, 2]
    assert LessonVersion.objects.count() == 5
    spoil("course.yaml", "[neurons/what-a-neuron-is]", "[neurons/training]")
    call_command("import_course", str(folder), verbosity=0)
    assert LessonVersion.objects.count() == 5


def test_an_import_that_is_asked_for_wins_over_an_edit_and_keeps_it(signed_in, course, folder):
    save(signed_in, "The end.", "Edited.")
    assert edited_course(folder) == course
    call_command("import_course", str(folder), verbosity=0)
    assert "The end." in body().markdown
    assert numbers() == [1, 2, 3]
    assert "Edited." in LessonVersion.objects.get(number=2).markdown
    assert LessonVersion.objects.get(number=3).source == "import"
    course.refresh_from_db()
    assert course.edited_at is None


def test_a_course_that_was_edited_can_be_exported_and_imported_again(signed_in, course, tmp_path):
    save(
        signed_in, "The end.", "Edited, with a [link](../learning-rate/).", title='He said: "no"', summary="Two\nlines"
    )
    before = {(row.lesson_id, row.locale): (row.title, row.summary, row.parts) for row in LessonBody.objects.all()}
    call_command("export_course", "small-course", str(tmp_path / "out"), verbosity=0)
    call_command("import_course", str(tmp_path / "out"), verbosity=0)
    assert {
        (row.lesson_id, row.locale): (row.title, row.summary, row.parts) for row in LessonBody.objects.all()
    } == before
    assert numbers() == [1, 2]


def test_a_preset_that_is_gone_is_missed_before_it_is_saved(signed_in):
    Preset.objects.update(archived_at=timezone.now())
    assert "There is no preset" in shown(save(signed_in, "The end.", "More."), 422)


def test_texts_from_before_there_were_versions_become_their_first(course):
    made = set(LessonVersion.objects.values_list("lesson", "locale", "number", "title", "markdown", "content_hash"))
    LessonVersion.objects.all().delete()
    import_module("courses.migrations.0006_first_versions").keep_present_texts(apps, None)
    kept = LessonVersion.objects.values_list("lesson", "locale", "number", "title", "markdown", "content_hash")
    assert set(kept) == made
