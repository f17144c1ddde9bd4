"""The few strings of Office Open XML the writers need, and the package around them.

The parts are written directly because a norm is kept by saying every measure once:
no template brings styles, languages or dates of its own, and the same document gives
the same bytes.
"""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import NewType
from xml.sax.saxutils import escape, quoteattr

Xml = NewType("Xml", str)

PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

# What XML 1.0 cannot carry at all, escaped or not: controls and lone surrogates.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OLDEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def clean_text(text: str) -> str:
    """Return the text without the characters that no XML file may hold."""
    return _FORBIDDEN.sub("", text)


def join(*parts: Xml) -> Xml:
    """Return pieces of XML one after another."""
    return Xml("".join(parts))


def w(tag: str, *children: Xml, **attributes: str | int) -> Xml:
    """Return an element of WordprocessingML with attributes of the same namespace."""
    named = "".join(f" w:{name}={quoteattr(clean_text(str(value)))}" for name, value in attributes.items())
    if not children:
        return Xml(f"<w:{tag}{named}/>")
    return Xml(f"<w:{tag}{named}>{''.join(children)}</w:{tag}>")


def text_node(text: str) -> Xml:
    """Return a w:t that keeps its blanks; the only door for text into a part."""
    return Xml(f'<w:t xml:space="preserve">{escape(clean_text(text))}</w:t>')


def escaped(text: str) -> Xml:
    """Return text fit for a part outside WordprocessingML."""
    return Xml(escape(clean_text(text)))


def root(tag: str, *children: Xml) -> str:
    """Return a whole part with `tag` as its root."""
    inner = "".join(children)
    spaces = f'xmlns:w="{MAIN}" xmlns:r="{RELATIONS}"'
    return f"{PROLOGUE}<w:{tag} {spaces}>{inner}</w:{tag}>"


def pack(parts: Mapping[str, str]) -> bytes:
    """Return the parts, path to text, as a zip whose bytes depend on them alone."""
    return pack_bytes({path: text.encode("utf-8") for path, text in parts.items()})


def pack_bytes(parts: Mapping[str, bytes]) -> bytes:
    """Return the parts, path to bytes, as a zip whose bytes depend on them alone."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in parts.items():
            entry = zipfile.ZipInfo(path, date_time=_OLDEST_ZIP_TIME)
            entry.create_system = _UNIX
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()
