import allauth.usersessions.admin  # noqa: F401  (registers what is taken back below)
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# Rights come from roles and from the courses one teaches; a group would promise what nobody looks at. Sessions belong
# to their owners, who see and end them in their settings.
admin.site.unregister([Group, UserSession])


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)
        field_classes = {"email": forms.EmailField}

    def clean_email(self) -> str:
        """As everywhere: one account per address, whatever its capitals."""
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "role_names", "locale", "date_joined", "last_login", "is_active")
    list_filter = ("is_active", "is_staff", "is_superuser", "instructed_courses", "locale", "date_joined")
    search_fields = ("email", "name")
    date_hierarchy = "date_joined"
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Preferences"), {"fields": ("locale", "time_zone", "day_start_hour", "desired_retention")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("instructed_courses")

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(str(role.label) for role in user.roles)
