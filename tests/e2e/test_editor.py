"""An instructor changes a lesson: writes, sees it beside the text, mends what is wrong, saves, and takes it back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import accessibility
from tests.e2e.conftest import PASSWORD, TEACHER

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning-with-keras/loss-functions/"
EDITOR = "/authoring/deep-learning-with-keras/loss-functions/en/"


def log_in(page: Page) -> None:
    """As somebody who teaches the course."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(TEACHER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))


def type_at_the_end(page: Page, text: str) -> None:
    page.locator("#editor_text").press("ControlOrMeta+End")
    page.keyboard.insert_text(text)


def test_a_lesson_is_changed_and_taken_back(open_browser) -> None:
    page = open_browser()
    page.on("dialog", lambda dialog: dialog.accept())
    log_in(page)
    page.goto(LESSON)
    page.get_by_role("link", name="Edit this text").click()

    # It follows what is written, to the section that is written in.
    preview = page.locator("#editor_preview")
    type_at_the_end(page, "\n\nA ==word for the browser== at the end.\n\n::question[Ask]{nothing-here}")
    expect(preview.locator("mark", has_text="word for the browser")).to_be_in_viewport()
    expect(page.get_by_text("Not saved yet")).to_be_visible()

    # Tab indents; after Escape it leaves the field.
    page.keyboard.press("Tab")
    expect(page.locator("#editor_text")).to_have_value(re.compile(r"\{nothing-here\} {4}$"))
    page.keyboard.press("ControlOrMeta+z")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("#editor_text")).not_to_be_focused()

    # What is wrong is said with its line, and is not saved.
    number = page.locator("#editor_text").input_value().count("\n") + 1
    finding = page.locator("#editor_findings li", has_text="There is no question “nothing-here”.")
    finding.get_by_role("link", name=f"line {number}").click()
    selected = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert page.locator("#editor_text").evaluate(selected) == "::question[Ask]{nothing-here}"
    page.keyboard.press("ControlOrMeta+s")
    expect(page.locator("#editor_state")).to_contain_text("Not saved: the errors must be mended first.")
    accessibility.check(page)

    # A crash loses nothing.
    page.keyboard.press("Backspace")
    expect(finding).to_have_count(0)
    page.goto(EDITOR)
    page.get_by_role("button", name="Bring it back").click()
    expect(preview.locator("mark", has_text="word for the browser")).to_have_count(1)

    page.keyboard.press("ControlOrMeta+s")
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    page.goto(LESSON)
    expect(page.locator("mark", has_text="word for the browser")).to_have_count(1)

    # On a phone, in the dark.
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(EDITOR)
    expect(page.locator("[data-offer]")).to_be_hidden()
    accessibility.check(page)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#editor_text")).to_be_hidden()
    expect(preview).to_be_visible()
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="See what changed").click()
    expect(page.locator("ins", has_text="word for the browser")).to_be_visible()
    accessibility.check(page)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The text of version 1 is back, as version 3.")).to_be_visible()
    page.goto(LESSON)
    expect(page.locator("mark", has_text="word for the browser")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize(("locale", "width", "dark"), [("zh-hans", 360, False), ("zh-hans", 1280, True)])
def test_every_page_of_it_can_be_used(open_browser, locale: str, width: int, dark: bool):
    page = open_browser(locale, width=width, dark=dark)
    log_in(page)
    for path in (EDITOR, EDITOR.replace("/en/", "/zh-hans/"), f"{EDITOR}history/", f"{EDITOR}compare/?view=side"):
        page.goto(path)
        accessibility.check(page)
