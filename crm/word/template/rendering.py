"""A template filled in: docxtpl in a sandbox without filters, functions, endless loops; equal texts, equal bytes."""

from __future__ import annotations

import copy
import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.environment import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from crm.word.ooxml import pack_bytes
from crm.word.package import core_part
from crm.word.styles import template_styles
from crm.word.template import faults
from crm.word.template.opening import W, open_template, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.word.package import Properties

LARGEST_OUTPUT = 6_000_000  # characters of one part
CORE, STYLES = "docProps/core.xml", "word/styles.xml"
STYLE_ID = f"{W}styleId"
BROKEN = (AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError, etree.XMLSyntaxError)


class TemplateFailedError(ValueError):
    """A template of which no file can be made; the message is a Chinese msgid."""


class _Bounded(Template):
    """A template that stops when it has written too much."""

    def render(self, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 (signature of Jinja)
        """Write piece by piece, counting."""
        pieces, size = [], 0
        for piece in self.generate(*args, **kwargs):
            size += len(piece)
            if size > LARGEST_OUTPUT:
                raise TemplateFailedError(faults.TOO_LONG)
            pieces.append(piece)
        return "".join(pieces)


class _Filler(DocxTemplate):  # type: ignore[misc]  # docxtpl ships no types
    """docxtpl that refuses to mend what came out broken."""

    def fix_tables(self, xml: str) -> Any:  # noqa: ANN401 (signature of docxtpl)
        """Parse strictly before docxtpl parses forgivingly."""
        parse(xml.encode())
        return super().fix_tables(xml)


def environment() -> ImmutableSandboxedEnvironment:
    """Return the sandbox: no filters, tests, functions; unknown names are errors."""
    found = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, cache_size=0)
    found.template_class = _Bounded
    for table in (found.globals, found.filters, found.tests):
        table.clear()
    return found


def patched(data: bytes) -> str:
    """Return a part as Jinja reads it."""
    source = etree.tostring(parse(data), encoding="unicode")
    return str(_Filler(BytesIO()).patch_xml(source))


def fill(template: bytes, values: Mapping[str, Any], properties: Properties) -> bytes:
    """Return the file made of a template; TemplateFailedError when none can be made."""
    target = BytesIO()
    try:
        filler = _Filler(BytesIO(pack_bytes(open_template(template))))
        filler.render(dict(values), environment(), autoescape=True)
        filler.save(target)
    except TemplateFailedError:
        raise
    except (TemplateError, *BROKEN) as error:
        raise TemplateFailedError(faults.BROKEN) from error
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[CORE] = core_part(properties).encode()
    return pack_bytes(with_styles(parts))


def with_styles(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add the styles our blocks are written in, as far as the office has none of that name."""
    root = parse(parts[STYLES])
    known = {one.get(STYLE_ID) for one in root.iter(f"{W}style")}
    for key, xml in template_styles().items():
        if key not in known:
            root.append(copy.deepcopy(parse(xml.encode())))
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="UTF-8", standalone=True)
    return {**parts, STYLES: re.sub(rb"^<\?xml version='1.0' encoding='UTF-8' standalone='yes'\?>", _prologue, text)}


def _prologue(_match: re.Match[bytes]) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
