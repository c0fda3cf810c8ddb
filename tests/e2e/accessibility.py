"""What must hold on every page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()
# A page that scrolls sideways hides its text on a phone.
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check(page: Page) -> None:
    """axe finds nothing, and nothing is wider than the window."""
    page.wait_for_load_state()
    found = _axe.run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate(_OVERFLOW) <= 0, f"{page.url} is wider than the window"
