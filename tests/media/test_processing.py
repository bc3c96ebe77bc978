"""The photo pipeline: what goes in as a phone's file comes out as two clean, upright, small JPEGs."""

from __future__ import annotations

import hashlib
import io
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

from app.core.errors import Refusal
from app.media.errors import NotAnImage, PhotoBroken, PhotoTooLarge, TooManyPixels
from app.media.processing import MAX_PHOTO_BYTES, ProcessedPhoto, process_photo

RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 160, 40), (20, 40, 200), (235, 220, 30)
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def four_corners(width: int = 640, height: int = 400) -> Image.Image:
    """A picture that looks different after every rotation and reflection."""
    picture = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 2, 0, width, height // 2), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=YELLOW)
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def corners_of(data: bytes) -> list[tuple[int, int, int]]:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    w, h = picture.size
    points = [(w // 4, h // 4), (3 * w // 4, h // 4), (w // 4, 3 * h // 4), (3 * w // 4, 3 * h // 4)]
    return [picture.getpixel(point) for point in points]


def close(seen, wanted, tolerance: int = 12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(seen, wanted, strict=True))


def middle_of(photo: ProcessedPhoto) -> tuple[int, int, int]:
    return Image.open(io.BytesIO(photo.main)).getpixel((photo.width // 2, photo.height // 2))


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int, kind: str) -> None:
    upright = four_corners()
    stored = upright.transpose(UNDO[orientation]) if orientation in UNDO else upright
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    photo = process_photo(encoded(stored, kind, exif=exif))
    assert (photo.width, photo.height) == (640, 400)
    for output in (photo.main, photo.thumb):
        for seen, wanted in zip(corners_of(output), (RED, GREEN, BLUE, YELLOW), strict=True):
            assert close(seen, wanted)


def test_position_comment_profile_and_xmp_do_not_survive() -> None:
    exif = Image.Exif()
    exif[Base.Make] = "SECRETMAKER"
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (39.0, 54.0, 26.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    original = encoded(
        four_corners(), exif=exif, comment=b"SECRETCOMMENT", xmp=b"<x>SECRETXMP</x>", icc_profile=profile
    )
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(IFD.GPSInfo)
    photo = process_photo(original)
    for output in (photo.main, photo.thumb):
        opened = Image.open(io.BytesIO(output))
        assert dict(opened.getexif()) == {}
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"SECRET" not in output
        assert b"Exif" not in output


def test_text_inside_a_png_does_not_survive() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "SECRET")
    photo = process_photo(encoded(four_corners(), "PNG", pnginfo=notes))
    assert b"SECRET" not in photo.main + photo.thumb


def test_the_digest_names_the_original_bytes() -> None:
    original = encoded(four_corners())
    assert process_photo(original).sha256 == hashlib.sha256(original).hexdigest()


@pytest.mark.parametrize(
    ("size", "main", "thumb"),
    [
        ((4000, 3000), (1600, 1200), (320, 240)),
        ((3000, 4000), (1200, 1600), (240, 320)),
        ((1700, 1601), (1600, 1507), (320, 301)),
        ((800, 600), (800, 600), (320, 240)),
        ((200, 100), (200, 100), (200, 100)),
        ((9000, 3), (1600, 1), (320, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_pictures_fit_their_box_and_are_never_enlarged(size, main, thumb) -> None:
    photo = process_photo(encoded(Image.new("RGB", size, GREEN)))
    assert (photo.width, photo.height) == main
    assert Image.open(io.BytesIO(photo.main)).size == main
    assert Image.open(io.BytesIO(photo.thumb)).size == thumb
    assert photo.content_type == "image/jpeg"
    assert close(middle_of(photo), GREEN)


def test_transparency_becomes_white() -> None:
    picture = Image.new("RGBA", (100, 60), (0, 0, 0, 0))
    assert close(middle_of(process_photo(encoded(picture, "PNG"))), (255, 255, 255), 2)
    assert close(middle_of(process_photo(encoded(picture, "WEBP"))), (255, 255, 255), 2)


def test_half_transparent_gray_becomes_lighter_gray() -> None:
    photo = process_photo(encoded(Image.new("LA", (100, 60), (100, 128)), "PNG"))
    assert close(middle_of(photo), (177, 177, 177), 3)


def test_a_palette_with_a_transparent_colour_becomes_white_there() -> None:
    picture = Image.new("P", (100, 60), 0)
    picture.putpalette([10, 20, 30, 200, 40, 40])
    photo = process_photo(encoded(picture, "PNG", transparency=0))
    assert close(middle_of(photo), (255, 255, 255), 2)
    assert close(middle_of(process_photo(encoded(picture, "PNG"))), (10, 20, 30))


def test_sixteen_bit_gray_keeps_its_brightness() -> None:
    photo = process_photo(encoded(Image.new("I;16", (100, 60), 0x8080), "PNG"))
    assert close(middle_of(photo), (128, 128, 128), 2)


def test_black_and_white_stays_black_and_white() -> None:
    assert close(middle_of(process_photo(encoded(Image.new("1", (100, 60), 1), "PNG"))), (255, 255, 255), 2)


def test_cmyk_keeps_its_colour() -> None:
    photo = process_photo(encoded(Image.new("CMYK", (100, 60), (0, 255, 255, 0))))
    assert close(middle_of(photo), (255, 0, 0))


def test_gray_jpeg_is_accepted() -> None:
    assert close(middle_of(process_photo(encoded(Image.new("L", (3000, 2000), 90)))), (90, 90, 90), 3)


def test_several_pictures_in_one_jpeg_give_the_first() -> None:
    both = encoded(
        four_corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (640, 400), "white")]
    )
    assert close(corners_of(process_photo(both).main)[0], RED)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(kind: str) -> None:
    moving = encoded(
        four_corners(), kind, save_all=True, append_images=[Image.new("RGB", (640, 400))], lossless=True
    )
    assert Image.open(io.BytesIO(moving)).is_animated
    photo = process_photo(moving)
    assert close(corners_of(photo.main)[3], YELLOW)
    assert not getattr(Image.open(io.BytesIO(photo.main)), "is_animated", False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"<?php system($_GET['c']); ?>",
        b"\xff\xd8\xff<?php system($_GET['c']); ?>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7 not a photo",
        b"PK\x03\x04" + bytes(60),
        encoded(four_corners(), "GIF"),
        encoded(four_corners(), "BMP"),
        encoded(four_corners(), "TIFF"),
        encoded(four_corners(), "ICO"),
    ],
    ids=["empty", "start only", "php", "php behind magic", "svg", "pdf", "zip", "gif", "bmp", "tiff", "ico"],
)
def test_anything_but_a_photo_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(NotAnImage) as refusal:
        process_photo(data)
    assert refusal.value.status == 415
    assert refusal.value.sentence == "这个文件不是照片,请换一张 JPG 或 PNG"


def test_a_page_behind_the_picture_is_gone() -> None:
    photo = process_photo(encoded(four_corners()) + b"<html><script>alert(1)</script></html>")
    assert b"<script" not in photo.main + photo.thumb
    assert photo.main.endswith(b"\xff\xd9")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_photo_cut_off_on_the_way_is_refused(kind: str, share: float) -> None:
    noisy = Image.effect_noise((600, 400), 90).convert("RGB")
    whole = encoded(noisy, kind)
    with pytest.raises(NotAnImage) as refusal:
        process_photo(whole[: int(len(whole) * share)])
    assert refusal.value.status == 415


def test_a_cut_off_jpeg_is_told_apart_from_a_foreign_file() -> None:
    whole = encoded(Image.effect_noise((600, 400), 90))
    with pytest.raises(PhotoBroken, match="重新拍一张"):
        process_photo(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "data",
    [
        png_header(30_000, 30_000),
        png_header(10_000, 10_000),
        png_header(8_000, 6_251),
        png_header(2_000_000_000, 1),
        encoded(Image.new("1", (12_000, 12_000)), "PNG"),
        encoded(Image.new("L", (9_000, 6_000))),
    ],
    ids=["900 MP", "100 MP", "just over 50 MP", "a line", "real 144 MP", "jpeg 54 MP"],
)
def test_a_small_file_that_unfolds_into_a_huge_picture_is_refused_unopened(data: bytes) -> None:
    assert len(data) < MAX_PHOTO_BYTES
    before = time.process_time()
    with pytest.raises(TooManyPixels) as refusal:
        process_photo(data)
    assert refusal.value.status == 413
    assert time.process_time() - before < 0.2


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    whole = encoded(four_corners(), progressive=True)
    last_scan = whole[whole.rindex(b"\xff\xda") : -2]
    assert process_photo(whole).width == 640
    with pytest.raises(TooManyPixels):
        process_photo(whole[:-2] + last_scan * 5000 + b"\xff\xd9")


def test_too_many_bytes_are_refused_before_anything_else() -> None:
    whole = encoded(four_corners())
    exactly = whole + bytes(MAX_PHOTO_BYTES - len(whole))
    assert process_photo(exactly).width == 640
    with pytest.raises(PhotoTooLarge) as refusal:
        process_photo(exactly + b"\0")
    assert refusal.value.status == 413
    assert refusal.value.sentence == "照片太大(超过 10MB),请压缩后再发"


def test_a_photo_with_damaged_exif_is_still_accepted() -> None:
    damaged = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\xff\xff\xff\x7f\xff\xff\xff\xff" * 40
    photo = process_photo(encoded(four_corners(), exif=damaged))
    assert close(corners_of(photo.main)[0], RED)


def test_an_orientation_that_does_not_exist_is_ignored() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 77
    assert process_photo(encoded(four_corners(), exif=exif)).width == 640


def test_the_same_photo_gives_the_same_bytes_also_in_many_threads() -> None:
    original = encoded(four_corners(2000, 1500))
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(process_photo, [original] * 12))
    assert len({(photo.main, photo.thumb) for photo in results}) == 1


VALID = {kind: encoded(four_corners(64, 40), kind) for kind in ("JPEG", "PNG", "WEBP")}


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(VALID)),
    damage=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
    ),
    keep=st.floats(0.02, 1),
)
def test_damaged_bytes_are_either_a_photo_or_a_polite_refusal(kind: str, damage, keep: float) -> None:
    data = bytearray(VALID[kind])
    for place, value in damage:
        data[int(place * len(data))] = value
    try:
        photo = process_photo(bytes(data[: int(keep * len(data))]))
    except Refusal as refusal:
        assert refusal.status in (413, 415)
    else:
        assert photo.main.startswith(b"\xff\xd8")
