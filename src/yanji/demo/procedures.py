"""What is done to patients, and what each procedure takes. Rates are cases of a department on a working day."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Procedure:
    """``takes`` holds (family, probability, fewest, most); ``spare`` families are set out in one size too many."""

    zh: str
    takes: tuple[tuple[str, float, int, int], ...]
    spare: tuple[str, ...] = ()
    minutes: int = 90


def _procedure(zh: str, takes: str, spare: str = "", minutes: int = 90) -> Procedure:
    """``takes`` in words: ``FAM``, ``FAM*2``, ``FAM*1-3``, ``FAM?0.4``, ``FAM*1-2?0.5``."""
    lines = []
    for entry in takes.split():
        word, _, chance = entry.partition("?")
        family, _, count = word.partition("*")
        low, _, high = (count or "1").partition("-")
        lines.append((family, float(chance or 1), int(low), int(high or low)))
    return Procedure(zh, tuple(lines), tuple(spare.split()), minutes)


PROCEDURES = {
    "pci": _procedure("经皮冠状动脉支架置入术", "DES*1-2 PTCA NCB?0.6 CGW*1-2 GC SHT?0.7 PCK?0.5 CM?0.5 TRB?0.6 IVUS?0.12"),
    "dcb": _procedure("药物球囊冠脉成形术", "DCB PTCA CGW GC?0.8 SHT?0.6 TRB?0.5"),
    "cag": _procedure("冠状动脉造影术", "DXC*1-2 AGW SHT CM?0.5 TRB?0.6", minutes=45),
    "cto": _procedure("冠脉慢性闭塞病变介入术", "DES*2-3 CGW*2-4 PTCA*1-2 GC*2 NCB ROTA?0.3 CLO?0.5", minutes=180),
    "pacemaker": _procedure("永久起搏器植入术", "PM PML*1-2 SHT?0.6", "PML"),
    "icd": _procedure("植入式除颤器植入术", "ICD ICDL PML?0.4"),
    "crt": _procedure("心脏再同步起搏器植入术", "CRT PML*2 ICDL?0.5", minutes=180),
    "ablation": _procedure("房颤射频消融术", "ABL EPM*2-3 SHT*2", minutes=180),
    "occluder": _procedure("房间隔缺损封堵术", "ASD SHT AGW", "ASD"),
    "laa": _procedure("左心耳封堵术", "LAA SHT", "LAA"),
    "valve_bio": _procedure("生物瓣膜置换术", "BHV PPS*6-12 CAN*2 OXY HEM*1-2", "BHV", 240),
    "valve_mech": _procedure("机械瓣膜置换术", "MHV PPS*6-12 CAN*2 OXY", "MHV", 240),
    "repair": _procedure("二尖瓣成形术", "RING PPS*4-8 CAN*2 OXY FIB?0.4", "RING", 240),
    "cabg": _procedure("冠状动脉旁路移植术", "PPS*6-14 CAN*2?0.6 OXY?0.6 FIB?0.4 IABP?0.15", minutes=260),
    "bentall": _procedure("主动脉根部替换术", "GRA*1-2 PPS*8-16 CAN*3 OXY BHV?0.5", minutes=320),
    "tavr": _procedure("经导管主动脉瓣置换术", "TAVR SHT*2 CLO*2 AGW", minutes=150),
    "evar": _procedure("主动脉覆膜支架腔内修复术", "SG*1-2 SHT*2 AGW*2 CLO*2", minutes=180),
    "peripheral": _procedure("下肢动脉支架成形术", "PST*1-2 PBL*1-3 AGW*1-2 SHT", minutes=120),
    "filter": _procedure("下腔静脉滤器置入术", "IVCF SHT AGW", minutes=50),
    "coil": _procedure("颅内动脉瘤弹簧圈栓塞术", "COIL*3-7 MIC*1-2 MGW IST?0.45 SHT", minutes=160),
    "flow": _procedure("颅内血流导向装置置入术", "FD MIC*2 MGW SHT", minutes=160),
    "stroke": _procedure("急性脑梗死机械取栓术", "THR MIC MGW SHT", minutes=110),
    "onyx": _procedure("脑动静脉畸形栓塞术", "LEA*1-2 MIC MGW", minutes=150),
    "craniotomy": _procedure("开颅肿瘤切除术", "DURA CRP*2-3 HEM*1-3 FIB?0.3", minutes=280),
    "shunt": _procedure("脑室腹腔分流术", "VPS SUT*2", minutes=120),
    "cranioplasty": _procedure("颅骨修补术", "CRP*2-4 DURA?0.4", minutes=150),
    "hip": _procedure("全髋关节置换术", "CUP LIN HEAD STEM SUT*2 HEM?0.4", "CUP STEM", 130),
    "knee": _procedure("全膝关节置换术", "KFE KTI KIN CEM*1-2 BSU*1-2", "KIN", 120),
    "fusion": _procedure("腰椎后路椎间融合术", "SCR*4-8 ROD*2 CAGE*1-2 BG?0.5 ALG?0.3 HEM", "CAGE", 200),
    "kypho": _procedure("椎体后凸成形术", "KYP CEM", minutes=60),
    "plate": _procedure("骨折切开复位内固定术", "LCP LSC*4-8 KW*2?0.6 SUT*2", minutes=120),
    "nail": _procedure("股骨髓内钉内固定术", "NAIL LSC*2-3", "NAIL", 110),
    "scope": _procedure("关节镜下韧带重建术", "ANC*1-3 INT*1-2 SUT", minutes=100),
    "cataract": _procedure("白内障超声乳化人工晶体植入术", "IOL OVD CTR?0.06", minutes=25),
    "toric": _procedure("散光矫正人工晶体植入术", "TIOL OVD", minutes=30),
    "vitrectomy": _procedure("玻璃体切除硅油填充术", "SIL OVD?0.4", minutes=80),
    "glaucoma": _procedure("青光眼引流阀植入术", "AGV OVD", minutes=70),
    "colectomy": _procedure("腹腔镜结直肠癌根治术", "CST EST RLD*2-4 USK CLP*2 TRO*3 HEM ADH?0.4", minutes=200),
    "gastrectomy": _procedure("腹腔镜胃癌根治术", "EST RLD*3-5 USK CST?0.6 CLP*2 TRO*4 MTX?0.3", minutes=240),
    "hernia": _procedure("腹腔镜疝修补术", "MSH TAK TRO*2 BSU?0.5", minutes=70),
    "chole": _procedure("腹腔镜胆囊切除术", "CLP*1-2 TRO*3 HEM?0.3 SUT", minutes=60),
    "lobectomy": _procedure("胸腔镜肺叶切除术", "EST RLD*3-6 USK?0.7 FIB?0.3 TRO*2", minutes=180),
    "breast": _procedure("乳腺癌改良根治术", "USK CLP SUT*3 LST?0.2", minutes=130),
    "stent": _procedure("输尿管支架置入术", "DJ AGW", minutes=40),
    "stone": _procedure("输尿管软镜碎石取石术", "BSK DJ AGW", minutes=80),
    "sling": _procedure("尿道中段悬吊术", "SLG SUT", minutes=60),
    "polyp": _procedure("内镜下息肉切除术", "SNA ECL*1-4 FRN", minutes=35),
    "ercp": _procedure("经内镜逆行胰胆管支架置入术", "BPS EGW BMS?0.35", minutes=70),
    "oesophagus": _procedure("食管支架置入术", "ESO EGW?0.5", minutes=50),
    "session": _procedure("血液透析", "DIA BLN AVF*2 HP?0.12", minutes=240),
    "catheter": _procedure("血液透析导管置入术", "HCA", minutes=50),
    "crrt": _procedure("连续性肾脏替代治疗", "HF HCA?0.5 HP?0.2", minutes=240),
    "line": _procedure("中心静脉置管术", "CVC ART?0.5", minutes=30),
    "ecmo": _procedure("体外膜肺氧合治疗", "ECMO OXY CAN*2", minutes=120),
    "picc": _procedure("经外周中心静脉置管术", "PICC", minutes=40),
    "wound": _procedure("负压封闭引流术", "NPWT*1-2 AGD*2?0.5", minutes=50),
    "skin": _procedure("创面组织工程皮肤移植术", "SKIN*1-3 AGD*3 NPWT?0.5", minutes=110),
    "tace": _procedure("肝动脉化疗栓塞术", "EMB*1-2 MIC DXC AGW CM", minutes=90),
    "biopsy": _procedure("CT引导下穿刺活检术", "BIO", minutes=40),
    "microwave": _procedure("肿瘤微波消融术", "MWA", minutes=70),
    "assay": _procedure("批次检验", minutes=60, takes="TNI?0.4 BNP?0.3 PCT?0.3 DDI?0.3 TSH?0.3 AFP?0.3 CEA?0.3 HIV?0.3 "
        "HBS?0.4 HCV?0.3 GLY?0.3 CRP2?0.4 QC?0.5"),
    "genes": _procedure("肿瘤基因检测", "NGS*1-2", minutes=240),
}  # fmt: skip

# kind of work -> cases on a working day, cases on a day of rest, (procedure, weight)
WORK: dict[str, tuple[float, float, tuple[tuple[str, float], ...]]] = {
    "cath": (2.6, 0.6, (("pci", 5), ("cag", 3), ("dcb", 1.2), ("cto", 0.6))),
    "ep": (1.4, 0.0, (("pacemaker", 4), ("ablation", 3), ("icd", 0.8), ("crt", 0.4), ("occluder", 1), ("laa", 0.7))),
    "heart": (0.9, 0.1, (("valve_bio", 3), ("valve_mech", 2), ("repair", 1.5), ("cabg", 3), ("bentall", 0.6))),
    "hybrid": (0.7, 0.0, (("evar", 2), ("peripheral", 3), ("tavr", 1), ("filter", 1))),
    "nir": (0.7, 0.3, (("coil", 3), ("stroke", 2), ("flow", 0.8), ("onyx", 0.5))),
    "neuro": (0.7, 0.1, (("craniotomy", 3), ("shunt", 1), ("cranioplasty", 1))),
    "ortho": (1.8, 0.2, (("hip", 3), ("knee", 3), ("fusion", 2.4), ("plate", 3), ("nail", 1.4),
                         ("kypho", 1.5), ("scope", 1.6))),
    "eye": (2.6, 0.0, (("cataract", 8), ("toric", 1.5), ("vitrectomy", 0.5), ("glaucoma", 0.5))),
    "general": (1.7, 0.2, (("colectomy", 2), ("gastrectomy", 1.4), ("hernia", 2), ("chole", 3),
                           ("lobectomy", 1.6), ("breast", 1))),
    "urology": (1.0, 0.1, (("stent", 3), ("stone", 3), ("sling", 0.5))),
    "endo": (1.2, 0.0, (("polyp", 4), ("ercp", 2), ("oesophagus", 0.6))),
    "dialysis": (1.3, 0.5, (("session", 6), ("catheter", 1))),
    "icu": (0.7, 0.5, (("line", 4), ("crrt", 2), ("ecmo", 0.15))),
    "ward": (0.11, 0.03, (("picc", 2), ("line", 1.5), ("wound", 1))),
    "burns": (0.5, 0.1, (("skin", 2), ("wound", 2))),
    "radiology": (0.9, 0.0, (("tace", 2), ("biopsy", 2), ("microwave", 1))),
    "lab": (0.8, 0.3, (("assay", 1),)),
    "path": (0.3, 0.0, (("genes", 1),)),
    "emergency": (0.25, 0.25, (("line", 3),)),
    "day": (0.9, 0.0, (("hernia", 2), ("chole", 2))),
}  # fmt: skip
