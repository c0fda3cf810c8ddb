import re
import uuid
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.models import Course
from quizzes.memory import reviews
from quizzes.memory.reviewing import marks, sittings
from quizzes.models import MemoryState, Question, Review
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml
from tests.quizzes.memory.samples import more_cards, open_lesson, remember

HTMX = {"hx-request": "true"}
PAGE = "/review/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class Fields(HTMLParser):
    """The hidden fields of the first form that has a review id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(html[: html.find("data-undo")] if "data-undo" in html else html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden" and values.get("name") != "csrfmiddlewaretoken":
            self.fields[values["name"] or ""] = values["value"] or ""


def get(page: Client, address: str = PAGE, **headers: str) -> str:
    response = page.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def text(html: str) -> str:
    main = html[html.find("<main") :] if "<main" in html else html
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def rate(page: Client, html: str, rating: int = 3, **headers: str) -> Any:
    return page.post(reverse("quizzes:review_rate"), Fields(html).fields | {"rating": rating}, headers=headers)


def missed(learner: User, course: Course, slug: str = "nonlinear") -> Question:
    question = course.questions.get(slug=slug)
    remember(learner, question, NOW - timedelta(minutes=1), MemoryState.State.LEARNING)
    return question


class TestAFlashcard:
    def test_it_shows_the_card_with_the_next_interval_on_each_button(
        self, page: Client, learner: User, course: Course
    ) -> None:
        open_lesson(learner, course)
        html = get(page)
        assert "What is an epoch?" in html
        assert "1 card left" in html
        assert html.index("Show answer") < html.index("One pass over the training set.")
        assert re.search(r"Again 1 1 minute Hard 2 6 minutes Good 3 10 minutes Easy 4 \d+ days", text(html)), text(html)
        assert "/courses/small/nets/#forward" in html

    def test_rating_it_keeps_one_review_and_goes_on_to_the_next(
        self, page: Client, learner: User, course: Course
    ) -> None:
        more_cards(course, 1)
        open_lesson(learner, course)
        first = get(page)
        response = rate(page, first)
        assert response.status_code == 302
        second = get(page, response.url)
        assert Fields(second).fields["question"] != Fields(first).fields["question"]
        assert "The last card comes back in 10 minutes." in text(second)
        assert Review.objects.get().rating == 3
        assert 'max="2" value="1"' in second

    def test_the_button_told_the_truth_about_when_it_comes_back(
        self, page: Client, learner: User, course: Course
    ) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW)
        html = get(page)
        promised = re.search(r"Easy 4 (\d+ days)", text(html))
        assert promised
        after = get(page, rate(page, html, 4).url)
        assert f"The last card comes back in {promised[1]}." in text(after)

    def test_a_second_click_and_a_second_tab_make_one_review(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        one_tab, other_tab = get(page), get(page)
        rate(page, one_tab, 3)
        rate(page, one_tab, 3)
        assert rate(page, other_tab, 1).status_code == 302
        assert [review.rating for review in Review.objects.all()] == [3]

    def test_htmx_gets_only_the_next_card(self, page: Client, learner: User, course: Course) -> None:
        more_cards(course, 1)
        open_lesson(learner, course)
        response = rate(page, get(page), **HTMX)
        html = get(page, response.url, **HTMX)
        assert html.lstrip().startswith('<div id="review"')
        assert "<html" not in html

    def test_it_says_how_long_the_answer_took(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        fields = Fields(get(page)).fields | {"rating": "3", "elapsed_ms": "4100"}
        page.post(reverse("quizzes:review_rate"), fields)
        assert Review.objects.get().elapsed_ms == 4100


class TestAGradedQuestion:
    def test_it_is_asked_again_and_shows_neither_key_nor_feedback(
        self, page: Client, learner: User, course: Course
    ) -> None:
        missed(learner, course)
        html = get(page)
        assert html.count('type="radio"') == 3
        assert "Depth needs non-linearity" not in html
        assert "data-rating" not in html

    def test_its_answer_is_graded_explained_and_scheduled(self, page: Client, learner: User, course: Course) -> None:
        missed(learner, course)
        response = page.post(
            reverse("quizzes:review_answer"), Fields(get(page)).fields | {"choice": "nonlinear"}, follow=True
        )
        html = response.content.decode()
        assert "Your answer, right" in html
        assert "Depth needs non-linearity." in html
        assert "/courses/small/nets/#activations" in html
        assert "This question comes back in 10 minutes." in text(html)
        assert Review.objects.get().score == 1.0

    def test_a_cloze_is_graded_too(self, page: Client, learner: User, course: Course) -> None:
        missed(learner, course, "output")
        form = Fields(get(page)).fields | {"blank-sum": "product", "blank-name": "forward pass"}
        html = page.post(reverse("quizzes:review_answer"), form, follow=True).content.decode()
        assert "1 of 2 is right" in text(html)
        assert Review.objects.get().rating == 2

    def test_an_empty_answer_is_asked_for_and_kept_nowhere(self, page: Client, learner: User, course: Course) -> None:
        missed(learner, course)
        response = page.post(reverse("quizzes:review_answer"), Fields(get(page)).fields)
        assert response.status_code == 422
        assert "Give an answer first" in response.content.decode()
        assert not Review.objects.exists()

    def test_the_feedback_of_another_learner_is_not_there(
        self, page: Client, client: Client, learner: User, other_learner: User, course: Course
    ) -> None:
        missed(learner, course)
        address = page.post(reverse("quizzes:review_answer"), Fields(get(page)).fields | {"choice": "linear"}).url
        assert page.get(address).status_code == 200
        client.force_login(other_learner)
        assert client.get(address).status_code == 404


class TestUndo:
    def test_it_takes_the_last_rating_back_and_asks_the_card_again(
        self, page: Client, learner: User, course: Course
    ) -> None:
        more_cards(course, 2)
        open_lesson(learner, course)
        first = get(page)
        second = get(page, rate(page, first, 4).url)
        undo = {"review": Fields(first).fields["review"], "since": Fields(first).fields["since"]}
        response = page.post(reverse("quizzes:review_undo"), undo)
        again = get(page, response.url)
        assert Fields(again).fields["question"] == Fields(first).fields["question"] != Fields(second).fields["question"]
        assert not MemoryState.objects.exists()
        assert "data-undo" not in again

    def test_the_card_can_then_be_rated_differently(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        first = get(page)
        rate(page, first, 4)
        response = page.post(reverse("quizzes:review_undo"), {"review": Fields(first).fields["review"], "since": "0"})
        rate(page, get(page, response.url), 1)
        state = MemoryState.objects.get()
        assert (state.reps, state.due) == (1, NOW + timedelta(minutes=1))

    def test_a_review_of_another_learner_is_not_there(
        self, page: Client, client: Client, learner: User, other_learner: User, course: Course
    ) -> None:
        open_lesson(learner, course)
        html = get(page)
        rate(page, html)
        client.force_login(other_learner)
        form = {"review": Fields(html).fields["review"], "since": "0"}
        assert client.post(reverse("quizzes:review_undo"), form).status_code == 404
        assert MemoryState.objects.count() == 1


class TestTheEnd:
    def test_a_new_learner_is_shown_the_way_to_the_lessons(self, page: Client) -> None:
        html = get(page)
        assert "Nothing to review yet" in html
        assert "To the lessons" in html

    def test_it_says_when_the_next_card_comes_back(self, page: Client, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(days=3))
        assert "Done for today The next card comes back in 3 days:" in text(get(page))

    def test_who_has_done_nothing_today_is_not_told_to_be_done(
        self, page: Client, learner: User, course: Course
    ) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(days=2))
        assert "Nothing is due today The next card comes back in 2 days:" in text(get(page))

    def test_a_step_that_is_due_soon_appears_by_itself(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        html = get(page, rate(page, get(page), 3).url)
        assert "1 card comes back today, in 10 minutes." in text(html)
        assert 'hx-trigger="load delay:601s"' in html

    def test_after_20_cards_there_is_a_pause_that_says_how_it_went(
        self, page: Client, learner: User, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sittings, "PAUSE_AFTER", 3)
        more_cards(course, 4)
        open_lesson(learner, course)
        address = PAGE
        for rating in (3, 1, 3):
            address = rate(page, get(page, address), rating).url
        html = text(get(page, address))
        assert "You reviewed 3 cards and knew 2 of them." in html
        assert "Again 1 Hard 0 Good 2 Easy 0" in html
        assert "Go on: 3 cards left" in html


class TestLayingAside:
    def lay_aside(self, page: Client, html: str, what: str, **headers: str) -> Any:
        return page.post(reverse("quizzes:review_mark"), Fields(html).fields | {"do": what}, headers=headers)

    @pytest.mark.parametrize(
        ("what", "said"),
        [
            ("suspend", "Suspended: this card is not asked any more."),
            ("bury", "Buried: this card comes back tomorrow."),
        ],
    )
    def test_another_card_comes_and_the_way_back_stands_there(
        self, page: Client, learner: User, course: Course, what: str, said: str
    ) -> None:
        more_cards(course, 1)
        open_lesson(learner, course)
        first = get(page)
        html = get(page, self.lay_aside(page, first, what).url)
        assert said in text(html)
        assert (
            Fields(html[html.index("</form>", html.index("data-undo")) :]).fields["question"]
            != (Fields(first).fields["question"])
        )
        assert "1 card left" in html
        back = {"question": Fields(first).fields["question"], "since": "0", "do": "take_up"}
        again = get(page, page.post(reverse("quizzes:review_mark"), back).url)
        assert Fields(again).fields["question"] == Fields(first).fields["question"]
        assert "2 cards left" in again

    def test_the_last_card_laid_aside_can_be_taken_back_too(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        html = get(page, self.lay_aside(page, get(page), "suspend").url)
        assert "Nothing to review yet" in html
        assert "Take it up again" in html

    def test_the_card_can_still_be_asked_by_name(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        marks.suspend(learner, [card.pk], now=NOW)
        html = get(page, f"{PAGE}?card={card.pk}")
        assert "What is an epoch?" in html
        assert "Suspended" in text(html)

    def test_an_address_made_up_says_nothing(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        card = course.questions.get(slug="card-epoch")
        assert "Take it up" not in get(page, f"{PAGE}?marked={card.pk}")

    def test_memory_stays_as_it_is(self, page: Client, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW)
        before = MemoryState.objects.values().get()
        self.lay_aside(page, get(page), "suspend")
        assert MemoryState.objects.values().get() == before
        assert not Review.objects.exists()


class TestANote:
    def write(self, page: Client, card: Question, note: str, before: str = "", **headers: str) -> Any:
        form = {"question": str(card.pk), "since": "0", "note": note, "before": before}
        return page.post(reverse("quizzes:review_note"), form, headers=headers)

    def test_it_stands_with_the_answer_and_is_safe(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        card = course.questions.get(slug="card-epoch")
        address = self.write(page, card, "**Mine**: <img src=x onerror=alert(1)> $w_1$").url
        html = get(page, address)
        assert html.index("One pass over the training set.") < html.index("<strong>Mine</strong>")
        shown = html[html.index("data-note-text") : html.index("data-note-edit")]
        assert "<math" in shown
        assert "src=" not in shown
        assert "onerror" not in shown

    def test_htmx_gets_only_the_note(self, page: Client, learner: User, course: Course) -> None:
        html = self.write(page, course.questions.get(slug="card-epoch"), "mine", **HTMX).content.decode()
        assert html.lstrip().startswith('<section id="note"')
        assert "Saved." in html

    def test_a_note_from_another_device_is_not_overwritten(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        self.write(page, card, "from the phone")
        response = self.write(page, card, "from the desk")
        assert response.status_code == 409
        html = response.content.decode()
        assert html.index("from the phone") < html.index("from the desk")
        assert "Another note was saved meanwhile" in html
        assert marks.of(learner, [card.pk])[card.pk].note == "from the phone"

    def test_a_graded_question_shows_it_with_its_outcome(self, page: Client, learner: User, course: Course) -> None:
        question = missed(learner, course)
        self.write(page, question, "remember the bend")
        assert "remember the bend" not in get(page)
        form = Fields(get(page)).fields | {"choice": "linear"}
        assert "remember the bend" in page.post(reverse("quizzes:review_answer"), form, follow=True).content.decode()


class TestTypingFirst:
    def compare(self, page: Client, card: Question, typed: str, **headers: str) -> Any:
        form = {"question": str(card.pk), "version": "1", "since": "0", "typed": typed}
        return page.post(reverse("quizzes:review_compare"), form, headers=headers)

    def test_a_browser_remembers_that_its_learner_types(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        html = get(page)
        assert "data-typing" not in html
        page.post(reverse("quizzes:review_typing"), Fields(html).fields | {"typing": "on"})
        assert "data-typing" in get(page)
        page.post(reverse("quizzes:review_typing"), Fields(html).fields | {"typing": "off"})
        assert "data-typing" not in get(page)

    def test_what_was_typed_stands_against_the_back(self, page: Client, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        html = self.compare(page, card, "one pass over the set", **HTMX).content.decode()
        assert text(html).startswith("One pass over the missing: training set missing: .")
        assert "5 of 6 words are the same" in text(html)
        assert not Review.objects.exists()

    def test_without_scripts_it_is_a_page_with_the_answer_open(
        self, page: Client, learner: User, course: Course
    ) -> None:
        open_lesson(learner, course)
        html = self.compare(page, course.questions.get(slug="card-epoch"), "<b>one</b>").content.decode()
        assert "data-answer open" in html
        assert "<b>one" not in html
        assert "data-rating" in html

    def test_nothing_typed_only_shows_the_answer(self, page: Client, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        assert self.compare(page, card, "  ", **HTMX).content.strip() == b""

    def test_a_question_that_is_graded_has_no_back(self, page: Client, course: Course) -> None:
        assert self.compare(page, course.questions.get(slug="nonlinear"), "x").status_code == 404

    def test_a_blank_missed_by_a_sign_is_shown_with_it(self, page: Client, learner: User, course: Course) -> None:
        missed(learner, course, "output")
        form = Fields(get(page)).fields | {"blank-sum": "weighted-sum", "blank-name": "foward pass"}
        html = page.post(reverse("quizzes:review_answer"), form, follow=True).content.decode()
        assert "fo<ins>r</ins>ward pass" in html


class TestAChangedCard:
    def change(self, course: Course, old: str, new: str) -> None:
        import_yaml(course, QUESTIONS.replace(old, new))

    def test_it_says_so_and_what_it_said_before(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        card = course.questions.get(slug="card-epoch")
        rate(page, get(page))
        self.change(course, "One pass over the training set.", "Every sample seen once.")
        html = get(page, f"{PAGE}?card={card.pk}")
        assert "Changed" in text(html)
        told = html[html.index("What it said before") :]
        assert "One pass over the training set." in told
        assert html.index("data-answer") < html.index("What it said before"), "what it answered is no hint"
        rate(page, html)
        assert "Changed" not in text(get(page, f"{PAGE}?card={card.pk}"))

    @pytest.mark.parametrize(
        ("old", "new"),
        [("遍历训练集一次。", "每个样本一次。"), ("concepts: [forward-pass]\n    texts:", "texts:")],
    )
    def test_another_language_is_no_change(
        self, page: Client, learner: User, course: Course, old: str, new: str
    ) -> None:
        open_lesson(learner, course)
        card = course.questions.get(slug="card-epoch")
        rate(page, get(page))
        self.change(course, old, new)
        assert "Changed" not in text(get(page, f"{PAGE}?card={card.pk}"))

    def test_a_former_feedback_is_never_shown(self, page: Client, learner: User, course: Course) -> None:
        question = missed(learner, course)
        page.post(reverse("quizzes:review_answer"), Fields(get(page)).fields | {"choice": "linear"})
        self.change(course, "text: linear,", "text: a straight line,")
        html = get(page, f"{PAGE}?card={question.pk}")
        assert "What it said before" in html
        assert "Stacked linear maps" not in html
        assert "Depth needs" not in html


class TestWhatWasKept:
    """A rating that could not be sent when it was given."""

    def send(self, page: Client, learner: User, html: str, **more: str) -> Any:
        fields = Fields(html).fields | {"learner": str(learner.pk), "occurred_at": "2026-03-01T11:50:00Z"}
        return page.post(reverse("quizzes:review_kept"), fields | more)

    def test_it_counts_from_when_it_was_given(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        answer = self.send(page, learner, get(page), rating="3")
        assert answer.json() == {"status": "created", "next": "/review/?since=0"}
        assert Review.objects.get().occurred_at == NOW - timedelta(minutes=10)

    def test_sent_again_or_after_all_arrived_it_is_one_review(
        self, page: Client, learner: User, course: Course
    ) -> None:
        open_lesson(learner, course)
        html = get(page)
        rate(page, html, 3)
        assert self.send(page, learner, html, rating="3").json()["status"] == "conflict"
        assert self.send(page, learner, html, rating="1").json()["status"] == "conflict"
        assert [review.rating for review in Review.objects.all()] == [3]

    def test_an_answer_is_graded_and_leads_to_its_outcome(self, page: Client, learner: User, course: Course) -> None:
        missed(learner, course)
        answer = self.send(page, learner, get(page), choice="nonlinear").json()
        assert answer["status"] == "created"
        assert "Your answer, right" in get(page, answer["next"])

    def test_of_another_learner_it_is_not_taken(
        self, page: Client, client: Client, learner: User, other_learner: User, course: Course
    ) -> None:
        open_lesson(learner, course)
        html = get(page)
        client.force_login(other_learner)
        assert self.send(client, learner, html, rating="3").status_code == 409
        assert not Review.objects.exists()

    def test_logged_out_it_stays_where_it_is(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        html = get(page)
        page.logout()
        answer = self.send(page, learner, html, rating="3")
        assert (answer.status_code, answer.json()) == (401, {"status": "login"})

    @pytest.mark.parametrize("fields", [{"occurred_at": "yesterday"}, {"rating": "9"}, {"review": "x"}])
    def test_what_is_no_review_is_refused(
        self, page: Client, learner: User, course: Course, fields: dict[str, str]
    ) -> None:
        open_lesson(learner, course)
        assert self.send(page, learner, get(page), **({"rating": "3"} | fields)).json()["status"] == "rejected"
        assert not Review.objects.exists()


class TestALoginThatHasEnded:
    def test_htmx_is_told_and_gets_no_page_of_the_login(self, client: Client, db: None) -> None:
        for name in ["review_rate", "review_answer", "review_mark", "review_note", "review_undo", "review_compare"]:
            answer = client.post(reverse(f"quizzes:{name}"), headers=HTMX)
            assert (answer.status_code, answer.content) == (401, b""), name

    def test_a_form_leads_back_to_the_review(self, client: Client, db: None) -> None:
        assert client.post(reverse("quizzes:review_rate")).url == "/accounts/login/?next=/review/"


def test_it_says_quietly_why_a_card_is_asked_now(page: Client, learner: User, course: Course) -> None:
    (card,) = more_cards(course, 1)
    remember(learner, card, NOW)
    assert "You are about to forget this one." in text(get(page))


class TestTheDoor:
    def test_a_visitor_is_sent_to_the_login(self, client: Client, db: None) -> None:
        assert "/accounts/login/" in client.get(PAGE).url

    @pytest.mark.parametrize(
        "name", ["review_rate", "review_answer", "review_undo", "review_compare", "review_mark", "review_note"]
    )
    @pytest.mark.parametrize(
        "form", [{}, {"question": "x", "version": "y", "review": "z"}, {"question": str(uuid.uuid4()), "version": "1"}]
    )
    def test_a_form_that_fits_nothing_is_a_404(self, page: Client, name: str, form: dict[str, str]) -> None:
        assert page.post(reverse(f"quizzes:{name}"), form).status_code == 404

    @pytest.mark.parametrize(
        "query", ["since=-1", "since=x", "since=99999999999999999999", "since=²", "card=7", "card="]
    )
    def test_a_strange_address_is_a_new_sitting(self, page: Client, query: str) -> None:
        assert "Nothing to review yet" in get(page, f"{PAGE}?{query}")

    @pytest.mark.parametrize("cards", [1, 15])
    def test_it_takes_at_most_ten_queries(
        self, page: Client, learner: User, course: Course, cards: int, django_assert_max_num_queries: Any
    ) -> None:
        questions = more_cards(course, cards + 1)
        open_lesson(learner, course)
        for question in questions[1:]:
            remember(learner, question, NOW)
        item = {"id": str(uuid.uuid4()), "question": str(questions[0].pk), "rating": 3, "occurred_at": NOW}
        reviews.record(learner, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=NOW)
        with django_assert_max_num_queries(10):
            html = get(page, f"{PAGE}?since=0")
        assert "The last card comes back" in html
        with django_assert_max_num_queries(10):
            get(page)


def test_it_speaks_chinese(page: Client, learner: User, course: Course) -> None:
    open_lesson(learner, course)
    assert "什么是 epoch？" in get(page, **{"accept-language": "zh-hans"})
