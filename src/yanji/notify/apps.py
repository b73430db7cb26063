from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "yanji.notify"
    label = "notify"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        # Imported for what it registers: the sentences of this package's own refusals.
        from yanji.notify import refusals  # noqa: F401
