from io import BytesIO

from config.management.commands.translations import KEYWORDS, template_messages


def messages(template: str) -> list[object]:
    found = template_messages(BytesIO(template.encode()), KEYWORDS, [], {})
    return [(function, text) for _line, function, text, _comments in found]


def test_it_finds_every_text_of_a_template() -> None:
    template = """{% load i18n %}<p class="it's">{% translate "You're here (again)" %}</p>
    {% blocktranslate trimmed with name=user.name %}
      Hello "{{ name }}"
    {% endblocktranslate %}
    {% blocktranslate count n=n %}{{ n }} card{% plural %}{{ n }} cards{% endblocktranslate %}
    {% translate "Again" context "rating" %}"""
    assert messages(template) == [
        ("gettext", "You're here (again)"),
        ("gettext", 'Hello "%(name)s"'),
        ("ngettext", ("%(n)s card", "%(n)s cards", None)),
        ("pgettext", ("rating", "Again")),
    ]
