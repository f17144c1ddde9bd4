"""Read the bytes of one feed line: in the source's encoding and time zone, with all parts of an article joined."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm.news import packing
from crm.news.decode import Decoded, decode
from crm.news.extract import CHINA, extract_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from crm.news.extract import Extracted

MOST_PARTS = 10
LARGEST_PART = 8 * 1024 * 1024
PARTS_MISSING = "parts_missing"


@dataclass(frozen=True, slots=True)
class Reading:
    """A page and what was taken out of it."""

    decoded: Decoded
    found: Extracted


def read(row: Mapping[str, Any], raw: bytes, address: str, fetched: datetime) -> Reading:
    """Decode and extract a page, and put the bodies of its further parts behind its own."""
    decoded = _decoded(row, raw, row.get("http_charset"))
    more = [_text(row, part) for part in _parts(row)]
    texts = [decoded.text, *(text for text in more if text)]
    found = extract_parts(texts, address, base_time=fetched, tz=zone(row))
    if row.get("parts_missing") or not all(more):
        found = replace(found, problems=(*found.problems, PARTS_MISSING))
    return Reading(decoded, found)


def zone(row: Mapping[str, Any]) -> tzinfo:
    """Give the time zone in which the source writes moments."""
    name = _told(row).get("timezone")
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else CHINA
    except (KeyError, ValueError, OSError):
        return CHINA


def _decoded(row: Mapping[str, Any], raw: bytes, served: object) -> Decoded:
    """Decode with what the source says, unless the bytes are UTF-8 without fault; else as any page."""
    wanted = _told(row).get("encoding")
    if not isinstance(wanted, str) or not wanted:
        return decode(raw, served if isinstance(served, str) else None)
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode(wanted, errors="replace")
    except (LookupError, ValueError):
        return decode(raw, served if isinstance(served, str) else None)
    return Decoded(text, wanted, damaged="\ufffd" in text)


def _text(row: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    """Decode a further part, "" when it cannot be read."""
    try:
        packed = base64.b64decode(part["body"], validate=True)
        raw = packing.unpack(packed, LARGEST_PART)
    except (KeyError, TypeError, ValueError):
        return ""
    return _decoded(row, raw, part.get("http_charset")).text


def _parts(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = row.get("parts")
    if not isinstance(parts, list):
        return []
    return [part for part in parts[: MOST_PARTS - 1] if isinstance(part, dict)]


def _told(row: Mapping[str, Any]) -> Mapping[str, Any]:
    told = row.get("reading")
    return told if isinstance(told, dict) else {}
