"""Photos for the demonstration, drawn by the project itself: no stranger's home, face or copyright."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.seeds.drawing import Canvas, Dice
from app.seeds.scenes_buildings import entrance, estate, road_lamp
from app.seeds.scenes_fittings import basin_tap, lift_panel
from app.seeds.scenes_indoor import corridor_lamp, room_wall
from app.seeds.scenes_outdoor import bins, drain, paving, warning_sign

Scene = Callable[[Canvas, Dice], None]

# kind -> (the place, what is seen there); kinds of one place share their dice, so that before and after
# of one seed show the same corridor, wall or bin.
_SCENES: dict[str, tuple[str, Scene]] = {
    "lamp_dark": ("lamp", partial(corridor_lamp, lit=False)),
    "lamp_lit": ("lamp", partial(corridor_lamp, lit=True)),
    "tile_loose": ("tile", partial(paving, loose=True)),
    "tile_fixed": ("tile", partial(paving, loose=False)),
    "warning_sign": ("tile", warning_sign),
    "door_broken": ("door", partial(entrance, broken=True)),
    "door_fixed": ("door", partial(entrance, broken=False)),
    "drain_blocked": ("drain", partial(drain, blocked=True)),
    "drain_clear": ("drain", partial(drain, blocked=False)),
    "wall_leak": ("wall", partial(room_wall, wet=True)),
    "wall_dry": ("wall", partial(room_wall, wet=False)),
    "lift_panel": ("lift", lift_panel),
    "tap_dripping": ("tap", partial(basin_tap, dripping=True)),
    "tap_fixed": ("tap", partial(basin_tap, dripping=False)),
    "road_lamp": ("road", road_lamp),
    "trash_full": ("bins", partial(bins, full=True)),
    "trash_clean": ("bins", partial(bins, full=False)),
    "site_generic": ("estate", estate),
}

KINDS = tuple(_SCENES)


def picture(kind: str, *, caption: str = "", seed: int = 0) -> bytes:
    """A JPEG of 1280 x 960 pixels, below 150 kB; the same arguments always give the same bytes.

    `kind` is one of KINDS (KeyError otherwise). `caption` is written small at the bottom, on machines that
    have a font with Chinese characters.
    """
    place, draw = _SCENES[kind]
    canvas = Canvas((200, 200, 200))
    draw(canvas, Dice(place, seed))
    return canvas.jpeg(Dice(f"{place} camera", seed), caption)
