"""Eight hundred items out of the families: sizes, makers, codes, papers and prices. Pure; the same for the same seed."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from yanji.identity import gs1_mod10, ma_check

from .families_bone import BONE_FAMILIES
from .families_heart import HEART_FAMILIES
from .families_other import OTHER_FAMILIES
from .family import Family
from .firms import MAKERS, SUPPLIERS, Firm

FAMILIES: list[Family] = [*HEART_FAMILIES, *BONE_FAMILIES, *OTHER_FAMILIES]
ITEMS = 800
_PROVINCES = {
    "上海": "沪", "北京": "京", "天津": "津", "广州": "粤", "深圳": "粤", "苏州": "苏", "常州": "苏", "无锡": "苏", "南京": "苏",
    "杭州": "浙", "威海": "鲁", "成都": "川", "西安": "陕", "山西": "晋", "江西": "赣", "厦门": "闽",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """One device identifier of an item, at one packaging level."""

    issuer: str
    code: str
    level: str = "unit"
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Paper:
    """A licence or registration number with the days between which it holds."""

    number: str
    valid_from: date
    valid_to: date | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One item as the demo knows it, before it has a row. ``sales`` is its share of its family's demand."""

    code: str
    family: Family
    zh: str
    en: str
    model: str
    maker: int
    supplier: int
    price: Decimal
    codes: tuple[Code, ...]
    registration: Paper
    insurance: str
    sales: float

    @property
    def di(self) -> str:
        return self.codes[0].code

    @property
    def labelled_here(self) -> bool:
        """The maker gives no serial number: each unit gets the hospital's own label."""
        return self.family.label == "lot" and self.family.tracking == "unit"

    def epc(self, serial: str) -> str:
        """The canonical identity of one unit whose serial the maker gave."""
        return {"hibc": f"hibc:{self.di}/{serial}", "ma": f"ma:{self.di}/{serial}"}.get(
            self.family.label, f"01/{self.di}/21/{serial}"
        )


@dataclass(slots=True)
class Catalogue:
    """What the hospital buys, from whom."""

    items: list[CatalogueItem] = field(default_factory=list)
    licences: list[list[Paper]] = field(default_factory=list)  # by supplier
    lapsed_supplier: int = 0
    careless_supplier: int = 0  # never showed its makers' authorisations, nor one item's registration

    def of(self, family: str) -> list[CatalogueItem]:
        return [item for item in self.items if item.family.code == family]

    @property
    def unregistered(self) -> int:
        """The item of which nobody ever showed a registration: what sells best of its supplier's."""
        sold = [number for number, item in enumerate(self.items) if item.supplier == self.careless_supplier]
        return max(sold, key=lambda number: (self.items[number].sales, -number))

    @property
    def partner(self) -> int:
        """The supplier of most implants for bones: for it the demo's external account signs in, it consigns and lends."""
        sold = Counter(
            item.supplier
            for item in self.items
            if item.family.field == "bone" and item.family.temperature == "any" and item.family.tracking == "unit"
            and not item.labelled_here and item.supplier != self.lapsed_supplier
        )  # fmt: skip
        return max(sold, key=lambda supplier: (sold[supplier], -supplier))


def in_chinese(size: str) -> str:
    """The Chinese half of a size in which words stand as ``中文|English``."""
    return re.sub(r"\|[^ ]+", "", size)


def in_english(size: str) -> str:
    return re.sub(r"[^ |]+\|([^ ]+)", lambda found: found[1].replace("_", " "), size)


def catalogue(rng: Random, today: date) -> Catalogue:
    """The whole catalogue as of ``today``."""
    made = Catalogue()
    sellers = _sellers(rng)
    for family, wanted in zip(FAMILIES, _apportioned(), strict=True):
        made.items.extend(_family_items(rng, family, wanted, sellers, today, len(made.items)))
    # Small suppliers get into trouble: the hospital must feel it, and still live.
    sold = Counter(item.supplier for item in made.items)
    small = sorted(
        (number for number in sold if sold[number] >= 4), key=lambda number: (sold[number], number)
    )
    made.lapsed_supplier, *lapsing, made.careless_supplier = small[:5]
    ends = dict(zip(lapsing, LAPSING_DAYS, strict=True))
    made.licences = [
        _licences(
            number, today, lapsed=number == made.lapsed_supplier, days=ends.get(number, 60 + number * 7)
        )
        for number in range(len(SUPPLIERS))
    ]
    made.licences[made.careless_supplier].pop()  # the letter
    return made


def _apportioned() -> list[int]:
    """How many items of each family make ``ITEMS`` together: in proportion, capped by what sizes and makers allow."""
    caps = [len(family.sizes) * family.makers for family in FAMILIES]
    counts = [min(family.wanted, cap) for family, cap in zip(FAMILIES, caps, strict=True)]
    while sum(counts) < ITEMS:
        room = [index for index, cap in enumerate(caps) if counts[index] < cap]
        grown = min(room, key=lambda index: (counts[index] + 1) / FAMILIES[index].wanted)
        counts[grown] += 1
    return counts


def _sellers(rng: Random) -> list[tuple[int, int]]:
    """For each maker the supplier with the authorisation, and a second one. Every supplier sells something."""
    first = list(range(len(SUPPLIERS)))
    rng.shuffle(first)
    return [(first[number % len(first)], rng.choice(first)) for number in range(len(MAKERS))]


def _family_items(
    rng: Random, family: Family, wanted: int, sellers: list[tuple[int, int]], today: date, made_before: int
) -> list[CatalogueItem]:
    able = [number for number, maker in enumerate(MAKERS) if family.field in maker.fields]
    makers = rng.sample(able, min(family.makers, len(able)))
    items: list[CatalogueItem] = []
    for rank, maker in enumerate(makers):
        share = -(-(wanted - len(items)) // (len(makers) - rank))
        sizes = _spread(family.sizes, share)
        paper = _registration(rng, family, MAKERS[maker], today)
        base = family.yuan[0] + (family.yuan[1] - family.yuan[0]) * (0.25 + 0.6 * rng.random())
        insurance = _insurance(rng, family, maker)
        seller = sellers[maker][0 if rng.random() < 0.8 else 1]
        for at, size in enumerate(sizes):
            number = len(items) + 1
            middle = 1 - abs(2 * at / max(1, len(sizes) - 1) - 1) if len(sizes) > 2 else 0.6
            items.append(
                CatalogueItem(
                    code=f"{family.code}-{number:03d}",
                    family=family,
                    zh=f"{family.zh} {in_chinese(size)}",
                    en=f"{family.en} {in_english(size)}",
                    model=f"{_series(maker, family)}-{_model_size(size)}",
                    maker=maker,
                    supplier=seller,
                    price=_price(base, at, len(sizes), family),
                    codes=_codes(family, MAKERS[maker], maker, made_before + number),
                    registration=paper,
                    insurance=insurance,
                    sales=(0.12 + middle**3) * (1, 0.45, 0.2)[min(rank, 2)] * rng.lognormvariate(0, 0.7),
                )
            )
    return items


def _spread(sizes: Sequence[str], wanted: int) -> list[str]:
    """So many sizes, evenly out of the whole range, in order."""
    if wanted >= len(sizes):
        return list(sizes)
    return [sizes[round(at * (len(sizes) - 1) / max(1, wanted - 1))] for at in range(wanted)]


def _series(maker: int, family: Family) -> str:
    letters = [word[0].upper() for word in re.split(r"[^A-Za-z]+", MAKERS[maker].en) if word]
    return f"{letters[0]}{'ABCDEFGHJK'[maker % 10]}{family.code[0]}{maker:02d}"


def _model_size(size: str) -> str:
    return re.sub(r"[^0-9A-Za-z.+]+", "", in_english(size).replace("×", "x")).upper()[:12]


def _price(base: float, at: int, count: int, family: Family) -> Decimal:
    """Larger sizes cost a little more; dear things end on tens."""
    raw = min(base * (1 + 0.06 * at / max(1, count)), family.yuan[1])
    step = 10 if raw >= 1000 else 1 if raw >= 100 else 0.1
    return Decimal(str(round(round(raw / step) * step, 2))).quantize(Decimal("0.01"))


def _codes(family: Family, firm: Firm, maker: int, number: int) -> tuple[Code, ...]:
    """The unit's code first, then what its packages carry."""
    body = firm.prefix + f"{number:0{12 - len(firm.prefix)}d}"
    if family.label == "hibc":
        labeller = f"{firm.en[0]}{100 + maker * 7 % 900}"
        return Code("HIBCC", f"{labeller}{family.code}{number:04d}0"), Code(
            "HIBCC", f"{labeller}{family.code}{number:04d}3", "inner", 5
        )
    if family.label == "ma":
        stem = f"MA.156.M0.{100100 + maker * 37}.0{number:06d}"
        return (Code("MA", stem + (ma_check(stem) or "")),)
    unit = Code("GS1", gtin("0", body))
    inner = {"lot": 10, "unit": 5}[family.tracking]
    if family.yuan[1] > 6000:
        return (unit,)
    if family.yuan[1] > 1000:
        return unit, Code("GS1", gtin("1", body), "inner", inner)
    return (
        unit,
        Code("GS1", gtin("1", body), "inner", inner),
        Code("GS1", gtin("2", body), "case", inner * 10),
    )


def gtin(indicator: str, body: str) -> str:
    """A GTIN-14 with its check digit."""
    return indicator + body + gs1_mod10(indicator + body)


def _registration(rng: Random, family: Family, firm: Firm, today: date) -> Paper:
    """A registration number as the regulator writes it: 国械注准 + year + class + category + serial; valid five years."""
    start = today - timedelta(days=rng.randint(200, 1790))
    risk = {"I": 1, "II": 2, "III": 3}[family.risk]
    imported = firm.country != "CN"
    authority = "国械注进" if imported else "国械注准" if risk == 3 else _PROVINCES[firm.zh[:2]] + "械注准"
    number = f"{authority}{start.year}{risk}{family.registration}{rng.randint(1, 1999):04d}"
    return Paper(number, start, start + timedelta(days=5 * 365))


def _insurance(rng: Random, family: Family, maker: int) -> str:
    """A code of the national insurance list: C, fourteen digits of classification, five of the maker."""
    parts = ((2, 1, 12), (2, 1, 9), (3, 1, 120), (2, 0, 9), (3, 0, 60))
    middle = "".join(f"{rng.randint(low, high):0{digits}d}" for digits, low, high in parts)
    return f"C{family.insurance}{middle}{10000 + maker * 211:05d}"


LAPSED_DAYS = 6  # one supplier's trading permit ended so many days ago
LAPSING_DAYS = (9, 16, 27)  # three makers' authorisations hold only so many days more


def _licences(number: int, today: date, *, lapsed: bool, days: int) -> list[Paper]:
    founded = date(2004 + number % 14, 1 + number % 12, 1 + number % 27)
    permit_ends = today - timedelta(days=LAPSED_DAYS) if lapsed else today + timedelta(days=150 + number * 31)
    letter_ends = today + timedelta(days=days)
    permit = f"苏食药监械经营许{2018 + number % 6}{number:04d}号"
    return [
        Paper(f"9132{number:02d}00MA1{number * 7919 % 100000:05d}X", founded, None, "business"),
        Paper(permit, permit_ends - timedelta(days=5 * 365), permit_ends, "device_trade"),
        Paper(
            f"SQ-{today.year}-{number + 1:03d}",
            letter_ends - timedelta(days=730),
            letter_ends,
            "authorisation",
        ),
    ]
