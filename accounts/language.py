from django.conf import settings
from django.http import HttpResponse


def remember_language(response: HttpResponse, locale: str) -> None:
    """From the next page on, this browser shows the site in `locale`, logged in or not."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        locale,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
