"""The body of the weekly report as a template: our own layout with placeholders in it."""

from __future__ import annotations

from crm.reports.docx_body import (
    copies_xml,
    imprint_row,
    imprint_table,
    issuer_xml,
    last_line,
    mark_xml,
    recipient_xml,
)
from crm.word import norm, styles
from crm.word.body import page_setup
from crm.word.ooxml import Xml, join, root, w
from crm.word.template.builtin import mark
from crm.word.text import paragraph, run

RECIPIENTS = ("报", "送", "发")


def template_part(name: str, *, like: str = "", imprint: bool = True) -> str:
    """Return word/document.xml; the red name stands in it as plain text, to be typed over.

    A placeholder for the red name is sized for a name ``like`` the one it will become.
    """
    blank = paragraph(styles.HEAD)
    number = paragraph(styles.HEAD, run("{{ 期号 }}", norm.BODY))
    head = join(mark_xml(name, like=like), blank, number, blank, issuer_xml("\t{{ 编印单位 }}\t{{ 日期 }}"))
    title = join(
        blank,
        blank,
        paragraph(styles.TITLE, run("{{ 标题 }}", norm.TITLE)),
        paragraph(styles.SUBTITLE, run("（{{ 时段 }}）", norm.LEVEL_TWO)),
        blank,
    )
    foot = join(_imprint(), last_line()) if imprint else Xml("")
    body = w("body", head, title, mark("{{p 正文 }}"), foot, page_setup())
    return root("document", body)


def _imprint() -> Xml:
    """Return the imprint, left out as far as there is nothing to say in it."""
    named = " or ".join(RECIPIENTS)
    lines = join(*(_when(one, recipient_xml(f"{one}：{{{{ {one} }}}}")) for one in RECIPIENTS))
    printed = "{% if 份数 %}（共印{{ 份数 }}份）{% endif %}"
    rows = (
        _row(f"{{%tr if {named} %}}"),
        imprint_row(lines, norm.OUTER_RULE, norm.INNER_RULE),
        _row("{%tr endif %}"),
        imprint_row(copies_xml(f"\t{{{{ 编印单位 }}}}\t{printed}"), norm.INNER_RULE, norm.OUTER_RULE),
    )
    return _when(f"{named} or 份数", join(paragraph(styles.HEAD), imprint_table(rows)))


def _when(condition: str, content: Xml) -> Xml:
    return join(mark(f"{{%p if {condition} %}}"), content, mark("{%p endif %}"))


def _row(tag: str) -> Xml:
    return imprint_row(recipient_xml(tag), norm.OUTER_RULE, norm.INNER_RULE)
