"""What a reading is: an identity, or the reasons why there is none. Values only, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from yanji.identity.reasons import REASONS, WARNINGS

Issuer: TypeAlias = Literal["GS1", "HIBCC", "ICCBBA", "MA", "AHM", "IFA", "LOCAL"]
Elements: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason or one warning: `code` for programs, `detail` (an AI, a character, a value) for people."""

    code: str
    detail: str = ""

    @property
    def message(self) -> str:
        """English sentence that says what to do; the web translates it by the code."""
        return REASONS.get(self.code) or WARNINGS.get(self.code) or self.code


@dataclass(frozen=True, slots=True)
class Identity:
    """What one label or tag says about the thing that carries it.

    di        device identifier: GTIN as 14 digits, HIBC labeller + product + unit of measure, MA code, ISBT
    PPIC
    epc       canonical name of this one unit: the path of a GS1 Digital Link (`01/<gtin>/21/<serial>`,
              `8004/<giai>`), or `hibc:`, `ma:`, `ahm:`, `isbt:`, `local:` and the issuer's parts; None for a class
              of things
    elements  (AI or field name, value) in the order of the label
    complete  False when only the product number or only the production data was read
    link      HIBC only: a primary's check character, a secondary's link character; they must be equal
    """

    issuer: Issuer
    scheme: str
    di: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    made: date | None = None
    quantity: int | None = None
    epc: str | None = None
    elements: Elements = ()
    warnings: tuple[Reason, ...] = ()
    confidence: Literal["high", "low"] = "high"
    complete: bool = True
    link: str | None = None
    text: str = ""
    epc_uri: str | None = None
    tag_uri: str | None = None
    domain: str | None = None

    @property
    def has_key(self) -> bool:
        """True when the reading names a product or a thing by itself, so that it can stand alone."""
        return self.di is not None or self.epc is not None

    @property
    def has_production(self) -> bool:
        """True when the reading says something about this lot or unit beyond its kind."""
        return not (self.lot is None and self.serial is None and self.expiry is None and self.made is None)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No identity: `reasons` say why; `candidates` are readings that a person may choose from.

    `partial` holds the fields that could be told apart, so that a form can show them and a wrong check digit
    can be taken to master data; nothing may be booked from it.
    """

    reasons: tuple[Reason, ...]
    candidates: tuple[Identity, ...] = ()
    partial: Identity | None = None
    text: str = ""


Reading: TypeAlias = Identity | Unreadable


def unreadable(code: str, detail: str = "", *, text: str = "", partial: Identity | None = None) -> Unreadable:
    """An `Unreadable` with one reason."""
    return Unreadable((Reason(code, detail),), text=text, partial=partial)
