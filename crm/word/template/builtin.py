"""Making the templates we bring along: our own parts with placeholders in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.word import norm, styles
from crm.word.ooxml import pack_bytes
from crm.word.template.rendering import with_styles
from crm.word.text import paragraph, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.word.ooxml import Xml


def mark(text: str) -> Xml:
    """Return a paragraph that holds nothing but a tag."""
    return paragraph(styles.NORMAL, run(text, norm.BODY))


def finished(parts: Mapping[str, str]) -> bytes:
    """Return the file, with the styles of our blocks under the names they have in templates."""
    return pack_bytes(with_styles({path: text.encode() for path, text in parts.items()}))
