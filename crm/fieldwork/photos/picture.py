"""A photo as somebody sent it, made into one that may be kept: decoded within bounds and written anew.

Writing it anew is what takes out everything else a file may carry: camera, owner, place, comments, hidden bytes.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import ExifTags, Image, UnidentifiedImageError

from crm.core.errors import DomainError, Problem

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 320
QUALITY, THUMBNAIL_QUALITY = 82, 70
PLAIN = frozenset({"RGB", "RGBA", "L", "CMYK"})
GPS = ExifTags.IFD.GPSInfo
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ODD = (OSError, ValueError, SyntaxError, OverflowError, EOFError, TypeError, KeyError, struct.error, zlib.error)
EMPTY = Problem("photo.empty", "照片是空的，请重新选择。", "photos")
HEAVY = Problem("photo.heavy", "一张照片最多 10 MB，请压缩后再传。", "photos")
KIND = Problem("photo.kind", "照片只接受 JPG、PNG、WebP；手机可在相机设置里选“兼容性最佳”。", "photos")
VAST = Problem("photo.vast", "照片像素太大（最多 4,000 万），请用手机缩小后再传。", "photos")
BROKEN = Problem("photo.broken", "照片文件已损坏，打不开，请换一张或重新拍摄。", "photos")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is kept of a photo: two JPEG files, the size, and whether the place is still in the first."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int
    located: bool


def prepare(data: bytes, *, keep_place: bool) -> Prepared:
    """Check a photo and write it anew; its place stays only if the office asks for it.

    Raises DomainError with what is wrong and what to do.
    """
    if not data:
        raise DomainError(EMPTY)
    if len(data) > MOST_BYTES:
        raise DomainError(HEAVY)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise DomainError(VAST)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than needed
            opened.load()
            turn, place = _told(opened)
            small = _shrunk(opened)
            upright = small.transpose(turn) if turn is not None else small
            return _written(_flat(upright), place if keep_place else {})
    except UnidentifiedImageError as error:
        raise DomainError(KIND) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DomainError(VAST) from error
    except ODD as error:
        raise DomainError(BROKEN) from error


def _told(image: Image.Image) -> tuple[Image.Transpose | None, dict[int, object]]:
    """Return how to turn the picture upright, and where it was taken; a file that tells nonsense tells nothing."""
    try:
        exif = image.getexif()
        return TURNS.get(exif.get(ExifTags.Base.Orientation, 1)), dict(exif.get_ifd(GPS))
    except ODD:
        return None, {}


def _shrunk(image: Image.Image) -> Image.Image:
    """Return the picture no larger than it is kept; first of all, since a copy of 40 million pixels takes 160 MB."""
    plain = image if image.mode in PLAIN else image.convert("RGBA" if _is_glassy(image) else "RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return plain


def _is_glassy(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _flat(image: Image.Image) -> Image.Image:
    """Return the picture in plain colours; what was transparent is white."""
    if not _is_glassy(image):
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def _written(image: Image.Image, place: dict[int, object]) -> Prepared:
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    exif = _placed(place)
    picture = _jpeg(image, QUALITY, exif)
    return Prepared(picture, _jpeg(small, THUMBNAIL_QUALITY, b""), image.width, image.height, bool(exif))


def _placed(place: dict[int, object]) -> bytes:
    """Write where a photo was taken; nothing if what the file says of it cannot be written."""
    exif = Image.Exif()
    exif[GPS] = place
    try:
        return exif.tobytes() if place else b""
    except ODD:
        return b""


def _jpeg(image: Image.Image, quality: int, exif: bytes) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True, exif=exif)
    return out.getvalue()
