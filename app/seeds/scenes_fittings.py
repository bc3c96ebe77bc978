"""Close views of fittings: the panel of a lift, the tap of a basin."""

from __future__ import annotations

from app.seeds.drawing import (
    HEIGHT,
    WATER,
    WIDTH,
    Canvas,
    Colour,
    Dice,
    darker,
    lighter,
    mixed,
    sparkle,
    water_drop,
)

STEEL: Colour = (176, 184, 192)

_SEGMENTS = {
    "top": (0, 0, 1, 0),
    "upper right": (1, 0, 1, 1),
    "lower right": (1, 1, 1, 2),
    "bottom": (0, 2, 1, 2),
    "lower left": (0, 1, 0, 2),
    "upper left": (0, 0, 0, 1),
    "middle": (0, 1, 1, 1),
}
_DIGITS = ("012345", "12", "01643", "01623", "5612", "05623", "056432", "012", "0123456", "650123")


def lift_panel(canvas: Canvas, dice: Dice) -> None:
    """The buttons inside a lift; the floor display shows a line where a number should be."""
    canvas.box((0, 0, WIDTH, HEIGHT), (150, 158, 168), (118, 126, 138))
    for x in range(0, WIDTH, 8):
        canvas.line([(x, 0), (x, HEIGHT)], (255, 255, 255) if x % 16 else (60, 66, 76), 2, 14)
    canvas.shadow([(400, 50), (900, 50), (900, 940), (400, 940)], blur=30, alpha=150)
    canvas.rounded((390, 30, 890, 930), 30, (206, 212, 218))
    canvas.rounded((398, 38, 882, 922), 26, STEEL)
    canvas.polygon([(398, 300), (882, 60), (882, 260), (398, 520)], (255, 255, 255), alpha=40)
    canvas.rounded((470, 80, 810, 260), 16, (18, 20, 26))
    _number(canvas, (650, 114), 56, "-", (255, 84, 60))
    canvas.polygon([(526, 200), (566, 140), (606, 200)], (92, 44, 40))
    lit = int(dice.between(0, 10))
    for number in range(10):
        _lift_button(canvas, (540 + 200 * (number % 2), 740 - 105 * (number // 2)), number, lit=number == lit)
    canvas.disc((540, 850), 40, (240, 196, 60))
    canvas.polygon([(518, 862), (524, 832), (540, 822), (556, 832), (562, 862)], (110, 78, 10))
    canvas.disc((540, 870), 7, (110, 78, 10))
    canvas.disc((740, 850), 40, (232, 236, 240))
    canvas.polygon([(732, 826), (732, 874), (706, 850)], (60, 68, 80))
    canvas.polygon([(748, 826), (748, 874), (774, 850)], (60, 68, 80))


def _lift_button(canvas: Canvas, centre: tuple[float, float], number: int, *, lit: bool) -> None:
    x, y = centre
    canvas.soft_ellipse((x - 42, y - 36, x + 46, y + 52), blur=8, alpha=120)
    canvas.disc(centre, 42, (236, 240, 244))
    if lit:
        canvas.glow(centre, 90, (255, 170, 60), 220)
    canvas.disc(centre, 36, (255, 236, 200) if lit else (198, 204, 212))
    colour = (232, 96, 20) if lit else (52, 60, 72)
    _number(canvas, (x - 10, y - 20), 20, str(number), colour)


def _number(canvas: Canvas, corner: tuple[float, float], size: float, sign: str, colour: Colour) -> None:
    """A digit of seven bars, or a dash."""
    lines = list(_SEGMENTS.values())
    for index in "6" if sign == "-" else _DIGITS[int(sign)]:
        x0, y0, x1, y1 = (v * size for v in lines[int(index)])
        start, end = (corner[0] + x0, corner[1] + y0), (corner[0] + x1, corner[1] + y1)
        canvas.line([start, end], colour, max(4.0, size / 5))


def basin_tap(canvas: Canvas, dice: Dice, *, dripping: bool) -> None:
    """A tap over a wash-basin, dripping or shining and dry."""
    tile = mixed((206, 228, 232), (232, 226, 212), dice.between(0, 1))
    canvas.box((0, 0, WIDTH, HEIGHT), lighter(tile, 0.25), darker(tile, 0.1))
    for step in range(0, WIDTH + 1, 160):
        canvas.line([(step, 0), (step, 700)], lighter(tile, 0.7), 6)
        canvas.line([(0, step - 40), (WIDTH, step - 40)], lighter(tile, 0.7), 6)
    canvas.soft_ellipse((90, 690, 1190, 1010), blur=36, alpha=130)
    canvas.ellipse((80, 620, 1200, 1180), (252, 252, 252))
    canvas.ellipse((130, 660, 1150, 1120), (206, 214, 222))
    canvas.ellipse((150, 690, 1130, 1120), (232, 237, 242))
    canvas.ellipse((560, 880, 760, 940), (150, 158, 168))
    canvas.ellipse((580, 888, 740, 930), (70, 78, 90))
    _tap(canvas)
    if dripping:
        canvas.ellipse((440, 830, 880, 960), WATER, 60)
        for width in (90, 160):
            canvas.ring((660 - width, 870 - width / 4, 660 + width, 870 + width / 4), WATER, 5, 200)
        for y, radius in ((500, 22), (600, 28), (724, 34)):
            water_drop(canvas, (660, y), radius)
    else:
        for centre, size in (((470, 250), 46), ((800, 200), 34), ((900, 740), 40)):
            sparkle(canvas, centre, size)


def _tap(canvas: Canvas) -> None:
    chrome, shade = (214, 220, 228), (120, 130, 144)
    arc = [
        (400, 700),
        (400, 420),
        (408, 366),
        (436, 322),
        (484, 296),
        (560, 290),
        (610, 302),
        (642, 336),
        (656, 384),
    ]
    canvas.soft_ellipse((320, 670, 520, 740), blur=14, alpha=140)
    canvas.ellipse((320, 660, 480, 720), shade)
    canvas.ellipse((326, 650, 474, 704), chrome)
    canvas.line(arc, shade, 76)
    canvas.line([(x - 4, y - 4) for x, y in arc], chrome, 58)
    canvas.line([(x - 12, y - 12) for x, y in arc], (250, 252, 255), 14)
    canvas.polygon([(618, 376), (700, 376), (694, 436), (626, 436)], chrome, shade)
    canvas.ellipse((626, 424, 694, 448), (84, 92, 104))
    canvas.rounded((340, 470, 460, 540), 30, shade)
    canvas.rounded((344, 470, 456, 530), 28, chrome)
    canvas.line([(350, 500), (230, 450)], shade, 40)
    canvas.line([(350, 494), (232, 444)], (236, 240, 245), 24)
    canvas.disc((400, 500), 12, (70, 130, 200))
