"""The daily review in a browser: by keyboard alone, by thumb, without a connection, after the login has ended."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import accessibility
from tests.e2e.conftest import Noise
from tests.e2e.test_sittings import log_in, sign_up

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning-with-keras/learning-rate/"


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4().hex[:10]}@example.org"


def begin(page: Page, email: str) -> None:
    """A learner who has opened a lesson, in front of its first card."""
    sign_up(page, email)
    page.goto(LESSON)
    page.goto("/review/")
    expect(page.locator(".flashcard")).to_be_visible()


def card(page: Page) -> str:
    return page.locator("#review .flashcard__rating [name=question]").input_value()


def another_card(page: Page, before: str) -> None:
    field = page.locator("#review .flashcard__rating [name=question]")
    expect(field).not_to_have_value(before)


def kept(page: Page) -> None:
    """Wait until it says so: a button is disabled while something is still on its way, too."""
    expect(page.locator('[data-outbox-state="offline"]')).to_be_visible()


def reps(page: Page, question: str) -> int:
    """How many reviews the server has of it."""
    answer = page.request.get(f"/api/v1/memory/{question}/")
    return int(answer.json()["reps"]) if answer.ok else 0


FAILURE = re.compile(r"htmx:(?:afterRequest|sendError|responseError)|Response Status Error Code 401")


def but_for(noise: Noise, expected: str) -> None:
    """Take the failure that the test has provoked, and what htmx says of it, from what the console said."""
    noise[:] = [line for line in noise if expected not in line and not FAILURE.search(line)]


def test_a_whole_sitting_by_keyboard(open_browser, email) -> None:
    page = open_browser()
    begin(page, email)
    keys = page.keyboard
    first = card(page)
    keys.press("Space")
    expect(page.locator('[data-rating="3"]')).to_be_focused()
    keys.press("3")
    another_card(page, first)
    assert reps(page, first) == 1
    keys.press("z")
    expect(page.locator("#review .flashcard__rating [name=question]")).to_have_value(first)
    assert reps(page, first) == 0

    keys.press("s")
    expect(page.get_by_text("Suspended: this card is not asked any more.")).to_be_visible()
    accessibility.check(page)
    keys.press("z")
    expect(page.locator("#review .flashcard__rating [name=question]")).to_have_value(first)
    keys.press("b")
    expect(page.get_by_text("Buried: this card comes back tomorrow.")).to_be_visible()
    second = card(page)
    assert second != first

    keys.press("n")
    expect(page.locator("#note-field")).to_be_focused()
    keys.type("my *own* words, 1 2 3 z b s")
    keys.press("Control+Enter")
    expect(page.locator("[data-note-text] em")).to_have_text("own")
    assert card(page) == second, "letters in a note are letters"
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    accessibility.check(page)
    keys.press("Escape")
    keys.press("2")
    another_card(page, second)
    assert reps(page, second) == 1


def test_an_answer_is_typed_and_compared(open_browser, email) -> None:
    page = open_browser(dark=True)
    begin(page, email)
    page.keyboard.press("t")
    expect(page.locator("#typed")).to_be_focused()
    page.keyboard.type("a step of the learning, 4")
    page.keyboard.press("Enter")
    expect(page.locator(".compared ins").first).to_be_visible()
    accessibility.check(page)
    before = card(page)
    page.keyboard.press("1")
    another_card(page, before)
    expect(page.locator("#typed")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("#typed")).to_have_count(0)
    page.reload()
    expect(page.locator("#typed")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en", "zh-hans"])
def test_by_thumb_on_a_narrow_phone(open_browser, email, locale) -> None:
    page = open_browser(locale, width=360, height=640)
    begin(page, email)
    first = card(page)
    accessibility.check(page)
    page.locator("[data-answer] > summary").tap()
    good = page.locator('[data-rating="3"]')
    expect(good).to_be_in_viewport(ratio=1)
    accessibility.check(page)
    good.tap()
    another_card(page, first)
    page.locator(".review__menu > summary").tap()
    for button in page.locator(".review__menu .menu__panel :is(a, button)").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    accessibility.check(page)
    second = card(page)
    page.locator('[data-key="s"]').tap()
    another_card(page, second)
    page.locator(".review__aside button").tap()
    expect(page.locator("#review .flashcard__rating [name=question]")).to_have_value(second)


def test_what_is_wide_scrolls_inside_the_card(open_browser, email) -> None:
    page = open_browser(width=360, height=640)
    begin(page, email)
    page.keyboard.press("n")
    code = "model.add(keras.layers.Dense(units=128, activation='relu', kernel_initializer='he_normal'))"
    row = "|" + " a quite long head |" * 6
    page.locator("#note-field").fill(
        f"```python\n{code}\n```\n\n{row}\n|{'-|' * 6}\n{row}\n\n$$\\sum_{{i=1}}^{{n}} w_i x_i + b = "
        + " + ".join(f"w_{{{number}}} x_{{{number}}}" for number in range(20))
        + "$$"
    )
    page.get_by_role("button", name="Save the note").tap()
    expect(page.locator("[data-note-text] pre")).to_be_visible()
    expect(page.locator("[data-note-text] math")).to_be_visible()
    accessibility.check(page)


def test_without_a_connection_a_rating_waits_and_is_sent_once(open_browser, email, noise) -> None:
    page = open_browser(width=360, height=740)
    begin(page, email)
    question = card(page)
    page.keyboard.press("Space")
    page.context.set_offline(True)
    page.locator('[data-rating="3"]').tap()
    expect(page.get_by_text("What you answered is kept on this device", exact=False).first).to_be_visible()
    expect(page.locator('[data-rating="3"]')).to_be_disabled()
    accessibility.check(page)
    page.keyboard.press("1")
    page.context.set_offline(False)
    another_card(page, question)
    expect(page.get_by_text("What was kept on this device has been sent.")).to_be_visible()
    assert reps(page, question) == 1
    page.reload()
    assert reps(page, question) == 1
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox')).length") == 0
    but_for(noise, "ERR_INTERNET_DISCONNECTED")


def test_without_a_connection_an_answer_waits_for_its_mark(open_browser, quizzes, email, noise) -> None:
    page = open_browser()
    sign_up(page, email)
    question = page.request.get(f"/api/v1/quizzes/{quizzes['free']}/").json()["slots"][0]["question"]
    page.goto(f"/review/?card={question}")
    page.keyboard.press("1")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    kept(page)
    expect(page.get_by_role("button", name="Check")).to_be_disabled()
    page.context.set_offline(False)
    expect(page.locator(".outcome")).to_be_visible()
    assert reps(page, question) == 1
    but_for(noise, "ERR_INTERNET_DISCONNECTED")


def test_an_answer_that_arrived_though_nobody_was_told_counts_once(open_browser, email, noise) -> None:
    page = open_browser()
    begin(page, email)
    question = card(page)

    def lose_the_answer(route) -> None:
        route.fetch()
        route.abort()

    page.route("**/review/rate/", lose_the_answer, times=1)
    page.keyboard.press("Space")
    page.keyboard.press("3")
    another_card(page, question)
    assert reps(page, question) == 1
    but_for(noise, "ERR_FAILED")


def test_the_tab_was_closed_before_the_connection_came_back(open_browser, email, noise) -> None:
    page = open_browser()
    begin(page, email)
    question = card(page)
    page.keyboard.press("Space")
    page.context.set_offline(True)
    page.keyboard.press("4")
    kept(page)
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    noise.listen(page)
    assert reps(page, question) == 0
    page.goto("/review/")
    another_card(page, question)
    assert reps(page, question) == 1
    but_for(noise, "ERR_INTERNET_DISCONNECTED")


def test_when_the_login_has_ended_nothing_is_lost(open_browser, email, noise) -> None:
    page = open_browser()
    begin(page, email)
    question = card(page)
    page.keyboard.press("Space")
    page.context.clear_cookies(name=re.compile("session"))
    page.keyboard.press("3")
    expect(page.get_by_text("You have been logged out.", exact=False)).to_be_visible()
    page.locator("[data-outbox-login]").click()
    log_in_here(page, email)
    page.wait_for_url("**/review/")
    another_card(page, question)
    assert reps(page, question) == 1
    but_for(noise, "401")


def log_in_here(page: Page, email: str) -> None:
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill("correct horse battery")
    page.locator("main button[type=submit]").click()


def test_somebody_else_who_logs_in_does_not_send_it(open_browser, email, noise) -> None:
    page = open_browser()
    begin(page, email)
    question = card(page)
    page.keyboard.press("Space")
    page.context.set_offline(True)
    page.keyboard.press("1")
    kept(page)
    context = page.context
    page.close()
    context.clear_cookies()
    context.set_offline(False)
    page = context.new_page()
    noise.listen(page)
    begin(page, f"{uuid.uuid4().hex[:10]}@example.org")
    page.wait_for_load_state("networkidle")
    assert reps(page, question) == 0, "of the one who is logged in now"
    page.context.clear_cookies()
    log_in(page, email)
    page.goto("/review/")
    expect(page.get_by_text("What was kept on this device has been sent.")).to_be_visible()
    assert reps(page, question) == 1
    but_for(noise, "ERR_INTERNET_DISCONNECTED")


def test_the_first_of_two_tabs_counts(open_browser, email) -> None:
    first = open_browser()
    begin(first, email)
    question = card(first)
    second = first.context.new_page()
    second.goto("/review/")
    for tab, rating in [(second, "4"), (first, "1")]:
        tab.keyboard.press("Space")
        tab.keyboard.press(rating)
        another_card(tab, question)
    assert reps(first, question) == 1
    memory = first.request.get(f"/api/v1/memory/{question}/").json()
    assert memory["state"] == "review", "Easy came first"


def test_a_note_survives_a_lost_connection_and_the_next_card(open_browser, email, noise) -> None:
    page = open_browser()
    begin(page, email)
    question = card(page)
    page.keyboard.press("n")
    expect(page.locator("#note-field")).to_be_focused()
    page.context.set_offline(True)
    page.keyboard.type("not to be lost")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-note-failed]")).to_be_visible()
    page.context.set_offline(False)
    page.goto(f"/review/?card={question}")
    page.keyboard.press("Space")
    expect(page.locator("#note-field")).to_have_value("not to be lost")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("[data-note-text]")).to_have_text("not to be lost")
    but_for(noise, "ERR_INTERNET_DISCONNECTED")
