"""A challenge of a course folder: checked with file and line, imported, on the page of its lesson and in the API."""

import uuid

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.urls import reverse

from courses.folders import check_folder
from courses.ids import content_id
from courses.models import Course
from quizzes import challenges
from quizzes.models import Question, QuestionVersion
from sandbox.models import Preset
from tests.quizzes.challenge_samples import ended, entry

EXPERIMENTS = "01-neurons/experiments.yaml"
DIRECTIVE = "::challenge[Can you **do** it?]{ninety-percent}"


def the_challenge(**changes):
    return entry(section="training", concepts=["neuron"], **changes)


@pytest.fixture
def write(folder):
    """Put these challenges into the first lesson of the small course, and the directive into its texts."""

    def put(*given, directive=DIRECTIVE):
        file = folder / EXPERIMENTS
        experiments = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump({**experiments, "challenges": list(given)}, sort_keys=False))
        for locale in ("en", "zh-hans"):
            text = folder / f"01-neurons/lesson.{locale}.md"
            text.write_text(text.read_text() + f"\n{directive}\n")
        return folder

    return put


def found_in(folder):
    return [
        (problem.file.removeprefix(f"{folder}/"), problem.line, problem.message)
        for problem in check_folder(folder).problems
    ]


# --- checking --------------------------------------------------------------------------------------------------------


def test_a_sound_challenge_has_no_problems(write) -> None:
    assert found_in(write(the_challenge())) == []


@pytest.mark.parametrize(
    ("changes", "at", "message"),
    [
        ({"targets": {}}, "targets: {}", "ninety-percent: targets: a challenge needs a target"),
        ({"targets": {"accurracy": {"at_least": 1}}}, "accurracy:", "targets.accurracy: Extra inputs"),
        ({"targets": {"epochs": {"at_most": "20"}}}, "at_most: '20'", "Input should be a valid number"),
        ({"targets": {"layers": ["dens"]}}, "- dens", "there is no layer 'dens'"),
        ({"targets": {"r2_score": {"at_least": 0.9}}}, "r2_score:", "a run of the start does not measure r2_score"),
        ({"section": "nowhere"}, "- id: ninety-percent", "the lesson has no section 'nowhere'"),
        ({"concepts": ["nothing"]}, "- id: ninety-percent", "the course has no concept 'nothing'"),
        ({"kind": "numeric"}, "kind: numeric", "a challenge says no kind"),
        ({"texts": {"en": entry()["texts"]["en"]}}, "- id: ninety-percent", "no text in zh-hans"),
        ({"start": {**entry()["start"], "epochs": 0}}, "epochs: 0", "This must be at least 1."),
        ({"start": {**entry()["start"], "optimizer": {"kind": "adem"}}}, "kind: adem", "Choose one of: sgd"),
        ({"start": 7}, "start: 7", "valid dictionary"),
        ({"id": "two-three-two"}, "- id: two-three-two", "is that of an experiment, too"),
    ],
)
def test_each_fault_has_its_file_and_line(write, changes, at, message) -> None:
    given = {**the_challenge(), **changes}
    folder = write(given, directive=f"::challenge{{{given['id']}}}")
    found = [one for one in found_in(folder) if message in one[2]]
    assert found, found_in(folder)
    last = (folder / EXPERIMENTS).read_text().splitlines()
    lines = [number for number, line in enumerate(last, 1) if at in line]
    assert {file for file, _, _ in found} == {EXPERIMENTS}
    assert all(line in lines for _, line, _ in found)


def test_a_start_that_makes_no_sense_is_an_error(write) -> None:
    start = entry()["start"]
    layers = [*start["layers"][:-1], {"kind": "dense", "units": 1, "activation": "softmax"}]
    folder = write(the_challenge(start={**start, "layers": layers}))
    lines = (folder / EXPERIMENTS).read_text().splitlines()
    softmax = len(lines) - next(n for n, line in enumerate(reversed(lines)) if "softmax" in line)
    assert (EXPERIMENTS, softmax) in [(file, line) for file, line, _ in found_in(folder)]


def test_two_challenges_with_one_id_are_an_error(write) -> None:
    folder = write(the_challenge(), the_challenge())
    assert any("this id stands twice in the course" in message for _, _, message in found_in(folder))


def test_a_directive_to_a_challenge_that_is_not_there_is_an_error(write) -> None:
    folder = write(the_challenge(), directive="::challenge{nobody}")
    assert {(file, message) for file, _, message in found_in(folder)} == {
        (f"01-neurons/lesson.{locale}.md", "There is no challenge “nobody”.") for locale in ("en", "zh-hans")
    }


def test_any_other_list_is_a_problem_and_no_crash(folder) -> None:
    for text in ("challenges: 5", "challenges: [5]", "challenges: [{}]", "challenge: []"):
        (folder / EXPERIMENTS).write_text(text)
        assert [file for file, _, _ in found_in(folder) if file == EXPERIMENTS]


def test_a_challenge_has_no_place_among_the_questions(spoil) -> None:
    folder = spoil("01-neurons/questions.yaml", "kind: flashcard", "kind: challenge")
    assert any("unknown kind 'challenge'" in message for _, _, message in found_in(folder))


# --- importing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def course(db, write) -> Course:
    call_command("import_course", str(write(the_challenge())), verbosity=0)
    return Course.objects.get(slug="small-course")


def test_it_becomes_a_question_and_a_preset_that_no_list_shows(course, client, api, learner) -> None:
    question = Question.objects.get(kind="challenge")
    assert question.pk == content_id("small-course", "question", "ninety-percent")
    assert (question.lesson.slug, question.section.slug) == ("neurons", "training")
    assert [concept.slug for concept in question.concepts.all()] == ["neuron"]
    preset = Preset.objects.get(slug="ninety-percent")
    assert (preset.is_challenge, preset.spec["epochs"], preset.text("title", "zh-hans")) == (True, 20, "百分之九十")
    client.force_login(learner)
    assert "Ninety percent" not in client.get(reverse("sandbox:studio")).content.decode()
    listed = api.get("/api/v1/sandbox/presets/").json()["results"]
    assert [one["slug"] for one in listed] == ["two-three-two"]


def test_importing_it_again_changes_nothing_and_without_it_it_is_archived(course, folder) -> None:
    call_command("import_course", str(folder), verbosity=0)
    assert QuestionVersion.objects.filter(question__kind="challenge").count() == 1
    experiments = yaml.safe_load((folder / EXPERIMENTS).read_text())
    (folder / EXPERIMENTS).write_text(yaml.safe_dump({"experiments": experiments["experiments"]}))
    for locale in ("en", "zh-hans"):
        text = folder / f"01-neurons/lesson.{locale}.md"
        text.write_text(text.read_text().replace(DIRECTIVE, ""))
    call_command("import_course", str(folder), verbosity=0)
    assert Question.objects.get(kind="challenge").archived_at is not None
    assert Preset.objects.get(slug="ninety-percent").archived_at is not None


def test_a_faulty_challenge_imports_nothing(db, write) -> None:
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_course", str(write(the_challenge(targets={}))), verbosity=0)
    assert not Course.objects.exists()


# --- the page of the lesson ------------------------------------------------------------------------------------------


@pytest.fixture
def lesson(course):
    return course.lessons.get(slug="neurons")


@pytest.fixture
def preset(course) -> Preset:
    return Preset.objects.get(slug="ninety-percent")


def tried(learner, preset, **last):
    run = ended(learner, preset, **last)
    challenges.judge(run.pk, now=run.finished_at)
    return run


def card(client, lesson, language="en"):
    html = client.get(lesson.get_absolute_url(), headers={"accept-language": language}).content.decode()
    return html[html.index('<section class="card challenge"') : html.index("Can you <strong>do</strong> it?")]


def test_a_visitor_reads_what_is_to_be_reached(client, lesson, preset) -> None:
    html = card(client, lesson)
    for words in ("Ninety percent", "Reach <strong>90%</strong>", "at least 90 %", "at most 20", "at most 700"):
        assert words in html
    assert "Weights and biases" in html
    assert "The rate is small." in html
    assert "A longer step was enough." not in html
    assert f"{reverse('sandbox:new_run')}?preset={preset.pk}" in html
    assert "Take the challenge" in html
    assert "Not tried yet" not in html


def test_a_learner_sees_that_it_is_new(client, learner, lesson) -> None:
    client.force_login(learner)
    assert "Not tried yet" in card(client, lesson)


def test_the_best_try_is_shown_with_what_it_met_in_words(client, learner, lesson, preset) -> None:
    best = tried(learner, preset, val_accuracy=0.8)
    tried(learner, preset, minutes=1, val_accuracy=0.1, epochs=21, changes={"epochs": 30})
    client.force_login(learner)
    html = card(client, lesson)
    assert "Your best try met 2 targets of 3:" in html
    assert "Not met yet" in html
    assert "80.0 %" in html
    assert html.count('<span class="visually-hidden">Met: </span>') == 2
    assert html.count('<span class="visually-hidden">Not met: </span>') == 1
    assert reverse("sandbox:run", args=[best.pk]) in html
    assert "A longer step was enough." not in html


def test_what_was_met_is_said_with_what_it_shows_and_stays_met(client, learner, lesson, preset) -> None:
    tried(learner, preset)
    tried(learner, preset, minutes=1, val_accuracy=0.2)
    client.force_login(learner)
    html = card(client, lesson)
    assert '<span aria-hidden="true">✓</span> Met</span>' in html
    assert "A longer step was enough." in html
    assert "The rate is small." not in html
    assert "Take it again" in html


def test_nobody_elses_tries_are_shown(client, learner, other_learner, lesson, preset) -> None:
    tried(other_learner, preset)
    client.force_login(learner)
    assert "Not tried yet" in card(client, lesson)


def test_it_is_read_in_the_language_of_the_text(client, lesson) -> None:
    html = client.get(lesson.get_absolute_url(), headers={"accept-language": "zh-hans"}).content.decode()
    assert "百分之九十" in html
    assert "在没见过的数据上达到" in html


def test_the_page_needs_at_most_10_queries_with_it(
    client, learner, lesson, preset, django_assert_max_num_queries
) -> None:
    tried(learner, preset)
    client.force_login(learner)
    client.get(lesson.get_absolute_url())
    with django_assert_max_num_queries(10):
        client.get(lesson.get_absolute_url())


# --- the API ---------------------------------------------------------------------------------------------------------


def payload(api, lesson):
    body = api.get(f"/api/v1/lessons/{lesson.pk}/").json()
    (challenge,) = body["challenges"]
    return body["html"], challenge


def test_an_app_gets_the_challenge_with_its_start_and_targets(api, lesson, preset) -> None:
    html, challenge = payload(api, lesson)
    assert challenge["id"] == str(content_id("small-course", "question", "ninety-percent"))
    assert f'data-challenge="{challenge["id"]}"' in html
    assert (challenge["state"], challenge["best_run"], challenge["feedback"]) == ("new", None, "")
    assert (challenge["preset"], challenge["start"]) == (str(preset.pk), preset.spec)
    assert challenge["targets"][0] == {
        "name": "val_accuracy",
        "at_least": 0.9,
        "at_most": None,
        "allowed": [],
        "title": "Validation accuracy",
        "wanted": "at least 90 %",
        "met": None,
        "reached": "",
    }


def test_an_app_gets_the_state_of_its_learner(api, learner, lesson, preset) -> None:
    run = tried(learner, preset, val_accuracy=0.8)
    _, challenge = payload(api, lesson)
    assert (challenge["state"], challenge["best_run"]) == ("tried", str(run.pk))
    assert [target["met"] for target in challenge["targets"]] == [False, True, True]
    tried(learner, preset, minutes=1)
    _, challenge = payload(api, lesson)
    assert (challenge["state"], challenge["feedback"]) == ("met", "<p>A longer step was enough.</p>")


def test_an_app_takes_it_by_naming_the_preset(api, lesson) -> None:
    _, challenge = payload(api, lesson)
    body = {"spec": challenge["start"], "preset": challenge["preset"]}
    answer = api.put(f"/api/v1/sandbox/runs/{uuid.uuid4()}/", body)
    assert (answer.status_code, answer.json()["preset"]) == (201, challenge["preset"])
