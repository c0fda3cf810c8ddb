"""What the tests of the editor share: the small course's first lesson, and forms as a browser sends them."""

from courses.models import LessonBody, LessonVersion

LESSON = "/authoring/small-course/neurons"
EDITOR = f"{LESSON}/en/"
WITH_HTMX = {"HX-Request": "true"}


def body(locale="en"):
    return LessonBody.objects.select_related("lesson__course").get(lesson__slug="neurons", locale=locale)


def numbers(locale="en"):
    versions = LessonVersion.objects.filter(lesson__slug="neurons", locale=locale)
    return list(versions.order_by("number").values_list("number", flat=True))


def form(old="", new="", *, locale="en", based_on=None, **fields):
    """The form of the editor with `old` replaced by `new` in the text; lines end as browsers end them."""
    present = body(locale)
    assert old in present.markdown
    markdown = present.markdown.replace(old, new) if old else present.markdown
    sent = {
        "title": present.title,
        "summary": present.summary,
        "markdown": markdown,
        "based_on": numbers(locale)[-1] if based_on is None else based_on,
    } | fields
    return {name: str(value).replace("\n", "\r\n") for name, value in sent.items()}


def save(client, old="", new="", *, locale="en", headers=None, **fields):
    return client.post(f"{LESSON}/{locale}/save/", form(old, new, locale=locale, **fields), headers=headers or {})


def preview(client, old="", new="", *, locale="en", headers=WITH_HTMX, **fields):
    return client.post(f"{LESSON}/{locale}/preview/", form(old, new, locale=locale, **fields), headers=headers)
