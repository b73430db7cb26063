"""Where and by whom a photo was taken is not kept; the picture is, and which way is up."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tests.flows.site import Site
from tests.makers import unique
from yanji.flows.photos import without_notes
from yanji.flows.trail import attach, attached

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
