"""A file is what its bytes say, whatever it is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.files import ACTIVE, BAD, GOOD, HEIC, JPEG, PDF, png
from yanji.flows.sniffing import SUFFIXES, Sniffed, clean_name, sniff


@pytest.mark.parametrize("name", [*GOOD, *HEIC])
def test_what_is_taken_is_told_by_its_bytes(name: str) -> None:
    content, content_type = {**GOOD, **HEIC}[name]
    assert sniff(content, name) == Sniffed(content_type)
    if not content_type.startswith("text/"):
        assert sniff(content, "invoice.exe") == Sniffed(content_type)


@pytest.mark.parametrize("name", list(BAD))
def test_what_only_looks_like_it_is_nothing(name: str) -> None:
    assert sniff(BAD[name], name) == Sniffed()


@pytest.mark.parametrize("name", list(ACTIVE))
def test_programs_inside_are_seen(name: str) -> None:
    assert sniff(ACTIVE[name], name).active


@given(st.binary(max_size=400), st.sampled_from(["", "a.txt", "a.csv", "a.pdf", "a.png", "a.xlsx"]))
def test_any_bytes_get_an_answer(content: bytes, name: str) -> None:
    assert sniff(content, name).content_type in {"", *SUFFIXES}


@given(st.sampled_from([content for content, _type in GOOD.values()]), st.data())
def test_a_damaged_file_gets_an_answer_too(content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content) - 1))
    damaged = content[:at] + data.draw(st.binary(max_size=8)) + content[at + 1 :]
    assert sniff(damaged).content_type in {"", *SUFFIXES}


@given(st.binary(max_size=60))
def test_markup_stays_out_however_it_is_padded(padding: bytes) -> None:
    """A browser that guessed would find a page here; nothing that starts like one is kept as text."""
    content = b" \n\t" + b"<script>alert(1)</script>" + padding
    assert sniff(content, "a.txt") == Sniffed()


@pytest.mark.parametrize(
    ("given_name", "content_type", "kept"),
    [
        ("C:\\fakepath\\发票 3.PDF", "application/pdf", "发票 3.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("invoice.exe", "application/pdf", "invoice.pdf"),
        ("photo.jpg.exe", "image/jpeg", "photo.jpg.jpg"),
        ("IMG.JPEG", "image/jpeg", "IMG.jpeg"),
        ("fdp.\u202etxt.exe", "text/plain", "fdp. txt.txt"),
        ('a<b>"c|d?.png', "image/png", "a b c d.png"),
        ("...", "image/png", "file.png"),
        ("", "text/csv", "file.csv"),
        ("v1.2 final", "text/plain", "v1.2 final.txt"),
        ("x" * 300, "image/webp", "x" * 120 + ".webp"),
        ("line\nbreak\r.txt", "text/plain", "line break.txt"),
    ],
)
def test_names_are_cleaned(given_name: str, content_type: str, kept: str) -> None:
    assert clean_name(given_name, content_type) == kept


@given(st.text(max_size=300), st.sampled_from(list(SUFFIXES)))
def test_any_name_becomes_one_that_can_be_kept(name: str, content_type: str) -> None:
    kept = clean_name(name, content_type)
    assert kept.lower().endswith(SUFFIXES[content_type])
    assert 4 < len(kept) <= 160
    assert not set('/\\<>:"|?*\r\n\0') & set(kept)
    assert kept.isprintable()


def test_a_picture_hidden_behind_a_document_is_the_document() -> None:
    assert sniff(PDF[:-6] + png() + b"%%EOF").content_type == "application/pdf"
    assert sniff(JPEG + PDF).content_type == "image/jpeg"
