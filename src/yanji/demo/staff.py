"""About a hundred and fifty people with their roles and places. Names are drawn from lists, and belong to nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .campuses import CAMPUSES, DEPARTMENTS, STORES

GROUP = "YANSHAN"
OUTSIDER = "supplier"  # signs in for the catalogue's ``partner``
CABINETS = "cabinets"  # the account with which smart cabinets report; nobody signs in with it

_SURNAMES = (
    "王 Wang,李 Li,张 Zhang,刘 Liu,陈 Chen,杨 Yang,黄 Huang,赵 Zhao,吴 Wu,周 Zhou,徐 Xu,孙 Sun,马 Ma,朱 Zhu,胡 Hu,郭 Guo,何 He,"
    "林 Lin,高 Gao,罗 Luo,郑 Zheng,梁 Liang,谢 Xie,宋 Song,唐 Tang,许 Xu,邓 Deng,冯 Feng,韩 Han,曹 Cao,彭 Peng,萧 Xiao,"
    "蔡 Cai,潘 Pan,田 Tian,董 Dong,袁 Yuan,于 Yu,余 Yu,叶 Ye,蒋 Jiang,杜 Du,苏 Su,魏 Wei,程 Cheng,吕 Lü,丁 Ding,沈 Shen"
)
_GIVEN = (
    "若 ruo,清 qing,思 si,远 yuan,安 an,宁 ning,书 shu,涵 han,晓 xiao,晨 chen,嘉 jia,禾 he,一 yi,帆 fan,文 wen,景 jing,知 zhi,"
    "行 xing,云 yun,舒 shu,佳 jia,音 yin,子 zi,墨 mo,雨 yu,桐 tong,星 xing,岚 lan,明 ming,哲 zhe,立 li,言 yan,静 jing,姝 shu,"
    "承 cheng,泽 ze,语 yu,溪 xi,南 nan,乔 qiao,亦 yi,凡 fan,令 ling,仪 yi,修 xiu,齐 qi,念 nian,真 zhen"
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person: sign-in name, names, role, where the role holds, where the person works."""

    username: str
    zh: str
    en: str
    role: str
    scope: str
    works_at: str


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(zh, reading) for zh, reading in (entry.split() for entry in text.split(","))]


def names(rng: Random) -> Iterator[tuple[str, str]]:
    """Names without end, no two alike: (王若清, Wang Ruoqing)."""
    surnames, given = _pairs(_SURNAMES), _pairs(_GIVEN)
    seen = set()
    while True:
        (family, family_en), (first, first_en), (second, second_en) = (
            rng.choice(surnames),
            *rng.sample(given, 2),
        )
        if (zh := family + first + second) not in seen:
            seen.add(zh)
            join = "'" if second_en[0] in "aeo" else ""
            yield zh, f"{family_en} {(first_en + join + second_en).capitalize()}"


def colleagues(rng: Random) -> list[Colleague]:
    """Everybody, the demo accounts of the daily work first. The same for the same random numbers."""
    named = names(rng)
    found: list[Colleague] = []

    def add(username: str, role: str, scope: str, works_at: str) -> None:
        zh, en = next(named)
        found.append(Colleague(username, zh, en, role, scope, works_at))

    add("storekeeper", "storekeeper", "MAIN", "MAIN-IS")
    add("nurse", "nurse", "MAIN-CATH", "MAIN-CATH")
    add("buyer", "buyer", GROUP, "MAIN")
    add("manager", "manager", GROUP, "MAIN")
    add("admin", "administrator", GROUP, "MAIN")
    add("quality", "storekeeper", GROUP, "MAIN")
    for campus in CAMPUSES:
        add(f"lead-{campus.lower()}", "storekeeper", campus, campus)
        add(f"manager-{campus.lower()}", "manager", campus, campus)
        for number in (1, 2):
            add(f"buyer-{campus.lower()}-{number}", "buyer", campus, campus)
    for store in STORES:
        for number in range(1, 4):
            add(f"{store.code.lower()}-{number}", "storekeeper", store.code, store.code)
    for department in DEPARTMENTS:
        for number in range(1, 3 if department.does != "ward" else 2):
            add(f"{department.code.lower()}-{number}", "nurse", department.code, department.code)
    add("admin-2", "administrator", GROUP, "MAIN")
    for number in range(1, 3):
        add(f"newcomer-{number}", "", "", "MAIN-GSUR")
    for username, role in (
        ("approver", "approver"),
        ("accountant", "accountant"),
        ("auditor", "auditor"),
        ("officer", "quality"),
        (OUTSIDER, "supplier"),
    ):
        add(username, role, GROUP, "MAIN")
    return found
