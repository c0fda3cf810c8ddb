from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses import access, searching
from courses.search_words import MOST_QUERY_CHARACTERS, terms
from courses.views import current_locale, foreign_name


@require_safe
def search(request: HttpRequest, slug: str) -> HttpResponse:
    """What the sections, concepts and questions of a course say about a few words; htmx gets the hits alone."""
    course, locale = access.find_course(slug), current_locale()
    query = request.GET.get("q", "").strip()[:MOST_QUERY_CHARACTERS]
    own = locale if locale in course.locales else course.fallback
    found = searching.find(course, query, own)
    text = course.text(locale)
    context = {
        "course": course,
        "text": text,
        "query": query,
        "found": found,
        "other_language": foreign_name(found.locale, own) if found.groups else "",
        "searchable": bool(terms(query)),
    }
    only_hits = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    return render(request, "courses/search_hits.html" if only_hits else "courses/search.html", context)
