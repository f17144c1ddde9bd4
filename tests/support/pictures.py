"""Photos for tests, drawn here: small, and with whatever a phone would hide in them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import ExifTags, Image

if TYPE_CHECKING:
    from typing import Any

GPS = ExifTags.IFD.GPSInfo
PLACE = {1: "N", 2: (29.0, 31.0, 30.0), 3: "E", 4: (106.0, 33.0, 15.0)}
CAMERA = "Yunling Phone 9"


def photo(
    size: tuple[int, int] = (64, 48), kind: str = "JPEG", *, colour: str = "teal", turned: bool = False, **options: Any
) -> bytes:
    """Draw a photo that knows its camera and its place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = CAMERA
    if turned:
        exif[ExifTags.Base.Orientation] = 6
    exif[GPS] = PLACE
    out = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), size, colour).save(out, kind, exif=exif, **options)
    return out.getvalue()


def place_of(data: bytes) -> dict[int, Any]:
    """Return the place a photo still tells."""
    with Image.open(io.BytesIO(data)) as opened:
        return dict(opened.getexif().get_ifd(GPS))
