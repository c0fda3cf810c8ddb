"""What the frame around every page does in a browser: colours, menu, keyboard, language, time zone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import accessibility

pytestmark = pytest.mark.browser

DARK, LIGHT = "rgb(20, 23, 26)", "rgb(251, 250, 247)"


def paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def sign_up(page: Page, email: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password1]").fill("correct horse battery")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))


def test_it_follows_the_system_until_a_theme_is_chosen_and_remembers_it(open_browser) -> None:
    page = open_browser(dark=True)
    page.goto("/")
    assert paper(page) == DARK
    page.get_by_role("button", name="Light").click()
    assert paper(page) == LIGHT
    page.goto("/accounts/login/")
    assert paper(page) == LIGHT
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="As the system").click()
    assert paper(page) == DARK


def test_it_lets_the_keyboard_jump_to_the_content(open_browser) -> None:
    page = open_browser()
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["height"] >= 44
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_it_opens_and_closes_the_account_menu_by_keyboard(open_browser) -> None:
    page = open_browser()
    sign_up(page, "menu@example.org")
    summary = page.locator("[data-menu] summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Preferences")).to_be_visible()
    accessibility.check(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Preferences")).to_be_hidden()
    expect(summary).to_be_focused()


def test_it_keeps_language_and_time_zone_of_the_browser_that_signed_up(open_browser) -> None:
    page = open_browser("zh-hans")
    sign_up(page, "zone@example.org")
    page.goto("/settings/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("select[name=locale]")).to_have_value("zh-hans")
    expect(page.locator("select[name=time_zone]")).to_have_value("Europe/Berlin")
