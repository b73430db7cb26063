"""What people of the demo hospital photograph, drawn."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

WIDE, HIGH = 960, 720
FLOOR, BOARD, SIDE, TAPE, DENT, LABEL, INK = (
    "#8d9499", "#b98a56", "#9c7144", "#d9c7a0", "#6f4e2c", "#f4f4f0", "#2c2c2c",
)  # fmt: skip


def crushed_carton() -> bytes:
    """A carton with a crushed corner, as a camera gives it (JPEG). The same each time."""
    picture = Image.new("RGB", (WIDE, HIGH), FLOOR)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(180, 250), (640, 210), (800, 290), (330, 345)], fill=BOARD)
    draw.polygon([(180, 250), (330, 345), (330, 640), (180, 530)], fill=SIDE)
    draw.polygon([(330, 345), (800, 290), (800, 580), (330, 640)], fill="#ab7d4c")
    draw.polygon([(395, 231), (455, 226), (612, 312), (548, 320)], fill=TAPE)
    draw.polygon([(548, 320), (612, 312), (612, 400), (548, 408)], fill=TAPE)
    # The corner that was hit, with its creases.
    draw.polygon([(700, 302), (800, 290), (800, 430), (760, 372)], fill=DENT)
    draw.line([(700, 302), (760, 372), (800, 430)], fill="#4f3720", width=5)
    draw.line([(660, 306), (728, 400), (800, 470)], fill="#8a6238", width=4)
    draw.polygon([(370, 450), (520, 432), (520, 560), (370, 580)], fill=LABEL)
    for number, width in enumerate((4, 2, 6, 3, 2, 5, 3, 6, 2, 4, 3, 5)):
        left = 384 + number * 10
        draw.line([(left, 468 - number), (left, 530 - number)], fill=INK, width=width)
    file = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(file, "JPEG", quality=72)
    return file.getvalue()
