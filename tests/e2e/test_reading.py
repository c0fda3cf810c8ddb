"""Reading in a browser: a checkpoint answered in the text, the place kept from language to language, search."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import accessibility

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning-with-keras/learning-rate/"


def test_a_checkpoint_is_answered_in_place_by_keyboard(open_browser) -> None:
    page = open_browser(width=360, height=740)
    page.goto(f"{LESSON}#hyperparameter")
    card = page.locator("#checkpoint-hyperparameter")
    card.locator("select").focus()
    page.keyboard.press("b")
    card.get_by_role("textbox").focus()
    page.keyboard.type("hyperparameter")
    page.keyboard.press("Enter")
    expect(card.locator(".notice--good")).to_be_visible()
    expect(card).to_be_focused()
    expect(card.locator("input, select")).to_have_count(0)
    accessibility.check(page)
    card.get_by_role("link", name="Answer again").press("Enter")
    expect(card.get_by_role("textbox")).to_have_value("")
    expect(page).to_have_url(re.compile(f"{LESSON}#hyperparameter$"))


def test_the_other_language_opens_where_this_one_was_read(open_browser) -> None:
    page = open_browser()
    page.goto(LESSON)
    page.locator("#race").evaluate("heading => heading.scrollIntoView()")
    expect(page.locator("[data-contents=race][aria-current]").first).to_be_attached()
    page.wait_for_timeout(1100)  # to read a line, as people do
    page.get_by_role("button", name="简体中文").click()
    page.wait_for_url(re.compile("#race$"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("#race")).to_be_in_viewport()


def test_search_answers_while_one_types_and_leads_to_the_section(open_browser) -> None:
    page = open_browser("zh-hans", width=360, height=740)
    page.goto("/search/deep-learning-with-keras/")
    page.get_by_role("searchbox").press_sequentially("学习率")
    expect(page.locator("mark").first).to_have_text("学习率")
    expect(page).to_have_url(re.compile(r"\?q="))
    accessibility.check(page)
    page.locator("a[href$='#race']").first.click()
    expect(page.locator("#race")).to_be_in_viewport()
