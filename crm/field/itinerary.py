"""The itinerary of a reception as a Word file and as a calendar file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icalendar import Calendar, Event

from crm.core.scheduling import SHANGHAI
from crm.fieldwork.receptions.rules import KIND_LABELS, ROLE_LABELS, SLOT_LABELS, Side, party
from crm.fieldwork.rules import LEADER_LABELS
from crm.notices.rules import without_contact_data
from crm.word.blocks import Block, Paragraph, Point, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_range, date_text

if TYPE_CHECKING:
    from datetime import date, datetime

    from crm.field.brief_paper import Maker
    from crm.fieldwork.receptions.models import Reception, ReceptionPerson

PRODUCT = "-//Yinfeng//Receptions//ZH"


def docx(row: Reception, maker: Maker) -> bytes:
    """Write the itinerary: what it is about, visitors by role, hosts, and the days by the half hour."""
    sections = [Section("接待安排", tuple(_about(row)))]
    guests = [one for one in row.people if one.side is Side.VISITOR]
    hosts = [one for one in row.people if one.side is Side.HOST]
    if guests:
        counted = "、".join(f"{label}{count}人" for label, count in party([(one.role, one.heads) for one in guests]))
        blocks: tuple[Block, ...] = (Paragraph(f"共{sum(one.heads for one in guests)}人：{counted}。"), _people(guests))
        sections.append(Section("来访人员", blocks))
    if hosts:
        sections.append(Section("接待人员", (_people(hosts),)))
    days = sorted({_local(slot.starts_at).date() for slot in row.slots})
    sections += [Section(f"{date_text(day)}行程", (_day(row, day),)) for day in days]
    if row.feedback:
        sections.append(Section("对方反馈", (Paragraph(row.feedback),)))
    start, end = _local(row.starts_at).date(), _local(row.ends_at).date()
    title = f"{row.enterprise.name}{KIND_LABELS[row.kind]}接待方案"
    note = f"由{maker.name}于{date_text(maker.today)}从招商管理系统生成，内部使用。"
    below = f"（{date_range(start, end, with_year=True)}）"
    return paper(Properties(title, maker.unit, maker.today), sections, below=below, note=note)


def _about(row: Reception) -> list[Block]:
    known = (
        ("事由", row.title),
        ("来访企业", row.enterprise.name),
        ("时间", f"{_stamp(row.starts_at)}至{_until(row)}"),
        ("地点", row.place),
        ("承办单位", row.unit.name),
        ("接待规格", LEADER_LABELS[row.leader_level]),
    )
    blocks: list[Block] = [Point(f"{label}：{value}") for label, value in known if value]
    return [*blocks, *([Paragraph(row.purpose)] if row.purpose else [])]


def _people(rows: list[ReceptionPerson]) -> Table:
    cells = tuple((one.called or f"{one.heads}人", one.title, ROLE_LABELS[one.role]) for one in rows)
    return Table("", ("姓名", "职务", "角色"), cells, (4, 6, 4))


def _day(row: Reception, day: date) -> Table:
    cells = tuple(
        (
            f"{_local(slot.starts_at):%H:%M}—{_local(slot.ends_at):%H:%M}",
            slot.title,
            SLOT_LABELS[slot.kind],
            slot.place or "",
            slot.keeper,
        )
        for slot in row.slots
        if _local(slot.starts_at).date() == day
    )
    return Table("", ("时间", "内容", "类别", "地点", "责任人"), cells, (5, 8, 3, 6, 4))


def ics(row: Reception, host: str) -> bytes:
    """Write the itinerary as a calendar: an event for each item, or one for the whole when there is none."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = without_contact_data(f"{row.enterprise.name}：{row.title}")
    calendar.add("x-wr-calname", " ".join(name.split()))  # the library does not escape names of its own
    items = [
        (f"slot-{slot.id}", slot.title, slot.starts_at, slot.ends_at, slot.place, slot.keeper) for slot in row.slots
    ] or [(f"whole-{row.id}", row.title, row.starts_at, row.ends_at, row.place, "")]
    for key, title, start, end, place, keeper in items:
        event = Event()
        event.add("uid", f"reception-{row.id}-{key}@{host}")
        event.add("summary", without_contact_data(title))
        event.add("dtstart", start)
        event.add("dtend", end)
        event.add("dtstamp", row.updated_at)
        event.add("sequence", row.version)
        if place:
            event.add("location", without_contact_data(place))
        event.add(
            "description",
            "\n".join(filter(None, (row.enterprise.name, f"责任人：{without_contact_data(keeper)}" if keeper else ""))),
        )
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


def _until(row: Reception) -> str:
    same = _local(row.starts_at).date() == _local(row.ends_at).date()
    return f"{_local(row.ends_at):%H:%M}" if same else _stamp(row.ends_at)


def _stamp(at: datetime) -> str:
    local = _local(at)
    return f"{local.month}月{local.day}日{local:%H:%M}"
