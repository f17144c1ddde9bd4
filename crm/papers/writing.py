"""Papers in words: each kind is a list of sections built from facts, in the trade's own wording. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.papers import tables
from crm.papers.rules import LISTED, PeriodKind
from crm.papers.wording import behind, leaders, progress_text, recognition_text, within_text
from crm.word.blocks import Paragraph, Point, Section, SubHeading, Table
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crm.papers.facts import Facts
    from crm.word.blocks import Block

NOTE = "统计说明"  # the last section: how it was counted
SIGNED_NOTE = "只列没有退出的已签约项目；节点超期按最早一条没办结的待办计算。"


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished paper: its title, the line below it, its sections."""

    title: str
    below: str
    sections: tuple[Section, ...]

    @property
    def tables(self) -> list[Table]:
        """Its tables, in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Table)]


def write(facts: Facts) -> Paper:
    """Put the facts of a paper into words."""
    sections = (Section(heading, tuple(build(facts))) for heading, build in SECTIONS[facts.kind.key])
    below = f"{facts.issuer}　{date_text(facts.today)}"
    return Paper(facts.kind.title, below, (*sections, Section(NOTE, (Paragraph(_note(facts)),))))


def _note(facts: Facts) -> str:
    known = f"数据截至{date_text(facts.today)}，涉密项目不列入。"
    if facts.period.kind is PeriodKind.DAY:
        return known
    standing = "停滞、超期和督办情况按出文当日列出。" if facts.kind.key in LISTED else ""
    return f"统计时段为{facts.period.label}，累计从当年1月1日起算。{known}{standing}"


def _overview(facts: Facts) -> Iterable[Block]:
    if facts.figures is not None:
        if facts.period.kind is not PeriodKind.YEAR:
            yield Paragraph(within_text(facts.period, facts.figures))
        yield Paragraph(progress_text(facts.period, facts.today, facts.figures))


def _progress(facts: Facts) -> Iterable[Block]:
    if facts.figures is not None:
        yield tables.progress(facts.figures)


def _ranking(facts: Facts) -> Iterable[Block]:
    if facts.figures is None:
        return
    if not facts.figures.groups:
        yield Paragraph("还没有单位承担任务，也没有完成的事项。")
    for group in facts.figures.groups:
        if len(facts.figures.groups) > 1:
            yield SubHeading(group.label)
        yield tables.ranking(group, facts.figures)


def _praise(facts: Facts) -> Iterable[Block]:
    if facts.figures is not None:
        for group in facts.figures.groups:
            for text in (leaders(group), behind(group)):
                if text:
                    yield Point(text)


def _recognition(facts: Facts) -> Iterable[Block]:
    if facts.figures is not None:
        yield Paragraph(recognition_text(facts.period, facts.figures))
        yield tables.recognition(facts.figures)


def _stalled(facts: Facts) -> Iterable[Block]:
    if facts.stalled:
        yield Paragraph(f"有{len(facts.stalled)}个项目超过本阶段允许的天数没有进展。")
        yield tables.stalled(facts.stalled)


def _instructions(facts: Facts) -> Iterable[Block]:
    if facts.instructions:
        yield Paragraph(f"有{len(facts.instructions)}件批示交办超期没有办结。")
        yield tables.late("超期批示交办", facts.instructions, facts.today)


def _decisions(facts: Facts) -> Iterable[Block]:
    if facts.decisions:
        yield Paragraph(f"有{len(facts.decisions)}项会议议定事项超期没有办结。")
        yield tables.late("超期议定事项", facts.decisions, facts.today)


def _slips(facts: Facts) -> Iterable[Block]:
    if facts.slips:
        red = sum(1 for one in facts.slips if one.due_on < facts.today)
        late = f"，其中{red}张已经超期" if red else "，都没有超期"
        yield Paragraph(f"没有销号的后进督办单{len(facts.slips)}张{late}。")
        yield tables.slips(facts.slips)


def _matters(facts: Facts) -> Iterable[Block]:
    sources = dict.fromkeys(one.source for one in facts.matters)
    for source in sources:
        yield SubHeading(source)
        for one in facts.matters:
            if one.source == source:
                yield Point(f"{one.title}（{one.detail}）。" if one.detail else f"{one.title}。")


def _signed(facts: Facts) -> Iterable[Block]:
    if facts.signed:
        late = sum(1 for one in facts.signed if one.due_on is not None and one.due_on < facts.today)
        nobody = sum(1 for one in facts.signed if not one.leader)
        parts = [f"已签约、没有退出的项目{len(facts.signed)}个"]
        parts += [f"节点超期的{late}个"] if late else []
        parts += [f"还没有包保领导的{nobody}个"] if nobody else []
        yield Paragraph("，".join(parts) + "。")
        yield tables.signed(facts.signed, facts.today)
        yield Paragraph(SIGNED_NOTE)


FIGURES = (("总体情况", _overview), ("任务完成进度", _progress))
RANKING, RECOGNITION = ("单位排名", _ranking), ("上报和认定", _recognition)
OPEN = (("停滞项目", _stalled), ("超期批示交办", _instructions), ("超期议定事项", _decisions), ("后进督办", _slips))
SECTIONS: dict[str, tuple[tuple[str, Callable[[Facts], Iterable[Block]]], ...]] = {
    "bulletin": (*FIGURES, RANKING, ("通报", _praise), RECOGNITION),
    "dispatch": (*FIGURES, RANKING, RECOGNITION, *OPEN),
    "briefing": (("需要决策的事项", _matters), *FIGURES, RECOGNITION, RANKING, *OPEN),
    "ranking": (
        ("总体情况", _overview),
        ("年终排队", _ranking),
        ("通报", _praise),
        ("任务完成情况", _progress),
        RECOGNITION,
    ),
    "slips": (("督办事项", _slips),),
    "signed": (("推进情况", _signed),),
}
