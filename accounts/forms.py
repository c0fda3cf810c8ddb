import zoneinfo

from django import forms
from django.http import HttpRequest

from accounts.models import User


class SignupPreferences(forms.Form):
    """What sign-up keeps of the browser beside e-mail and password: its time zone, if it tells one."""

    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def signup(self, request: HttpRequest, user: User) -> None:
        zone = self.cleaned_data.get("time_zone", "")
        if zone in zoneinfo.available_timezones():
            user.time_zone = zone
            user.save(update_fields=["time_zone"])
