"""Families of bones, joints and the spine, and of the eye."""

from .family import Family, grid, span

JOINT = [
    Family("CUP", "髋臼杯", "Acetabular cup", "bone", grid("{} mm", range(44, 62, 2)), 9, (2280, 4600), "13", "03",
           implant=True, makers=2, uom="个", shelf_months=(48, 96)),
    Family("LIN", "髋臼内衬", "Acetabular liner", "bone",
           grid("{} {} mm", ("聚乙烯|PE", "陶瓷|Ceramic"), ("28/44", "32/50", "36/54", "36/58")), 7, (1580, 4200), "13", "03",
           implant=True, makers=2, uom="个", shelf_months=(48, 96)),
    Family("HEAD", "股骨头", "Femoral head", "bone",
           grid("{} Φ{} {}", ("陶瓷|Ceramic", "合金|CoCr"), (28, 32, 36), ("S", "M", "L")), 8, (1180, 3900), "13", "03",
           implant=True, makers=2, uom="个", shelf_months=(48, 96)),
    Family("STEM", "股骨柄", "Femoral stem", "bone", grid("{}# {}", range(7, 15), ("标准|Std", "高偏距|HO")), 10,
           (2600, 5400), "13", "03", implant=True, makers=2, uom="个", shelf_months=(48, 96)),
    Family("CEM", "骨水泥", "Bone cement", "bone", ["20 g", "40 g", "40 g 含庆大霉素|Gentamicin"], 3, (480, 1280), "13",
           "03", implant=True, makers=1, uom="盒", temperature="room", label="lot", shelf_months=(18, 30)),
    Family("KFE", "膝关节股骨髁", "Knee femoral component", "bone",
           grid("{} {}#", ("左|L", "右|R"), span(2, 6, 1)), 9, (3600, 6200), "13", "03", implant=True, makers=2, uom="个",
           shelf_months=(48, 96)),
    Family("KTI", "膝关节胫骨托", "Knee tibial tray", "bone", grid("{}#", span(2, 7, 1)), 7, (2100, 3800), "13", "03",
           implant=True, makers=2, uom="个", shelf_months=(48, 96)),
    Family("KIN", "胫骨垫片", "Tibial insert", "bone", grid("{}# {} mm", (3, 4, 5), (9, 10, 12, 14)), 8, (980, 2400), "13",
           "03", implant=True, makers=2, uom="个", shelf_months=(48, 96)),
]  # fmt: skip

SPINE = [
    Family("SCR", "椎弓根螺钉", "Pedicle screw", "bone",
           grid("{}×{} mm", ("5.5", "6.0", "6.5", "7.0"), (35, 40, 45, 50)), 12, (260, 780), "13", "03", implant=True,
           makers=2, uom="枚", sterile=False, label="lot", shelf_months=(72, 120)),
    Family("ROD", "脊柱连接棒", "Spinal rod", "bone", grid("Φ5.5×{} mm", (60, 80, 120, 200)), 5, (220, 640), "13", "03",
           implant=True, makers=2, uom="根", sterile=False, label="lot", shelf_months=(72, 120)),
    Family("CAGE", "椎间融合器", "Interbody fusion cage", "bone",
           grid("{} {} mm", ("颈椎|Cervical", "腰椎|Lumbar"), (6, 7, 8, 10, 12, 14)), 11, (2480, 6900), "13", "03",
           implant=True, makers=2, uom="枚", shelf_months=(48, 84)),
    Family("KYP", "椎体成形球囊套件", "Kyphoplasty balloon kit", "bone", ["10 mm", "15 mm", "20 mm"], 3, (3800, 6200),
           "04", "03", makers=1, uom="套"),
    Family("BG", "人工骨", "Synthetic bone graft", "bone", ["1 ml", "2.5 ml", "5 ml", "10 ml"], 4, (1280, 4800), "13",
           "03", implant=True, makers=1, uom="瓶", label="ma"),
    Family("ALG", "同种异体骨", "Bone allograft", "bone",
           ["颗粒|Chips 5 g", "颗粒|Chips 10 g", "条块|Strut 5 cm", "楔形|Wedge"], 4, (1680, 5600), "13", "03",
           implant=True, makers=1, uom="份", temperature="frozen", shelf_months=(14, 30)),
]  # fmt: skip

TRAUMA = [
    Family("LCP", "锁定接骨板", "Locking plate", "bone",
           grid("{0} {1}孔|{1}-hole", ("桡骨远端|Distal_radius", "胫骨近端|Proximal_tibia", "锁骨|Clavicle"), (3, 5, 7, 9)), 11,
           (880, 3600), "13", "03", implant=True, makers=2, uom="块", sterile=False, label="lot",
           shelf_months=(72, 120)),
    Family("LSC", "锁定螺钉", "Locking screw", "bone", grid("{}×{} mm", ("2.4", "3.5", "5.0"), range(14, 50, 6)), 12,
           (85, 240), "13", "03", implant=True, makers=2, uom="枚", sterile=False, label="lot", shelf_months=(72, 120)),
    Family("NAIL", "髓内钉", "Intramedullary nail", "bone",
           grid("{} Φ{}", ("股骨近端|Proximal_femur", "胫骨|Tibial"), ("9×200 mm", "10×240 mm", "11×300 mm")), 6,
           (2680, 5400), "13", "03", implant=True, makers=2, uom="根", shelf_months=(60, 96)),
    Family("KW", "克氏针", "Kirschner wire", "bone", grid("Φ{} mm", ("1.0", "1.5", "2.0")), 3, (18, 36), "04", "03",
           tracking="lot", risk="II", makers=1, uom="根", sterile=False, shelf_months=(72, 120)),
    Family("ANC", "带线锚钉", "Suture anchor", "bone", grid("{} mm {}", ("2.8", "4.5", "5.5"), ("PEEK", "可吸收|Absorbable")),
           5, (1980, 4600), "13", "03", implant=True, makers=2, uom="枚"),
    Family("INT", "界面螺钉", "Interference screw", "bone", grid("{}×25 mm", (7, 8, 9, 10)), 4, (1680, 3200), "13", "03",
           implant=True, makers=1, uom="枚", label="hibc"),
]  # fmt: skip

EYE = [
    Family("IOL", "人工晶状体", "Intraocular lens", "eye", grid("+{} D", span(15.0, 26.0, 0.5, 1)), 20, (480, 3800), "16",
           "05", implant=True, makers=2, uom="枚", temperature="room"),
    Family("TIOL", "散光矫正型人工晶状体", "Toric intraocular lens", "eye",
           grid("T{} +{} D", (3, 4, 5), ("19.0", "20.5", "21.5", "22.5")), 7, (4600, 9800), "16", "05", implant=True,
           makers=1, uom="枚", temperature="room"),
    Family("OVD", "眼用黏弹剂", "Ophthalmic viscosurgical device", "eye", ["0.5 ml", "0.85 ml", "1.0 ml"], 3, (120, 380),
           "16", "05", makers=1, uom="支", temperature="refrigerated", label="lot", shelf_months=(12, 24)),
    Family("CTR", "囊袋张力环", "Capsular tension ring", "eye", ["11 mm", "12 mm"], 2, (860, 1480), "16", "05",
           implant=True, makers=1, uom="枚"),
    Family("SIL", "眼用硅油", "Ophthalmic silicone oil", "eye", ["10 ml 5000 cSt"], 1, (1680, 2200), "16", "05", makers=1,
           uom="瓶", label="ma"),
    Family("AGV", "青光眼引流阀", "Glaucoma drainage valve", "eye", ["成人|Adult", "儿童|Paediatric"], 2, (4800, 7600), "16",
           "05", implant=True, makers=1, uom="枚"),
]  # fmt: skip

BONE_FAMILIES = [*JOINT, *SPINE, *TRAUMA, *EYE]
