import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = "Make a first instructor, with a password for one login, where nobody may enter the administration yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="instructor@engram.localhost")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if User.objects.filter(is_staff=True).exists():
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(email, password, has_one_time_password=True)
        self.stdout.write(f"\n  First instructor   {email}\n  One-time password  {password}\n")
