"""What must hold on every page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()
# axe would read style sheets a second time, in a way that a strict Content-Security-Policy refuses; no rule needs it.
_OPTIONS = {"preload": False, "resultTypes": ["violations"]}  # what is right is not listed: half the time
# A page that scrolls sideways hides its text on a phone.
# A colour on its way to another is neither; motion here is short and ends.
_AT_REST = "Promise.allSettled(document.getAnimations().map(animation => animation.finished)).then(() => true)"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check(page: Page) -> None:
    """axe finds nothing, and nothing is wider than the window."""
    page.wait_for_load_state()
    page.evaluate(_AT_REST)
    found = _axe.run(page, options=_OPTIONS)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate(_OVERFLOW) <= 0, f"{page.url} is wider than the window"
