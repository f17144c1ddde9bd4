"""Opening a template somebody else wrote: bounded; no macros, links to the outside, embedded things, entities."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from lxml import etree

from crm.word.check.package import BROKEN
from crm.word.template import fieldcodes
from crm.word.template.faults import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_XML, LARGEST_WHOLE = 4 * 1024 * 1024, 24 * 1024 * 1024
LARGEST_FILLED, LONGEST_ATTRIBUTE = 2 * 1024 * 1024, 64 * 1024
MOST_PARTS, MOST_TAGS, MOST_TAGS_FILLED = 300, 200_000, 40_000
MAIN = "word/document.xml"
WORD_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".svg", ".odttf")
XML = (".xml", ".rels")
RELATIONS = "_rels/.rels"
CORE = b"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
CORE_OF_LIBREOFFICE = b"http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata/core-properties"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
FILLED = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")
UNSAFE_NAME = re.compile(r"^/|\\|(^|/)\.\.?(/|$)|:|[\x00-\x1f]")
ACTIVE = re.compile(rb"vbaProject|macroEnabled|activeX|oleObject|/embeddings/|aFChunk|attachedToolbars", re.IGNORECASE)
OUTSIDE = re.compile(rb"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

TOO_LARGE = "模板超过 5 MB，请压缩里面的图片。"
NO_WORD = "这不是 .docx 文件，请在 Word 或 WPS 里另存为 .docx 再上传。"
OLD_WORD = "这是旧的 .doc 文件（或加了密码），请另存为不加密的 .docx 再上传。"
LONG = "模板太长：模板里只放版式和占位符，不要放成篇的正文，请删减后再上传。"
STRICT_WORD = "这是“严格 Open XML”格式的 .docx，请另存为普通的 .docx 再上传。"
BOMB = "文件展开后太大，没有采用。"
MACROS = "模板里有宏、控件或嵌入的对象，请去掉后另存为 .docx。"
LINKS = "模板里有指向外部的链接（超链接、链接的图片或附加模板），请去掉后再上传。"
ENTITIES = "文件内容异常（含有外部实体），没有采用。"
FIELD = (
    "模板里有不能用的域“%(name)s”。可以用页码、总页数、节、目录、编号和本文件内的引用（PAGE、NUMPAGES、SECTION、"
    "SECTIONPAGES、TOC、SEQ、REF、PAGEREF、STYLEREF）；请去掉它，或者改成文字后再上传。"
)
FIELD_OF_DAY = "模板里有会随日期变化的域“%(name)s”，定稿后打开会变样。请改用日期占位符，或者写成文字。"
ATTRIBUTE = "文件内容异常（有过长的属性），没有采用。请从内置模板重新改起。"
ODD_PART = "模板里有不认识的内容，请从内置模板重新改起。"


class TemplateUnfitError(ValueError):
    """A file that cannot be a template; the message is a Chinese msgid that says what to do, ``params`` fill it."""

    def __init__(self, message: str, **params: object) -> None:
        """Keep what fills the message."""
        super().__init__(message)
        self.params = params


def open_template(data: bytes) -> dict[str, bytes]:
    """Return the parts of a template, XML written plainly so that what is checked is what is read later.

    TemplateUnfitError when it is none, is broken, or could do harm.
    """
    if len(data) > LARGEST_FILE:
        raise TemplateUnfitError(TOO_LARGE)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise TemplateUnfitError(OLD_WORD)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = _parts(archive)
    except TemplateUnfitError:
        raise
    except BROKEN as error:
        raise TemplateUnfitError(NO_WORD) from error
    _check_kind(parts)
    parts[RELATIONS] = parts[RELATIONS].replace(CORE_OF_LIBREOFFICE, CORE)
    return {**parts, **_checked(parts)}


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [one for one in archive.infolist() if not one.is_dir()]
    names = [one.filename for one in entries]
    if len(entries) > MOST_PARTS or sum(one.file_size for one in entries) > LARGEST_WHOLE:
        raise TemplateUnfitError(BOMB)
    if len({name.lower() for name in names}) < len(names) or any(UNSAFE_NAME.search(name) for name in names):
        raise TemplateUnfitError(ODD_PART)
    found: dict[str, bytes] = {}
    room = LARGEST_WHOLE
    for entry in entries:
        with archive.open(entry) as stream:
            found[entry.filename] = stream.read(room + 1)
        room -= len(found[entry.filename])
        if room < 0 or (entry.filename.endswith(XML) and len(found[entry.filename]) > LARGEST_XML):
            raise TemplateUnfitError(BOMB)
    return found


def _check_kind(parts: Mapping[str, bytes]) -> None:
    kinds = parts.get("[Content_Types].xml", b"")
    if MAIN not in parts or RELATIONS not in parts:
        raise TemplateUnfitError(NO_WORD)
    if ACTIVE.search(kinds) or any(ACTIVE.search(name.encode()) for name in parts):
        raise TemplateUnfitError(MACROS)
    if WORD_TYPE not in kinds:
        raise TemplateUnfitError(NO_WORD)
    if STRICT in parts[MAIN]:
        raise TemplateUnfitError(STRICT_WORD)
    if any(not name.lower().endswith((*XML, *PICTURES)) for name in parts):
        raise TemplateUnfitError(ODD_PART)


def _checked(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    tags, filled, size, found = 0, 0, 0, {}
    for name, data in parts.items():
        if not name.endswith(XML):
            continue
        tags += data.count(b"<")
        if FILLED.fullmatch(name):
            filled += data.count(b"<")
            size += len(data)
        if filled > MOST_TAGS_FILLED or size > LARGEST_FILLED:
            raise TemplateUnfitError(LONG)
        if tags > MOST_TAGS:
            raise TemplateUnfitError(BOMB)
        root = parse(data)
        _check_part(name, root)
        found[name] = etree.tostring(root, encoding="UTF-8", standalone=True)
    return found


def _check_part(name: str, root: etree._Element) -> None:
    if any(len(value) > LONGEST_ATTRIBUTE for one in root.iter() for value in one.attrib.values()):
        raise TemplateUnfitError(ATTRIBUTE)
    if name.endswith(".rels"):
        plain = etree.tostring(root)
        if OUTSIDE.search(plain):
            raise TemplateUnfitError(LINKS)
        if ACTIVE.search(plain):
            raise TemplateUnfitError(MACROS)
    elif field := fieldcodes.refused(root):
        if "{" in field:
            raise TemplateUnfitError(ELSEWHERE)
        raise TemplateUnfitError(FIELD_OF_DAY if fieldcodes.changes(field) else FIELD, name=field)


def parse(data: bytes) -> etree._Element:
    """Parse a part without entities or network; TemplateUnfitError when it is broken."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise TemplateUnfitError(ENTITIES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise TemplateUnfitError(NO_WORD) from error
    if root.getroottree().docinfo.doctype:
        raise TemplateUnfitError(ENTITIES)
    return root
