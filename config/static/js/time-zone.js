// Sign-up keeps the time zone of the browser: it fills the hidden field of that name.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll('input[type="hidden"][name="time_zone"]')) {
  if (zone) field.value = zone;
}
