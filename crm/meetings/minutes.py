"""The minutes of a meeting as a Word file (会议纪要), made of what its reader may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.meetings import queries
from crm.meetings.rules import DECISION_LABELS, MEETING_LABELS, SOURCE_LABELS, Presence, days_late
from crm.word.blocks import Block, Paragraph, Point, Section, SubHeading, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.meetings.models import AgendaItem, Meeting, MeetingPerson
    from crm.meetings.queries import Decided

PLACES: dict[Presence, str] = {Presence.PRESENT: "出席", Presence.LEAVE: "请假", Presence.ABSENT: "缺席"}
COLUMNS = ("编号", "议定事项", "承办", "期限", "情况")
WIDTHS = (4, 9, 5, 4, 4)


def minutes_file(session: Session, actor: Actor, meeting: Meeting, today: date) -> bytes:
    """Return the minutes as .docx; what names a project kept from the reader is not in it."""
    people = queries.people(session, meeting.id)
    items = queries.items(session, actor, meeting.id)
    decided = queries.decided(session, actor, meeting.id)
    open_ones = queries.open_before(session, actor, meeting)
    sections = [
        Section("会议基本情况", tuple(_facts(meeting, people))),
        Section("议题和讨论情况", tuple(_discussion(meeting, items))),
        Section("议定事项", tuple(_decisions(decided, today))),
    ]
    if open_ones:
        sections.append(Section("以前议定、还没办结的事项", (_table("", open_ones, today),)))
    number = queries.meeting_number(meeting)
    below = " ".join(filter(None, (number, date_text(meeting.held_on))))
    title = f"{meeting.title}纪要"
    return paper(Properties(title, meeting.unit.name, meeting.held_on), sections, below=below)


def file_name(meeting: Meeting) -> str:
    """Name under which the file is saved."""
    return f"{meeting.title}纪要{meeting.held_on.isoformat()}.docx"


def _facts(meeting: Meeting, people: Sequence[tuple[MeetingPerson, str, str | None]]) -> list[Block]:
    lines = [f"时间：{date_text(meeting.held_on)} {meeting.starts_at}", f"类型：{MEETING_LABELS[meeting.kind]}"]
    if meeting.place:
        lines.append(f"地点：{meeting.place}")
    if meeting.chair is not None:
        lines.append(f"主持：{meeting.chair.name}")
    for presence, label in PLACES.items():
        names = [name for row, name, _title in people if row.presence is presence]
        if names:
            lines.append(f"{label}：{'、'.join(names)}")
    if meeting.guests:
        lines.append(f"列席：{'、'.join(filter(None, map(str.strip, meeting.guests.splitlines())))}")
    return [Paragraph("\n".join(lines))]


def _discussion(meeting: Meeting, items: Sequence[AgendaItem]) -> list[Block]:
    found: list[Block] = [Paragraph(meeting.minutes)] if meeting.minutes else []
    source = None
    for item in items:
        if item.source is not source:
            source = item.source
            found.append(SubHeading(SOURCE_LABELS[source]))
        detail = f"（{item.detail}）" if item.detail else ""
        found.append(Point(f"{item.title}{detail}" + (f"\n{item.note}" if item.note else "")))
    return found


def _decisions(decided: Sequence[Decided], today: date) -> list[Block]:
    return [_table("", decided, today)] if decided else []


def _table(title: str, decided: Sequence[Decided], today: date) -> Table:
    rows = tuple(
        (one.number, one.row.text, f"{one.unit} {one.owner}", date_text(one.row.due_on), _state(one, today))
        for one in decided
    )
    return Table(title, COLUMNS, rows, WIDTHS)


def _state(one: Decided, today: date) -> str:
    late = days_late(one.row.due_on, today)
    if one.row.closed_at is None and late:
        return f"超期{late}天"
    return DECISION_LABELS[one.row.state]
