"""Bytes of pages, packed: zstd, which costs a third of zlib and takes less room; zlib is still read.

``scrapers/items.py`` packs alike; neither side may import the other.
"""

from __future__ import annotations

import sys
import zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 2
_MAGIC = b"\x28\xb5\x2f\xfd"
# As large as the largest page: nothing asks for more memory.
_WINDOW: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


def pack(raw: bytes) -> bytes:
    """Pack the bytes of a page."""
    return zstd.compress(raw, LEVEL)


def unpack(packed: bytes, largest: int) -> bytes:
    """Unpack at most that many bytes; ValueError for what nobody packed."""
    try:
        if packed.startswith(_MAGIC):
            return zstd.ZstdDecompressor(options=_WINDOW).decompress(packed, largest)
        return zlib.decompressobj().decompress(packed, largest)
    except (zlib.error, zstd.ZstdError) as error:
        message = f"not a packed page: {error}"
        raise ValueError(message) from error
