from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.views import SpectacularAPIView
from health_check.views import HealthCheckView

import accounts.urls
import courses.urls
import quizzes.urls
import sandbox.urls
from config import problems, views

admin.site.site_title = admin.site.site_header = "Engram"
admin.site.index_title = _("Administration")
# One door: the login page of the site, with its limits and its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

api_urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", views.ApiDocumentation.as_view(url_name="api:schema"), name="docs"),
    *accounts.urls.api_urlpatterns,
    *courses.urls.api_urlpatterns,
    *quizzes.urls.api_urlpatterns,
    *sandbox.urls.api_urlpatterns,
]

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("courses.urls")),
    path("", include("quizzes.urls")),
    path("sandbox/", include("sandbox.urls")),
    path("settings/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("i18n/setlang/", views.set_language, name="set_language"),
    path("health/", HealthCheckView.as_view(checks=["health_check.Database", "health_check.Cache"]), name="health"),
    path("admin/", admin.site.urls),
    path("api/v1/", include((api_urlpatterns, "api"))),
    re_path(r"^api/(?P<rest>.*)$", problems.unknown_path),
]


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return views.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    return views.server_error(request)
