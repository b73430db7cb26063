from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FlowsConfig(AppConfig):
    name = "yanji.flows"
    label = "flows"
    verbose_name = _("Flows")

    def ready(self) -> None:
        # Imported for what they register: the sentences of this package's own refusals, the kinds of documents, and
        # what becomes of a document once it is approved.
        from yanji.flows import (  # noqa: F401
            refusals,
            returned,
            sheets,
        )
        from yanji.flows.buying import contracts, placing, requests  # noqa: F401
        from yanji.flows.buying import sheets as buying_sheets  # noqa: F401
        from yanji.flows.counting import count  # noqa: F401
        from yanji.flows.counting import sheets as counted  # noqa: F401
        from yanji.flows.disposal import ask as disposal_asked  # noqa: F401
        from yanji.flows.disposal import sheet as disposal_sheet  # noqa: F401
        from yanji.flows.lending import sheet as lending_sheet  # noqa: F401
        from yanji.flows.sendback import ask as return_asked  # noqa: F401
        from yanji.flows.sendback import sheet as return_sheet  # noqa: F401
        from yanji.flows.theatre import emergency  # noqa: F401
        from yanji.flows.theatre import sheets as theatre_sheets  # noqa: F401
        from yanji.flows.transfer import request, sheet  # noqa: F401
