from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class SiteConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        connection_created.connect(_read_instants_quickly)


def _read_instants_quickly(*, connection: Any, **_signal: Any) -> None:
    if connection.vendor == "postgresql":
        from config.postgresql import InstantLoader

        if connection.timezone is InstantLoader.timezone:
            connection.connection.adapters.register_loader("timestamptz", InstantLoader)
