"""A learner's whole round in a browser, in both languages; what an instructor then sees of it."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.translation import gettext, override
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import check
from tests.e2e.conftest import PASSWORD
from tests.servers import Installation

pytestmark = [pytest.mark.browser, pytest.mark.keras]

OpenBrowser = Callable[..., Page]
LESSON = "/courses/deep-learning-with-keras/learning-rate/"
CURVE_POINTS = 3


class Visitor:
    """Somebody who finds the way by the words on the page, in one language."""

    def __init__(self, page: Page, locale: str) -> None:
        self.page = page
        self.locale = locale
        self.email = f"visitor-{uuid.uuid4().hex[:8]}@example.org"

    def words(self, text: str) -> str:
        with override(self.locale):
            return gettext(text)

    def press(self, text: str) -> None:
        self.page.get_by_role("button", name=self.words(text)).first.click()

    def follow(self, text: str) -> None:
        self.page.get_by_role("link", name=self.words(text)).first.click()

    def arrive(self) -> None:
        """Every page is in the visitor's language and fit for everybody."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.locale)
        check(self.page)


@pytest.mark.parametrize("locale", [pytest.param("en", marks=pytest.mark.slow), "zh-hans"])
def test_a_learner_goes_the_whole_way(open_browser: OpenBrowser, locale: str, pictures: Path) -> None:
    visitor = Visitor(open_browser(locale), locale)
    sign_up(visitor)
    read_a_lesson(visitor)
    missed = take_the_quiz(visitor)
    review(visitor, missed)
    cancel_a_run(visitor)
    finish_a_run(visitor, pictures)


def sign_up(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/")
    visitor.arrive()
    page.goto("/accounts/signup/")
    visitor.arrive()
    page.locator("input[name=email]").fill(visitor.email)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/$"))
    visitor.arrive()


def read_a_lesson(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/courses/deep-learning-with-keras/")
    visitor.arrive()
    page.locator(f"main a[href='{LESSON}']").first.click()
    visitor.arrive()
    article = page.locator("article")
    for what in ["mark", "math", "pre code", "svg[role=img]"]:
        expect(article.locator(what).first).to_be_visible()
    expect(article).to_contain_text({"en": "hyperparameter", "zh-hans": "超参数"}[visitor.locale])


def take_the_quiz(visitor: Visitor) -> str:
    """Answer every question in the same thoughtless way; return the text of the first that was missed."""
    page = visitor.page
    visitor.follow("Take the quiz")
    visitor.arrive()
    visitor.press("Start the quiz")
    missed = ""
    question = page.locator("#question")
    for position in range(1, 30):
        expect(page).to_have_url(re.compile(f"/{position}/$"))
        answer(visitor)
        expect(question.locator(".outcome")).to_be_visible()
        if not missed and question.locator(".notice--bad").count():
            expect(question.locator(".outcome__verdict")).to_contain_text(visitor.words("Not right yet"))
            visitor.arrive()
            missed = question.locator(".question__prompt, .cloze__text").first.inner_text().strip()[:12]
        if not question.locator("a[data-next]").count():
            break
        page.keyboard.press("Enter")
    visitor.press("See the result")
    expect(page).to_have_url(re.compile("/review/$"))
    visitor.arrive()
    assert missed
    return missed


def answer(visitor: Visitor) -> None:
    """The first choice, the first option, the items as they stand, a number or word that fits nothing; by keyboard."""
    page = visitor.page
    form = page.locator("[data-question-form]")
    expect(form.locator("button[type=submit]")).to_be_visible()
    choices = form.locator("input:is([type=radio], [type=checkbox])")
    if choices.count():
        page.keyboard.press("1")
        expect(choices.first).to_be_checked()
    for number in form.locator("input.numeric__input").all():
        number.fill("-7")
    for blank in form.locator("select.blank").all():
        blank.select_option(index=1)
    for blank in form.locator("input.blank").all():
        blank.fill("?")
    page.keyboard.press("Enter")


def review(visitor: Visitor, missed: str) -> None:
    """Rate every card by keyboard until the missed question stands there, beside the lesson's flashcards."""
    page = visitor.page
    page.goto("/review/")
    visitor.arrive()
    seen_flashcard = seen_missed = False
    for _ in range(30):
        card = page.locator("#review")
        if card.locator(".flashcard").count():
            if not seen_flashcard:
                page.keyboard.press("Space")
                intervals = card.locator(".rating__interval")
                expect(intervals).to_have_count(4)
                expect(intervals.first).to_be_visible()
                visitor.arrive()
                seen_flashcard = True
            else:
                page.keyboard.press("Space")
                expect(card.locator(".ratings")).to_be_visible()
            before = card.locator("[name=review]").first.input_value()
            page.keyboard.press("3")
            expect(page.locator(f".flashcard__rating [name=review][value='{before}']")).to_have_count(0)
        elif card.locator("[data-question-form]").count():
            seen_missed = seen_missed or missed in card.inner_text()
            if seen_missed and seen_flashcard:
                break
            answer(visitor)
            expect(card.locator(".outcome")).to_be_visible()
            page.keyboard.press("Enter")
            expect(card.locator(".outcome")).to_have_count(0)
        elif page.locator("#review [data-next]").count():
            page.keyboard.press("Enter")
        else:
            break
    assert seen_flashcard
    assert seen_missed


def open_experiment(visitor: Visitor, learning_rate: str, epochs: str) -> None:
    page = visitor.page
    page.goto(LESSON)
    page.locator(".experiment a.button").first.click()
    expect(page.locator("#recipe")).to_be_visible()
    page.locator("[name=learning_rate]").fill(learning_rate)
    page.locator("[name=epochs]").fill(epochs)


def cancel_a_run(visitor: Visitor) -> None:
    page = visitor.page
    open_experiment(visitor, "0.001", "500")
    visitor.arrive()
    page.locator(".recipe__start button[type=submit]").click()
    expect(page).to_have_url(re.compile("/sandbox/runs/"))
    expect(page.locator("[data-chart=loss] tbody tr").nth(CURVE_POINTS)).to_be_attached()
    visitor.press("Cancel")
    expect(page.locator("#outcome .notice--warn")).to_contain_text(
        visitor.words("Cancelled. The epochs until then are kept.")
    )
    visitor.arrive()


def finish_a_run(visitor: Visitor, pictures: Path) -> None:
    page = visitor.page
    open_experiment(visitor, "0.005", "20")
    page.locator(".recipe__start button[type=submit]").click()
    expect(page).to_have_url(re.compile("/sandbox/runs/"))
    rows = page.locator("[data-chart=accuracy] tbody tr")
    expect(rows).to_have_count(20)
    assert [int(row.locator("th").inner_text() or row.locator("th").text_content() or 0) for row in rows.all()] == [
        *range(1, 21)
    ]
    expect(page.locator("[data-chart=loss] canvas")).to_be_visible()
    expect(page.locator(".confusion")).to_be_visible()
    visitor.arrive()
    page.reload()
    expect(page.locator(".confusion")).to_be_visible()
    expect(rows).to_have_count(20)
    page.screenshot(path=pictures / f"run.{visitor.locale}.png")


def test_the_instructor_sees_the_progress_of_a_learner(open_browser: OpenBrowser, installation: Installation) -> None:
    learner = Visitor(open_browser(), "en")
    sign_up(learner)
    read_a_lesson(learner)

    page = open_browser()
    page.goto("/admin/")
    page.locator("input[name=login]").fill("instructor@engram.localhost")
    page.locator("input[name=password]").fill(installation.one_time_password)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("input[name=password1]")).to_be_visible()
    page.locator("input[name=password1]").fill("a longer battery staple")
    page.locator("input[name=password2]").fill("a longer battery staple")
    page.locator("main form button[type=submit]").click()

    page.goto(f"/admin/courses/progress/?q={learner.email}")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text(learner.email)
    check(page)
