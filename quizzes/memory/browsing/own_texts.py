"""The Markdown of a learner's own cards → safe HTML. Pure.

It is the Markdown of questions, and pictures of one's own: `![what there is to see](picture:<id>)`. Whoever may not
see the picture of an id gets none: its address answers its owner alone.
"""

import html
import re
from typing import Final
from uuid import UUID

from courses.rendering import render_fragment
from quizzes.kinds.base import Html

ADDRESS: Final = "/memory/pictures/{}/"
_ID: Final = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_WRITTEN = re.compile(rf"!\[([^\]\n]{{0,200}})\]\(picture:({_ID})\)")
_SHOWN = re.compile(rf'<img src="{ADDRESS.format(f"({_ID})")}" alt="([^"]*)"[^>]*>')
# Words that Markdown, Pygments and the sanitiser all pass on untouched.
_PLACE: Final = "engrampicture{}picture"
_PLACES = re.compile(r"engrampicture(\d{1,6})picture")


def render(text: str) -> Html:
    """Return safe HTML, with the pictures where the text has them."""
    if _WRITTEN.search(text) is None:
        return render_fragment(text)
    pictures: list[tuple[str, str]] = []

    def hold(found: re.Match[str]) -> str:
        pictures.append((found[1], found[2]))
        return _PLACE.format(len(pictures) - 1)

    held = _WRITTEN.sub(hold, _PLACES.sub("", text))
    return _PLACES.sub(lambda place: _shown(*pictures[int(place[1])]), render_fragment(held))


def written(picture: UUID, what: str) -> str:
    """Return the Markdown that shows a picture; `what` there is to see on it, in any words."""
    plain = " ".join(re.sub(r"[\[\]\\]", " ", what).split())
    return f"![{plain[:200]}](picture:{picture})"


def pictures_in(text: str) -> list[UUID]:
    """Return the pictures of a Markdown text, each once."""
    return list(dict.fromkeys(UUID(found[2]) for found in _WRITTEN.finditer(text)))


def pictures_shown(rendered: Html) -> list[UUID]:
    """Return the pictures that rendered HTML shows, each once."""
    return list(dict.fromkeys(UUID(found[1]) for found in _SHOWN.finditer(rendered)))


def with_sources(rendered: Html, sources: dict[UUID, str]) -> Html:
    """Return the HTML with other addresses of its pictures; those without one are left out."""

    def put(found: re.Match[str]) -> str:
        source = sources.get(UUID(found[1]))
        return f'<img src="{html.escape(source)}" alt="{found[2]}">' if source else found[2]

    return _SHOWN.sub(put, rendered)


def _shown(what: str, picture: str) -> Html:
    return f'<img src="{ADDRESS.format(picture)}" alt="{html.escape(what)}" loading="lazy">'
