"""`python -m bench.photos`: processor time and memory of the photo pipeline on a 12 MP photo with a position.

The limit is decoding the same file at half scale, measured in turns with the pipeline.
Target (measurements section 0): at most 250 ms of processor time and 60 MB.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import ExifTags, Image, ImageChops, ImageFilter

from app.media.processing import process_photo
from bench.report import print_report, progress, summary

SIZE = (4000, 3000)
ROUNDS = 15
TARGET = {"cpu_ms": 250, "memory_mb": 60}


def synthetic_photo() -> bytes:
    """A 12 MP JPEG of about 2 MB with soft shapes, grain, orientation 6 and a GPS position."""
    light = Image.linear_gradient("L").resize(SIZE)
    vignette = Image.radial_gradient("L").resize(SIZE)
    grain = Image.effect_noise(SIZE, 24).filter(ImageFilter.GaussianBlur(1.6))
    shapes = Image.effect_noise((40, 30), 160).resize(SIZE, Image.Resampling.BICUBIC)
    channels = [
        ImageChops.overlay(ImageChops.blend(base, shapes, 0.4), grain) for base in (light, vignette, shapes)
    ]
    out = io.BytesIO()
    Image.merge("RGB", channels).save(out, "JPEG", quality=88, exif=_phone_exif())
    return out.getvalue()


def _phone_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position.update({ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (39.0, 54.0, 26.0)})
    position.update({ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (116.0, 23.0, 50.0)})
    return exif


def decode_at_half_scale(data: bytes) -> None:
    """The least that any pipeline must do: every compressed byte read, a quarter of the pixels made."""
    picture = Image.open(io.BytesIO(data))
    picture.draft(None, (SIZE[0] // 2, SIZE[1] // 2))
    picture.load()


def cpu_ms(work: Callable[[bytes], object], data: bytes) -> float:
    before = time.process_time()
    work(data)
    return (time.process_time() - before) * 1000


def memory_growth_mb(data: bytes) -> float:
    """Growth of the peak resident size in a fresh process; here the making of the photo would hide it."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-m", "bench.photos", "--memory", file.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return float(done.stdout)


def _print_own_memory_growth(path: str) -> None:
    data = Path(path).read_bytes()
    tiny = io.BytesIO()
    Image.new("RGB", (64, 48)).save(tiny, "JPEG")
    process_photo(tiny.getvalue())  # loads the plug-ins, which are not the photo's doing
    before = _peak_kib()
    process_photo(data)
    print((_peak_kib() - before) / 1024)


def _peak_kib() -> int:
    """VmHWM of this process: ru_maxrss would start at the parent's peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def measure() -> None:
    """Measure in turns and print the report."""
    progress("making a 12 MP photo ...")
    data = synthetic_photo()
    photo = process_photo(data)
    pipeline, limit = [], []
    for number in range(ROUNDS):
        limit.append(cpu_ms(decode_at_half_scale, data))
        pipeline.append(cpu_ms(process_photo, data))
        progress(f"round {number + 1}/{ROUNDS}: pipeline {pipeline[-1]:.0f} ms, limit {limit[-1]:.0f} ms")
    memory = memory_growth_mb(data)
    median = statistics.median(pipeline)
    print_report(
        sizes={
            "pixels": list(SIZE),
            "original_kb": len(data) // 1000,
            "main": [photo.width, photo.height],
            "main_kb": len(photo.main) // 1000,
            "thumb_kb": len(photo.thumb) // 1000,
            "rounds": ROUNDS,
        },
        figures={
            "pipeline_cpu_ms": summary(pipeline),
            "peak_memory_growth_mb": round(memory, 1),
            "gps_left": bool(Image.open(io.BytesIO(photo.main)).getexif()),
            "target": TARGET,
            "target_met": median <= TARGET["cpu_ms"] and memory <= TARGET["memory_mb"],
        },
        limit={"decode_half_scale_cpu_ms": summary(limit)},
        ratio=round(median / statistics.median(limit), 2),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        _print_own_memory_growth(sys.argv[2])
    else:
        measure()
