"""Templates, cloze deletions, formulas, pictures and hostile HTML of notes → Markdown."""

import uuid

import pytest

from quizzes.memory.anki.note_rendering import Sides, UnfitError, clozed, sides_of
from quizzes.memory.anki.package_reading import Card, Note, NoteType, Template
from quizzes.memory.browsing import own_texts

PICTURE = uuid.UUID("11111111-2222-4333-8444-555555555555")
BACK = "{{FrontSide}}<hr id=answer>{{Back}}"


def sides(front: str, back: str = "answer", *, templates: tuple[str, str] = ("{{Front}}", BACK), **more) -> Sides:
    kind = NoteType("Basic", False, ["Front", "Back", *more], [Template("Card 1", *templates)])
    card = Card(Note("g", kind, [front, back, *more.values()], "sgd adam"), 0, "Nets::Layers", False, [])
    return sides_of(card, {"net.png": PICTURE, "网络 图.png": PICTURE})


def cloze(text: str, ordinal: int = 0) -> Sides:
    kind = NoteType("Cloze", True, ["Text"], [Template("Cloze", "{{cloze:Text}}", "{{cloze:Text}}")])
    return sides_of(Card(Note("g", kind, [text], ""), ordinal, "", False, []), {})


@pytest.mark.parametrize(
    ("templates", "front", "back"),
    [
        (("{{Front}}", BACK), "q", "a"),
        (("{{Front}} ({{Deck}}, {{Subdeck}}, {{Tags}})", "{{Back}}"), "q (Nets::Layers, Layers, sgd adam)", "a"),
        (("{{#Hint}}with{{/Hint}}{{^Hint}}without{{/Hint}} {{Front}}", "{{Back}}"), "without q", "a"),
        (("{{#Front}}{{#Hint}}no{{/Hint}}yes{{/Front}}", "{{Back}}"), "yes", "a"),
        (("{{Front}}{{type:Back}}{{hint:Hint}}", "{{FrontSide}}<hr id='answer'>{{type:Back}}"), "q", "a"),
        (("{{Front}}", "{{FrontSide}} {{Back}}"), "q", "a"),
        (("{{ Front }}<!-- {{Back}} -->", "{{text:Back}}{{Nothing}}{{tts en_US:Back}}"), "q", "a"),
        (("{{Front}}<style>.card {color: red}</style><script>alert(1)</script>", "{{Back}}"), "q", "a"),
    ],
)
def test_templates(templates: tuple[str, str], front: str, back: str) -> None:
    found = sides("q", "a", templates=templates, Hint="")
    assert (found.front, found.back) == (front, back)


def test_cloze_deletions_in_each_other() -> None:
    text = "{{c1::a {{c2::b::hint}}}} and {{c1::c}}, {{c10::d}}"
    assert clozed(text, 1, is_back=False) == "<b>[…]</b> and <b>[…]</b>, d"
    assert clozed(text, 2, is_back=False) == "a <b>[hint]</b> and c, d"
    assert clozed(text, 10, is_back=True) == "a b and c, <b>d</b>"


def test_a_gap_in_a_formula_has_no_tags() -> None:
    found = cloze(r"\( y = {{c1::w}} x \), so {{c1::linear}}")
    assert found.front == r"\( y = […] x \), so **\[…]**"
    assert "<code>" not in own_texts.render(found.front)
    assert found.back == r"\( y = w x \), so **linear**"


@pytest.mark.parametrize("text", ["no gap", "}} {{c2::x", "{{c1::}}"])
def test_a_text_without_the_gap_is_no_card(text: str) -> None:
    with pytest.raises(UnfitError):
        cloze(text, 4)


def test_deep_nesting_is_no_card() -> None:
    with pytest.raises(UnfitError, match="too_long"):
        cloze("{{c1::" * 50 + "x" + "}}" * 50)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"[$]x^2[/$]", r"\(x^2\)"),
        (r"[$$]x^2[/$$]", r"\[x^2\]"),
        (r"[latex]$x^2$[/latex]", r"\(x^2\)"),
        (r"\(x &lt; <b>y</b>\)", r"\(x < y \)"),
        ("costs $5 and $6", r"costs \$5 and \$6"),
        ("<b>bold</b> *no* _emphasis_", r"**bold** \*no\* \_emphasis\_"),
        ("a<br>b", "a  \nb"),
        ("<div>a</div><div>b</div>", "a\n\nb"),
    ],
)
def test_texts_and_formulas(written: str, read: str) -> None:
    assert sides(written).front == read


def test_pictures_are_named_by_their_ids() -> None:
    found = sides('<img src="net.png" alt="a [net]"> <img src="%E7%BD%91%E7%BB%9C%20%E5%9B%BE.png">')
    assert found.front == f"![a net](picture:{PICTURE}) ![网络 图](picture:{PICTURE})"
    assert own_texts.render(found.front).count(f'<img src="/memory/pictures/{PICTURE}/"') == 2
    assert found.pictures == (PICTURE,)


def test_a_picture_that_is_elsewhere_is_not_fetched() -> None:
    found = sides('here <img src="https://example.org/spy.png"> and <img src="../../net.png">')
    assert (found.front, found.missing) == ("here and", ("https://example.org/spy.png", "../../net.png"))


@pytest.mark.parametrize(
    "hostile",
    [
        "q<script>alert(1)</script>",
        'q<img src="net.png" onerror="alert(1)">',
        'q<a href="javascript:alert(1)">x</a>',
        "q<iframe src=//evil></iframe>",
        "q<svg onload=alert(1)></svg>",
        'q<img src="net.png" alt="](x) <script>alert(1)</script> &quot; onerror=&quot;alert(1)">',
        "q &lt;script&gt;alert(1)&lt;/script&gt;",
        "q\ue000 [x](javascript:alert(1)) engrampicture0picture",
    ],
)
def test_nothing_of_a_note_runs(hostile: str) -> None:
    found = sides(hostile)
    rendered = own_texts.render(found.front)
    assert "<script" not in rendered
    assert 'href="javascript' not in rendered
    assert "onerror=" not in rendered.replace("onerror=&quot;", "")
    assert "<iframe" not in rendered
    assert "<svg" not in rendered


def test_sounds_are_counted() -> None:
    found = sides("word [sound:a.mp3] [anki:tts lang=en_US]word[/anki:tts]", "x [sound:b.mp3]")
    assert (found.front, found.back, found.sounds) == ("word", "x", 3)


@pytest.mark.parametrize(
    ("front", "back", "code"),
    [("", "a", "empty_front"), ("q", "<br>", "empty_back"), ("q" * 10_001, "a", "too_long")],
)
def test_a_side_that_no_card_can_have(front: str, back: str, code: str) -> None:
    with pytest.raises(UnfitError, match=code):
        sides(front, back)


def test_a_note_without_its_type_is_no_card() -> None:
    with pytest.raises(UnfitError, match="no_template"):
        sides_of(Card(Note("g", None, ["a"], ""), 0, "", False, []), {})
