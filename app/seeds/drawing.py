"""A small drawing board for the demonstration pictures: flat shapes, gradients, soft shadows and light.

Coordinates are those of a 1280 x 960 picture; everything is drawn at twice the size and shrunk at the end,
which smooths the edges. Chance comes from `Dice`, so a seed always gives the same picture.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1280, 960
_SCALE = 2
_SOFT = 4  # soft masks are made at a quarter of the size: nobody sees it, and blurring costs by the pixel
_CJK_FONTS = ("NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "wqy-zenhei.ttc")

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]

WATER: Colour = (74, 156, 214)


class Dice:
    """Repeatable chance: numbers taken from a digest, the same on every machine and Python version."""

    def __init__(self, name: str, seed: int) -> None:
        self._name = f"{name}:{seed}"
        self._count = 0

    def between(self, low: float, high: float) -> float:
        self._count += 1
        digest = hashlib.sha256(f"{self._name}:{self._count}".encode()).digest()
        return low + (high - low) * int.from_bytes(digest[:6], "big") / 2**48

    def pick(self, choices: Sequence[Colour]) -> Colour:
        return choices[int(self.between(0, len(choices)))]


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with `share` (0..1) of `second` stirred in."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return r, g, b


def darker(colour: Colour, share: float) -> Colour:
    return mixed(colour, (12, 14, 24), share)


def lighter(colour: Colour, share: float) -> Colour:
    return mixed(colour, (255, 255, 255), share)


def rectangle(box: Box) -> list[Point]:
    """The corners of a box, as a polygon."""
    left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


class Canvas:
    """One picture in the making. Colours are RGB; `alpha` is 0..255."""

    def __init__(self, background: Colour) -> None:
        self._image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), background)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def polygon(
        self, points: Sequence[Point], colour: Colour, to: Colour | None = None, alpha: int = 255
    ) -> None:
        """A filled shape; with `to`, fading from `colour` at its top to `to` at its bottom."""
        if to is None:
            self._draw.polygon(_scaled(points), fill=(*colour, alpha))
            return
        left, top, right, bottom = _bounds(_scaled(points))
        size = (max(1, right - left), max(1, bottom - top))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in _scaled(points)], fill=alpha)
        fade = Image.composite(
            Image.new("RGB", size, to),
            Image.new("RGB", size, colour),
            Image.linear_gradient("L").resize(size),
        )
        self._image.paste(fade, (left, top), mask)

    def box(self, box: Box, colour: Colour, to: Colour | None = None) -> None:
        self.polygon(rectangle(box), colour, to)

    def rounded(self, box: Box, radius: float, colour: Colour, alpha: int = 255) -> None:
        left, top, right, bottom = (round(v * _SCALE) for v in box)
        self._draw.rounded_rectangle((left, top, right, bottom), radius * _SCALE, fill=(*colour, alpha))

    def ellipse(self, box: Box, colour: Colour, alpha: int = 255) -> None:
        left, top, right, bottom = (round(v * _SCALE) for v in box)
        self._draw.ellipse((left, top, right, bottom), fill=(*colour, alpha))

    def disc(self, centre: Point, radius: float, colour: Colour, alpha: int = 255) -> None:
        x, y = centre
        self.ellipse((x - radius, y - radius, x + radius, y + radius), colour, alpha)

    def ring(self, box: Box, colour: Colour, width: float, alpha: int = 255) -> None:
        left, top, right, bottom = (round(v * _SCALE) for v in box)
        self._draw.ellipse((left, top, right, bottom), outline=(*colour, alpha), width=round(width * _SCALE))

    def line(self, points: Sequence[Point], colour: Colour, width: float, alpha: int = 255) -> None:
        """A line with round joints and, when it is thick and solid, round ends."""
        pixels = round(width * _SCALE)
        self._draw.line(_scaled(points), fill=(*colour, alpha), width=max(1, pixels), joint="curve")
        if alpha == 255 and pixels > 6:
            for end in (points[0], points[-1]):
                self.disc(end, width / 2, colour)

    def shadow(
        self, points: Sequence[Point], *, blur: float = 24, alpha: int = 110, colour: Colour = (10, 14, 28)
    ) -> None:
        """A soft dark (or coloured) patch of that shape."""
        mask = Image.new("L", (WIDTH // _SOFT, HEIGHT // _SOFT))
        ImageDraw.Draw(mask).polygon([(x / _SOFT, y / _SOFT) for x, y in points], fill=alpha)
        self._paste_soft(mask, colour, blur)

    def soft_ellipse(
        self, box: Box, *, blur: float = 20, alpha: int = 110, colour: Colour = (10, 14, 28)
    ) -> None:
        mask = Image.new("L", (WIDTH // _SOFT, HEIGHT // _SOFT))
        ImageDraw.Draw(mask).ellipse([v / _SOFT for v in box], fill=alpha)
        self._paste_soft(mask, colour, blur)

    def glow(self, centre: Point, radius: float, colour: Colour, alpha: int) -> None:
        """Light that fades from the centre outwards."""
        size = round(2 * radius * _SCALE)
        fall = Image.radial_gradient("L").point(lambda v: round(alpha * max(0, 1 - v / 255) ** 1.6))
        x, y = (round((v - radius) * _SCALE) for v in centre)
        self._image.paste(colour, (x, y, x + size, y + size), fall.resize((size, size)))

    def tint(self, colour: Colour, alpha: int) -> None:
        """Lay one colour over everything: night, dusk, haze."""
        self._draw.rectangle((0, 0, *self._image.size), fill=(*colour, alpha))

    def jpeg(self, dice: Dice, caption: str = "") -> bytes:
        """Frame it as a hand-held phone would, and encode it."""
        picture = _framed(self._image, dice)
        if caption:
            _write_caption(picture, caption)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=84)
        return out.getvalue()

    def _paste_soft(self, mask: Image.Image, colour: Colour, blur: float) -> None:
        soft = mask.filter(ImageFilter.GaussianBlur(blur / _SOFT))
        touched = soft.getbbox()
        if touched is None:
            return
        left, top, right, bottom = (v * _SOFT * _SCALE for v in touched)
        patch = soft.crop(touched).resize((right - left, bottom - top), Image.Resampling.BICUBIC)
        self._image.paste(colour, (left, top), patch)


def water_drop(canvas: Canvas, tip: Point, radius: float) -> None:
    """A falling drop whose round part is about `radius` wide."""
    x, y = tip
    canvas.polygon([(x, y - radius * 2), (x + radius * 0.88, y), (x - radius * 0.88, y)], WATER)
    canvas.disc((x, y + radius * 0.3), radius, WATER)
    canvas.disc((x - radius * 0.35, y + radius * 0.1), radius * 0.3, (226, 244, 255))


def sparkle(canvas: Canvas, centre: Point, size: float) -> None:
    """A four-pointed star: something is clean now."""
    x, y, waist = *centre, size * 0.16
    canvas.glow(centre, size * 1.4, (255, 255, 255), 170)
    star = [(x, y - size), (x + waist, y - waist), (x + size, y), (x + waist, y + waist)]
    star += [(x, y + size), (x - waist, y + waist), (x - size, y), (x - waist, y - waist)]
    canvas.polygon(star, (255, 255, 255))


def _scaled(points: Sequence[Point]) -> list[tuple[int, int]]:
    return [(round(x * _SCALE), round(y * _SCALE)) for x, y in points]


def _bounds(points: Sequence[tuple[int, int]]) -> tuple[int, int, int, int]:
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


def _framed(image: Image.Image, dice: Dice) -> Image.Image:
    """A slightly tilted crop with darker corners, different for every seed."""
    width, height = image.size
    tilted = image.rotate(dice.between(-1.4, 1.4), Image.Resampling.BILINEAR)
    share = dice.between(0.91, 0.95)
    across, down = width * share, height * share
    left = (width - across) * dice.between(0.4, 0.6)
    top = (height - down) * dice.between(0.4, 0.6)
    picture = tilted.resize(
        (WIDTH, HEIGHT), Image.Resampling.HAMMING, (left, top, left + across, top + down), reducing_gap=2.0
    )
    corners = Image.radial_gradient("L").point(lambda v: max(0, v - 150) // 2).resize(picture.size)
    picture.paste((14, 16, 26), (0, 0), corners)
    return picture


def _write_caption(picture: Image.Image, caption: str) -> None:
    """A small line at the bottom left; nothing when no font of this machine has Chinese characters."""
    font = _chinese_font(30)
    if font is None:
        return
    draw = ImageDraw.Draw(picture, "RGBA")
    box = draw.textbbox((48, HEIGHT - 76), caption, font=font)
    draw.rounded_rectangle((box[0] - 16, box[1] - 10, box[2] + 16, box[3] + 10), 10, fill=(0, 0, 0, 130))
    draw.text((48, HEIGHT - 76), caption, font=font, fill=(255, 255, 255, 235))


def _chinese_font(size: int) -> ImageFont.FreeTypeFont | None:
    """The first of the known fonts that this machine has, found by its file name."""
    for name in _CJK_FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return None
