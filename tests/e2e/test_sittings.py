"""Sitting a quiz in a browser: time that runs out, two tabs, a connection that drops, another device."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import accessibility
from tests.e2e.conftest import PASSWORD

pytestmark = pytest.mark.browser


def sign_up(page: Page, email: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile("^(?!.*signup)"))


def log_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile("^(?!.*login)"))


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4().hex[:10]}@example.org"


def begin(page: Page, quiz: str) -> None:
    page.goto(f"/quizzes/{quiz}/")
    page.get_by_role("button", name="Start the quiz").click()
    page.wait_for_url(re.compile("/attempts/.*/1/"))


def test_when_the_time_is_up_what_was_chosen_is_handed_in(open_browser, quizzes, email) -> None:
    page = open_browser(width=360, height=740)
    sign_up(page, email)
    quiz = quizzes["ten seconds"]
    page.goto(f"/quizzes/{quiz}/")
    expect(page.get_by_text("10 seconds")).to_be_visible()
    begin(page, quiz)
    accessibility.check(page)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^0:0\d$"))
    page.wait_for_url(re.compile("/review/"))
    expect(page.get_by_text("2 questions have no answer and count 0")).to_be_visible()
    assert page.locator(".results input[type=radio]:checked").count() == 1


def test_a_late_write_of_another_tab_does_not_win_and_says_so(open_browser, quizzes, email) -> None:
    first = open_browser()
    sign_up(first, email)
    begin(first, quizzes["deferred"])
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_role("radio").nth(1).check()
    expect(second.get_by_text("Saved. You may change it until you finish.")).to_be_visible()
    first.get_by_role("radio").nth(2).check()
    expect(first.get_by_text("A newer answer was saved on another device or in another tab.")).to_be_visible()
    first.get_by_role("link", name="Show it").click()
    expect(first.get_by_role("radio").nth(1)).to_be_checked()


def test_the_first_of_two_tabs_to_check_an_answer_counts(open_browser, quizzes, email) -> None:
    first = open_browser()
    sign_up(first, email)
    begin(first, quizzes["free"])
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_role("radio").nth(1).check()
    second.get_by_role("button", name="Check").click()
    expect(second.locator(".outcome").first).to_be_visible()
    first.get_by_role("radio").nth(2).check()
    first.get_by_role("button", name="Check").click()
    expect(first.get_by_text("Your first answer stands.")).to_be_visible()


def test_without_a_connection_it_says_so_and_nothing_is_lost(open_browser, quizzes, email, noise) -> None:
    page = open_browser()
    sign_up(page, email)
    begin(page, quizzes["deferred"])
    page.get_by_role("radio").first.check()
    expect(page.get_by_text("Saved. You may change it until you finish.")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("radio").nth(1).check()
    expect(page.get_by_text("Not saved: there is no connection.")).to_be_visible()
    here = page.url
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(here)
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    expect(page.get_by_text("Saved. You may change it until you finish.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    noise[:] = [line for line in noise if "ERR_INTERNET_DISCONNECTED" not in line]


def test_another_device_goes_on_where_this_one_stopped(open_browser, quizzes, email) -> None:
    desk = open_browser()
    sign_up(desk, email)
    quiz = quizzes["deferred"]
    begin(desk, quiz)
    desk.get_by_role("radio").nth(1).check()
    desk.get_by_role("button", name="Save and go on").click()
    expect(desk.get_by_text("Question 2 of 3").first).to_be_visible()
    phone = open_browser("en", width=360, height=740, dark=True)
    log_in(phone, email)
    phone.goto(f"/quizzes/{quiz}/")
    phone.get_by_role("button", name="Go on with the quiz").tap()
    expect(phone.get_by_text("Question 2 of 3").first).to_be_visible()
    phone.get_by_role("link", name="Question 1, answered").tap()
    expect(phone.get_by_role("radio").nth(1)).to_be_checked()
    phone.get_by_role("link", name="Finish", exact=True).tap()
    expect(phone.get_by_role("heading", name="2 questions have no answer yet")).to_be_visible()
    accessibility.check(phone)
    phone.get_by_role("button", name="Hand in").tap()
    expect(phone.get_by_text("Submitted", exact=False).first).to_be_visible()
    accessibility.check(phone)


def test_a_question_is_tried_again_and_certainty_is_asked(open_browser, quizzes, email) -> None:
    page = open_browser(width=360, height=740)
    sign_up(page, email)
    begin(page, quizzes["two tries"])
    page.get_by_role("radio").nth(0).check()
    page.get_by_role("button", name="Check").click()
    expect(
        page.get_by_text("Try again: 1 try is left.").or_(page.get_by_text("Right", exact=True).first)
    ).to_be_visible()
    accessibility.check(page)
    begin(page, quizzes["certainty"])
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert")).to_have_text("Say how sure you are, then check.")
    expect(page.get_by_role("radio").first).to_be_checked()
    page.get_by_label("Fairly sure").check()
    accessibility.check(page)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("You said: fairly sure.")).to_be_visible()
