"""Opening a .docx somebody else wrote: bounded, without entities, without the network."""

from __future__ import annotations

import lzma
import posixpath
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_PART = 40 * 1024 * 1024
LARGEST_WHOLE = 60 * 1024 * 1024
MOST_PARTS = 4000
MOST_FOOTERS = 100
MOST_TAGS = 1_500_000  # a tag is some hundred bytes of memory
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_LOOSE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError, etree.XMLSyntaxError, RuntimeError, EOFError, OSError,
    ValueError, KeyError, OverflowError,
)  # fmt: skip


class UnreadableError(ValueError):
    """A file that is no .docx one can read; the message is Chinese and says what to do."""


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a .docx that a check reads."""

    body: etree._Element
    styles: etree._Element | None
    numbering: etree._Element | None
    settings: etree._Element | None
    theme: etree._Element | None
    footers: dict[str, etree._Element]


def open_package(data: bytes) -> Package:
    """Read the parts; UnreadableError when this is no .docx, is broken, or is made to do harm."""
    if len(data) > LARGEST_FILE:
        message = "文件超过 20 MB，请压缩里面的图片后再检查。"
        raise UnreadableError(message)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        message = "这是旧的 .doc 文件（或加了密码），请在 Word 或 WPS 里另存为不加密的 .docx 再检查。"
        raise UnreadableError(message)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _read(archive)
    except UnreadableError:
        raise
    except BROKEN as error:
        message = "打不开：文件损坏，或者不是 .docx。请在 Word 或 WPS 里另存为 .docx 再检查。"
        raise UnreadableError(message) from error


def _read(archive: zipfile.ZipFile) -> Package:
    names = frozenset(archive.namelist())
    parts = _Parts(archive, names)
    main = _main(parts)
    if main not in names or len(names) > MOST_PARTS:
        message = "这不是 Word 文件（里面没有正文），请选择 .docx。"
        raise UnreadableError(message)
    document = parts.read(main)
    body = document.find(f"{W}body")
    if body is None:
        message = "文件里没有正文，请在 Word 或 WPS 里另存为 .docx 再检查。"
        raise UnreadableError(message)
    folder = posixpath.dirname(main)
    related = f"{folder}/_rels/{posixpath.basename(main)}.rels"
    footers = [
        (key, target)
        for key, _, target in parts.targets(related, folder)
        if target in names and posixpath.basename(target).startswith("footer")
    ]
    found = {key: parts.read(target) for key, target in footers[:MOST_FOOTERS]}
    styles, numbering, settings, theme = (
        parts.maybe(f"{folder}/{name}.xml") for name in ("styles", "numbering", "settings", "theme/theme1")
    )
    return Package(body, styles, numbering, settings, theme, found)


def _main(parts: _Parts) -> str:
    """Give the place of the body: some programs write word/document2.xml."""
    kinds = parts.targets("_rels/.rels", "")
    return next((target for _, kind, target in kinds if kind.endswith("/officeDocument")), "word/document.xml")


@dataclass(slots=True)
class _Parts:
    """Reads parts as long as all of them together stay within bounds."""

    archive: zipfile.ZipFile
    names: frozenset[str]
    size: int = 0
    tags: int = 0

    def targets(self, place: str, folder: str) -> Iterator[tuple[str, str, str]]:
        """Yield id, kind and place of what a part points to."""
        if place not in self.names:
            return
        for one in self.read(place).iter(_RELATION):
            target = one.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            yield one.get("Id", ""), one.get("Type", ""), posixpath.normpath(whole)

    def maybe(self, name: str) -> etree._Element | None:
        """Read a part that may be left out."""
        return self.read(name) if name in self.names else None

    def read(self, name: str) -> etree._Element:
        """Read a part."""
        if self.archive.getinfo(name).file_size > LARGEST_PART:
            message = "文件里的正文太大（超过 40 MB），请拆分后再检查。"
            raise UnreadableError(message)
        with self.archive.open(name) as stream:
            data = stream.read(LARGEST_PART + 1)
        self.size += len(data)
        self.tags += data.count(b"<")
        if self.size > LARGEST_WHOLE or self.tags > MOST_TAGS:
            message = "文件展开后太大，请拆分后再检查。"
            raise UnreadableError(message)
        if len(data) > LARGEST_PART or b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
            message = "文件内容异常（声明的大小不符，或含有外部实体），没有检查。"
            raise UnreadableError(message)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(data.replace(_STRICT, _LOOSE), parser)
