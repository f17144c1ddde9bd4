"""Field work of the demonstration: visits, receptions, inspections, and the promises made in them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Role
from crm.cli.demodata.desk import phrases
from crm.cli.demodata.office import KEEPERS, PEOPLE
from crm.fieldwork import followups
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import FollowUpDraft, Intention, LeaderLevel, TouchDraft, TouchKind, TouchTarget
from crm.pipeline import touches

if TYPE_CHECKING:
    from datetime import date, datetime

    from crm.cli.demodata.desk import Desk, Diary
    from crm.fieldwork.models import Touch

DAYS = 90
RECENT = 8
STEADY, STEADY_UNTIL = 13, 18
LATELY = (14, 11, 8, 4, 2)
PROMISED = 0.62
KEPT = 0.93
LATEST = 25
DEEP, LATE = "deep", "late"
MIX = (
    *(TouchKind.VISIT,) * 13,
    *(TouchKind.RECEPTION,) * 3,
    TouchKind.CALL,
    TouchKind.WECHAT,
    TouchKind.NEGOTIATION,
)
MOODS = (Intention.WATCHING, Intention.INTERESTED, Intention.INTERESTED, Intention.STRONG, Intention.UNKNOWN)
GUESTS = frozenset({TouchKind.RECEPTION, TouchKind.INSPECTION})
TEXTS = phrases()


def words(desk: Desk, section: str, short: str, number: int | None = None) -> str:
    """Choose a sentence of a section and put the enterprise's own words and a number in."""
    firm = desk.firms[short]
    return desk.random.choice(TEXTS[section]).format(
        f=firm.short,
        c=desk.contacts[short][0].name,
        p=firm.product,
        r=firm.region,
        n=number or desk.random.randint(11, 96),
        y=desk.today.year,
    )


def _section(desk: Desk, section: str, short: str) -> str:
    """Choose the sentences that fit how far the enterprise's project has come (deep: negotiating, late: signed)."""
    fitting = f"{section}_{desk.phases.get(short, '')}"
    return fitting if fitting in TEXTS else section


def log(
    desk: Desk,
    diary: Diary,
    username: str,
    short: str,
    kind: TouchKind,
    now: datetime,
    *,
    project_id: int | None = None,
) -> Touch:
    """Log a touch as the person would on the day itself, and plan when its promise is kept."""
    guests = desk.random.randint(3, 9) if kind in GUESTS else None
    day = now.date()
    promise = words(desk, _section(desk, "next", short), short) if desk.random.random() < PROMISED else ""
    known = [contact.id for contact in desk.contacts[short]] if desk.keepers[short] == username else []
    draft = TouchDraft(
        kind=kind,
        occurred_at=now - timedelta(minutes=40),
        summary=words(desk, _section(desk, kind.value, short), short, guests),
        next_step=promise,
        next_due=_due(desk, day) if promise else None,
        people=f"{desk.firms[short].short}{desk.contacts[short][0].name}",
        contact_ids=tuple(known[: desk.random.randint(1, 2)]),
        intention=desk.random.choice(MOODS),
        place="县展示厅" if guests else words(desk, "place", short),
        leader_level=_level(desk, kind),
        headcount=guests,
        report=words(desk, "report", short, guests) if kind is TouchKind.INSPECTION else None,
    )
    target = TouchTarget(desk.enterprises[short].id, f"demo-{desk.number()}", project_id=project_id)
    touch = touches.log(desk.session, desk.actor(username), draft, target, now=now, today=day)
    if draft.next_due is not None:
        _plan_keeping(desk, diary, username, touch.id, day, draft.next_due)
    return touch


def plan_visits(desk: Desk, diary: Diary) -> None:
    """Spread the standalone visits of everybody who goes out over three months, up to yesterday."""
    firms = list(desk.firms)
    for username, _name, _title, _unit, role in PEOPLE:
        if role not in {Role.OFFICER, Role.TEAM_LEAD}:
            continue
        own = [short for short in firms if desk.keepers[short] == username] or firms
        near = [short for short in firms if username in KEEPERS[desk.firms[short].industry]] or own
        ages = [*range(DAYS, STEADY_UNTIL, -STEADY), *LATELY]
        for turn, age in enumerate(ages):
            short = desk.random.choice(near if turn % 3 else own)
            at = desk.at(age - desk.random.randint(0, 2), desk.random.randint(9, 17), desk.random.randint(0, 11) * 5)
            diary.write(at, partial(_visit, desk, diary, username, short, desk.random.choice(MIX)))


def _visit(desk: Desk, diary: Diary, username: str, short: str, kind: TouchKind, now: datetime) -> None:
    at_work = desk.phases.get(short) == LATE
    log(desk, diary, username, short, TouchKind.VISIT if at_work else kind, now)


def plan_promises(desk: Desk, diary: Diary) -> None:
    """Give everybody who goes out something for today and the coming days, and every second one something late."""
    titles = ("整理本周走访情况报招商办", "更新企业需求清单", "准备下周考察接待方案", "核对项目用地红线")
    for turn, (username, *_rest, role) in enumerate(PEOPLE):
        if role not in {Role.OFFICER, Role.TEAM_LEAD, Role.REGISTRAR}:
            continue
        at = desk.at(4, 17, 10)
        for step, ahead in enumerate((0, 2 + turn % 4, -1)[: 3 - turn % 2]):
            draft = FollowUpDraft(titles[(turn + step) % len(titles)], desk.today + timedelta(days=ahead))
            diary.write(at, partial(_promise, desk, username, draft))


def _promise(desk: Desk, username: str, draft: FollowUpDraft, now: datetime) -> None:
    followups.add_follow_up(desk.session, desk.actor(username), draft, now=now, today=now.date())


def _level(desk: Desk, kind: TouchKind) -> LeaderLevel:
    if kind is TouchKind.INSPECTION:
        return desk.random.choice((LeaderLevel.DEPARTMENT, LeaderLevel.COUNTY))
    return desk.random.choice((LeaderLevel.STAFF, LeaderLevel.STAFF, LeaderLevel.TEAM, LeaderLevel.DEPARTMENT))


def _due(desk: Desk, day: date) -> date:
    """A deadline some days after the visit; those of the last days gather around today."""
    if (desk.today - day).days <= RECENT:
        return max(day, desk.today + timedelta(days=desk.random.choice((-2, -1, 0, 0, 1, 3, 5, 9))))
    return day + timedelta(days=desk.random.choice((3, 5, 7, 10)))


def _plan_keeping(desk: Desk, diary: Diary, username: str, touch_id: int, day: date, due: date) -> None:
    old = (desk.today - due).days > LATEST
    if due < desk.today and (old or desk.random.random() < KEPT):
        late = desk.random.choice((0, 0, 0, 2))
        diary.write(desk.instant(max(day, due) + timedelta(days=late), 18), partial(_keep, desk, username, touch_id))


def _keep(desk: Desk, username: str, touch_id: int, now: datetime) -> None:
    found = desk.session.scalars(select(FollowUp.id).where(FollowUp.touch_id == touch_id)).one()
    followups.complete_follow_up(desk.session, desk.actor(username), found, now=now, note="已办")
