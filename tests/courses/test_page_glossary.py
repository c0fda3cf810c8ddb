import pytest

from quizzes.models import Question

pytestmark = pytest.mark.django_db
GLOSSARY = "/glossary/deep-learning-with-keras/"


def page(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_concept_stands_with_the_lesson_that_explains_it_first(client, shipped_course):
    text = page(client, GLOSSARY)
    for concept in shipped_course.concepts.all():
        assert f'href="{GLOSSARY}{concept.slug}/"' in text
    assert text.index('id="neuron"') < text.index('id="epoch"') < text.index('id="learning-rate"')


def test_it_speaks_the_language_of_the_reader(client, shipped_course):
    client.cookies["django_language"] = "zh-hans"
    assert "把梯度变成一步的系数" in page(client, GLOSSARY)


def test_a_concept_leads_to_what_explains_it_and_what_asks_for_it(client, shipped_course):
    text = page(client, f"{GLOSSARY}learning-rate/")
    assert "/courses/deep-learning-with-keras/learning-rate/#step-size" in text
    assert "Which of these rates makes the training diverge?" in text


def test_no_key_stands_on_the_page_of_a_concept(client, shipped_course):
    text = page(client, f"{GLOSSARY}learning-rate/")
    assert "The learning rate belongs to the optimizer." not in text


def test_it_predicts_recall_for_who_has_answered(client, shipped_course, learner):
    client.force_login(learner)
    assert "You have not been asked about it yet" in page(client, f"{GLOSSARY}learning-rate/")
    question = Question.objects.get(slug="who-holds-the-rate")
    form = {
        "question": question.pk,
        "version": 1,
        "review": "8b6d5b1e-7f1c-4c57-9a5e-0c2a54f1a111",
        "choice": "optimizer",
    }
    client.post("/review/answer/", form)
    assert "You would recall this with 100 % today." in page(client, f"{GLOSSARY}learning-rate/")
    assert "you would recall this with 100 % today" in page(client, GLOSSARY)


@pytest.mark.parametrize("url", [GLOSSARY, f"{GLOSSARY}learning-rate/"])
def test_it_needs_at_most_ten_queries(client, shipped_course, learner, url, django_assert_max_num_queries):
    client.force_login(learner)
    with django_assert_max_num_queries(10):
        page(client, url)


@pytest.mark.parametrize("url", ["/glossary/none/", f"{GLOSSARY}none/"])
def test_it_is_not_there_if_unknown(client, shipped_course, url):
    assert client.get(url).status_code == 404


def test_an_archived_concept_is_gone(client, shipped_course):
    shipped_course.concepts.filter(slug="neuron").update(archived_at="2026-01-01T00:00Z")
    assert client.get(f"{GLOSSARY}neuron/").status_code == 404
    assert 'id="neuron"' not in page(client, GLOSSARY)
