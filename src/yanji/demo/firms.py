"""Makers and suppliers of the demo hospital. All of them are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Firm:
    """A maker: names, country, GS1 company prefix (7 to 9 digits), the fields it makes things for."""

    zh: str
    en: str
    country: str
    prefix: str
    fields: tuple[str, ...]


def _firm(zh: str, en: str, country: str, prefix: str, fields: str) -> Firm:
    return Firm(zh, en, country, prefix, tuple(fields.split()))


MAKERS = [
    _firm("上海澜芯医疗科技有限公司", "Lanxin Medical (Shanghai)", "CN", "69412070", "coronary"),
    _firm("苏州岚海生物医疗有限公司", "Lanhai Biomedical (Suzhou)", "CN", "69512181", "coronary vascular"),
    _firm(
        "北京拓衡心血管器械有限公司",
        "Tuoheng Cardiovascular (Beijing)",
        "CN",
        "69385502",
        "coronary rhythm surgery_heart",
    ),
    _firm(
        "深圳启岸介入医疗有限公司",
        "Qi'an Interventional (Shenzhen)",
        "CN",
        "69701163",
        "coronary neurovascular",
    ),
    _firm("里弗顿心血管公司", "Riverton Cardiovascular Inc.", "US", "0817432", "coronary rhythm"),
    _firm("诺海文医疗", "Nordhaven Medical Ltd.", "IE", "5391541", "coronary vascular surgery_heart"),
    _firm(
        "樱野医疗器械株式会社", "Sakurano Medical K.K.", "JP", "4987711", "coronary neurovascular endoscopy"
    ),
    _firm("天津律安医疗电子有限公司", "Lü'an Medical Electronics (Tianjin)", "CN", "69420339", "rhythm"),
    _firm("赫尔沃拉节律公司", "Helvora Rhythm AG", "CH", "7640194", "rhythm"),
    _firm("布莱肯电生理公司", "Bracken Electrophysiology LLC", "US", "0850072", "rhythm"),
    _firm("杭州云峙心脏瓣膜有限公司", "Yunzhi Heart Valve (Hangzhou)", "CN", "69726604", "surgery_heart"),
    _firm(
        "威海澄泰人工脏器有限公司",
        "Chengtai Artificial Organs (Weihai)",
        "CN",
        "69305127",
        "surgery_heart blood",
    ),
    _firm("奥尔特马克心脏外科公司", "Oltmark Herzchirurgie GmbH", "DE", "4051948", "surgery_heart"),
    _firm("上海脉途血管科技有限公司", "Maitu Vascular (Shanghai)", "CN", "69580416", "vascular"),
    _firm("卡斯蒂尔血管公司", "Castille Vascular S.L.", "ES", "8436042", "vascular imaging"),
    _firm(
        "上海神桥神经介入有限公司", "Shenqiao Neurointervention (Shanghai)", "CN", "69602258", "neurovascular"
    ),
    _firm("奥雷利亚神经血管公司", "Aurelia Neurovascular Inc.", "US", "0863219", "neurovascular"),
    _firm("广州颅新生物材料有限公司", "Luxin Biomaterials (Guangzhou)", "CN", "69487733", "neurosurgery"),
    _firm("西安颅固医疗科技有限公司", "Lugu Medical (Xi'an)", "CN", "69731120", "neurosurgery bone"),
    _firm("常州砺骨医疗器械有限公司", "Ligu Orthopaedics (Changzhou)", "CN", "69361842", "bone"),
    _firm("天津固衡骨科器械有限公司", "Guheng Orthopaedics (Tianjin)", "CN", "69278850", "bone"),
    _firm("苏州行健脊柱科技有限公司", "Xingjian Spine (Suzhou)", "CN", "69644071", "bone"),
    _firm("霍恩费尔德骨科公司", "Hohenfeld Orthopädie GmbH", "DE", "4057213", "bone"),
    _firm("泰尔布鲁克关节公司", "Tillbrook Joint Systems Inc.", "US", "0842650", "bone"),
    _firm("山西晋源组织工程有限公司", "Jinyuan Tissue Engineering (Shanxi)", "CN", "69530968", "bone blood"),
    _firm("无锡明湖眼科器械有限公司", "Minghu Ophthalmics (Wuxi)", "CN", "69460215", "eye"),
    _firm("爱丁盖特视光公司", "Edengate Vision Ltd.", "GB", "5060411", "eye"),
    _firm("维尔登眼科公司", "Verden Ophthalmic B.V.", "NL", "8717832", "eye"),
    _firm("常州锐合吻合器有限公司", "Ruihe Stapling (Changzhou)", "CN", "69553307", "surgery"),
    _firm("格伦摩外科公司", "Glenmoor Surgical Inc.", "US", "0889516", "surgery endoscopy"),
    _firm("北京佑合生物敷料有限公司", "Youhe Biodressings (Beijing)", "CN", "69311469", "surgery blood"),
    _firm("杭州韧丝缝线有限公司", "Rensi Sutures (Hangzhou)", "CN", "69247782", "surgery"),
    _firm("南京微探内镜器械有限公司", "Weitan Endoscopy (Nanjing)", "CN", "69562640", "endoscopy"),
    _firm("成都清滤血液净化有限公司", "Qinglü Blood Purification (Chengdu)", "CN", "69390574", "blood"),
    _firm("弗莱森瑙透析公司", "Flessenau Dialyse GmbH", "DE", "4046964", "blood"),
    _firm("江西康导医用导管有限公司", "Kangdao Catheters (Jiangxi)", "CN", "69228135", "blood imaging"),
    _firm("南京维热微波医疗有限公司", "Weire Microwave (Nanjing)", "CN", "69617394", "imaging"),
    _firm("深圳谱析生物诊断有限公司", "Puxi Diagnostics (Shenzhen)", "CN", "69474408", "laboratory"),
    _firm("厦门鹭检生物科技有限公司", "Lujian Biotech (Xiamen)", "CN", "69335951", "laboratory"),
    _firm("艾森豪夫诊断公司", "Eisenhof Diagnostics GmbH", "DE", "4063872", "laboratory"),
]

_SUPPLIER_STEMS = [
    ("瀚泽", "Hanze"), ("诚峰", "Chengfeng"), ("沐康", "Mukang"), ("恒岳", "Hengyue"), ("济舟", "Jizhou"),
    ("朗润", "Langrun"), ("启明达", "Qimingda"), ("安禾", "Anhe"), ("博川", "Bochuan"), ("嘉域", "Jiayu"),
    ("云帆", "Yunfan"), ("德仁康", "Derenkang"), ("思达远", "Sidayuan"), ("汇通源", "Huitongyuan"), ("泽仁", "Zeren"),
    ("同信达", "Tongxinda"), ("景和", "Jinghe"), ("瑞丰达", "Ruifengda"), ("宏图", "Hongtu"), ("普安", "Pu'an"),
]  # fmt: skip
_REGIONS = [("华东", "East China"), ("江南", "Jiangnan")]

# Forty names: every stem in each of two regions. (Chinese, English)
SUPPLIERS = [
    (f"{region_zh}{zh}医疗器械有限公司", f"{en} Medical Devices ({region_en})")
    for region_zh, region_en in _REGIONS
    for zh, en in _SUPPLIER_STEMS
]
