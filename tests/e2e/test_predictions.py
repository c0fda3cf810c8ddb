"""A learner has weights fitted, goes back to the published ones, and takes the own ones up again."""

import pytest
from playwright.sync_api import expect

from tests.e2e import accessibility
from tests.e2e.conftest import PASSWORD
from tests.servers import Installation

pytestmark = pytest.mark.browser

EMAIL = "forgetful@example.org"
WITH_REVIEWS = f"""
from accounts.models import User
from courses.models import Course
from tests.quizzes.memory.learning.simulated import forgetful_log, keep
learner = User.objects.create_user({EMAIL!r}, {PASSWORD!r})
keep(learner, Course.objects.get(slug="deep-learning-with-keras"), forgetful_log())
"""


def test_weights_are_fitted_and_given_up_and_taken_again(installation: Installation, open_browser) -> None:
    installation.manage("shell", stdin=WITH_REVIEWS)
    page = open_browser(width=360, dark=True)
    page.goto("/accounts/login/?next=/memory/learning/")
    page.locator("input[name=login]").fill(EMAIL)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/memory/learning/")
    page.get_by_role("button", name="Fit now").click()
    expect(page.get_by_role("status").get_by_text("Your own weights are in use")).to_be_visible()
    expect(page.get_by_text("Your own weights, fitted to your reviews")).to_be_visible()
    page.get_by_text("The numbers of this plot").click()
    expect(page.get_by_role("region", name="Predicted and real recall").get_by_role("row")).to_have_count(11)
    accessibility.check(page)
    page.get_by_role("button", name="Back to the published weights").click()
    expect(page.get_by_text("The published weights, because you went back to them")).to_be_visible()
    page.get_by_role("button", name="Use these again").click()
    expect(page.get_by_text("Your own weights, fitted to your reviews")).to_be_visible()
    page.get_by_label("My reviews may teach the weights of my courses").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("My reviews may teach the weights of my courses")).to_be_checked()
    accessibility.check(page)
