"""Where and by whom a photo was taken is not kept; the picture is, and which way is up."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tests.flows.files import HEIC
from tests.flows.site import Site
from tests.makers import unique
from yanji.flows.models_papers import Attachment
from yanji.flows.photos import without_notes
from yanji.flows.trail import attach, attached
from yanji.ledger.api import Refused

GPS, CAMERA, TURNED = 0x8825, 0x0110, 0x0112


def photo(kind: str, turned: int = 6) -> bytes:
    """A small picture as a phone sends it: camera, place, and which way it was held."""
    picture = Image.effect_noise((64, 48), 80).convert("RGB")
    exif = Image.Exif()
    exif[CAMERA], exif[TURNED] = "Phone of Li Wen", turned
    exif.get_ifd(GPS)[2] = (31.0, 14.0, 9.0)
    out = io.BytesIO()
    more = {}
    if kind == "png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "Phone of Li Wen")
        more = {"pnginfo": text}
    picture.save(out, kind, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_the_picture_stays_and_the_notes_go(kind):
    before = photo(kind)
    after = without_notes(before, f"image/{kind}")
    assert b"Phone of Li Wen" in before
    assert b"Phone of Li Wen" not in after
    was, now = Image.open(io.BytesIO(before)), Image.open(io.BytesIO(after))
    assert was.tobytes() == now.tobytes()
    assert dict(now.getexif().get_ifd(GPS)) == {}


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_is_shown_the_way_it_was_held(turned):
    now = Image.open(io.BytesIO(without_notes(photo("jpeg", turned), "image/jpeg"))).getexif()
    assert now.get(TURNED, 1) == turned
    assert set(now) <= {TURNED}


def test_doing_it_twice_changes_nothing():
    once = without_notes(photo("jpeg"), "image/jpeg")
    assert without_notes(once, "image/jpeg") == once


@given(st.binary(max_size=400), st.sampled_from(["image/jpeg", "image/png", "image/webp", "text/plain"]))
def test_what_is_no_picture_is_no_trouble(content, kind):
    assert isinstance(without_notes(content, kind), bytes)


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def test_fill_bytes_before_a_marker_hide_no_notes():
    """Any number of 0xFF may stand before a marker (ITU-T T.81, B.1.1.2)."""
    before = plain = photo("jpeg")
    for marker in (0xE1, 0xDB, 0xC0, 0xC4, 0xDA):
        before = before.replace(bytes([0xFF, marker]), bytes([0xFF, 0xFF, 0xFF, marker]), 1)
    assert pixels(before) == pixels(plain)
    assert before != plain
    after = without_notes(before, "image/jpeg")
    assert b"Phone of Li Wen" not in after
    assert pixels(after) == pixels(before)
    assert Image.open(io.BytesIO(after)).getexif().get(TURNED) == 6


def test_notes_between_two_scans_go():
    """A progressive picture has several scans, with segments between them."""
    out = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(out, "jpeg", progressive=True)
    before = out.getvalue()
    second = before.index(b"\xff\xda", before.index(b"\xff\xda") + 2)
    noted = before[:second] + segment(0xFE, b"Phone of Li Wen") + before[second:]
    assert without_notes(noted, "image/jpeg") == without_notes(before, "image/jpeg")
    assert pixels(without_notes(noted, "image/jpeg")) == pixels(before)


@pytest.mark.parametrize(
    "hidden", [photo("jpeg"), b"\0\0\0\x18ftypmp42 Phone of Li Wen"], ids=["jpeg", "film"]
)
def test_what_follows_the_picture_goes_with_what_points_there(hidden: bytes):
    """Multi-picture files (CIPA DC-007) put a second picture behind the first, and an MPF segment that says where."""
    plain = without_notes(photo("jpeg"), "image/jpeg")
    entry = segment(0xE2, b"MPF\0MM\0*" + struct.pack(">IH", 8, 0) + b"Phone of Li Wen")
    after = without_notes(plain[:2] + entry + plain[2:] + hidden, "image/jpeg")
    assert after == plain
    assert after.endswith(b"\xff\xd9")


def test_what_says_how_it_is_drawn_stays():
    plain = without_notes(photo("jpeg", 1), "image/jpeg")
    assert plain[6:11] == b"JFIF\0"
    drawn = segment(0xE2, b"ICC_PROFILE\0\x01\x01" + b"colours") + segment(0xEE, b"Adobe\0d\0\0\0\0\x01")
    noted = segment(0xE0, b"JFXX\0\x10" + b"Phone of Li Wen") + segment(0xEB, b"Phone of Li Wen")
    assert without_notes(plain[:2] + drawn + noted + plain[2:], "image/jpeg") == plain[:2] + drawn + plain[2:]


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_nothing_follows_the_end_of_other_pictures(kind: str):
    plain = without_notes(photo(kind), f"image/{kind}")
    assert without_notes(plain + photo("jpeg"), f"image/{kind}") == plain


def test_a_photo_that_cannot_be_cleaned_is_refused(here: Site):
    order = here.order()
    for name, (content, _type) in HEIC.items():
        with pytest.raises(Refused) as refused:
            attach(
                actor=here.keeper, key=unique("a"), kind="order", document_id=order.id, file_name=name, content=content
            )  # fmt: skip
        assert refused.value.code == "attachment_heic"
    assert not Attachment.objects.exists()


def test_a_photo_cut_off_on_its_way_is_kept_as_it_came():
    half = photo("jpeg")[:40]
    assert without_notes(half, "image/jpeg") == half


def test_an_attached_photo_says_nothing_of_its_phone(here: Site):
    order = here.order()
    done = attach(
        actor=here.keeper, key=unique("a"), kind="order", document_id=order.id, file_name="box.jpg",
        content=photo("jpeg"),
    )  # fmt: skip
    kept = attached(here.keeper, "order", order.id, done.id)
    assert b"Phone of Li Wen" not in bytes(kept.content)
    assert kept.size == len(bytes(kept.content))
