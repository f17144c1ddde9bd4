from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from crm.core.errors import DomainError
from crm.fieldwork.photos import picture
from crm.fieldwork.photos.picture import prepare
from tests.support.pictures import CAMERA, photo, place_of


def refusal(data: bytes) -> str:
    with pytest.raises(DomainError) as caught:
        prepare(data, keep_place=False)
    return caught.value.problems[0].key


def vast_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_camera_and_place_are_gone_and_the_picture_is_still_there() -> None:
    made = prepare(photo(), keep_place=False)
    assert CAMERA.encode() not in made.picture
    assert place_of(made.picture) == {}
    assert (made.width, made.height, made.located) == (64, 48, False)


def test_an_office_that_asks_for_it_keeps_the_place_and_nothing_else() -> None:
    made = prepare(photo(), keep_place=True)
    assert place_of(made.picture)[1] == "N"
    assert made.located
    assert CAMERA.encode() not in made.picture
    assert place_of(made.thumbnail) == {}


def test_a_photo_taken_sideways_is_upright() -> None:
    made = prepare(photo((64, 48), turned=True), keep_place=False)
    assert (made.width, made.height) == (48, 64)


def test_a_photo_that_tells_nonsense_of_itself_is_kept_and_turned() -> None:
    tags = ((0x011A, 2, 1, b"a"), (0x0112, 3, 1, b"\6"))  # a resolution in letters; taken sideways
    rows = b"".join(struct.pack("<HHL4s", *tag) for tag in sorted(tags))
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\2\0" + rows + bytes(4))
    made = prepare(out.getvalue(), keep_place=True)
    assert (made.width, made.height, made.located) == (48, 64, False)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpeg_and_what_was_transparent_becomes_white(kind: str) -> None:
    made = prepare(photo(kind=kind, mode="RGBA", colour="#00000000"), keep_place=False)
    with Image.open(io.BytesIO(made.picture)) as opened:
        assert opened.format == "JPEG"
        assert opened.getpixel((5, 5)) == (255, 255, 255)


def test_a_large_photo_is_made_smaller_and_has_a_small_thumbnail() -> None:
    made = prepare(photo((3000, 1500)), keep_place=False)
    assert (made.width, made.height) == (2560, 1280)
    with Image.open(io.BytesIO(made.thumbnail)) as opened:
        assert opened.size == (320, 160)


def test_a_large_photo_is_copied_only_after_it_was_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    convert = Image.Image.convert

    def seen(self: Image.Image, *how: Any, **more: Any) -> Image.Image:
        sizes.append(max(self.size))
        return convert(self, *how, **more)

    large = photo((3000, 20), kind="PNG")
    monkeypatch.setattr(Image.Image, "convert", seen)
    prepare(large, keep_place=False)
    assert max(sizes) <= picture.LONGEST_SIDE


@pytest.mark.parametrize("size", [(10_000, 5_000), (20_000, 10_000), (60_000, 60_000)])
def test_a_few_bytes_that_claim_to_be_enormous_are_refused_before_they_are_unpacked(size: tuple[int, int]) -> None:
    assert refusal(vast_png(*size)) == "photo.vast"


def test_what_is_no_photo_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(b"") == "photo.empty"
    assert refusal(b"%PDF-1.7 not a photo") == "photo.kind"
    assert refusal(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "photo.kind"
    assert refusal(photo(kind="GIF")) == "photo.kind"
    assert refusal(photo((400, 400), colour="red")[:700]) == "photo.broken"
    monkeypatch.setattr(picture, "MOST_BYTES", 100)
    assert refusal(photo()) == "photo.heavy"
