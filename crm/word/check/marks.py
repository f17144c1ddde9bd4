"""Rules of page numbers, red head, numbers of papers and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.word import norm
from crm.word.check import patterns
from crm.word.check.findings import Finding, Weight
from crm.word.check.package import W
from crm.word.check.parts import Part
from crm.word.check.reading import Reader
from crm.word.check.rules import gathered, points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from crm.word.check.package import Package
    from crm.word.check.parts import Parted

SHORT_YEAR = 2


def page_numbers(package: Package, _parted: Parted) -> Iterator[Finding]:
    """4号 half-width Arabic numbers of 宋体 with a dash at each side, odd ones right, even ones left (7.5)."""
    fields = {key: _number_of(part) for key, part in package.footers.items()}
    found = {key: one for key, one in fields.items() if one is not None}
    if not found:
        text = "没有页码：应在版心下边缘之下编排，写作“— 1 —”。"
        yield Finding("number", Weight.MUST, "7.5", text)
        return
    reader = Reader(package)
    for paragraph in found.values():
        line = reader.line(paragraph, 0)
        if not patterns.DASHED.search(line.text):
            params = {"found": " ".join(line.text.split()) or "1"}
            text = "页码写作“%(found)s”，数字左右应各放一条一字线：“— 1 —”。"
            yield Finding("number_dash", Weight.MUST, "7.5", text, params)
        if line.face.size != norm.PAGE_NUMBER.size:
            params = {"found": points(line.face.size)}
            yield Finding("number_size", Weight.MUST, "7.5", "页码的字号是%(found)s磅，应为14磅（4号）。", params)
        break
    even = package.settings is not None and package.settings.find(f"{W}evenAndOddHeaders") is not None
    if not even:
        text = "没有区分奇偶页：单页码应居右空一字，双页码居左空一字（草稿可以居中）。"
        yield Finding("number_sides", Weight.SHOULD, "7.5", text)


def _number_of(footer: etree._Element) -> etree._Element | None:
    """Give the paragraph that holds the page number."""
    for paragraph in footer.iter(f"{W}p"):
        codes = "".join(one.text or "" for one in paragraph.iter(f"{W}instrText"))
        simple = "".join(one.get(f"{W}instr", "") for one in paragraph.iter(f"{W}fldSimple"))
        if "PAGE" in codes + simple:
            return paragraph
    return None


def red_head(package: Package, parted: Parted) -> Iterator[Finding]:
    """The issuer's mark in red 小标宋 with a red rule below, where the paper has one (7.2.4, 7.2.7)."""
    marks = parted.of(Part.MARK)
    if not marks:
        return
    wrong = [
        (line, {"found": line.face.font or "（未指定）"})
        for line in marks[:1]
        if (line.face.font or "").lower() not in patterns.ALIKE[norm.XIAOBIAOSONG]
    ]
    yield from gathered("mark_font", Weight.SHOULD, "7.2.4", "红头的字体是%(found)s，推荐用小标宋体。", wrong)
    rules = [one for one in package.body.iter(f"{W}pBdr") for one in one.iter(f"{W}bottom", f"{W}top")]
    drawn = any(True for _ in package.body.iter("{*}line", "{*}cxnSp", "{*}connsp", "{*}wsp", "{*}pict"))
    if not drawn and not any((one.get(f"{W}color") or "").upper() == norm.RED for one in rules):
        text = "红头下面没有红色分隔线：应在发文字号之下4毫米处印一条与版心等宽的红线。"
        yield Finding("red_rule", Weight.MUST, "7.2.7", text)


def paper_numbers(_package: Package, parted: Parted) -> Iterator[Finding]:
    """发文字号 with the full year in 〔〕, without 第 and leading zeros (7.2.5)."""
    head = parted.of(Part.HEAD, Part.MARK, Part.OTHER)
    brackets = [
        (line, {"year": found[1], "number": found[2]})
        for line in head
        if (found := patterns.WRONG_NUMBER.search(line.text))
    ]
    text = "发文字号的年份应用六角括号括起：〔%(year)s〕%(number)s号。"
    yield from gathered("number_brackets", Weight.MUST, "7.2.5", text, brackets)
    forms = [
        (line, {"found": found[0]})
        for line in head
        if (found := patterns.RIGHT_NUMBER.search(line.text))
        and (len(found[1]) == SHORT_YEAR or found[2] or found[3].startswith("0"))
    ]
    text = "发文字号“%(found)s”：年份写全四位，不加“第”字，序号不编虚位（1不写成01）。"
    yield from gathered("number_form", Weight.MUST, "7.2.5", text, forms)


def dates(_package: Package, parted: Parted) -> Iterator[Finding]:
    """Dates in Arabic numerals without leading zeros (7.3.5.4)."""
    lines = [line for _, line in parted.lines]
    zeros = [
        (line, {"found": found[0]})
        for line in lines
        for found in patterns.DATE.finditer(line.text)
        if found[2].startswith("0") or found[3].startswith("0")
    ]
    text = "日期“%(found)s”：月、日不编虚位（1不写成01）。"
    yield from gathered("date_zero", Weight.MUST, "7.3.5.4", text, zeros)
    words = [
        (line, {"found": found[0]}) for line in lines if (found := patterns.CHINESE_DATE.search(line.text.strip()))
    ]
    text = "成文日期“%(found)s”应用阿拉伯数字写全年、月、日。"
    yield from gathered("date_words", Weight.MUST, "7.3.5.4", text, words)
