"""How codes, days and expiries are said where several pages say them."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import override

from yanji.web.codes import elements
from yanji.web.templatetags.papers import box_code, until
from yanji.web.templatetags.yanji import code, expiry_pill


def test_a_thing_is_named_as_on_its_label_and_not_as_it_is_kept() -> None:
    assert elements("01/06951218100836/21/S%2F1") == [("01", "0 6951218 10083 6"), ("21", "S/1")]
    assert elements("ma:MA.156.M0.101247.00006296/E628") == [("", "MA.156.M0.101247.00006296"), ("", "E628")]
    assert elements("urn:what:ever/1") == [("", "urn:what:ever/1")]
    assert "ma:" not in code("ma:MA.156.M0.101247.00006296/E628")


def test_a_box_is_named_as_below_its_bars() -> None:
    assert box_code("00/069468820000000124") == "(00)069468820000000124"
    assert box_code("BOX-1") == "BOX-1"


def test_a_paper_without_an_end_says_so() -> None:
    assert until(date(2026, 1, 2), date(2027, 1, 1)) == "2026-01-02 – 2027-01-01"
    with override("en"):
        assert until(date(2004, 1, 1), None) == "from 2004-01-01, without end"
    with override("zh-hans"):
        assert until(date(2004, 1, 1), None) == "2004-01-01 起长期有效"


def test_what_is_used_up_warns_nobody_of_its_expiry() -> None:
    past = timezone.localdate() - timedelta(days=3)
    with override("en"):
        assert "y-bad" in expiry_pill(past, status="available")
        for status in ("used", "scrapped", "explanted"):
            drawn = expiry_pill(past, status=status)
            assert "y-mute" in drawn
            assert f"Valid to {past}" in drawn
        assert "No expiry" in expiry_pill(None, status="used")
