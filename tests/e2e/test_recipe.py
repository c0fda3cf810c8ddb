"""The layers of a recipe in a browser: with the keyboard alone, and without scripts."""

import re
import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import accessibility
from tests.e2e.conftest import PASSWORD
from tests.e2e.test_journey import OpenBrowser
from tests.servers import Installation

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def opened(page: Page) -> Page:
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(f"layers-{uuid.uuid4().hex[:8]}@example.org")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/sandbox/new/")
    return page


def test_a_dropout_layer_is_added_filled_in_and_moved_with_the_keyboard(open_browser: OpenBrowser) -> None:
    page = opened(open_browser("zh-hans", width=360, dark=True))
    page.locator("button[value=add_dropout]").press("Enter")
    rate = page.locator("input[name=layers-1-rate]")
    expect(rate).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("1.5")
    page.locator("button[value=move_up-1]").press("Enter")
    wrong = page.locator("input[name=layers-0-rate]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    accessibility.check(page)
    wrong.fill("0.5")
    expect(page.locator("#outlook .facts")).to_be_visible()
    expect(page.locator(".layers .errorlist")).to_have_count(0)
    page.locator("button[value=move_down-0]").press("Enter")
    expect(page.locator("button[value=move_down-1]")).to_be_focused()
    expect(page.locator("#outlook svg")).to_contain_text("Dropout 0.5")
    accessibility.check(page)


def test_a_dropout_layer_is_added_and_trained_without_scripts(chromium: Browser, installation: Installation) -> None:
    context = chromium.new_context(base_url=installation.url, locale="en-GB", java_script_enabled=False)
    page = opened(context.new_page())
    page.locator("button[value=add_dropout]").click()
    page.locator("button[value=move_up-1]").click()
    page.locator("button[value=move_down-0]").click()
    page.locator("input[name=layers-1-rate]").fill("0.4")
    page.locator(".recipe__start button[value=start]").click()
    expect(page.locator("main")).to_contain_text("rate 0.4")
    assert "/sandbox/runs/" in page.url
    context.close()
