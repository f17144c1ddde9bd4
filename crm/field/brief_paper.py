"""A visit brief as a Word file: one enterprise, or a whole trip with its route and delegation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.money import digits, format_wan
from crm.core.scheduling import local_day
from crm.enterprises.rules import BLOCK_LABELS
from crm.field.brief_points import propose
from crm.fieldwork.rules import INTENTION_LABELS, LEADER_LABELS, TOUCH_LABELS
from crm.fieldwork.trips.rules import ROLE_LABELS, lines
from crm.matching.words import written
from crm.notices.rules import without_contact_data
from crm.pipeline.rules import STAGE_LABELS
from crm.resources.carriers.rules import KIND_LABELS as CARRIERS
from crm.resources.carriers.rules import LAND
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.word.blocks import Block, Paragraph, Point, Section, SubHeading, SubPoint, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_range, date_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from crm.field.brief_facts import FirmFacts
    from crm.fieldwork.models import FollowUp
    from crm.fieldwork.trips.models import Trip, TripStop
    from crm.matching.reading import Fitting
    from crm.news.models import Article
    from crm.resources.matching.rules import Verdict

CLIPPED = 160
NOTE = "本参考由%(who)s于%(day)s从招商管理系统生成，含企业和联系人信息，仅供出访人员内部使用，用后妥善保管。"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made the paper, and on which day."""

    name: str
    unit: str
    today: date


def of_firm(facts: FirmFacts, stop: TripStop | None, maker: Maker, fits: Fitting | None = None) -> bytes:
    """Write the brief of one enterprise."""
    sections = [Section(heading, tuple(blocks)) for heading, blocks in _parts(facts, stop, maker.today, fits)]
    properties = Properties(f"{facts.firm.name}拜访参考", maker.unit, maker.today)
    return paper(properties, sections, below=f"（{date_text(maker.today)}）", note=_note(maker))


def of_trip(trip: Trip, facts: dict[int, FirmFacts], maker: Maker, fits: Mapping[int, Fitting]) -> bytes:
    """Write the brief of a trip: route and delegation, then a section for each stop."""
    sections = [Section("行程安排", (_route(trip),)), Section("代表团", (_delegation(trip),))]
    if trip.purpose:
        sections.insert(0, Section("目的和任务", (Paragraph(trip.purpose),)))
    for stop in trip.stops:
        known = facts.get(stop.enterprise_id) if stop.enterprise_id is not None else None
        fitting = fits.get(known.firm.id) if known else None
        parts = _parts(known, stop, maker.today, fitting) if known else [("带去的项目、载体和政策", _luggage(stop))]
        blocks: list[Block] = []
        for heading, inner in parts:
            blocks += [SubHeading(heading), *inner] if inner else []
        sections.append(Section(f"{stop.called}（{_day(stop.on_day)}）", tuple(blocks)))
    days = date_range(trip.starts_on, trip.ends_on, with_year=True)
    return paper(
        Properties(_named(trip.title), maker.unit, maker.today), sections, below=f"（{days}）", note=_note(maker)
    )


def _note(maker: Maker) -> str:
    return NOTE % {"who": maker.name, "day": date_text(maker.today)}


def _route(trip: Trip) -> Table:
    rows = tuple(
        (f"{_day(stop.on_day)} {stop.at_clock}".strip(), stop.called, stop.place or "", stop.meets or "")
        for stop in trip.stops
    )
    return Table("", ("时间", "拜访对象", "地点", "拟会见"), rows, (4, 6, 4, 4))


def _delegation(trip: Trip) -> Table:
    rows = tuple(
        (member.called, member.post or "", ROLE_LABELS[member.role], LEADER_LABELS[member.level])
        for member in trip.members
    )
    return Table("", ("姓名", "职务", "职责", "层级"), rows, (3, 5, 3, 4))


def _parts(facts: FirmFacts, stop: TripStop | None, today: date, fits: Fitting | None) -> list[tuple[str, list[Block]]]:
    typed = [Point(line) for line in lines(stop.points)] if stop else []
    parts: list[tuple[str, list[Block]]] = [
        ("谈话要点", [*typed, *(Point(without_contact_data(point.text)) for point in propose(facts, today))]),
        ("带去的项目、载体和政策", _luggage(stop) if stop else []),
        ("可以推荐的载体和政策", _fits(fits) if fits else []),
        ("企业概况", _profile(facts)),
        ("对方人员", _people(facts)),
        ("榜单位次", _ranks(facts)),
        ("最新动态", _news(facts)),
        ("往来情况", _touches(facts, today)),
        ("未了承诺", _promises(facts, today)),
        ("在谈项目", _projects(facts)),
    ]
    return [(heading, blocks) for heading, blocks in parts if blocks]


def _profile(facts: FirmFacts) -> list[Block]:
    firm, score = facts.firm, facts.score
    known = (
        ("行业", firm.industry),
        ("所在地", firm.region),
        ("注册资本", format_wan(firm.registered_capital) if firm.registered_capital else None),
        ("营业收入", format_wan(firm.revenue) if firm.revenue else None),
        ("投资计划", format_wan(firm.investment_plan) if firm.investment_plan else None),
        ("上市代码", firm.stock_codes),
        ("系统评分", f"{score.points}分（{score.grade}级）" if score else None),
    )
    told = "；".join(f"{label}：{value}" for label, value in known if value)
    blocks: list[Block] = [Paragraph(firm.profile)] if firm.profile else []
    blocks += [Paragraph(f"{told}。")] if told else []
    for entry in facts.entries:
        source = f"（{entry.source}，{date_text(entry.as_of)}）"
        blocks.append(Paragraph(f"{BLOCK_LABELS[entry.block]}：{_clipped(entry.body)}{source}"))
    return blocks


def _ranks(facts: FirmFacts) -> list[Block]:
    return [
        Paragraph(
            f"{one.name}："
            + "，".join(f"{year}年{f'第{rank}位' if rank else '入榜'}" for year, rank in one.places)
            + "。"
        )
        for one in facts.ranks
    ]


def _news(facts: FirmFacts) -> list[Block]:
    told = {row.article_id for row in facts.signals}
    blocks: list[Block] = [
        Point(f"【{_kind(row.kind)}】{_clipped(row.quote)}（{_source(row.article)}，{_when(row.happened_at)}）")
        for row in facts.signals
    ]
    blocks += [
        Point(f"{row.title}（{_source(row)}，{_when(row.published_at or row.recorded_at)}）")
        for row in facts.news
        if row.id not in told
    ]
    return blocks


def _touches(facts: FirmFacts, today: date) -> list[Block]:
    rows = tuple(
        (
            _short(local_day(row.occurred_at), today),
            TOUCH_LABELS[row.kind],
            row.author.name,
            _clipped(row.summary),
            INTENTION_LABELS[row.intention],
        )
        for row in facts.touches
    )
    return [Table("", ("日期", "方式", "我方", "谈了什么", "意向"), rows, (4, 3, 3, 11, 3))] if rows else []


def _promises(facts: FirmFacts, today: date) -> list[Block]:
    return [
        Point(f"{without_contact_data(row.title)}（{row.owner.name}，{_until(row, today)}）") for row in facts.promises
    ]


def _until(row: FollowUp, today: date) -> str:
    return _short(row.due_on, today) if row.due_on else "未定期限"


def _projects(facts: FirmFacts) -> list[Block]:
    rows = tuple(
        (
            row.name,
            STAGE_LABELS[row.stage],
            format_wan(row.total_investment) if row.total_investment else "",
            row.owner.name if row.owner else "",
        )
        for row in facts.projects
        if row.exit_kind is None
    )
    return [Table("", ("项目", "阶段", "总投资", "负责人"), rows, (8, 4, 4, 3))] if rows else []


def _people(facts: FirmFacts) -> list[Block]:
    """Names and posts only: numbers and addresses stay in the register, where each look is on record."""
    return [
        Point(f"{row.name}{f'，{row.post}' if row.post else ''}{'（本人要求不再联系）' if row.do_not_contact else ''}")
        for row in facts.people
    ]


def _luggage(stop: TripStop) -> list[Block]:
    blocks: list[Block] = []
    for label, text in (("项目、专案", stop.proposals), ("载体、地块", stop.sites), ("政策", stop.policies)):
        rows = lines(text)
        if rows:
            blocks += [Point(f"{label}："), *(SubPoint(row) for row in rows)]
    return blocks


def _fits(found: Fitting) -> list[Block]:
    """Carriers and clauses that fit the open project, with the reasons of the page 匹配."""
    blocks: list[Block] = []
    for one in found.places.best:
        unit = "亩" if one.kind in LAND else "平方米"
        named = f"{one.name}（{one.code}），{CARRIERS[one.kind]}，可供{digits(one.free)}{unit}，{one.verdict.points}分"
        blocks += [Point(named), *_reasons(one.verdict)]
    for fit in found.clauses.best:
        named = f"{fit.version.title}（{fit.version.document_no}）{fit.clause.number}"
        blocks += [Point(named), *_reasons(fit.verdict)]
    return [Paragraph(f"按项目“{found.project.name}”匹配。"), *blocks] if blocks else []


def _reasons(verdict: Verdict) -> list[Block]:
    return [SubPoint(f"{written(one)}（{one.points:+d}）") for one in verdict.reasons]


def _kind(kind: str) -> str:
    return KIND_LABELS.get(SignalKind(kind), kind)


def _source(article: Article) -> str:
    return article.publisher or article.source.name


def _when(at: datetime) -> str:
    return date_text(local_day(at))


def _short(day: date, today: date) -> str:
    """Write a day without its year when it is this one."""
    return _day(day) if day.year == today.year else date_text(day)


def _named(title: str) -> str:
    return f"{title}拜访参考" if not title.endswith("企业") else f"{title}参考"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _clipped(text: str) -> str:
    plain = " ".join(without_contact_data(text).split())
    return plain if len(plain) <= CLIPPED else f"{plain[: CLIPPED - 1]}…"


def file_name(words: Sequence[str] | Iterable[str]) -> str:
    """Make a file name that every system takes."""
    return "".join(char for char in "".join(words) if char not in '\\/:*?"<>|')[:80] + ".docx"
