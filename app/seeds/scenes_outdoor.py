"""What people photograph on the ground of an estate: paving, drain, bins, and the estate itself."""

from __future__ import annotations

from app.seeds.drawing import HEIGHT, WIDTH, Canvas, Colour, Dice, Point, darker, lighter, mixed, sparkle

GRASS: Colour = (118, 172, 92)
LEAVES: list[Colour] = [(198, 120, 40), (170, 84, 36), (214, 160, 52), (134, 128, 48), (150, 100, 50)]


def _ground(column: float, row: float) -> Point:
    """Where a point of the paved ground lies in the picture; columns and rows are tiles, row 0 is nearest."""
    distance = 3 + row
    return 640 + 990 * column / distance, -150 + 3440 / distance


def _tile(column: float, row: float, size: float = 1.0) -> list[Point]:
    far = row + size
    return [
        _ground(column, far),
        _ground(column + size, far),
        _ground(column + size, row),
        _ground(column, row),
    ]


def paving(canvas: Canvas, dice: Dice, *, loose: bool) -> None:
    """A footpath; one slab is lifted and cracked, or newly laid."""
    _paved_ground(canvas, dice)
    slab = _tile(-0.5, 1.02, 0.96)
    if loose:
        _loose_slab(canvas, dice, slab)
    else:
        canvas.polygon(slab, (236, 220, 196), (224, 204, 176))
        canvas.line([*slab, slab[0]], (250, 244, 232), 5)
        sparkle(canvas, (slab[1][0] - 40, slab[1][1] + 40), 40)


def _paved_ground(canvas: Canvas, dice: Dice) -> None:
    canvas.box((0, 0, WIDTH, 250), darker(GRASS, 0.2), GRASS)
    for _ in range(60):
        x, y = dice.between(0, WIDTH), dice.between(10, 215)
        canvas.line([(x, y), (x + 8, y - 20)], lighter(GRASS, dice.between(0, 0.3)), 4)
    canvas.box((0, 222, WIDTH, 262), (214, 214, 208), (158, 158, 154))
    canvas.box((0, 262, WIDTH, HEIGHT), (142, 134, 124))
    base = dice.pick([(206, 176, 148), (196, 186, 170), (190, 164, 156)])
    for row in range(-1, 6):
        for column in range(-5, 5):
            shade = mixed(base, (255, 246, 230), dice.between(0, 0.28))
            tile = _tile(column + (0.5 if row % 2 else 0.0) + 0.02, row + 0.02, 0.96)
            canvas.polygon(tile, darker(shade, 0.04 * max(row, 0)), shade)
    canvas.shadow([(0, 255), (WIDTH, 255), (WIDTH, 300), (0, 300)], blur=24, alpha=120)


def _loose_slab(canvas: Canvas, dice: Dice, slab: list[Point]) -> None:
    canvas.polygon(slab, (52, 40, 32), (84, 64, 48))
    for _ in range(40):
        spot = _ground(-0.5 + dice.between(0.05, 0.9), 1.02 + dice.between(0.05, 0.9))
        canvas.disc(spot, dice.between(4, 11), dice.pick([(110, 88, 66), (74, 56, 42), (134, 112, 88)]))
    far_left, far_right, near_right, near_left = slab
    lifted = [
        (far_left[0] + 120, far_left[1] - 96),
        (far_right[0] + 176, far_right[1] - 30),
        (near_right[0] + 150, near_right[1] + 16),
        (near_left[0] + 112, near_left[1] - 72),
    ]
    canvas.shadow([(x - 4, y + 48) for x, y in lifted], blur=18, alpha=190)
    thick = [(x, y + 22) for x, y in lifted]
    canvas.polygon([lifted[3], lifted[2], thick[2], thick[3]], (122, 96, 76), (96, 74, 58))
    canvas.polygon([lifted[2], lifted[1], thick[1], thick[2]], (142, 112, 90))
    canvas.polygon(lifted, (238, 212, 182), (216, 184, 150))
    middle = (sum(x for x, _ in lifted) / 4, sum(y for _, y in lifted) / 4)
    for corner in (lifted[0], lifted[2], (lifted[1][0] - 60, lifted[1][1] + 100)):
        bend = ((corner[0] + middle[0]) / 2 + 18, (corner[1] + middle[1]) / 2 - 12)
        canvas.line([corner, bend, middle], (86, 64, 50), 7)
    for x, y, size in ((330, 860, 34), (270, 800, 20), (930, 880, 26)):
        canvas.soft_ellipse((x - size, y, x + size * 1.6, y + size), blur=8, alpha=140)
        chip = [
            (x - size, y),
            (x, y - size * 0.8),
            (x + size, y - size * 0.2),
            (x + size * 0.5, y + size * 0.6),
        ]
        canvas.polygon(chip, (226, 200, 170), (168, 140, 114))


def warning_sign(canvas: Canvas, dice: Dice) -> None:
    """A yellow folding sign and cones: the place is made safe until it is repaired."""
    _paved_ground(canvas, dice)
    _cone(canvas, (210, 790), 1.0)
    _cone(canvas, (1080, 770), 0.96)
    canvas.soft_ellipse((400, 780, 960, 900), blur=26, alpha=150)
    canvas.polygon([(690, 210), (760, 210), (900, 800), (840, 820)], (176, 126, 10))
    canvas.polygon([(520, 200), (740, 200), (850, 850), (410, 850)], (255, 208, 40), (246, 180, 16))
    canvas.polygon([(560, 800), (700, 800), (710, 852), (550, 852)], (188, 170, 148))
    canvas.rounded((574, 224, 686, 254), 14, (200, 148, 12))
    canvas.polygon([(630, 320), (778, 600), (482, 600)], (34, 32, 30))
    canvas.polygon([(630, 366), (740, 576), (520, 576)], (255, 216, 60))
    canvas.polygon([(612, 424), (648, 424), (640, 512), (620, 512)], (34, 32, 30))
    canvas.disc((630, 544), 16, (34, 32, 30))
    for index in range(8):
        x = 452 + index * 46 - (4 if index % 2 else 0)
        canvas.polygon([(x + 18, 690), (x + 44, 690), (x + 18, 750), (x - 8, 750)], (34, 32, 30))


def _cone(canvas: Canvas, foot: Point, size: float) -> None:
    x, y = foot
    orange: Colour = (240, 98, 34)
    canvas.soft_ellipse((x - 130 * size, y - 20, x + 150 * size, y + 70 * size), blur=18, alpha=150)
    canvas.rounded((x - 120 * size, y, x + 120 * size, y + 40 * size), 12, darker(orange, 0.3))

    def band(low: float, high: float) -> list[Point]:
        wide, narrow = (80 * size * (1 - part) + 14 for part in (low, high))
        bottom, top = y + 14 - 330 * size * low, y + 14 - 330 * size * high
        return [(x - narrow, top), (x + narrow, top), (x + wide, bottom), (x - wide, bottom)]

    canvas.polygon(band(0, 1), orange, darker(orange, 0.12))
    canvas.polygon(band(0.22, 0.42), (250, 250, 248))
    canvas.polygon(band(0.6, 0.78), (250, 250, 248))
    canvas.polygon(
        [(x + 10, y - 310 * size), (x + 24, y - 310 * size), (x + 80 * size, y), (x + 34 * size, y)],
        (0, 0, 0),
        alpha=36,
    )


def drain(canvas: Canvas, dice: Dice, *, blocked: bool) -> None:
    """A street drain under leaves and standing water, or swept and open."""
    canvas.box((0, 0, WIDTH, 200), darker(GRASS, 0.25), GRASS)
    for _ in range(50):
        x, y = dice.between(0, WIDTH), dice.between(20, 180)
        canvas.line([(x, y), (x + 6, y - 22)], lighter(GRASS, dice.between(0, 0.35)), 5)
    canvas.box((0, 190, WIDTH, 250), (222, 222, 216), (206, 206, 200))
    canvas.box((0, 250, WIDTH, 310), (168, 168, 164), (140, 140, 138))
    for x in (180, 560, 940):
        canvas.line([(x, 192), (x - 10, 310)], (120, 120, 118), 5)
    asphalt = mixed((104, 106, 112), (124, 118, 112), dice.between(0, 1))
    canvas.box((0, 310, WIDTH, HEIGHT), darker(asphalt, 0.2), asphalt)
    for _ in range(260):
        grain = mixed(asphalt, (214, 214, 214), dice.between(0.05, 0.3))
        canvas.disc((dice.between(0, WIDTH), dice.between(320, HEIGHT)), dice.between(1.5, 4), grain, 150)
    _grate(canvas)
    if blocked:
        _puddle(canvas)
        _fallen_leaves(canvas, dice)
    else:
        sparkle(canvas, (1010, 470), 44)


def _grate(canvas: Canvas) -> None:
    canvas.polygon([(330, 420), (950, 420), (1060, 780), (220, 780)], (196, 196, 190), (172, 172, 166))
    canvas.polygon([(366, 446), (914, 446), (1004, 750), (276, 750)], (58, 62, 70), (84, 88, 96))
    for row, (top, bottom) in enumerate(((466, 540), (566, 640), (666, 734))):
        spread = 1 + 0.14 * row
        for slot in range(-5, 6):
            x = 640 + slot * 50 * spread
            lean = slot * 4
            outline = [(x - 13, top), (x + 13, top), (x + 15 + lean, bottom), (x - 15 + lean, bottom)]
            canvas.polygon(outline, (8, 10, 14), (26, 28, 34))
            canvas.line([outline[0], outline[1]], (130, 134, 142), 3)


def _puddle(canvas: Canvas) -> None:
    canvas.soft_ellipse((60, 350, 1220, 920), blur=12, alpha=170, colour=(58, 70, 78))
    canvas.soft_ellipse((100, 376, 1180, 892), blur=14, alpha=150, colour=(112, 146, 166))
    canvas.soft_ellipse((250, 450, 800, 600), blur=36, alpha=90, colour=(206, 226, 236))
    for box in ((300, 520, 560, 560), (700, 470, 900, 498), (820, 760, 1010, 786)):
        canvas.ellipse(box, (226, 238, 244), 110)


def _fallen_leaves(canvas: Canvas, dice: Dice) -> None:
    for number in range(110):
        near = number < 76
        x = 640 + (dice.between(-1, 1) + dice.between(-1, 1)) * (270 if near else 560)
        y = 600 + (dice.between(-1, 1) + dice.between(-1, 1)) * (110 if near else 170)
        size, lean = dice.between(20, 40), dice.between(-1, 1)
        colour = dice.pick(LEAVES)
        tip, root = (x + size, y - size * lean), (x - size, y + size * lean)
        side = (size * 0.5 * lean, size * 0.5)
        canvas.polygon(
            [(p[0] + 4, p[1] + 7) for p in (tip, root)] + [(x + side[0], y + side[1] + 7)],
            (30, 30, 34),
            alpha=120,
        )
        canvas.polygon(
            [tip, (x + side[0], y + side[1]), root, (x - side[0], y - side[1])], colour, darker(colour, 0.2)
        )
        canvas.line([tip, root], darker(colour, 0.4), 2)


def bins(canvas: Canvas, dice: Dice, *, full: bool) -> None:
    """The four sorted bins of an estate, overflowing or emptied and wiped."""
    canvas.box((0, 0, WIDTH, 560), (214, 224, 222), (236, 232, 220))
    for y in range(40, 560, 62):
        canvas.line([(0, y), (WIDTH, y)], (198, 204, 200), 3)
    canvas.polygon([(0, 0), (WIDTH, 0), (WIDTH, 96), (0, 130)], (86, 120, 104), (62, 94, 80))
    canvas.box((0, 560, WIDTH, HEIGHT), (168, 166, 160), (196, 194, 186))
    canvas.shadow([(60, 760), (1240, 760), (1240, 830), (60, 830)], blur=30, alpha=150)
    colours: tuple[Colour, ...] = ((56, 140, 82), (48, 108, 184), (200, 62, 56), (112, 118, 126))
    for index, colour in enumerate(colours):
        if full:
            _bags(canvas, dice, (110 + index * 280, 380), 7)
        _bin(canvas, 90 + index * 280, colour, opened=full)
    if full:
        for x in (150, 420, 640, 900, 1130):
            _bags(canvas, dice, (x - 80, 870), 3)
        _litter(canvas, dice)
    else:
        for centre in ((330, 300), (900, 240), (1060, 350)):
            sparkle(canvas, centre, 42)


def _litter(canvas: Canvas, dice: Dice) -> None:
    for _ in range(16):
        x, y = dice.between(40, 1240), dice.between(860, 940)
        scrap = [(x, y), (x + 30, y - 14), (x + 44, y + 8), (x + 10, y + 18)]
        canvas.polygon(scrap, dice.pick([(246, 244, 236), (230, 180, 90), (150, 190, 220)]))


def _bin(canvas: Canvas, left: float, colour: Colour, *, opened: bool) -> None:
    body = [(left, 440), (left + 230, 440), (left + 208, 810), (left + 22, 810)]
    canvas.polygon(body, lighter(colour, 0.1), darker(colour, 0.25))
    canvas.polygon(
        [(left + 30, 470), (left + 60, 470), (left + 66, 790), (left + 44, 790)], (255, 255, 255), alpha=46
    )
    for x in (left + 50, left + 180):
        canvas.disc((x, 816), 24, (40, 42, 46))
        canvas.disc((x, 816), 9, (150, 152, 156))
    canvas.rounded((left - 10, 424, left + 240, 462), 14, darker(colour, 0.2))
    if not opened:
        canvas.polygon(
            [(left + 6, 386), (left + 224, 386), (left + 244, 432), (left - 14, 432)],
            lighter(colour, 0.22),
            colour,
        )
        canvas.rounded((left + 80, 400, left + 150, 416), 8, darker(colour, 0.35))
    centre = (left + 115, 610)
    canvas.disc(centre, 54, (250, 250, 248), 235)
    for dx, dy in ((0, -1), (0.87, 0.5), (-0.87, 0.5)):
        x, y = centre[0] + dx * 22, centre[1] + dy * 22
        canvas.polygon(
            [
                (x + dx * 16, y + dy * 16),
                (x - dy * 15 - dx * 8, y + dx * 15 - dy * 8),
                (x + dy * 15 - dx * 8, y - dx * 15 - dy * 8),
            ],
            colour,
        )


def _bags(canvas: Canvas, dice: Dice, corner: Point, count: int) -> None:
    palette: list[Colour] = [
        (44, 46, 54),
        (236, 236, 232),
        (196, 70, 62),
        (86, 88, 98),
        (232, 196, 88),
        (96, 160, 196),
    ]
    for _ in range(count):
        x, y = corner[0] + dice.between(0, 190), corner[1] + dice.between(-60, 40)
        size, colour = dice.between(44, 70), dice.pick(palette)
        canvas.soft_ellipse((x - size, y + size * 0.5, x + size * 1.2, y + size * 1.1), blur=10, alpha=90)
        canvas.ellipse((x - size, y - size * 0.8, x + size, y + size * 0.85), darker(colour, 0.12))
        canvas.ellipse((x - size * 0.9, y - size * 0.8, x + size * 0.7, y + size * 0.6), colour)
        canvas.polygon(
            [
                (x - 12, y - size * 0.7),
                (x - 26, y - size * 1.2),
                (x, y - size),
                (x + 26, y - size * 1.2),
                (x + 12, y - size * 0.7),
            ],
            colour,
        )
        canvas.ellipse((x - size * 0.6, y - size * 0.5, x - size * 0.2, y), lighter(colour, 0.5), 120)
