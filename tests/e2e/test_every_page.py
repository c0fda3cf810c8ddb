"""Every page, at 360 pixels and wide, light and dark, in both languages: axe finds nothing, nothing overflows, the
console stays empty. The pages of a journey that need a state (a card, a run, a result) are checked in the journey."""

import re
import uuid

import pytest
from playwright.sync_api import Page

from tests.e2e import accessibility
from tests.e2e.conftest import ADMIN, PASSWORD

pytestmark = pytest.mark.browser

COURSE = "/courses/deep-learning-with-keras/"
OPEN_TO_ALL = [
    "/",
    "/courses/",
    COURSE,
    COURSE + "layers/",
    COURSE + "learning-rate/",
    "/search/deep-learning-with-keras/?q=keras",
    "/glossary/deep-learning-with-keras/",
    "/glossary/deep-learning-with-keras/learning-rate/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
]
FOR_LEARNERS = [
    "/",
    COURSE,
    "/today/",
    "/review/",
    "/memory/statistics/",
    "/memory/plan/",
    "/memory/learning/",
    "/memory/lab/",
    "/memory/lab/?memory=simulated",
    "/practice/deep-learning-with-keras/",
    "/practice/deep-learning-with-keras/?concept=learning-rate",
    "/memory/cards/",
    "/memory/cards/?q=rate&only=own",
    "/memory/cards/new/",
    "/memory/cards/import/",
    "/memory/anki/",
    "/sandbox/",
    "/sandbox/new/",
    "/settings/",
    "/settings/delete/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
]
VIEWPORTS = [
    ("zh-hans", 360, True),
    *(pytest.param(*viewport, marks=pytest.mark.slow) for viewport in [("en", 360, False), ("en", 1280, True)]),
    pytest.param("zh-hans", 1280, False, marks=pytest.mark.slow),
]
"""Every day the narrowest; the journey walks the wide pages in both languages."""


def visit(page: Page, paths: list[str]) -> None:
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        accessibility.check(page)


@pytest.mark.parametrize(("locale", "width", "dark"), VIEWPORTS)
def test_a_visitor_and_a_learner_can_use_every_page(open_browser, locale: str, width: int, dark: bool) -> None:
    page = open_browser(locale, width=width, dark=dark)
    visit(page, OPEN_TO_ALL)
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(f"fits-{uuid.uuid4().hex[:8]}@example.org")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))
    visit(page, FOR_LEARNERS)
    page.goto(COURSE + "learning-rate/")
    quiz = page.locator("a[href^='/quizzes/']").first.get_attribute("href")
    assert quiz is not None
    visit(page, [quiz])


@pytest.mark.slow
@pytest.mark.parametrize(("locale", "width", "dark"), [("en", 360, True), ("zh-hans", 1280, False)])
def test_every_lesson_is_fit_for_everybody(open_browser, locale: str, width: int, dark: bool) -> None:
    page = open_browser(locale, width=width, dark=dark)
    page.goto(COURSE)
    lessons = page.locator(".path__title a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(lessons) == 10
    visit(page, lessons)


def log_in(page: Page, path: str) -> None:
    page.goto(f"/accounts/login/?next={path}")
    page.locator("input[name=login]").fill(ADMIN)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize(
    ("locale", "width", "dark"), [("zh-hans", 360, True), pytest.param("en", 1280, False, marks=pytest.mark.slow)]
)
def test_an_instructor_can_use_the_pages_about_questions(open_browser, locale: str, width: int, dark: bool) -> None:
    page = open_browser(locale, width=width, dark=dark)
    log_in(page, COURSE + "learning-rate/")
    quiz = page.locator("a[href^='/quizzes/']").first.get_attribute("href")
    assert quiz is not None
    visit(page, [quiz, f"{quiz}statistics/"])
    asked = page.request.get(f"/api/v1{quiz}").json()["slots"][0]["question"]
    visit(
        page,
        [
            f"/questions/{asked}/regrade/",
            f"/questions/{asked}/regrade/key/",
            "/authoring/deep-learning-with-keras/questions/",
            "/authoring/deep-learning-with-keras/leeches/",
        ],
    )


@pytest.mark.parametrize(
    ("width", "dark", "most"),
    [(360, True, 3), *(pytest.param(*wide, 99, marks=pytest.mark.slow) for wide in [(360, True), (1280, False)])],
)
def test_an_admin_can_use_every_list_and_its_rows(open_browser, width: int, dark: bool, most: int) -> None:
    """Every day the first three of them; all are made of the same templates."""
    page = open_browser(width=width, dark=dark)
    log_in(page, "/admin/")
    accessibility.check(page)
    lists = page.evaluate(
        "[...new Set([...document.querySelectorAll('#content-main a')].map(link => link.getAttribute('href')))]"
        ".filter(path => path.split('/').length === 5 && !path.endsWith('/add/'))"
    )
    assert len(lists) >= 8, lists
    for path in lists[:most]:
        visit(page, [path])
        if (first := page.locator("#result_list tbody th a").first).count():
            first.click()
            accessibility.check(page)
