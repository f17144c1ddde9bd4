"""Fields of a template: those that read the paper alone may stand, all others are refused by name."""

from __future__ import annotations

import pytest

from crm.word.template import opening
from tests.support.templates import faults_of, messages, paragraph, with_body


def char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(*pieces: str) -> str:
    return "".join(f'<w:r><w:instrText xml:space="preserve">{one}</w:instrText></w:r>' for one in pieces)


def field(*pieces: str, shown: str = "1") -> str:
    return f"{char('begin')}{code(*pieces)}{char('separate')}<w:r><w:t>{shown}</w:t></w:r>{char('end')}"


def within(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


@pytest.mark.parametrize(
    "pieces",
    [
        (" PAGE ",), ("PAGE \\* MERGEFORMAT",), ("page",), ("NUM", "PAGES"), ("SECTIONPAGES",), ("=1+1",),
        ('TOC \\o "1-3" \\h',), ("SEQ 表 \\* ARABIC",), ("REF _Ref1 \\h",), ("PAGEREF _Toc1 \\h",),
        ('HYPERLINK \\l "_Toc1"',),
    ],
)  # fmt: skip
def test_fields_that_read_the_paper_alone_may_stand(pieces: tuple[str, ...]) -> None:
    assert faults_of(with_body(within(field(*pieces)))) == []


def test_pages_may_be_reckoned_from_pages() -> None:
    inner = f"{char('begin')}{code('= ')}{field('NUMPAGES')}{code(' - 1')}{char('separate')}{char('end')}"
    assert faults_of(with_body(within(inner))) == []


@pytest.mark.parametrize(
    ("pieces", "name"),
    [
        (("INCLUDE", "TEXT x"), "INCLUDETEXT"),
        (("DATABASE \\d x",), "DATABASE"),
        (("RD x.docx",), "RD"),
        (("QUOTE x",), "QUOTE"),
        (('HYPERLINK "file:///x"',), "HYPERLINK"),
        (('HYPERLINK "x" \\l "y"',), "HYPERLINK"),
        (("DDEAUTO x",), "DDEAUTO"),
        (("IF 1 = 1 a b",), "IF"),
        (("FILLIN x",), "FILLIN"),
        (("SET a b",), "SET"),
        (("书签",), "书签"),
    ],
)
def test_all_other_fields_are_refused_by_name(pieces: tuple[str, ...], name: str) -> None:
    told = opening.FIELD % {"name": name}
    assert messages(with_body(within(field(*pieces)))) == [told]
    simple = f"<w:fldSimple w:instr='{''.join(pieces)}'><w:r><w:t>1</w:t></w:r></w:fldSimple>"
    assert messages(with_body(within(simple))) == [told]
    assert messages(with_body(within(code(*pieces)))) == [told]


def test_a_refused_field_is_found_inside_of_another_and_after_its_result() -> None:
    told = opening.FIELD % {"name": "QUOTE"}
    nested = f"{char('begin')}{code('REF ')}{field('QUOTE x')}{char('separate')}{char('end')}"
    late = f"{char('begin')}{code('PAGE')}{char('separate')}{code('QUOTE x')}{char('end')}"
    unclosed = f"{char('begin')}{code('QUOTE x')}"
    for inner in (nested, late, unclosed):
        assert messages(with_body(within(inner))) == [told]


def test_a_field_that_changes_with_the_day_is_told_what_to_write_instead() -> None:
    for name in ("DATE", "SAVEDATE"):
        shown = messages(with_body(within(field(f'{name} \\@ "yyyy"')), paragraph("x")))
        assert shown == [opening.FIELD_OF_DAY % {"name": name}]
