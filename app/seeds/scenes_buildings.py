"""What people photograph when they look up: the entrance, the road at dusk, the whole estate."""

from __future__ import annotations

from app.seeds.drawing import HEIGHT, WIDTH, Canvas, Colour, Dice, Point, darker, lighter, mixed

GLASS: Colour = (142, 190, 210)


def entrance(canvas: Canvas, dice: Dice, *, broken: bool) -> None:
    """The door of a building: one leaf off its hinge with cracked glass, or both straight and closed."""
    wall = mixed((196, 120, 92), (206, 186, 154), dice.between(0, 1))
    _bricks(canvas, dice, wall)
    canvas.box((0, 830, WIDTH, HEIGHT), (186, 184, 178), (150, 148, 142))
    canvas.box((270, 790, 1010, 860), (214, 212, 206), (176, 174, 168))
    canvas.shadow([(250, 150), (1030, 150), (1030, 260), (250, 260)], blur=26, alpha=170)
    canvas.box((330, 170, 950, 800), (70, 76, 84))
    canvas.box((350, 196, 930, 800), (34, 40, 50), (62, 66, 72))
    _leaf(canvas, [(356, 202), (636, 202), (636, 796), (356, 796)])
    if broken:
        _hanging_leaf(canvas)
    else:
        _leaf(canvas, [(644, 202), (924, 202), (924, 796), (644, 796)])
    for x in (612, 652) if not broken else (612,):
        canvas.line([(x + 8, 440), (x + 8, 580)], (226, 230, 234), 14)
    canvas.polygon([(220, 70), (1060, 70), (1100, 160), (180, 160)], (96, 104, 114), (68, 76, 86))
    canvas.box((180, 156, 1100, 178), (52, 58, 66))
    _intercom_and_plants(canvas)


def _bricks(canvas: Canvas, dice: Dice, wall: Colour) -> None:
    canvas.box((0, 0, WIDTH, 840), lighter(wall, 0.1), darker(wall, 0.1))
    for row in range(21):
        y = row * 40
        canvas.line([(0, y), (WIDTH, y)], lighter(wall, 0.35), 3, 150)
        for column in range(-1, 15):
            x = column * 92 + (46 if row % 2 else 0)
            canvas.line([(x, y), (x, y + 40)], lighter(wall, 0.35), 3, 150)
            if dice.between(0, 1) < 0.12:
                canvas.polygon(
                    [(x + 2, y + 2), (x + 90, y + 2), (x + 90, y + 38), (x + 2, y + 38)],
                    darker(wall, 0.2),
                    alpha=70,
                )


def _leaf(canvas: Canvas, corners: list[Point]) -> None:
    """One leaf: a metal frame with a tall pane."""
    canvas.polygon(corners, (122, 130, 140), (92, 100, 110))
    pane = [_inside(corners, u, v) for u, v in ((0.13, 0.06), (0.87, 0.06), (0.87, 0.8), (0.13, 0.8))]
    canvas.polygon(pane, lighter(GLASS, 0.25), darker(GLASS, 0.25))
    gleam = [_inside(corners, u, v) for u, v in ((0.2, 0.42), (0.62, 0.08), (0.8, 0.08), (0.2, 0.6))]
    canvas.polygon(gleam, (255, 255, 255), alpha=90)


def _inside(corners: list[Point], u: float, v: float) -> Point:
    """A point of the leaf: u across, v down, both 0..1."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    top = (ax + (bx - ax) * u, ay + (by - ay) * u)
    bottom = (dx + (cx - dx) * u, dy + (cy - dy) * u)
    return top[0] + (bottom[0] - top[0]) * v, top[1] + (bottom[1] - top[1]) * v


def _hanging_leaf(canvas: Canvas) -> None:
    corners: list[Point] = [(716, 262), (988, 206), (1054, 800), (768, 846)]
    canvas.shadow([(x - 26, y + 22) for x, y in corners], blur=26, alpha=190)
    _leaf(canvas, corners)
    centre = _inside(corners, 0.45, 0.4)
    hole = [(0.36, 0.36), (0.44, 0.29), (0.55, 0.35), (0.6, 0.45), (0.5, 0.52), (0.38, 0.48)]
    for u, v in ((0.13, 0.12), (0.5, 0.06), (0.87, 0.2), (0.87, 0.55), (0.6, 0.8), (0.2, 0.76), (0.13, 0.45)):
        end = _inside(corners, u, v)
        bend = ((centre[0] + end[0]) / 2 + 12, (centre[1] + end[1]) / 2 - 10)
        canvas.line([centre, bend, end], (244, 250, 252), 5)
    canvas.polygon([_inside(corners, u, v) for u, v in hole], (24, 30, 38))
    canvas.line([(924, 214), (950, 226)], (214, 120, 60), 16)
    for x, y, size in ((700, 880, 30), (780, 900, 22), (860, 886, 34), (940, 912, 24), (640, 906, 18)):
        canvas.polygon(
            [(x - size, y + 8), (x, y - size * 0.7), (x + size, y + 12)], lighter(GLASS, 0.5), GLASS
        )


def _intercom_and_plants(canvas: Canvas) -> None:
    canvas.shadow([(1094, 396), (1174, 396), (1174, 556), (1094, 556)], blur=12, alpha=120)
    canvas.rounded((1086, 384, 1166, 548), 12, (210, 214, 218))
    canvas.rounded((1100, 398, 1152, 438), 6, (40, 60, 76))
    for index in range(9):
        canvas.disc((1110 + index % 3 * 16, 460 + index // 3 * 26), 6, (96, 104, 112))
    for x in (120, 1140):
        canvas.soft_ellipse((x - 90, 880, x + 100, 930), blur=16, alpha=140)
        for dx, dy, radius in ((0, -150, 74), (-56, -90, 58), (56, -96, 60), (0, -70, 62)):
            canvas.disc((x + dx, 800 + dy), radius, mixed((66, 128, 70), (120, 176, 92), (radius - 56) / 20))
        canvas.polygon(
            [(x - 66, 780), (x + 66, 780), (x + 50, 910), (x - 50, 910)], (206, 120, 84), (164, 86, 58)
        )


def road_lamp(canvas: Canvas, dice: Dice) -> None:
    """A road of the estate at dusk; the nearest lamp is out, the others burn."""
    canvas.box((0, 0, WIDTH, 560), (26, 32, 78), (214, 130, 112))
    for _ in range(26):
        canvas.disc(
            (dice.between(0, WIDTH), dice.between(0, 230)), dice.between(1.5, 3), (250, 246, 220), 200
        )
    for left, top, width in ((30, 300, 210), (270, 220, 170), (880, 250, 190), (1090, 330, 180)):
        _dusk_block(canvas, dice, (left, top, left + width, 580))
    canvas.box((0, 560, WIDTH, HEIGHT), (40, 62, 56), (26, 40, 40))
    canvas.polygon([(600, 560), (690, 560), (1180, 960), (160, 960)], (74, 76, 94), (48, 50, 64))
    for top, bottom, wide in ((580, 600, 2), (630, 665, 4), (710, 765, 7), (830, 915, 11)):
        canvas.polygon(
            [(645 - wide, top), (645 + wide, top), (648 + wide, bottom), (642 - wide, bottom)],
            (216, 206, 168),
        )
    for x, foot, size in ((780, 600, 0.24), (850, 650, 0.38), (510, 610, 0.28)):
        _road_lamp(canvas, (x, foot), size, lit=True)
    canvas.tint((12, 14, 40), 50)
    _road_lamp(canvas, (300, 880), 1.0, lit=False)


def _dusk_block(canvas: Canvas, dice: Dice, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    canvas.box(box, (52, 50, 92), (70, 60, 96))
    for y in range(int(top) + 20, int(bottom) - 30, 38):
        for x in range(int(left) + 18, int(right) - 26, 38):
            lit = dice.between(0, 1) < 0.4
            canvas.box((x, y, x + 20, y + 22), (255, 206, 120) if lit else (38, 38, 74))


def _road_lamp(canvas: Canvas, foot: Point, size: float, *, lit: bool) -> None:
    x, y = foot
    pole: Colour = (54, 58, 70) if lit else (142, 150, 164)
    top = y - 760 * size
    head = (x + 250 * size, top + 8 * size)
    if lit:
        canvas.glow(head, 420 * size, (255, 214, 130), 210)
        canvas.soft_ellipse(
            (head[0] - 240 * size, y - 10, head[0] + 240 * size, y + 90 * size),
            blur=14,
            alpha=110,
            colour=(255, 214, 140),
        )
    canvas.rounded((x - 34 * size, y - 60 * size, x + 34 * size, y + 10 * size), 8 * size, darker(pole, 0.3))
    canvas.polygon(
        [(x - 12 * size, top), (x + 10 * size, top), (x + 18 * size, y), (x - 18 * size, y)],
        lighter(pole, 0.1),
        darker(pole, 0.2),
    )
    canvas.line(
        [(x, top + 10 * size), (x + 60 * size, top - 40 * size), (x + 180 * size, top - 30 * size)],
        pole,
        16 * size,
    )
    shade = [(-90, -34), (60, -28), (96, 4), (-96, 4)]
    canvas.polygon(
        [(head[0] + dx * size, head[1] + dy * size) for dx, dy in shade],
        lighter(pole, 0.1),
        darker(pole, 0.3),
    )
    bulb: Colour = (255, 246, 206) if lit else (40, 42, 54)
    canvas.ellipse((head[0] - 80 * size, head[1] - 14 * size, head[0] + 80 * size, head[1] + 30 * size), bulb)
    if not lit:
        canvas.line(
            [(head[0] - 26, head[1] - 4), (head[0] + 2, head[1] + 8), (head[0] - 8, head[1] + 26)],
            (150, 156, 172),
            4,
        )


def estate(canvas: Canvas, dice: Dice) -> None:
    """The estate on a fine day: blocks, trees, a path."""
    canvas.box((0, 0, WIDTH, 640), (104, 174, 226), (222, 240, 246))
    canvas.glow((1080, 150), 240, (255, 244, 200), 230)
    canvas.disc((1080, 150), 52, (255, 240, 190))
    for x, y, size in ((dice.between(100, 300), 130, 1.0), (dice.between(560, 800), 90, 0.7)):
        for dx, dy, radius in ((0, 0, 46), (56, -20, 58), (120, 0, 48), (60, 16, 46)):
            canvas.disc((x + dx * size, y + dy * size), radius * size, (255, 255, 255), 235)
    tone = dice.pick([(232, 214, 188), (224, 206, 206), (206, 218, 224)])
    _block(canvas, (60, 240, 400, 720), tone)
    _block(canvas, (860, 200, 1230, 720), darker(tone, 0.04))
    _block(canvas, (440, 130, 820, 720), lighter(tone, 0.2))
    canvas.box((0, 690, WIDTH, HEIGHT), (132, 186, 100), (94, 152, 76))
    canvas.polygon([(590, 700), (690, 700), (980, 960), (330, 960)], (230, 222, 206), (208, 196, 176))
    for x, y, size in ((120, 800, 1.1), (400, 740, 0.7), (850, 745, 0.75), (1130, 810, 1.15)):
        _tree(canvas, (x, y), size)


def _block(canvas: Canvas, box: tuple[float, float, float, float], colour: Colour) -> None:
    left, top, right, bottom = box
    canvas.shadow(
        [(left + 30, top + 40), (right + 34, top + 40), (right + 34, bottom), (left + 30, bottom)],
        blur=24,
        alpha=80,
    )
    canvas.box(box, lighter(colour, 0.15), darker(colour, 0.08))
    canvas.box((left - 10, top - 18, right + 10, top + 8), (176, 92, 74), (150, 74, 60))
    step = (right - left - 20) / 4
    for row in range(int((bottom - top) // 80)):
        for column in range(4):
            x, y = left + 20 + column * step, top + 34 + row * 80
            canvas.box((x, y, x + step - 22, y + 44), (92, 140, 176), (156, 200, 222))
            canvas.box((x + step / 2 - 13, y, x + step / 2 - 9, y + 44), (246, 246, 244))
            if column % 2:
                canvas.box((x - 6, y + 34, x + step - 16, y + 56), (246, 244, 240), (214, 208, 200))
    middle = (left + right) / 2
    canvas.box((middle - 34, bottom - 84, middle + 34, bottom), (96, 74, 60), (72, 54, 44))


def _tree(canvas: Canvas, foot: Point, size: float) -> None:
    x, y = foot
    canvas.soft_ellipse((x - 110 * size, y - 16, x + 130 * size, y + 30 * size), blur=16, alpha=120)
    canvas.polygon(
        [
            (x - 12 * size, y - 130 * size),
            (x + 12 * size, y - 130 * size),
            (x + 18 * size, y),
            (x - 18 * size, y),
        ],
        (122, 86, 58),
        (96, 66, 44),
    )
    for dx, dy, radius, share in (
        (0, -190, 96, 0.0),
        (-66, -140, 70, 0.15),
        (66, -146, 74, 0.1),
        (-20, -220, 62, 0.35),
    ):
        canvas.disc(
            (x + dx * size, y + dy * size), radius * size, mixed((64, 132, 68), (150, 202, 108), share)
        )
