"""What a resident or a worker photographs inside a building: the corridor lamp, a wet wall."""

from __future__ import annotations

from app.seeds.drawing import HEIGHT, WATER, WIDTH, Canvas, Colour, Dice, darker, lighter, mixed, water_drop


def corridor_lamp(canvas: Canvas, dice: Dice, *, lit: bool) -> None:
    """A landing between flats, its ceiling lamp dark or lit."""
    wall = mixed((226, 219, 200), (205, 222, 214), dice.between(0, 1))
    _corridor_walls(canvas, wall)
    _corridor_doors(canvas, dice)
    if not lit:
        canvas.tint((8, 12, 34), 186)
        canvas.glow((640, 430), 250, (96, 122, 180), 90)
        _moonlit_window(canvas)
    else:
        canvas.glow((640, 180), 620, (255, 226, 150), 150)
        canvas.soft_ellipse((420, 760, 860, 940), blur=60, alpha=120, colour=(255, 240, 196))
    _ceiling_lamp(canvas, lit=lit)


def _corridor_walls(canvas: Canvas, wall: Colour) -> None:
    canvas.polygon([(0, 0), (WIDTH, 0), (820, 290), (460, 290)], lighter(wall, 0.4), lighter(wall, 0.15))
    canvas.polygon([(0, 960), (460, 660), (820, 660), (1280, 960)], (150, 138, 124), (186, 172, 154))
    canvas.polygon([(0, 0), (460, 290), (460, 660), (0, 960)], darker(wall, 0.06), darker(wall, 0.2))
    canvas.polygon([(1280, 0), (820, 290), (820, 660), (1280, 960)], darker(wall, 0.12), darker(wall, 0.26))
    canvas.box((460, 290, 820, 660), darker(wall, 0.02), darker(wall, 0.1))
    green = (120, 158, 140)  # the painted lower half of an old stairwell
    canvas.polygon([(0, 600), (460, 530), (460, 660), (0, 960)], green, darker(green, 0.25))
    canvas.polygon(
        [(1280, 600), (820, 530), (820, 660), (1280, 960)], darker(green, 0.08), darker(green, 0.3)
    )
    canvas.box((460, 530, 820, 660), green, darker(green, 0.12))
    for x in (-500, -160, 180, 460, 820, 1100, 1440, 1780):
        canvas.line([(640 + (x - 640) * 0.32, 660), (x, 960)], (120, 108, 96), 2, 150)
    for y in (690, 735, 805, 900):
        canvas.line([(0, y), (WIDTH, y)], (120, 108, 96), 2, 90)


def _corridor_doors(canvas: Canvas, dice: Dice) -> None:
    door = dice.pick([(128, 62, 46), (92, 74, 60), (112, 40, 44)])
    canvas.polygon([(110, 250), (330, 330), (330, 745), (110, 890)], darker(door, 0.35))
    canvas.polygon([(126, 268), (316, 338), (316, 740), (126, 866)], door, darker(door, 0.3))
    canvas.polygon([(150, 330), (292, 376), (292, 500), (150, 512)], lighter(door, 0.12), door)
    canvas.disc((298, 560), 9, (222, 190, 110))
    canvas.polygon([(1170, 250), (950, 330), (950, 745), (1170, 890)], darker(door, 0.4))
    canvas.polygon([(1154, 268), (964, 338), (964, 740), (1154, 866)], darker(door, 0.1), darker(door, 0.4))
    canvas.polygon([(1130, 330), (988, 376), (988, 500), (1130, 512)], door, darker(door, 0.12))
    canvas.disc((982, 560), 9, (212, 180, 100))
    canvas.box((560, 350, 720, 500), (236, 236, 230))
    canvas.box((570, 360, 710, 490), (120, 170, 214), (186, 214, 232))
    canvas.box((636, 360, 644, 490), (236, 236, 230))


def _moonlit_window(canvas: Canvas) -> None:
    canvas.box((570, 360, 710, 490), (24, 40, 92), (52, 78, 140))
    canvas.disc((676, 396), 15, (238, 238, 214))
    canvas.box((636, 360, 644, 490), (96, 104, 130))


def _ceiling_lamp(canvas: Canvas, *, lit: bool) -> None:
    if lit:
        canvas.glow((640, 180), 300, (255, 248, 214), 250)
    canvas.polygon(
        [(560, 118), (720, 118), (700, 142), (580, 142)], (206, 206, 200) if lit else (84, 88, 100)
    )
    glass = (255, 252, 232) if lit else (112, 118, 134)
    canvas.ellipse((560, 108, 720, 242), glass)
    canvas.ellipse((582, 124, 640, 176), lighter(glass, 0.5), 150)
    canvas.rounded((556, 108, 724, 146), 18, (224, 220, 210) if lit else (70, 74, 86))
    if not lit:  # a crack in the glass: it is broken, not switched off
        canvas.line([(622, 158), (640, 180), (630, 204), (650, 232)], (30, 34, 46), 4)
        canvas.line([(640, 180), (676, 198)], (30, 34, 46), 4)


def room_wall(canvas: Canvas, dice: Dice, *, wet: bool) -> None:
    """A living room; the wall by the window is soaked, or dry and freshly painted."""
    wall = mixed((238, 228, 206), (216, 226, 232), dice.between(0, 1))
    canvas.box((0, 0, WIDTH, 90), lighter(wall, 0.6))
    canvas.box((0, 84, WIDTH, 104), lighter(wall, 0.75), lighter(wall, 0.3))
    canvas.box((0, 104, WIDTH, 760), wall, darker(wall, 0.08))
    canvas.box((0, 740, WIDTH, 772), (250, 248, 242), (214, 208, 198))
    canvas.box((0, 772, WIDTH, HEIGHT), (186, 136, 92), (148, 100, 64))
    for x in range(-400, 1800, 190):
        canvas.line([(640 + (x - 640) * 0.8, 772), (x, 960)], (126, 84, 52), 3, 140)
    _window(canvas)
    _sofa(canvas, dice)
    if wet:
        _stain(canvas, dice)
        _bucket(canvas, dice)
    else:
        canvas.shadow(
            [(690, 150), (1180, 150), (1180, 560), (690, 560)], blur=40, alpha=120, colour=lighter(wall, 0.7)
        )
        _framed_landscape(canvas)


def _window(canvas: Canvas) -> None:
    canvas.shadow([(110, 190), (500, 190), (500, 570), (110, 570)], blur=20, alpha=90)
    canvas.box((100, 170, 490, 560), (250, 250, 248))
    canvas.box((120, 190, 470, 540), (146, 200, 236), (222, 240, 246))
    canvas.ellipse((60, 470, 330, 640), (120, 176, 110))
    canvas.ellipse((260, 490, 560, 640), (98, 158, 96))
    canvas.box((100, 540, 490, 560), (250, 250, 248))
    canvas.box((470, 190, 490, 560), (250, 250, 248))
    canvas.box((286, 190, 304, 540), (250, 250, 248))
    for left, right, lean in ((60, 150, 24), (440, 530, -24)):
        canvas.polygon(
            [(left, 140), (right, 140), (right - lean, 640), (left, 640)], (206, 122, 98), (176, 92, 76)
        )
        for fold in (left + 24, left + 54):
            canvas.line([(fold, 140), (fold - lean / 4, 640)], (160, 80, 66), 4, 160)
    canvas.rounded((40, 124, 550, 142), 9, (120, 92, 70))


def _sofa(canvas: Canvas, dice: Dice) -> None:
    colour = dice.pick([(92, 128, 150), (134, 146, 108), (168, 120, 120)])
    canvas.soft_ellipse((40, 840, 620, 920), blur=24, alpha=130)
    canvas.rounded((70, 610, 560, 800), 40, darker(colour, 0.12))
    canvas.rounded((30, 670, 130, 870), 34, colour)
    canvas.rounded((500, 670, 600, 870), 34, colour)
    canvas.rounded((110, 740, 520, 860), 26, lighter(colour, 0.14))
    canvas.line([(315, 752), (315, 850)], darker(colour, 0.2), 4)
    canvas.rounded((150, 650, 260, 750), 20, (236, 198, 120))


def _stain(canvas: Canvas, dice: Dice) -> None:
    """Rings of old water, darker at the edge, with drops running down."""
    damp: tuple[tuple[float, int, Colour], ...] = (
        (40, 80, (206, 184, 142)),
        (8, 150, (152, 118, 72)),
        (-14, 190, (208, 186, 146)),
        (-76, 120, (158, 126, 82)),
        (-94, 190, (198, 174, 132)),
    )
    for grow, alpha, brown in damp:
        for x, y, across, down in ((930, 120, 250, 170), (1120, 210, 150, 160), (790, 130, 150, 110)):
            if across + grow > 0 and down + grow > 0:
                box = (x - across - grow, y - down - grow, x + across + grow, y + down + grow)
                canvas.soft_ellipse(box, blur=9, alpha=alpha, colour=brown)
    for _ in range(11):
        start, top, length = dice.between(720, 1190), dice.between(220, 300), dice.between(90, 300)
        end = start + dice.between(-5, 5)
        canvas.line([(start, top), (end, top + length)], (150, 118, 76), 7, 150)
        canvas.ellipse((end - 8, top + length - 8, end + 8, top + length + 16), WATER, 230)
    for x, y in ((830, 200), (1010, 270), (1120, 170)):
        edge = [(x, y), (x + 66, y - 22), (x + 96, y + 30), (x + 50, y + 66), (x + 8, y + 44)]
        canvas.polygon([(px + 5, py + 7) for px, py in edge], (92, 70, 46))
        canvas.polygon(edge, (196, 188, 172), (172, 160, 140))


def _bucket(canvas: Canvas, dice: Dice) -> None:
    canvas.soft_ellipse((760, 850, 1220, 940), blur=10, alpha=150, colour=(70, 120, 160))
    canvas.ellipse((800, 866, 1180, 926), (150, 200, 230), 170)
    body = dice.pick([(214, 72, 64), (54, 122, 190), (240, 172, 60)])
    canvas.polygon([(890, 690), (1090, 690), (1064, 896), (916, 896)], body, darker(body, 0.3))
    canvas.ellipse((888, 664, 1092, 716), darker(body, 0.35))
    canvas.ellipse((902, 674, 1078, 712), (150, 204, 236))
    canvas.ring((960, 682, 1020, 704), (240, 250, 255), 3)
    for y in (470, 560, 628):
        water_drop(canvas, (990, y), 15)


def _framed_landscape(canvas: Canvas) -> None:
    canvas.shadow([(772, 262), (1112, 262), (1112, 502), (772, 502)], blur=18, alpha=110)
    canvas.box((760, 250, 1100, 490), (126, 88, 58))
    canvas.box((778, 268, 1082, 472), (250, 246, 236))
    canvas.box((800, 290, 1060, 450), (196, 222, 234), (246, 232, 206))
    canvas.polygon(
        [(800, 450), (880, 340), (950, 410), (1000, 360), (1060, 450)], (104, 140, 128), (150, 176, 156)
    )
    canvas.disc((1012, 328), 18, (232, 120, 84))
    canvas.polygon([(930, 860), (1010, 860), (1000, 900), (940, 900)], (196, 110, 76), (158, 80, 54))
    for lean, colour in (
        (-90, (72, 136, 84)),
        (-40, (92, 158, 96)),
        (0, (66, 128, 78)),
        (46, (98, 166, 100)),
        (92, (76, 142, 86)),
    ):
        x = 970 + lean
        canvas.polygon(
            [
                (960, 862),
                (x - 16, 700 + abs(lean)),
                (x, 640 + abs(lean)),
                (x + 16, 700 + abs(lean)),
                (980, 862),
            ],
            colour,
        )
