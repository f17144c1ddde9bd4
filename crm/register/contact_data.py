"""Everything held about a person, in plain Chinese: what somebody may ask for under 个人信息保护法 (查阅、复制)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.auth import queries as people
from crm.core import audit, changes
from crm.core.changes import FieldChange
from crm.core.errors import DomainError
from crm.enterprises import contact_privacy, contact_queries
from crm.enterprises.contact_words import CONTACT_LABELS, plain
from crm.enterprises.contacts import FIELDS
from crm.enterprises.indexing import CONTACT
from crm.enterprises.rules import CLOSENESS
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.events.models import Event, EventGuest
from crm.fieldwork.events.rules import GUEST_LABELS
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.receptions.models import Reception, ReceptionPerson
from crm.fieldwork.receptions.rules import ROLE_LABELS
from crm.fieldwork.rules import TOUCH_LABELS
from crm.register import mentions, traces
from crm.register.erasure import ALREADY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact

ACTION = "contact.export"
MOST_LOOKS = 1000
MARKS = {"*created": "新增", "*merged": "合并", "*unmerged": "撤销合并", "*moved": "换单位"}


def export_contact(session: Session, actor: Actor, contact_id: int, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return everything held about a person, numbers in full; the export is on record.

    Raises:
        ForbiddenError: the actor may not hand out data of this unit.
        DomainError: the person was erased.

    """
    row = contact_privacy.erasable(session, actor, contact_id)
    if row.erased_at is not None:
        raise DomainError(ALREADY)
    rows = contact_privacy.one_person(session, row.id)
    ids, words = [one.id for one in rows], traces.words_of(session, rows)
    clock = _Clock(zone)
    data = {
        "说明": "本文件是招商管理系统中关于此人的全部个人信息。",
        "导出时间": clock(now),
        "导出人": actor.name,
        "登记": _records(session, rows, clock),
        "任职经历": [post for one in rows for post in _posts(session, one, clock)],
        "本单位认识此人的同事": [known for one in rows for known in _knowers(session, one, clock)],
        "往来记录": _touches(session, ids, clock),
        "接待名单": _receptions(session, ids, clock),
        "活动邀请": _events(session, ids),
        "修改历史": _history(session, ids, clock),
        "查看和导出记录": [look for one in ids for look in _looks(session, one, clock)],
        "导入的原始行": [
            {"批次": line.run_id, "行": line.line, "单元格": line.cells}
            for line, _sure in traces.lines_of(session, ids, words)
        ],
        "可能提到此人的文字": [
            {"类别": one.label, "位置": one.href} for one in mentions.find(session, ids, words)
        ],
    }  # fmt: skip
    for one in rows:
        detail = {"enterprise_id": one.enterprise_id}
        audit.record(session, actor.user_id or None, ACTION, (CONTACT, one.id), now=now, **detail)
    return data


class _Clock:
    """Writes instants on the office's clock."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def __call__(self, at: datetime | None) -> str:
        """Write an instant; blank for none."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" if at else ""


def _records(session: Session, rows: Sequence[Contact], clock: _Clock) -> list[dict[str, Any]]:
    units = people.unit_names(session, [row.unit_id for row in rows])
    names = people.names(session, [row.created_by for row in rows])
    return [
        {
            "编号": row.id,
            **{CONTACT_LABELS[field]: plain(field, getattr(row, field)) for field in FIELDS},
            "所在企业": row.enterprise.name,
            "登记单位": units.get(row.unit_id, ""),
            "登记人": names.get(row.created_by, ""),
            "登记时间": clock(row.created_at),
            "最后修改": clock(row.updated_at),
            "归档时间": clock(row.archived_at),
            "已并入的编号": row.merged_into_id or "",
        }
        for row in rows
    ]


def _posts(session: Session, row: Contact, clock: _Clock) -> list[dict[str, str]]:
    return [
        {
            "企业": post.enterprise.name,
            "职务": post.post or "",
            "开始": plain("since", post.since),
            "结束": plain("until", post.until),
            "来源": post.source or "",
            "登记时间": clock(post.created_at),
        }
        for post in contact_queries.posts(session, row.id)
    ]


def _knowers(session: Session, row: Contact, clock: _Clock) -> list[dict[str, str]]:
    return [
        {
            "同事": name,
            "熟悉程度": CLOSENESS.get(known.closeness, known.closeness),
            "备注": known.note or "",
            "登记时间": clock(known.created_at),
        }
        for known, name in contact_queries.knowers(session, row.id)
    ]


def _touches(session: Session, ids: Sequence[int], clock: _Clock) -> list[dict[str, str]]:
    named = select(TouchContact.touch_id).where(TouchContact.contact_id.in_(ids))
    statement = (
        select(Touch)
        .where(Touch.id.in_(named), fieldwork.counted())
        .options(joinedload(Touch.enterprise), joinedload(Touch.unit), joinedload(Touch.author))
        .order_by(Touch.occurred_at, Touch.id)
    )
    return [
        {
            "时间": clock(row.occurred_at),
            "方式": TOUCH_LABELS[row.kind],
            "企业": row.enterprise.name,
            "单位": row.unit.name,
            "记录人": row.author.name,
            "见了谁": row.people or "",
            "地点": row.place or "",
            "谈了什么": row.summary,
        }
        for row in session.scalars(statement)
    ]


def _receptions(session: Session, ids: Sequence[int], clock: _Clock) -> list[dict[str, str]]:
    statement = (
        select(ReceptionPerson, Reception)
        .join(Reception, Reception.id == ReceptionPerson.reception_id)
        .where(ReceptionPerson.contact_id.in_(ids))
        .order_by(Reception.starts_at, Reception.id)
    )
    return [
        {
            "时间": clock(row.starts_at),
            "事由": row.title,
            "角色": ROLE_LABELS[person.role],
            "职务": person.post or "",
        }
        for person, row in session.execute(statement)
    ]


def _events(session: Session, ids: Sequence[int]) -> list[dict[str, str]]:
    statement = (
        select(EventGuest, Event)
        .join(Event, Event.id == EventGuest.event_id)
        .where(EventGuest.contact_id.in_(ids))
        .order_by(Event.start_on, Event.id)
    )
    return [
        {"日期": event.start_on.isoformat(), "活动": event.name, "情况": GUEST_LABELS[guest.state]}
        for guest, event in session.execute(statement)
    ]


def _history(session: Session, ids: Sequence[int], clock: _Clock) -> list[dict[str, str]]:
    statement = select(FieldChange).where(FieldChange.kind == CONTACT, FieldChange.ref_id.in_(ids))
    rows = list(session.scalars(statement.order_by(FieldChange.id)))
    names = people.names(session, [row.by for row in rows if row.by])
    return [
        {
            "时间": clock(row.at),
            "谁": names.get(row.by or 0, "系统"),
            "内容": CONTACT_LABELS.get(row.field) or MARKS.get(row.field, "其他资料"),
            "原值": plain(row.field, changes.opened(row.field, row.before)),
            "新值": plain(row.field, changes.opened(row.field, row.after)),
        }
        for row in rows
    ]


def _looks(session: Session, contact_id: int, clock: _Clock) -> list[dict[str, str]]:
    return [
        {
            "时间": clock(event.at),
            "谁": name or "系统",
            "做了什么": "导出全部个人信息" if event.action == ACTION else "查看电话和邮箱",
            "事由": str(event.detail.get("reason", "")),
        }
        for event, name in contact_queries.looks(session, contact_id, MOST_LOOKS)
    ]
