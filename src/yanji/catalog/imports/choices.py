"""What may be written in a column that holds one of a list: the stored word, or its name in either language."""

from functools import partial

from django.db.models import TextChoices

from yanji.places.temperature import CLASSES
from yanji.sheets.cells import choice
from yanji.sheets.sheet import Reader

from ..models import Issuer

ISSUERS = {str(issuer).lower(): str(issuer) for issuer in Issuer} | {
    "hibc": "HIBCC", "isbt 128": "ICCBBA", "isbt128": "ICCBBA",
    "idcode": "MA", "中关村": "MA", "阿里健康": "AHM", "本院": "LOCAL",
}  # fmt: skip
RISK_CLASSES = {"i": "I", "ii": "II", "iii": "III", "1": "I", "2": "II", "3": "III", "一类": "I", "二类": "II", "三类": "III",
                "ⅰ": "I", "ⅱ": "II", "ⅲ": "III"}  # fmt: skip
TRACKING = {
    "unit": "unit",
    "lot": "lot",
    "按件": "unit",
    "单件": "unit",
    "按批": "lot",
    "批次": "lot",
    "批号": "lot",
}
TEMPERATURES = {code: code for code in CLASSES} | {
    "无要求": "any", "常温": "room", "室温": "room", "阴凉": "cool", "冷藏": "refrigerated", "2-8℃": "refrigerated",
    "冷冻": "frozen", "深冷": "deep", "深低温": "deep",
}  # fmt: skip
_TRADE = "device_trade"
LICENCE_KINDS = {
    "business": "business", "营业执照": "business", "business licence": "business", "device_trade": _TRADE,
    "经营许可证": _TRADE, "医疗器械经营许可证": _TRADE, "device trading permit": _TRADE,
    "authorisation": "authorisation", "授权书": "authorisation", "厂家授权": "authorisation",
    "authorization": "authorisation",
}  # fmt: skip


def one_of(known: dict[str, str]) -> Reader:
    return partial(choice, known=known)


def values_of(known: dict[str, str]) -> tuple[str, ...]:
    """What is stored, each word once, in order."""
    return tuple(dict.fromkeys(known.values()))


def values(choices: type[TextChoices]) -> tuple[str, ...]:
    return tuple(str(value) for value in choices.values)
