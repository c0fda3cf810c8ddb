"""A real browser on a real installation: uvicorn and run_huey as processes on a database file."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.e2e.quiz_making import quizzes as quizzes  # noqa: PLC0414  (a fixture)
from tests.servers import Installation

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
HOW_TO_GET_ONE = "No Chromium found: install Debian's package chromium, or set CHROMIUM to the path of one."
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A busy machine trains slowly; a page that never gets there fails all the same.
expect.set_options(timeout=30_000)
PASSWORD = "correct horse battery"
ADMIN, AUTHOR, TEACHER = "admin@example.org", "author@example.org", "teacher@example.org"
# One process for all of it: each takes seconds to start.
SET_UP = f"""
from django.core.management import call_command
from accounts.models import User
from courses.models import Course
call_command("prepare", address={{url!r}})
User.objects.create_superuser({ADMIN!r}, {PASSWORD!r})
User.objects.create_user({AUTHOR!r}, {PASSWORD!r}, is_staff=True)
teacher = User.objects.create_user({TEACHER!r}, {PASSWORD!r}, is_staff=True, name="Tea")
Course.objects.get(slug="deep-learning-with-keras").instructors.add(teacher)
"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this package, closed behind it: while Playwright lives, its event loop runs in the thread of the
    tests, and Django refuses its database to them."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The shipped course, an instructor, the people named above, a web server and a worker."""
    with Installation(tmp_path_factory.mktemp("engram")) as engram:
        printed = engram.manage("shell", stdin=SET_UP.format(url=engram.url))
        engram.one_time_password = printed.split("One-time password")[1].split()[0]  # type: ignore[attr-defined]
        engram.start_worker()
        engram.start_web()
        yield engram


class Noise(list[str]):
    """What the browser's console said; a test ends with it empty."""

    def listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.append(f"{message.location.get('url')}: {message.text}")


@pytest.fixture
def noise() -> Iterator[Noise]:
    heard = Noise()
    yield heard
    assert heard == []


@pytest.fixture
def open_browser(chromium: Browser, installation: Installation, noise: Noise):
    """Return a function that opens a fresh browser (cookies of its own) and gives its page."""
    contexts: list[BrowserContext] = []

    def open_page(locale: str = "en", *, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=installation.url,
            locale={"en": "en-GB", "zh-hans": "zh-CN"}[locale],
            timezone_id="Europe/Berlin",
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=width < 500,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        noise.listen(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    folder = Path("test-results") / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
