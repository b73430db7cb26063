"""The demo hospital's places: three campuses, sixty departments, ten stores. Pure; ids come later."""

from collections.abc import Iterator
from dataclasses import dataclass

from yanji.demo import GS1_PREFIX
from yanji.identity import gs1_mod10
from yanji.places.models import Kind


@dataclass(frozen=True, slots=True)
class Spot:
    """One place before it has a row. Parents come before their children."""

    code: str
    kind: str
    zh: str
    en: str
    parent: str = ""
    temperature: str = "room"
    gln: str = ""
    quarantine: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    """A department; ``does`` is the kind of work (see ``procedures``)."""

    code: str
    campus: str
    zh: str
    en: str
    does: str
    fridge: bool = False
    freezer: bool = False

    def shelf(self, temperature: str) -> str:
        """Where a thing of this temperature class lies."""
        return f"{self.code}-{'F' if temperature == 'frozen' else 'R' if temperature == 'refrigerated' else 'C1'}"


@dataclass(frozen=True, slots=True)
class Store:
    """A store; ``cabinets`` of six bins each, at room temperature."""

    code: str
    campus: str
    zh: str
    en: str
    building: str
    cabinets: int
    fields: tuple[str, ...]

    @property
    def dock(self) -> str:
        return f"{self.code}-DOCK"

    @property
    def quarantine(self) -> str:
        return f"{self.code}-QUA"

    @property
    def returns(self) -> str:
        return f"{self.code}-RET"

    @property
    def racks(self) -> dict[str, tuple[str, int, int]]:
        """Temperature class -> (letter, how many cabinets, how many bins in each)."""
        refrigerators = 4 if "laboratory" in self.fields else 2
        return {
            "room": ("A", self.cabinets, 6),
            "refrigerated": ("R", refrigerators, 4),
            "frozen": ("F", 1, 3),
        }

    def bin_for(self, number: int, temperature: str) -> str:
        """The bin of the item at this position of the catalogue: neighbours lie together."""
        letter, cabinets, bins = self.racks[
            temperature if temperature in ("refrigerated", "frozen") else "room"
        ]
        at = number * cabinets * bins // 800
        return f"{self.code}-{letter}{at // bins + 1}-{at % bins + 1:02d}"


CAMPUSES = {
    "MAIN": ("本部院区", "Main Campus"),
    "EAST": ("东湖院区", "East Lake Campus"),
    "NEW": ("新城院区", "New Town Campus"),
}
BUILDINGS = {
    "MAIN-S": ("外科楼", "Surgical Building"), "MAIN-I": ("内科楼", "Medical Building"),
    "MAIN-T": ("医技楼", "Technical Building"), "MAIN-O": ("门急诊楼", "Outpatient and Emergency Building"),
    "EAST-A": ("综合楼", "Main Building"), "EAST-T": ("医技楼", "Technical Building"),
    "NEW-A": ("综合楼", "Main Building"), "NEW-T": ("手术医技楼", "Theatre and Technical Building"),
}  # fmt: skip

_INTERVENTION = ("coronary", "rhythm", "vascular", "neurovascular", "surgery_heart", "imaging")
_THEATRE = ("surgery", "neurosurgery", "eye", "endoscopy")
STORES = [
    Store("MAIN-CS", "MAIN", "本部中心库", "Main Central Store", "MAIN-T", 6, ("blood",)),
    Store("MAIN-IS", "MAIN", "介入耗材库", "Interventional Store", "MAIN-I", 8, _INTERVENTION),
    Store("MAIN-OS", "MAIN", "手术室二级库", "Theatre Store", "MAIN-S", 6, _THEATRE),
    Store("MAIN-BS", "MAIN", "骨科植入物库", "Orthopaedic Implant Store", "MAIN-S", 6, ("bone",)),
    Store("MAIN-RS", "MAIN", "检验试剂冷库", "Reagent Cold Store", "MAIN-T", 1, ("laboratory",)),
    Store("EAST-CS", "EAST", "东湖中心库", "East Lake Central Store", "EAST-T", 4, ("blood", "endoscopy")),
    Store("EAST-OS", "EAST", "东湖手术介入库", "East Lake Theatre Store", "EAST-A", 6,
          (*_INTERVENTION, "surgery", "neurosurgery", "eye", "bone")),
    Store("EAST-RS", "EAST", "东湖试剂冷库", "East Lake Reagent Store", "EAST-T", 1, ("laboratory",)),
    Store("NEW-CS", "NEW", "新城中心库", "New Town Central Store", "NEW-A", 4, ("blood", "endoscopy", "laboratory")),
    Store("NEW-OS", "NEW", "新城手术介入库", "New Town Theatre Store", "NEW-T", 6,
          (*_INTERVENTION, "surgery", "neurosurgery", "eye", "bone")),
]  # fmt: skip

# building, code, names, kind of work, * fridge, + freezer
_DEPARTMENTS = """
MAIN-I CATH 介入导管室|Catheterisation Laboratory cath
MAIN-I EP 心电生理室|Electrophysiology Laboratory ep
MAIN-I CAR1 心血管内科一病区|Cardiology Ward 1 ward
MAIN-I CAR2 心血管内科二病区|Cardiology Ward 2 ward
MAIN-I CCU 心脏重症监护室|Coronary Care Unit icu
MAIN-I NEPH 肾内科|Nephrology ward
MAIN-I ENDO 消化内镜中心|Endoscopy Centre endo
MAIN-I HD 血液净化中心|Blood Purification Centre dialysis
MAIN-I NIR 神经介入室|Neurointerventional Suite nir
MAIN-S CVOR 心脏外科手术室|Cardiac Theatre heart *
MAIN-S HYB 杂交手术室|Hybrid Theatre hybrid
MAIN-S GOR 综合手术室|General Theatre general *
MAIN-S BOR 骨科手术室|Orthopaedic Theatre ortho *+
MAIN-S NSOR 神经外科手术室|Neurosurgical Theatre neuro *
MAIN-S EOR 眼科手术室|Ophthalmic Theatre eye *
MAIN-S UOR 泌尿外科手术室|Urological Theatre urology
MAIN-S CSUR 心脏外科病区|Cardiac Surgery Ward ward
MAIN-S BON1 关节外科|Joint Surgery ward
MAIN-S BON2 脊柱外科|Spine Surgery ward
MAIN-S TRA 创伤骨科|Orthopaedic Trauma ward
MAIN-S NSUR 神经外科|Neurosurgery ward
MAIN-S GSUR 普外科|General Surgery ward
MAIN-S THO 胸外科|Thoracic Surgery ward
MAIN-S URO 泌尿外科|Urology ward
MAIN-T IR 放射介入科|Interventional Radiology radiology
MAIN-T LAB 检验科|Clinical Laboratory lab *+
MAIN-T PATH 分子病理中心|Molecular Pathology path *+
MAIN-O ED 急诊科|Emergency Department emergency
MAIN-O ICU 重症医学科|Intensive Care Unit icu
MAIN-O DSU 日间手术中心|Day Surgery Centre day
EAST-A CATH 东湖介入导管室|East Lake Catheterisation Laboratory cath
EAST-A GOR 东湖手术室|East Lake Theatre general *
EAST-A BOR 东湖骨科手术室|East Lake Orthopaedic Theatre ortho *+
EAST-A EOR 东湖眼科手术室|East Lake Ophthalmic Theatre eye *
EAST-A CAR 东湖心血管内科|East Lake Cardiology ward
EAST-A BON 东湖骨科|East Lake Orthopaedics ward
EAST-A GSUR 东湖普外科|East Lake General Surgery ward
EAST-A OPH 东湖眼科|East Lake Ophthalmology ward
EAST-A NEPH 东湖肾内科|East Lake Nephrology ward
EAST-A BURN 烧伤整形科|Burns and Plastic Surgery burns *
EAST-A ICU 东湖重症医学科|East Lake Intensive Care Unit icu
EAST-A ED 东湖急诊科|East Lake Emergency Department emergency
EAST-T ENDO 东湖内镜中心|East Lake Endoscopy Centre endo
EAST-T HD 东湖血液净化中心|East Lake Blood Purification Centre dialysis
EAST-T IR 东湖影像介入科|East Lake Interventional Radiology radiology
EAST-T LAB 东湖检验科|East Lake Laboratory lab *+
NEW-T CATH 新城介入导管室|New Town Catheterisation Laboratory cath
NEW-T NIR 新城神经介入室|New Town Neurointerventional Suite nir
NEW-T GOR 新城手术室|New Town Theatre general *
NEW-T BOR 新城骨科手术室|New Town Orthopaedic Theatre ortho *+
NEW-T ENDO 新城内镜中心|New Town Endoscopy Centre endo
NEW-T LAB 新城检验科|New Town Laboratory lab *+
NEW-A HD 新城血液净化中心|New Town Blood Purification Centre dialysis
NEW-A ICU 新城重症医学科|New Town Intensive Care Unit icu
NEW-A ED 新城急诊科|New Town Emergency Department emergency
NEW-A CAR 新城心血管内科|New Town Cardiology ward
NEW-A NEUR 新城神经内科|New Town Neurology ward
NEW-A BON 新城骨科|New Town Orthopaedics ward
NEW-A GSUR 新城普外科|New Town General Surgery ward
NEW-A GYN 新城妇科|New Town Gynaecology ward
"""


def _departments() -> Iterator[tuple[str, Department]]:
    for row in _DEPARTMENTS.strip().splitlines():
        building, code, rest = row.split(" ", 2)
        words = rest.split()
        marks = words.pop() if set(words[-1]) <= {"*", "+"} else ""
        does = words.pop()
        zh, en = " ".join(words).split("|")
        campus = building.split("-")[0]
        yield building, Department(f"{campus}-{code}", campus, zh, en, does, "*" in marks, "+" in marks)


_PLACED = list(_departments())
DEPARTMENTS = [department for _, department in _PLACED]


def store_for(campus: str, field_: str) -> Store:
    """Which store of a campus keeps a field's things."""
    return next(store for store in STORES if store.campus == campus and field_ in store.fields)


def spots() -> list[Spot]:
    """Every place of the hospital, parents first."""
    found = [Spot("YANSHAN", Kind.GROUP, "雁山医疗集团", "Yanshan Hospital Group", gln=_gln(1))]
    for number, (code, (zh, en)) in enumerate(CAMPUSES.items()):
        found.append(Spot(code, Kind.CAMPUS, zh, en, "YANSHAN", gln=_gln(10 + number)))
    found += [Spot(code, Kind.BUILDING, zh, en, code.split("-")[0]) for code, (zh, en) in BUILDINGS.items()]
    for number, store in enumerate(STORES):
        found += _store_spots(store, _gln(100 + number))
    for number, (building, department) in enumerate(_PLACED):
        found += _department_spots(building, department, _gln(200 + number))
    return found


def _gln(number: int) -> str:
    body = f"{GS1_PREFIX}{number:04d}"
    return body + gs1_mod10(body)


def _store_spots(store: Store, gln: str) -> Iterator[Spot]:
    code = store.code
    yield Spot(code, Kind.STORE, store.zh, store.en, store.building, gln=gln)
    yield Spot(store.dock, Kind.DOCK, "收货区", "Receiving Dock", code)
    yield Spot(store.returns, Kind.ROOM, "退货暂存区", "Returns Area", code)
    yield Spot(store.quarantine, Kind.CABINET, "隔离柜", "Quarantine Cabinet", code, quarantine=True)
    yield Spot(f"{code}-A", Kind.ROOM, "A区 常温", "Area A, room temperature", code)
    yield Spot(f"{code}-B", Kind.ROOM, "B区 冷藏冷冻", "Area B, cold storage", code)
    for temperature, (letter, cabinets, bins) in store.racks.items():
        room = f"{code}-{'A' if temperature == 'room' else 'B'}"
        for cabinet in range(1, cabinets + 1):
            yield from _cabinet(f"{code}-{letter}{cabinet}", room, f"{letter}{cabinet}", bins, temperature)


_CABINETS = {
    "room": ("货柜", "Cabinet"),
    "refrigerated": ("冷藏柜", "Refrigerator"),
    "frozen": ("冷冻柜", "Freezer"),
}


def _cabinet(code: str, room: str, short: str, bins: int, temperature: str) -> Iterator[Spot]:
    zh, en = _CABINETS[temperature]
    yield Spot(code, Kind.CABINET, f"{zh} {short}", f"{en} {short}", room, temperature)
    for number in range(1, bins + 1):
        yield Spot(
            f"{code}-{number:02d}",
            Kind.BIN,
            f"{short}-{number:02d}",
            f"{short}-{number:02d}",
            code,
            temperature,
        )


SMART = ("MAIN-CATH", "MAIN-EP")  # departments with a cabinet that reads tags


def smart_cabinet(department: str) -> str:
    """The code of a department's cabinet that reads tags."""
    return f"{department}-S1"


def _department_spots(building: str, department: Department, gln: str) -> Iterator[Spot]:
    code = department.code
    yield Spot(code, Kind.DEPARTMENT, department.zh, department.en, building, gln=gln)
    yield Spot(f"{code}-C1", Kind.CABINET, "耗材柜", "Supply Cabinet", code)
    if code in SMART:
        yield Spot(smart_cabinet(code), Kind.CABINET, "智能柜", "Smart Cabinet", code)
    if department.fridge:
        yield Spot(f"{code}-R", Kind.CABINET, "冷藏柜", "Refrigerator", code, "refrigerated")
    if department.freezer:
        yield Spot(f"{code}-F", Kind.CABINET, "冷冻柜", "Freezer", code, "frozen")
