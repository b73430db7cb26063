from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Where the models of the flows lie that have a module of their own.
MODELS = """
    attempts buying.models cabinets.models consign.models counting.models differing.models disposal.models handheld.models
    inspecting.models invoices.models landed.models lending.models
    models_approval models_codes models_import models_papers models_reasons models_recall models_return
    opened.models packing.models portal.models printing.models reserving.models rfid.models sendback.models supply.models
    theatre.models transfer.models waves.models
""".split()
# Each registers something when it is imported: the sentences of its own refusals, its kind of document with the sheet
# that is printed, or what becomes of a document once it is approved.
REGISTERING = """
    refusals returned sheets buying.contracts buying.placing buying.requests buying.sheets counting.count
    counting.sheets consign.sheets differing.refusals disposal.ask disposal.sheet inspecting.refusals inspecting.sheet
    lending.sheet portal.papers sendback.ask sendback.sheet theatre.case_sheet theatre.emergency theatre.sheets transfer.request
    transfer.sheet reserving.refusals waves.refusals waves.sheet cabinets.refusals packing.refusals packing.sheet
    opened.sheet codes handheld.refusals landed.sheet printing.refusals reserving.sheet rfid.refusals recall_found
""".split()


class FlowsConfig(AppConfig):
    name = "yanji.flows"
    label = "flows"
    verbose_name = _("Flows")

    def import_models(self) -> None:
        super().import_models()
        for module in MODELS:
            import_module(f"yanji.flows.{module}")

    def ready(self) -> None:
        for module in REGISTERING:
            import_module(f"yanji.flows.{module}")
