from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "yanji.exchange"
    label = "exchange"
    verbose_name = _("Interfaces")

    def ready(self) -> None:
        # Imported for what it registers: the sentences of this package's own refusals.
        from yanji.exchange import refusals  # noqa: F401
