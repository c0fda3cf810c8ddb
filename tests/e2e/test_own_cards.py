"""A card of one's own from a text of a lesson: by mouse, by touch and from the keyboard; then it is asked."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import accessibility
from tests.e2e.conftest import PASSWORD

pytestmark = pytest.mark.browser

LESSON = "/courses/deep-learning-with-keras/learning-rate/"
SELECT = """() => {
  const paragraph = document.querySelector('[data-lesson-text] h2 ~ p');
  paragraph.scrollIntoView({block: 'center'});
  const range = document.createRange();
  range.selectNodeContents(paragraph);
  const selection = document.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return paragraph.textContent.trim();
}"""

SIX_AT_ONCE = """async (id) => {
  const headers = {
    'Content-Type': 'application/json',
    'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value,
  };
  const body = JSON.stringify({front: 'f', back: 'b', course: 'deep-learning-with-keras'});
  const send = () => fetch(`/api/v1/cards/${id}/`, {method: 'PUT', headers, body}).then((answer) => answer.json());
  return (await Promise.all([1, 2, 3, 4, 5, 6].map(send))).map((card) => card.status);
}"""


def sign_up(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(f"cards-{uuid.uuid4().hex[:8]}@example.org")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))


def is_asked(page: Page, front: str) -> None:
    """The review comes to the card; flashcards of the lesson may stand before it."""
    page.goto("/memory/cards/?only=own")
    page.locator(".cards__title", has_text=front).click()
    page.get_by_role("link", name="Review it now").click()
    expect(page.locator(".flashcard")).to_contain_text(front)


@pytest.mark.parametrize("touch", [False, True])
def test_a_selected_text_becomes_a_card_that_is_asked(open_browser, touch: bool) -> None:
    page = open_browser(width=360 if touch else 1280)
    sign_up(page)
    page.goto(LESSON)
    offer = page.locator("[data-own-card-offer]")
    expect(offer).to_be_hidden()
    if touch:
        selected = page.evaluate(SELECT)  # as after a long press; no browser takes one from a test
    else:
        paragraph = page.locator("[data-lesson-text] h2 ~ p").first
        paragraph.click(click_count=3)
        selected = paragraph.text_content() or ""
    expect(offer).to_be_visible()
    accessibility.check(page)
    offer.tap() if touch else offer.click()
    dialog = page.locator("dialog[data-own-card]")
    expect(dialog.locator("[name=front]")).to_be_focused()
    words = re.findall(r"\w+", selected)[:5]
    back = dialog.locator("[name=back]").input_value()
    assert all(word in back for word in words), back
    accessibility.check(page)
    dialog.get_by_role("button", name="Keep the card").click()  # the front is missing: nothing is sent
    dialog.locator("[name=front]").fill("What is it that was selected?")
    dialog.get_by_role("button", name="Keep the card").click()
    expect(dialog).to_contain_text("The card is kept.")
    dialog.get_by_role("link", name="See the card").click()
    expect(page.get_by_role("link", name="Read it in the lesson")).to_have_attribute("href", re.compile("#"))
    accessibility.check(page)
    is_asked(page, "What is it that was selected?")


def test_from_the_keyboard_a_section_becomes_a_card(open_browser) -> None:
    page = open_browser()
    sign_up(page)
    page.goto(LESSON)
    page.locator("[data-own-card-sections] summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[data-own-card]")
    expect(dialog.locator("[name=front]")).to_be_focused()
    page.keyboard.type("Typed front")
    page.keyboard.press("Escape")  # nothing that was written is lost
    expect(dialog).to_be_hidden()
    page.locator("[data-own-card-heading]").first.focus()
    page.keyboard.press("Enter")
    expect(dialog.locator("[name=front]")).to_have_value("Typed front")
    page.keyboard.press("Tab")
    page.keyboard.type("Typed back")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("The card is kept.")
    is_asked(page, "Typed front")


def test_the_same_card_sent_six_times_at_once_is_one_card(open_browser) -> None:
    page = open_browser()
    sign_up(page)
    page.goto("/memory/cards/new/")
    statuses = page.evaluate(SIX_AT_ONCE, str(uuid.uuid4()))
    assert sorted(statuses) == ["created", *["same"] * 5]
    page.goto("/memory/cards/?only=own")
    expect(page.locator(".cards__item")).to_have_count(1)


def test_without_scripts_a_section_becomes_a_card_too(chromium, installation) -> None:
    context = chromium.new_context(base_url=installation.url, java_script_enabled=False)
    page = context.new_page()
    sign_up(page)
    page.goto(LESSON)
    page.locator("[data-own-card-sections] summary").click()
    page.locator("[data-own-card-heading]").first.click()
    page.locator("[name=front]").fill("Plain front")
    page.locator("[name=back]").fill("Plain back")
    page.get_by_role("button", name="Keep the card").click()
    expect(page.locator("main")).to_contain_text("Plain back")
    is_asked(page, "Plain front")
    context.close()


def test_the_list_is_searched_while_one_types_and_several_cards_are_suspended(open_browser) -> None:
    page = open_browser(width=360, dark=True)
    sign_up(page)
    page.goto(LESSON)
    page.goto("/memory/cards/")
    cards = page.locator(".cards__item")
    expect(cards.first).to_be_visible()
    all_of_them = cards.count()
    assert all_of_them > 1
    page.locator("#cards-words").fill("no such words at all")
    expect(page.locator("#cards")).to_contain_text("No card is like this")
    page.locator("#cards-words").fill("")
    expect(cards).to_have_count(all_of_them)
    for card in cards.all()[:2]:
        card.locator("input").check()
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("body")).to_contain_text("2 cards are suspended.")
    page.locator(".cards-filter summary").click()
    page.get_by_label("suspended", exact=True).check()
    expect(cards).to_have_count(2)
    expect(page).to_have_url(re.compile("only=suspended"))
    accessibility.check(page)
