import pytest

pytestmark = pytest.mark.django_db
URL = "/search/deep-learning-with-keras/"


def page(client, **query) -> str:
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_links_to_the_very_section_and_marks_the_words(client, shipped_course):
    text = page(client, q="out of the bowl")
    assert '/courses/deep-learning-with-keras/learning-rate/#bowl"' in text
    assert "<mark>bowl</mark>" in text.lower()


def test_it_searches_in_chinese(client, shipped_course):
    client.cookies["django_language"] = "zh-hans"
    text = page(client, q="损失")
    assert "<mark>损失</mark>" in text
    assert 'class="hits" lang="zh-hans"' in text


def test_it_says_where_it_had_to_look_in_another_language(client, shipped_course):
    assert "Found only in 简体中文" in page(client, q="超参数")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Two Chinese characters are enough"),
        ("?!", "no letter and no digit"),
        ("zebra", "Nothing in this course says"),
    ],
)
def test_it_says_what_to_do_when_there_is_nothing(client, shipped_course, query, words):
    assert words in page(client, q=query)


def test_it_gives_htmx_the_hits_alone(client, shipped_course):
    text = client.get(URL, {"q": "epoch"}, headers={"HX-Request": "true"}).content.decode()
    assert "<mark>" in text
    assert "<html" not in text


def test_words_of_a_visitor_are_only_text(client, shipped_course):
    assert "<script>alert" not in page(client, q="<script>alert(1)</script>")


def test_it_needs_at_most_ten_queries(client, shipped_course, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        page(client, q="the")


def test_it_is_not_there_for_a_course_that_is_not(client, shipped_course):
    assert client.get("/search/no-such-course/", {"q": "epoch"}).status_code == 404
