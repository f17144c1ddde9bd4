"""The check of a whole paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.word.check import marks, rules
from crm.word.check.findings import Finding, Weight
from crm.word.check.package import open_package
from crm.word.check.parts import Part, part
from crm.word.check.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crm.word.check.package import Package
    from crm.word.check.parts import Parted

RULES: tuple[Callable[[Package, Parted], Iterable[Finding]], ...] = (
    rules.page,
    rules.faces,
    rules.weight_and_colour,
    rules.layout,
    rules.numbering,
    marks.page_numbers,
    marks.red_head,
    marks.paper_numbers,
    marks.dates,
)
FONTS_NOTE = "字体只看名称：打开文件的电脑上没有装这些字体时，显示和打印会换成别的字体。"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, heavier departures first, and how much it looked at."""

    findings: tuple[Finding, ...]
    paragraphs: int
    title: str

    @property
    def passed(self) -> bool:
        """Whether nothing departs that the norm asks for."""
        return not any(one.weight is Weight.MUST for one in self.findings)


def check(data: bytes) -> Report:
    """Check a .docx against GB/T 9704-2012; UnreadableError when it cannot be opened."""
    package = open_package(data)
    lines = list(Reader(package).lines())
    parted = part(lines)
    found = [finding for rule in RULES for finding in rule(package, parted)]
    found.sort(key=lambda one: one.weight is not Weight.MUST)
    title = "".join(line.text.strip() for line in parted.of(Part.TITLE))
    return Report(tuple(found), len(parted.lines), title)
