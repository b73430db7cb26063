"""One walk for several requisitions by the scan page: its number, and each thing goes to the one that needs it; each act once."""

from datetime import date

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import LABEL, read
from tests.exchange.test_handheld_packing import codes
from tests.exchange.test_handheld_transfers import do, done, place_of
from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.catalog.models import ItemCode
from yanji.flows.models import Requisition
from yanji.flows.reserving.reserve import reserve
from yanji.flows.waves.models import Wave
from yanji.flows.waves.pick import start_wave


def test_a_walk_is_picked_by_its_number(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    here.stocked_lot(10, expiry=date(2049, 12, 31))
    epcs = [here.stocked(1, serial=f"WK{number}")[0] for number in range(4)]
    one, two, three, four = (here.scan(f"WK{number}") for number in range(4))
    first = here.requisition((here.h.item, 1), (here.counted, 1))
    second = here.requisition((here.h.item, 2), (here.counted, 2))
    # What is kept for one of the walk is kept for nobody else.
    reserve(
        actor=here.keeper,
        key=unique("r"),
        store_id=here.h.store.pk,
        things=epcs[:1],
        requisition_id=second.id,
    )
    begun = start_wave(
        actor=here.keeper, key=unique("w"), store_id=here.h.store.pk, requisitions=[first.id, second.id]
    )
    number = begun.number
    listed = [
        (task["flow"], task["kind"])
        for task in keeper.get("/handheld/today").json()["tasks"]
        if task["number"] == number
    ]
    assert listed == [("pick", "wave")]
    [named] = keeper.send("/handheld/tasks", text=number).json()
    assert (named["flow"], named["kind"], named["id"]) == ("pick", "wave", begun.id)
    [todo] = keeper.get(f"/handheld/todo?flow=pick&kind=wave&paper_id={begun.id}").json()
    assert (todo["asked"], todo["done"], sum(each["pieces"] for each in todo["left"])) == (6, 0, 6)
    before = contents()
    said = read(keeper, "pick", number, one, two, LABEL, LABEL, number)
    assert (said["about"], said["ready"], said["confirmed"]) == ({"wave_id": begun.id}, True, True), said
    many = read(keeper, "pick", number, one, two, three, four)
    assert [codes(each["meaning"]["offences"]) for each in many["sights"]].count(["not_requested"]) == 1
    assert contents() == before
    key = unique("pwa")
    gone, again = (do(keeper, "pick", number, one, two, LABEL, LABEL, number, key=key) for _ in range(2))
    assert (gone.status_code, again.json()["repeated"]) == (200, True), gone.content
    assert gone.json()["number"] == number
    assert [place_of(epc)[0] for epc in epcs] == ["picked", "picked", "available", "available"]
    [todo] = keeper.get(f"/handheld/todo?flow=pick&kind=wave&paper_id={begun.id}").json()
    assert (todo["asked"], todo["done"]) == (6, 4)
    done(keeper, "pick", number, three, LABEL, number)
    assert Wave.objects.get().state == "closed"
    assert {*Requisition.objects.values_list("state", flat=True)} == {"picked"}
    # A walk that is over takes nothing, and is no more listed.
    refused = do(keeper, "pick", number, four)
    assert refused.status_code == 409
    assert number not in [task["number"] for task in keeper.get("/handheld/today").json()["tasks"]]
