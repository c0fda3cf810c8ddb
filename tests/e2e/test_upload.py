"""An instructor's way from a file of notes to a lesson that learners read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.courses.uploading import NOTES
from tests.e2e.accessibility import check
from tests.e2e.conftest import AUTHOR, PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def author(open_browser) -> Page:
    """A browser of somebody who may make courses, on a phone, logged in."""
    page = open_browser(width=360)
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(AUTHOR)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))
    return page


def test_an_instructor_makes_a_course_of_notes(author: Page, tmp_path: Path) -> None:
    page = author
    notes, film = tmp_path / "perceptron.md", tmp_path / "film.zip"
    notes.write_text(NOTES)
    with film.open("wb") as file:
        file.truncate(21_000_000)
    page.locator("details[data-menu] summary").click()
    page.get_by_role("link", name="Authoring").click()
    check(page)
    page.locator("input[type=file]").set_input_files(film)
    expect(page.get_by_role("alert")).to_have_text("This file has 21 MB; at most 20 MB are taken.")
    page.locator("input[type=file]").set_input_files(notes)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Upload and look at it").click()

    expect(page.get_by_role("heading", name="This makes a new course")).to_be_visible()
    assert re.search(r"/uploads/[0-9a-f-]{36}/$", page.url)
    expect(page.get_by_label("Title of the course")).to_have_value("perceptron")
    check(page)
    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.get_by_text("You teach it.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Layers").click()
    expect(page.locator("article")).to_contain_text("Neurons stand in layers.")
    page.goto("/authoring/perceptron/")
    expect(page.get_by_role("link", name="perceptron.md")).to_be_visible()
    check(page)
