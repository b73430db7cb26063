"""A program that scans hears of the seal of a box as the pages do: before something is taken out alone, and what is missing."""

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from tests.makers import unique
from yanji.flows.packing.pack import pack
from yanji.flows.putaway import put_away


def test_scans_say_what_breaks_a_seal_and_what_is_missing(committed: Site) -> None:
    here, keeper = committed, ApiClient(committed.storekeeper)
    epcs = here.stocked(3)
    packed = pack(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, kind="box", things=epcs, boxes=[]
    )
    code = str(packed.facts["code"])
    alone, loose = keeper.send("/scans", scans=[epcs[0], here.stocked(1)[0]], flow="put_away").json()
    assert (alone["ok"], alone["packed_in"]) == (True, code)
    assert "breaks the seal" in alone["seal"]
    assert (loose["packed_in"], loose["seal"]) == ("", "")
    [whole] = keeper.send("/scans", scans=[code]).json()
    assert (whole["kind"], whole["seal"]) == ("box", "")
    put_away(actor=here.keeper, key=unique("k"), things=[epcs[0]], to_place_id=here.h.bin.pk)
    [torn] = keeper.send("/scans", scans=[code]).json()
    assert torn["seal"] == "1 piece was taken out of it."
    [said] = ApiClient(here.storekeeper, "zh-hans").send("/scans", scans=[code]).json()
    assert said["seal"] == "已有 1 件被取出。"
