from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "yanji.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        # Imported for what it does when somebody signs in or out.
        from yanji.web import browsers  # noqa: F401
