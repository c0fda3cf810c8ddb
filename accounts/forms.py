import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# How long a card waits that would wait 10 days at 90 %: the forgetting curve of FSRS-6 with its published weights.
RETENTION_CHOICES = [
    (0.8, _("80 %: fewest reviews. What would wait 10 days waits 33; you forget one card in five.")),
    (0.85, _("85 %: fewer reviews. What would wait 10 days waits 19.")),
    (0.9, _("90 %: balanced, and what we suggest.")),
    (0.95, _("95 %: many reviews. What would wait 10 days waits 4.")),
]


def time_zone_choices() -> list[tuple[str, str]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class SignupPreferences(forms.Form):
    """What sign-up keeps of the browser beside e-mail and password: its time zone, if it tells one."""

    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def signup(self, request: HttpRequest, user: User) -> None:
        zone = self.cleaned_data.get("time_zone", "")
        if zone in zoneinfo.available_timezones():
            user.time_zone = zone
            user.save(update_fields=["time_zone"])


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lazy(time_zone_choices, list))
    day_start_hour = forms.TypedChoiceField(
        label=_("Your study day starts at"),
        help_text=_("Whoever studies past midnight still belongs to the day before."),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
    )
    desired_retention = forms.TypedChoiceField(
        label=_("How much you want to remember"),
        help_text=_("The share of cards you should still know when they come back. More is more work, each day."),
        coerce=float,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = User
        fields = ("name", "locale", "time_zone", "day_start_hour", "desired_retention")
        labels = {"name": _("Name")}
        help_texts = {"name": _("How we call you. Instructors of your courses see it, too.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        retention = self.fields["desired_retention"]
        assert isinstance(retention, forms.TypedChoiceField)
        retention.choices = self._retention_choices(self.instance.desired_retention)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        if self.instance.time_zone not in dict(time_zone_choices()):
            zone.choices = [(self.instance.time_zone, self.instance.time_zone), *time_zone_choices()]

    @staticmethod
    def _retention_choices(current: float) -> list[tuple[float, Any]]:
        """The four we explain, and the learner's own where an app has set another."""
        if current in dict(RETENTION_CHOICES):
            return RETENTION_CHOICES
        return sorted(
            [*RETENTION_CHOICES, (current, _("%(percent)s %%: your own") % {"percent": round(current * 100)})]
        )


class DeletionForm(forms.Form):
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."), code="wrong_password")
        return password
