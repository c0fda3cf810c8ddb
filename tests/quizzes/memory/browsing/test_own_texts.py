"""The Markdown of own cards: that of questions, and pictures of one's own."""

import uuid

from django.urls import reverse

from quizzes.memory.browsing import own_texts

PICTURE = uuid.UUID("11111111-2222-4333-8444-555555555555")


def test_a_picture_is_shown_from_the_address_that_answers_its_owner() -> None:
    picture = own_texts.written(PICTURE, 'a "net"')
    rendered = own_texts.render(f"See {picture}.")
    address = reverse("quizzes:own_picture", args=[PICTURE])
    assert rendered == f'<p>See <img src="{address}" alt="a &quot;net&quot;" loading="lazy">.</p>'
    assert own_texts.pictures_shown(rendered) == [PICTURE]


def test_other_pictures_are_not_shown() -> None:
    rendered = own_texts.render("![x](https://example.org/a.png) ![y](picture:1) engrampicture0picture")
    assert "src" not in rendered
    assert "engrampicture" in rendered


def test_a_word_that_looks_like_a_place_is_no_picture() -> None:
    rendered = own_texts.render(f"engrampicture0picture ![net](picture:{PICTURE})")
    assert rendered.count("<img") == 1


def test_pictures_get_the_names_of_a_package_and_those_without_one_leave_their_words() -> None:
    rendered = own_texts.render(f"![net](picture:{PICTURE})")
    assert own_texts.with_sources(rendered, {PICTURE: "a&b.png"}) == '<p><img src="a&amp;b.png" alt="net"></p>'
    assert own_texts.with_sources(rendered, {}) == "<p>net</p>"
