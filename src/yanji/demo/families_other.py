"""Families of general surgery, endoscopy, urology, blood purification, intensive care, imaging and the laboratory."""

from .family import Family, grid

SURGERY = [
    Family("LST", "直线型切割吻合器", "Linear cutting stapler", "surgery", grid("{} mm", (60, 80, 100)), 4, (980, 2100), "02",
           "06", makers=2, uom="把"),
    Family("CST", "管型吻合器", "Circular stapler", "surgery", grid("{} mm", (25, 28, 29, 31, 33)), 5, (1480, 3200), "02",
           "06", makers=2, uom="把"),
    Family("EST", "腔镜切割吻合器", "Endoscopic cutting stapler", "surgery", ["45 mm", "60 mm", "60 mm 电动|Powered"], 4,
           (1880, 6200), "02", "06", makers=2, uom="把"),
    Family("RLD", "腔镜吻合器钉仓", "Endoscopic stapler reload", "surgery",
           grid("{} mm {}", (45, 60), ("白|White", "蓝|Blue", "金|Gold", "绿|Green")), 8, (480, 980), "02", "06", makers=2,
           uom="个"),
    Family("CLP", "结扎夹", "Ligation clip", "surgery", ["M", "ML", "L", "XL"], 4, (42, 110), "13", "06", tracking="lot",
           implant=True, makers=1, uom="板"),
    Family("TRO", "一次性穿刺器", "Disposable trocar", "surgery", grid("{} mm", (5, 10, 12)), 3, (98, 240), "02", "06",
           tracking="lot", risk="II", makers=1, uom="套"),
    Family("MSH", "疝修补补片", "Hernia mesh", "surgery", ["6×11 cm", "10×15 cm", "15×15 cm", "20×30 cm 防粘连|Anti-adhesion"],
           6, (980, 7800), "13", "06", implant=True, makers=2, uom="片"),
    Family("TAK", "疝修补固定器", "Hernia tacker", "surgery", ["钛钉|Titanium 30", "可吸收|Absorbable 25"], 2, (1680, 3600), "13",
           "06", implant=True, makers=1, uom="把"),
    Family("HEM", "可吸收止血纱", "Absorbable haemostatic gauze", "surgery", ["5×7.5 cm", "10×20 cm", "5×35 cm"], 4,
           (120, 420), "14", "14", tracking="lot", implant=True, makers=2, uom="片", temperature="room"),
    Family("FIB", "纤维蛋白封闭剂", "Fibrin sealant", "surgery", ["2 ml", "5 ml"], 2, (980, 2100), "14", "14", makers=1,
           uom="套", temperature="refrigerated", shelf_months=(10, 22), label="ma"),
    Family("MTX", "流体明胶止血材料", "Flowable gelatine haemostat", "surgery", ["5 ml", "8 ml"], 2, (1680, 2600), "14", "14",
           makers=1, uom="套"),
    Family("ADH", "防粘连膜", "Anti-adhesion film", "surgery", ["5×7 cm", "7×13 cm"], 2, (420, 980), "13", "14",
           implant=True, makers=1, uom="片", label="ma"),
    Family("USK", "超声刀头", "Ultrasonic scalpel shears", "surgery", ["14 cm", "23 cm", "36 cm"], 3, (1880, 3600), "01",
           "06", makers=1, uom="把", label="hibc"),
    Family("SUT", "可吸收缝合线", "Absorbable suture", "surgery",
           grid("{} {}", ("2-0", "3-0", "4-0", "5-0"), ("圆针|Taper 26 mm", "角针|Cutting 19 mm")), 9, (18, 86), "13", "14",
           tracking="lot", implant=True, makers=2, uom="根"),
    Family("BSU", "倒刺免打结缝线", "Knotless barbed suture", "surgery", grid("{} {} cm", ("2-0", "3-0"), (15, 30, 45)), 5,
           (240, 520), "13", "14", implant=True, makers=1, uom="根", label="lot"),
    Family("PPS", "聚丙烯缝合线", "Polypropylene suture", "surgery", grid("{} 双针|Double", ("3-0", "4-0", "5-0", "6-0")), 4,
           (42, 160), "13", "14", tracking="lot", implant=True, makers=1, uom="根"),
]  # fmt: skip

ENDOSCOPY = [
    Family("DJ", "输尿管支架", "Ureteral stent", "endoscopy", grid("{}F×{} cm", (5, 6, 7), (24, 26, 28)), 6, (260, 980),
           "13", "08", implant=True, makers=2, uom="根"),
    Family("BSK", "取石网篮", "Stone retrieval basket", "endoscopy", ["1.7F", "2.2F", "3.0F"], 3, (780, 1680), "02", "08",
           makers=1, uom="根", risk="II"),
    Family("SLG", "尿道悬吊带", "Urethral sling", "endoscopy", ["TVT-O"], 1, (4600, 5800), "13", "08", implant=True,
           makers=1, uom="套"),
    Family("ECL", "内镜止血夹", "Endoscopic haemoclip", "endoscopy", ["9 mm", "11 mm", "16 mm"], 4, (98, 320), "02", "07",
           makers=2, risk="II", uom="个", label="lot"),
    Family("SNA", "圈套器", "Polypectomy snare", "endoscopy", ["10 mm", "15 mm", "25 mm"], 3, (110, 280), "02", "07",
           tracking="lot", makers=1, risk="II", uom="根"),
    Family("BMS", "胆道金属支架", "Biliary metal stent", "endoscopy", grid("{}×{} mm", (8, 10), (60, 80, 100)), 5,
           (5800, 9800), "13", "07", implant=True, makers=2, uom="枚"),
    Family("BPS", "胆道塑料支架", "Biliary plastic stent", "endoscopy", grid("{}F×{} cm", ("8.5", "10"), (7, 9, 12)), 4,
           (380, 860), "13", "07", implant=True, makers=1, uom="根"),
    Family("EGW", "内镜导丝", "Endoscopy guide wire", "endoscopy", ["0.025″×450 cm", "0.035″×450 cm"], 2, (680, 1480), "02",
           "07", makers=1, risk="II", uom="根"),
    Family("ESO", "食道覆膜支架", "Covered oesophageal stent", "endoscopy", grid("{}×{} mm", (18, 20), (80, 100, 120)), 4,
           (4200, 6800), "13", "07", implant=True, makers=1, uom="枚"),
    Family("FRN", "内镜注射针", "Endoscopic injection needle", "endoscopy", ["23G", "25G"], 2, (86, 160), "02", "07",
           tracking="lot", makers=1, risk="II", uom="根"),
]  # fmt: skip

BLOOD = [
    Family("DIA", "空心纤维透析器", "Hollow-fibre dialyser", "blood", ["低通|Low-flux 1.3 m²", "低通|Low-flux 1.5 m²",
           "高通|High-flux 1.4 m²", "高通|High-flux 1.8 m²"], 6, (98, 260), "10", "10", tracking="lot", makers=2, uom="支"),
    Family("HF", "血液滤过器", "Haemofilter", "blood", ["1.4 m²", "1.9 m²"], 3, (680, 1680), "10", "10", makers=2, uom="套"),
    Family("BLN", "血液透析管路", "Haemodialysis blood line", "blood", ["A型|Type_A", "B型|Type_B"], 2, (28, 60), "10", "10",
           tracking="lot", makers=1, uom="套"),
    Family("AVF", "动静脉穿刺针", "Fistula needle", "blood", ["16G", "17G"], 2, (6, 12), "10", "10", tracking="lot",
           makers=1, uom="支"),
    Family("HCA", "血液透析导管", "Haemodialysis catheter", "blood", ["12F×16 cm", "12F×20 cm", "14.5F×28 cm 长期|Tunnelled"],
           4, (480, 3200), "10", "10", makers=2, uom="套"),
    Family("HP", "血液灌流器", "Haemoperfusion cartridge", "blood", ["HA130", "HA230", "HA330"], 3, (420, 980), "10", "10",
           tracking="lot", makers=1, uom="支"),
    Family("CVC", "中心静脉导管", "Central venous catheter", "blood", ["单腔|Single 7F", "双腔|Double 7F", "三腔|Triple 7F"], 4,
           (120, 420), "14", "14", makers=2, uom="套", label="lot"),
    Family("PICC", "经外周中心静脉导管", "PICC", "blood", ["4F 单腔|Single", "5F 双腔|Double"], 3, (980, 2200), "14", "14",
           makers=2, uom="套"),
    Family("ART", "动脉压监测套件", "Arterial pressure kit", "blood", ["单通道|Single", "双通道|Dual"], 2, (110, 280), "14", "14",
           tracking="lot", makers=1, uom="套"),
    Family("NPWT", "负压引流敷料", "Negative-pressure dressing", "blood", ["S", "M", "L"], 3, (680, 1680), "14", "14", makers=1,
           uom="套", risk="II", label="lot"),
    Family("SKIN", "组织工程皮肤", "Tissue-engineered skin", "blood", ["5×5 cm", "10×10 cm"], 2, (4800, 9800), "13", "14",
           implant=True, makers=1, uom="片", temperature="refrigerated", shelf_months=(3, 7)),
    Family("AGD", "含银敷料", "Silver dressing", "blood", ["10×10 cm", "15×20 cm"], 2, (48, 120), "14", "14", tracking="lot",
           makers=1, risk="II", uom="片"),
]  # fmt: skip

IMAGING = [
    Family("CM", "碘造影剂注射装置套装", "Contrast injection set", "imaging", ["100 ml", "150 ml", "200 ml"], 4, (68, 160), "06",
           "14", tracking="lot", makers=2, risk="II", uom="套", temperature="room"),
    Family("BIO", "活检针", "Biopsy needle", "imaging", ["14G×16 cm", "16G×20 cm", "18G×20 cm"], 4, (180, 520), "14", "14",
           makers=2, risk="II", uom="支"),
    Family("MWA", "微波消融针", "Microwave ablation antenna", "imaging", ["1.8 mm 水冷|Cooled", "2.0 mm 水冷|Cooled"], 2,
           (6800, 9800), "01", "14", makers=1, uom="支"),
    Family("SEED", "碘[125I]籽源植入针", "Seed implantation needle", "imaging", ["18G×20 cm"], 1, (60, 120), "14", "14",
           tracking="lot", makers=1, risk="II", uom="支"),
    Family("EMB", "栓塞微球", "Embolisation microspheres", "imaging", ["100–300 µm", "300–500 µm", "500–700 µm"], 4,
           (2800, 6800), "13", "14", implant=True, makers=2, uom="瓶"),
]  # fmt: skip

_LAB = [
    ("TNI", "高敏肌钙蛋白I测定试剂盒", "hs-Troponin I assay"), ("BNP", "B型钠尿肽测定试剂盒", "BNP assay"),
    ("PCT", "降钙素原测定试剂盒", "Procalcitonin assay"), ("DDI", "D-二聚体测定试剂盒", "D-dimer assay"),
    ("TSH", "促甲状腺激素测定试剂盒", "TSH assay"), ("AFP", "甲胎蛋白测定试剂盒", "AFP assay"),
    ("CEA", "癌胚抗原测定试剂盒", "CEA assay"), ("HIV", "HIV抗原抗体测定试剂盒", "HIV Ag/Ab assay"),
    ("HBS", "乙肝表面抗原测定试剂盒", "HBsAg assay"), ("HCV", "丙肝抗体测定试剂盒", "Anti-HCV assay"),
    ("GLY", "糖化血红蛋白测定试剂盒", "HbA1c assay"), ("CRP2", "C反应蛋白测定试剂盒", "CRP assay"),
]  # fmt: skip

LABORATORY = [
    *(
        Family(code, zh, en, "laboratory", ["100 T", "200 T", "500 T"], 3, (860, 5800), "40", "16", tracking="lot",
               implant=False, sterile=False, makers=1, uom="盒", temperature="refrigerated", shelf_months=(6, 14),
               risk="II")
        for code, zh, en in _LAB
    ),
    Family("QC", "免疫质控品", "Immunoassay control", "laboratory", ["水平1|Level_1", "水平2|Level_2", "水平3|Level_3"], 3,
           (480, 1280), "40", "16", tracking="lot", sterile=False, makers=1, uom="盒", temperature="frozen",
           shelf_months=(9, 18), risk="II"),
    Family("NGS", "肿瘤基因突变检测试剂盒", "Tumour gene mutation kit", "laboratory", ["8 T", "24 T"], 2, (9800, 26800), "40",
           "16", sterile=False, makers=1, uom="盒", temperature="frozen", shelf_months=(6, 14)),
]  # fmt: skip

OTHER_FAMILIES = [*SURGERY, *ENDOSCOPY, *BLOOD, *IMAGING, *LABORATORY]
