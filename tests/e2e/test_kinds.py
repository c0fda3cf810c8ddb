"""Kinds of questions in a browser: answered with the keyboard alone, and by touch on the narrowest screen.

A kind joins with a line in `ASKED` and two functions that give its right answer.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from courses.yaml_writing import to_yaml
from tests.e2e import accessibility
from tests.e2e.conftest import PASSWORD
from tests.e2e.test_journey import OpenBrowser
from tests.quizzes.kinds import (
    test_calculated,
    test_cloze,
    test_code_cloze,
    test_hotspot,
    test_matching,
    test_multiple_choice,
    test_numeric,
    test_ordering,
    test_short_text,
    test_single_choice,
    test_true_false,
)
from tests.servers import Installation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HINTS = ["Look at the **slope**.", "It points uphill."]
# A box or a circle is tapped by its label.
HEIGHTS = """all => all.filter(one => one.checkVisibility())
    .map(one => (one.closest(".choice") ?? one).getBoundingClientRect().height)"""
ANY_FIELD = "form[data-question-form] :is(input:not([type=hidden]), select, textarea, button)"


@dataclass(frozen=True)
class Asked:
    """A question, and how somebody gives its right answer."""

    sample: dict[str, Any]
    by_keyboard: Callable[[Page], None]
    by_touch: Callable[[Page], None]


def type_short_text(page: Page) -> None:
    tab_to(page, "input[name=text]")
    page.keyboard.type("Gradient descent")


def tap_short_text(page: Page) -> None:
    page.locator("input[name=text]").tap()
    page.keyboard.type("gradient descent")


def type_matching(page: Page) -> None:
    for pair, first_letters in [("relu", "noth"), ("sigmoid", "between n"), ("linear", "any")]:
        tab_to(page, f"select[name=match-{pair}]")
        page.keyboard.type(first_letters)


def tap_matching(page: Page) -> None:
    for pair in test_matching.SAMPLE["pairs"]:
        # The list itself is the device's own, and no part of the page.
        page.locator(f"select[name=match-{pair}]").select_option(test_matching.partner(pair))


def type_calculated(page: Page) -> None:
    tab_to(page, "input[name=value]")
    page.keyboard.type(test_calculated.form_for(page.content())["value"])


def tap_calculated(page: Page) -> None:
    page.locator("input[name=value]").tap()
    page.keyboard.type(test_calculated.form_for(page.content())["value"])


def type_hotspot(page: Page) -> None:
    tab_to(page, "input[name=target]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")


def tap_hotspot(page: Page) -> None:
    box = page.locator("input[value=layer-3]").bounding_box()
    assert box is not None
    # On the drawing itself, in the middle of the column.
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)


def type_code_cloze(page: Page) -> None:
    for name, text in test_code_cloze.RIGHT["blanks"].items():
        tab_to(page, f"[name=blank-{name}]")
        page.keyboard.type(text)


def tap_code_cloze(page: Page) -> None:
    for name, text in test_code_cloze.RIGHT["blanks"].items():
        field = page.locator(f"[name=blank-{name}]")
        if name == "optimizer":
            field.select_option(text)
            continue
        # Chromium sets no caret in a field that is tapped in the frame that brings it into sight; one taps again.
        for _ in range(5):
            field.tap()
            page.keyboard.type(text)
            if field.input_value():
                break
        expect(field).to_have_value(text)


def type_single_choice(page: Page) -> None:
    tab_to(page, "input[name=choice]")
    page.keyboard.press("Space")  # the first one is right


def tap_single_choice(page: Page) -> None:
    page.locator("label:has(input[value=a])").tap()


def type_multiple_choice(page: Page) -> None:
    for choice in test_multiple_choice.SAMPLE["key"]:
        tab_to(page, f"input[name=choice-{choice}]")
        page.keyboard.press("Space")


def tap_multiple_choice(page: Page) -> None:
    for choice in test_multiple_choice.SAMPLE["key"]:
        page.locator(f"label:has(input[name=choice-{choice}])").tap()


def type_true_false(page: Page) -> None:
    tab_to(page, "input[name=answer]")
    page.keyboard.press("ArrowDown")


def tap_true_false(page: Page) -> None:
    page.locator("label:has(input[value=false])").tap()


def type_numeric(page: Page) -> None:
    tab_to(page, "input[name=value]")
    page.keyboard.type(test_numeric.RIGHT["value"])


def tap_numeric(page: Page) -> None:
    page.locator("input[name=value]").tap()
    page.keyboard.type(test_numeric.RIGHT["value"])


def type_ordering(page: Page) -> None:
    """What comes last stands first: it moves down twice."""
    for _ in range(2):
        tab_to(page, "li:has([name=place-update]) :is([data-move=down], [data-move=up]:focus)")
        page.keyboard.press("Enter")


def tap_ordering(page: Page) -> None:
    for _ in range(2):
        page.locator("li:has([name=place-update]) [data-move=down]").tap()


def type_cloze(page: Page) -> None:
    fill_cloze(page, lambda selector: tab_to(page, selector))


def tap_cloze(page: Page) -> None:
    fill_cloze(page, lambda selector: page.locator(selector).tap())


def fill_cloze(page: Page, reach: Callable[[str], None]) -> None:
    for name, text in test_cloze.RIGHT["blanks"].items():
        field = page.locator(f"[name=blank-{name}]")
        if field.evaluate("field => field.localName") == "select":
            field.select_option(text)
            continue
        reach(f"[name=blank-{name}]")
        page.keyboard.type(text)


ASKED = {
    "single_choice": Asked(test_single_choice.SAMPLE, type_single_choice, tap_single_choice),
    "multiple_choice": Asked(test_multiple_choice.SAMPLE, type_multiple_choice, tap_multiple_choice),
    "true_false": Asked(test_true_false.SAMPLE, type_true_false, tap_true_false),
    "numeric": Asked(test_numeric.SAMPLE, type_numeric, tap_numeric),
    "ordering": Asked(test_ordering.SAMPLE, type_ordering, tap_ordering),
    "cloze": Asked(test_cloze.SAMPLE, type_cloze, tap_cloze),
    "short_text": Asked(test_short_text.SAMPLE, type_short_text, tap_short_text),
    "matching": Asked(test_matching.SAMPLE, type_matching, tap_matching),
    "calculated": Asked(test_calculated.SAMPLE, type_calculated, tap_calculated),
    "hotspot": Asked(test_hotspot.SAMPLE, type_hotspot, tap_hotspot),
    "code_cloze": Asked(test_code_cloze.SAMPLE, type_code_cloze, tap_code_cloze),
}


def tab_to(page: Page, selector: str) -> None:
    """Press the Tab key until it is the turn of this field."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never reaches {selector}")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A course of one lesson, whose quiz asks each kind once."""
    folder = tmp_path_factory.mktemp("kinds")
    write_course(folder / "course")
    with Installation(folder) as engram:
        engram.manage("migrate")
        engram.manage("import_course", str(folder / "course"))
        engram.start_web()
        yield engram


def write_course(folder: Path) -> None:
    lesson = folder / "01-kinds"
    lesson.mkdir(parents=True)
    titled = {"en": {"title": "Kinds of questions"}}
    manifest = {"slug": "kinds", "locales": ["en"], "texts": titled, "lessons": [lesson.name]}
    questions = [
        {"id": kind, **asked.sample, "texts": {"en": {**asked.sample["texts"]["en"], "hints": HINTS}}}
        for kind, asked in ASKED.items()
    ]
    quiz = {"id": "all-kinds", "texts": titled, "questions": list(ASKED)}
    (folder / "course.yaml").write_text(to_yaml(manifest))
    (lesson / "questions.yaml").write_text(to_yaml({"quiz": quiz, "questions": questions}))
    (lesson / "lesson.en.md").write_text("---\ntitle: Kinds\n---\n\n## All {#all}\n\nEach is asked once.\n")


def begin(page: Page, kind: str) -> None:
    """Sign up, begin the quiz, and go to the question of this kind."""
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(f"kinds-{uuid.uuid4().hex[:8]}@example.org")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/courses/kinds/kinds/")
    page.locator("a[href^='/quizzes/']").first.click()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/attempts/.*/1/$"))
    page.goto(re.sub(r"/1/$", f"/{list(ASKED).index(kind) + 1}/", page.url))


def looked_at(page: Page, pictures: Path, name: str) -> None:
    accessibility.check(page)
    page.screenshot(path=pictures / f"{name}.png", full_page=True)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ASKED)
def test_it_is_answered_with_the_keyboard_alone(
    open_browser: OpenBrowser, pictures: Path, kind: str, dark: bool
) -> None:
    page = open_browser(dark=dark)
    begin(page, kind)
    looked_at(page, pictures, f"{kind}-wide-{'dark' if dark else 'light'}-asked")
    ASKED[kind].by_keyboard(page)
    tab_to(page, ".hint > summary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hint 2 of 2")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It points uphill.")).to_be_visible()
    looked_at(page, pictures, f"{kind}-wide-{'dark' if dark else 'light'}-hints")
    tab_to(page, "form[data-question-form] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".outcome__verdict")).to_contain_text("Right")
    looked_at(page, pictures, f"{kind}-wide-{'dark' if dark else 'light'}-right")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ASKED)
def test_it_is_answered_by_touch_on_a_small_screen(
    open_browser: OpenBrowser, pictures: Path, kind: str, dark: bool
) -> None:
    page = open_browser(width=360, height=740, dark=dark)
    begin(page, kind)
    looked_at(page, pictures, f"{kind}-narrow-{'dark' if dark else 'light'}-asked")
    for box in page.locator(ANY_FIELD).evaluate_all(HEIGHTS):
        assert box >= 44, f"{box} px are too small for a finger"
    ASKED[kind].by_touch(page)
    page.get_by_text("Hint 1 of 2").tap()
    expect(page.get_by_text("slope")).to_be_visible()
    expect(page.get_by_text("It points uphill.")).to_be_hidden()
    page.locator("form[data-question-form] button[type=submit]").tap()
    expect(page.locator(".outcome__verdict")).to_contain_text("Right")
    looked_at(page, pictures, f"{kind}-narrow-{'dark' if dark else 'light'}-right")
