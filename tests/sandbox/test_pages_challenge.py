"""The pages of the sandbox for who takes a challenge: its targets beside the recipe, its verdict on the run."""

import pytest
from django.urls import reverse

from quizzes import challenges
from sandbox import runs
from sandbox.models import Run, Status
from tests.quizzes.challenge_samples import ended, pose, start_of
from tests.quizzes.factories import NOW, make_course
from tests.sandbox.form_fields import fields_of

SECTION = "/courses/small/nets/#forward"


@pytest.fixture
def preset(db):
    return start_of(pose(make_course()))


@pytest.fixture
def page(client, learner):
    client.force_login(learner)
    return client


def recipe(page, query):
    answer = page.get(f"{reverse('sandbox:new_run')}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def panel(html):
    return html[html.index('id="challenge"') :]


def test_the_recipe_shows_what_is_to_be_reached_and_what_it_decides_already(page, preset) -> None:
    html = recipe(page, f"preset={preset.pk}")
    assert "<h1>Ninety percent</h1>" in html
    assert "Reach <strong>90%</strong>" in html
    assert "The rate is small." in html
    assert SECTION in html
    below = panel(html)
    assert "at least 90 %" in below
    assert below.count('<span class="visually-hidden">Met: </span>') == 2
    assert "The data stays as it is." in below


def test_the_signs_follow_the_recipe(page, preset) -> None:
    fields = fields_of(recipe(page, f"preset={preset.pk}"), "recipe")
    html = page.post(reverse("sandbox:new_run"), {**fields, "epochs": "21", "press": "preview"}).content.decode()
    below = panel(html)
    assert below.count('<span class="visually-hidden">Not met: </span>') == 1
    assert below.count('<span class="visually-hidden">Met: </span>') == 1


def test_a_run_that_is_started_from_it_belongs_to_it(page, preset) -> None:
    fields = fields_of(recipe(page, f"preset={preset.pk}"), "recipe")
    page.post(reverse("sandbox:new_run"), {**fields, "press": "start"})
    assert Run.objects.get().preset == preset


def test_training_again_with_changes_is_another_try(page, learner, preset) -> None:
    run = ended(learner, preset)
    html = recipe(page, f"from={run.pk}")
    assert fields_of(html, "recipe")["preset"] == str(preset.pk)
    assert "To reach in this run" in html


def test_another_experiment_shows_no_targets(page, learner) -> None:
    run = ended(learner, None)
    assert 'id="challenge"' not in recipe(page, f"from={run.pk}")
    assert 'id="challenge"' not in page.get(run.get_absolute_url()).content.decode()


@pytest.mark.parametrize("is_judged", [True, False])
def test_the_run_shows_which_targets_it_met_at_once(page, learner, preset, is_judged) -> None:
    run = ended(learner, preset, val_accuracy=0.85)
    if is_judged:
        challenges.judge(run.pk, now=NOW)
    html = page.get(run.get_absolute_url()).content.decode()
    below = panel(html)
    assert "2 targets of 3 met" in below
    assert below.count('<span class="visually-hidden">Met: </span>') == 2
    assert (
        '<span class="visually-hidden">Not met: </span><span class="target__name">Validation accuracy</span>' in below
    )
    assert "85.0 %" in below
    assert "642" in below
    assert "A longer step was enough." not in below
    assert SECTION in below


def test_a_miss_by_a_hair_does_not_read_like_the_target(page, learner, preset) -> None:
    run = ended(learner, preset, val_accuracy=0.8999)
    below = panel(page.get(run.get_absolute_url()).content.decode())
    assert "89.99 %" in below
    assert "90.0 %" not in below[: below.index("</section>")]


def test_a_run_that_met_it_tells_what_it_shows(page, learner, preset) -> None:
    html = page.get(ended(learner, preset).get_absolute_url()).content.decode()
    assert '<span aria-hidden="true">✓</span> Met</span>' in html
    assert "A longer step was enough." in html


def test_a_run_on_other_data_or_that_diverged_says_so(page, learner, preset) -> None:
    data = {"kind": "circles", "rows": 300, "split": "shuffled"}
    layers = [{"kind": "dense", "units": 2, "activation": "softmax"}]
    run = ended(learner, preset, status=Status.DIVERGED, changes={"data": data, "layers": layers})
    below = panel(page.get(run.get_absolute_url()).content.decode())
    assert "as the challenge gives it" in below
    assert '<span class="target__name">Outcome</span> <strong>finished</strong>' in below
    assert "diverged</span>" in below


def test_a_run_that_trains_is_judged_later_and_a_cancelled_one_never(page, learner, preset) -> None:
    run = runs.create(learner, ended(learner, None).pk.__class__(int=7), preset.spec, preset=preset, now=NOW)
    assert "It is judged when the run has ended." in page.get(run.get_absolute_url()).content.decode()
    runs.cancel(run, now=NOW)
    assert "so it is not judged" in page.get(run.get_absolute_url()).content.decode()


def test_the_pages_need_at_most_10_queries(page, learner, preset, django_assert_max_num_queries) -> None:
    run = ended(learner, preset)
    challenges.judge(run.pk, now=NOW)
    with django_assert_max_num_queries(10):
        page.get(run.get_absolute_url())
    with django_assert_max_num_queries(10):
        page.get(f"{reverse('sandbox:new_run')}?preset={preset.pk}")
