"""A browser opens what a hostile author wrote, without the site's policy, which would hide a hole: nothing runs,
nothing is fetched, and every payload stays in its place on the page."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from courses.rendering import render_fragment, render_inline, render_lesson
from tests.courses.hostile_course import SLUG, make_hostile_course
from tests.courses.hostile_markdown import PAYLOADS
from tests.e2e.conftest import PASSWORD
from tests.servers import Installation

pytestmark = pytest.mark.browser

HOOKS = Path(__file__).with_name("hostile_page.js")
ADDRESS = "http://lesson.example/"
COOKIES = [{"name": "sessionid", "value": "secret", "url": ADDRESS}]
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


class Watched:
    """A page of its own cookies, in which everything that runs or is asked of another server is written down."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.context, self.home = context, home
        self.fetched: list[str] = []
        self.noise: list[str] = []
        context.add_init_script(path=HOOKS)
        context.route(lambda url: not url.startswith(home), self._refuse)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.on("console", lambda message: self.noise.append(message.text) if message.type == "error" else None)
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    def _refuse(self, route: Route) -> None:
        self.fetched.append(route.request.url)
        route.abort()

    def show(self, body: str) -> None:
        html = f"<!DOCTYPE html><html lang=en><title>Lesson</title><body><main>{body}</main><footer></footer>"
        self.page.route(self.home, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        self.page.goto(self.home)

    @property
    def ran(self) -> list[str]:
        return self.page.evaluate("window.ran")


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context(bypass_csp=True)
    context.add_cookies(COOKIES)
    yield Watched(context, ADDRESS)
    context.close()


def payload_on_a_page(number: int, payload: str) -> str:
    rendered = render_lesson(payload, {"a.png": PICTURE}.get)
    lesson = "".join(part.get("html", "") + f"<p>{part.get('caption', '')}</p>" for part in rendered.parts)
    short = f"<div>{render_fragment(payload)}</div><p>{render_inline(payload)}</p>"
    return f'<section data-payload="{number}"><div>{lesson}</div>{short}</section>'


def test_nothing_runs_and_nothing_is_fetched(watched: Watched) -> None:
    payloads = [payload for kind in PAYLOADS.values() for payload in kind if len(payload) < 800]
    watched.show("".join(payload_on_a_page(number, payload) for number, payload in enumerate(payloads)))
    page = watched.page
    links = page.locator("main a[href]").count()
    assert links > 200
    assert page.evaluate("everythingTouched(document.querySelector('main'))") > links
    for _ in range(2):  # as the browser has read it, and as it reads what it writes itself
        assert page.locator("main > section").count() == len(payloads)
        assert page.locator("body > *").count() == 2
        assert page.evaluate("foreignIn(document.querySelector('main'))") == []
        page.evaluate("document.querySelector('main').innerHTML = document.querySelector('main').innerHTML")
    page.wait_for_timeout(100)  # what begins a little later, such as an animation
    assert (page.url, watched.ran, watched.fetched, watched.noise) == (ADDRESS, [], [], [])
    assert [cookie["value"] for cookie in watched.context.cookies()] == ["secret"]


def test_the_same_without_cleaning_runs_and_fetches(watched: Watched) -> None:
    watched.show("<a href=javascript:alert(2)>x</a><img src=x onerror=alert(1)><img src=//spy.example/><b style=x>")
    watched.page.evaluate("everythingTouched(document.querySelector('main'))")
    expect(watched.page.locator("a")).to_be_visible()
    watched.page.wait_for_function("() => ran.length === 2")
    assert watched.fetched == ["http://spy.example/"]
    assert len(watched.page.evaluate("foreignIn(document.querySelector('main'))")) >= 4


@pytest.fixture
def hostile_course(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """On the running installation, until the test is over."""
    installation.manage("import_course", str(make_hostile_course(tmp_path / SLUG)))
    yield
    archive = "from django.utils import timezone; from courses.models import Course; "
    archive += f"Course.objects.filter(slug={SLUG!r}).update(archived_at=timezone.now())"
    installation.manage("shell", stdin=archive)


@pytest.fixture
def learner(chromium: Browser, installation: Installation) -> Iterator[Watched]:
    context = chromium.new_context(bypass_csp=True, base_url=installation.url, locale="en-GB")
    watched = Watched(context, installation.url)
    watched.page.goto("/accounts/signup/")
    watched.page.locator("input[name=email]").fill(f"careful-{uuid.uuid4().hex[:8]}@example.org")
    watched.page.locator("input[name=password1]").fill(PASSWORD)
    watched.page.locator("main button[type=submit]").click()
    watched.page.wait_for_url(re.compile(r"/$"))
    yield watched
    context.close()


@pytest.mark.slow
def test_no_page_of_a_hostile_course_runs_or_fetches_anything(hostile_course: None, learner: Watched) -> None:
    page, ran = learner.page, []

    def visit(address: str) -> None:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        for text in page.locator("[data-lesson-text], main").all():
            text.evaluate("everythingTouched")
        ran.extend(learner.ran)

    def cookies() -> dict[str, str]:
        return {cookie["name"]: cookie["value"] for cookie in learner.context.cookies()}

    session = cookies()["sessionid"]
    visit(f"/courses/{SLUG}/")
    lessons = hrefs(page, f"main a[href^='/courses/{SLUG}/']")
    assert len(lessons) >= len(PAYLOADS)
    quizzes = set()
    for lesson in lessons:
        visit(lesson)
        quizzes |= set(hrefs(page, "main a[href^='/quizzes/']"))
        unanswered = page.locator(".checkpoint:has(form)")
        for left in reversed(range(unanswered.count())):
            unanswered.first.locator("input[type=radio]").last.check()
            unanswered.first.get_by_role("button", name="Check").click()
            expect(unanswered).to_have_count(left)
        page.locator("main").evaluate("everythingTouched")
        ran.extend(learner.ran)
    for address in [
        *sorted(quizzes),
        f"/glossary/{SLUG}/",
        f"/glossary/{SLUG}/concept-0/",
        f"/search/{SLUG}/?q=alert",
        "/review/",
        "/",
    ]:
        visit(address)
    assert (ran, learner.fetched, learner.noise, cookies()["sessionid"]) == ([], [], [], session)


def hrefs(page: Page, selector: str) -> list[str]:
    found = page.locator(selector).evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return list(dict.fromkeys(found))
