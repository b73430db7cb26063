from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "yanji.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from yanji.web.browsers import came, left

        user_logged_in.connect(came)
        user_logged_out.connect(left)
