"""Bytes of pages packed small: the spider's and the application's ways agree, older ones are still read."""

from __future__ import annotations

import base64
import zlib

import pytest

from crm.news import packing
from scrapers import items

PAGE = "<p>经开区签约十二个项目</p>".encode() * 5000
PACKED = [packing.pack(PAGE), base64.b64decode(items.pack(PAGE)), zlib.compress(PAGE)]


@pytest.mark.parametrize("packed", PACKED, ids=["application", "spider", "zlib"])
def test_a_packed_page_comes_back_whole_or_as_much_as_is_wanted(packed: bytes) -> None:
    assert packing.unpack(packed, len(PAGE) + 1) == PAGE
    assert packing.unpack(packed, 100) == PAGE[:100]


@pytest.mark.parametrize("packed", [b"plain", packing.pack(PAGE)[:4] + b"broken"])
def test_what_nobody_packed_is_a_wrong_value(packed: bytes) -> None:
    with pytest.raises(ValueError, match="not a packed page"):
        packing.unpack(packed, 100)


def test_the_spider_reads_what_it_packed() -> None:
    assert items.unpack(items.pack(PAGE)) == PAGE


def test_a_page_that_asks_for_a_huge_window_is_refused() -> None:
    frame = b"\x28\xb5\x2f\xfd\x00\x88" + packing.pack(PAGE)[6:]  # a window of 128 MB
    with pytest.raises(ValueError, match="not a packed page"):
        packing.unpack(frame, 100)
