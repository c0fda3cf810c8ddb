"""Today and Statistics in a browser: from the header to the first card, and what a sitting leaves in the charts."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import accessibility
from tests.e2e.test_sittings import sign_up

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning-with-keras/learning-rate/"


def rate_three(page: Page) -> None:
    """By keyboard, each as Easy."""
    page.wait_for_load_state()
    field = page.locator("#review .flashcard__rating [name=review]")
    for _ in range(3):
        before = field.input_value()
        page.keyboard.press("Space")
        expect(page.locator('[data-rating="3"]')).to_be_focused()
        page.keyboard.press("4")
        expect(field).not_to_have_value(before)


@pytest.mark.parametrize(("width", "dark"), [(360, True), pytest.param(1280, False, marks=pytest.mark.slow)])
def test_from_today_to_the_cards_and_to_what_they_add_up_to(open_browser, width: int, dark: bool) -> None:
    page = open_browser(width=width, dark=dark)
    sign_up(page, f"{uuid.uuid4().hex[:10]}@example.org")
    page.goto("/today/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your memory begins with a lesson")
    page.goto(LESSON)
    page.locator(".site-nav").get_by_role("link", name="Review").click()
    expect(page.locator(".today__card").first).to_contain_text("new from “Learning rate”")
    accessibility.check(page)

    page.get_by_role("link", name="Review now").click()
    expect(page.locator(".flashcard")).to_be_visible()
    rate_three(page)
    page.goto("/today/")
    expect(page.get_by_text("3 answered today")).to_be_visible()
    accessibility.check(page)

    page.locator(".tabs").get_by_role("link", name="Statistics").click()
    expect(page.get_by_role("heading", name="In the last year you studied on 1 day")).to_be_visible()
    expect(page.get_by_role("img", name="3 cards come back in the next 30 days")).to_be_visible()
    for table in page.locator(".insight__table > summary").all():
        table.click()
    expect(page.locator(".insight--hours tbody tr")).to_have_count(1)
    accessibility.check(page)
