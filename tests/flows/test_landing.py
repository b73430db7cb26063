"""What is sent to a place that does not keep it cold lies in the first place below that does, and where it may be used."""

from django.utils import timezone

from tests.flows.site import Site
from tests.makers import place
from yanji.access.models import Person
from yanji.catalog.models import Item
from yanji.flows.cabinets.judge import taker_of
from yanji.flows.landing import landing
from yanji.places.models import Kind


def test_what_may_be_used_lands_in_no_quarantine_place(committed: Site) -> None:
    here, ward = committed, committed.h.department
    [epc] = here.stocked(1)
    Item.objects.filter(pk=here.h.item.pk).update(temperature_class="refrigerated")
    place(Kind.CABINET, ward, temperature_class="refrigerated", quarantine=True)
    Person.objects.filter(pk=here.nurse.pk).update(department=ward)

    def places() -> tuple[int | None, int | None]:
        taker = taker_of(Person.objects.get(pk=here.nurse.pk), today=timezone.localdate(), device="")
        shelf = taker.shelf_for("refrigerated")
        return landing([epc], ward)[0].to_place_id, shelf and shelf.pk

    assert places() == (ward.pk, None)  # nothing there keeps it: the ledger refuses the department itself
    fridge = place(Kind.CABINET, ward, temperature_class="refrigerated")
    assert places() == (fridge.pk, fridge.pk)
