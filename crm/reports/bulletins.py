"""Numbered bulletins of a campaign (《活动简报》第N期): built from the figures of a day, edited, issued, then fixed.

Figures are frozen together with the rows they count. Rows of a project that became confidential since are shown to
nobody who may not know of it; the sums stay as they were issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.assessment import queries as assessment
from crm.assessment.facts import READ, Window
from crm.assessment.items import milestones
from crm.assessment.measures import MEASURES
from crm.assessment.models import Campaign, CampaignBulletin
from crm.assessment.rules import BulletinKind, elapsed
from crm.assessment.standings import standing
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.fieldwork.secrecy import hidden_from
from crm.reports import bulletin_file, bulletin_words
from crm.reports.bulletin_figures import counted
from crm.reports.bulletin_paper import first_title, first_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "campaign_bulletin"
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
ABSENT = Problem("bulletin.absent", "没有这期简报。")
ISSUED = Problem("bulletin.issued", "这期简报已印发，不能再改；更正请写进下一期。")
CHANGED = Problem("bulletin.changed", "您打开之后有人改过这期简报。您填的内容还在下面，请核对后再保存。")
NOT_BEGUN = Problem("bulletin.not_begun", "会战还没开始，不能编简报。", "as_of")
FUTURE = Problem("bulletin.future", "数据日期不能晚于今天。", "as_of")
NOT_OVER = Problem("bulletin.not_over", "会战结束之后才能编收官通报，数据要截至结束日或以后。", "as_of")
CLOSED = Problem("bulletin.closed", "这场会战已经有收官通报了，请在原来那一期上改。")
OPEN_DRAFT = Problem("bulletin.open", "上一期草稿还没印发，请先印发或在它上面改。")
LONGEST, TITLE, MOST = 20_000, 200, 400


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One frozen row behind a figure."""

    unit: str
    enterprise_id: int
    enterprise: str
    project_id: int | None
    project: str | None
    day: str


def of_campaign(session: Session, actor: Actor, campaign_id: int) -> list[CampaignBulletin]:
    """Return the bulletins of a campaign, the newest first; drafts only for who builds or issues them."""
    statement = select(CampaignBulletin).where(CampaignBulletin.campaign_id == campaign_id)
    if not _edits(actor):
        statement = statement.where(CampaignBulletin.number.is_not(None))
    return list(session.scalars(statement.order_by(CampaignBulletin.id.desc()).limit(MOST)))


def get(session: Session, actor: Actor, bulletin_id: int, *, lock: bool = False) -> CampaignBulletin:
    """Return a bulletin; a draft only for who builds or issues them."""
    statement = select(CampaignBulletin).where(CampaignBulletin.id == bulletin_id)
    if lock:
        statement = statement.with_for_update(of=CampaignBulletin).execution_options(populate_existing=True)
    found = session.scalar(statement.options(joinedload(CampaignBulletin.campaign)))
    hidden = found is not None and found.number is None and not _edits(actor)
    if found is None or hidden:
        raise NotFoundError(ABSENT)
    return found


def build(
    session: Session,
    actor: Actor,
    campaign_id: int,
    as_of: date,
    *,
    now: datetime,
    today: date,
    kind: BulletinKind = BulletinKind.BULLETIN,
) -> CampaignBulletin:
    """Draft the next bulletin of a campaign with the figures of a day, or the one report that closes it."""
    _demand(actor, Permission.REPORT_BUILD)
    campaign = assessment.campaign(session, campaign_id)
    problems = _day_problems(campaign, as_of, today)
    if kind is BulletinKind.CLOSING:
        problems += _closing_problems(session, campaign, as_of)
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    draft = select(CampaignBulletin.id).where(
        CampaignBulletin.campaign_id == campaign.id, CampaignBulletin.number.is_(None)
    )
    if session.scalar(draft.limit(1)) is not None:
        problems.append(OPEN_DRAFT)
    if problems:
        raise DomainError(*problems)
    row = CampaignBulletin(campaign_id=campaign.id, campaign=campaign, kind=kind, built_by=actor.user_id, built_at=now)
    _fill(session, row, as_of, now)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "bulletin.build", (SUBJECT, row.id), now=now, as_of=as_of.isoformat())
    return row


def rebuild(
    session: Session, actor: Actor, bulletin_id: int, as_of: date, *, now: datetime, today: date
) -> CampaignBulletin:
    """Count a draft anew as of a day; the words start again from the figures."""
    row = _draft(session, actor, bulletin_id)
    problems = _day_problems(row.campaign, as_of, today)
    if row.kind is BulletinKind.CLOSING and as_of < row.campaign.end_on:
        problems.append(NOT_OVER)
    if problems:
        raise DomainError(*problems)
    _fill(session, row, as_of, now)
    row.built_by, row.built_at = actor.user_id, now
    session.flush()
    audit.record(session, actor.user_id, "bulletin.rebuild", (SUBJECT, row.id), now=now, as_of=as_of.isoformat())
    return row


def edit(
    session: Session, actor: Actor, bulletin_id: int, title: str, body: str, *, version: int, now: datetime
) -> CampaignBulletin:
    """Put a person's words in place; only before it is issued."""
    row = _draft(session, actor, bulletin_id)
    if bulletin_words.hidden(session, actor, row):
        raise ConflictError(bulletin_words.SECRET)
    if row.version != version:
        raise ConflictError(CHANGED)
    problems = [] if title.strip() else [Problem("bulletin.title", "请填写标题。", "title")]
    if not body.strip():
        problems.append(Problem("bulletin.body", "请写正文。", "body"))
    if problems:
        raise DomainError(*problems)
    before = [row.title, row.body]
    row.title, row.body = title.strip()[:TITLE], body.replace("\r\n", "\n").strip()[:LONGEST]
    bulletin_words.sign(row, actor)
    session.flush()
    audit.record(
        session, actor.user_id, "bulletin.edit", (SUBJECT, row.id), now=now, before=before, after=[row.title, row.body]
    )
    return row


def issue(session: Session, actor: Actor, bulletin_id: int, *, version: int, now: datetime) -> CampaignBulletin:
    """Give a bulletin the next number of its campaign and fix it; who built it or wrote its words may not."""
    _demand(actor, Permission.REPORT_FREEZE)
    row = get(session, actor, bulletin_id, lock=True)
    if row.number is not None:
        raise ConflictError(ISSUED)
    if row.version != version:
        raise ConflictError(CHANGED)
    bulletin_words.check(session, actor, row)
    session.execute(select(Campaign.id).where(Campaign.id == row.campaign_id).with_for_update())
    counted = select(func.max(CampaignBulletin.number)).where(CampaignBulletin.campaign_id == row.campaign_id)
    row.number = (session.scalar(counted) or 0) + 1
    row.issued_by, row.issued_at = actor.user_id, now
    bulletin_file.freeze(session, row)
    session.flush()
    audit.record(session, actor.user_id, "bulletin.issue", (SUBJECT, row.id), now=now, number=row.number)
    return row


def rows(
    session: Session, actor: Actor, bulletin: CampaignBulletin, key: str, unit_id: int | None = None
) -> list[KeptRow]:
    """Return the frozen rows behind a figure: of units the person reads, without projects kept from the person."""
    kept = next((one for one in bulletin.figures["metrics"] if one["key"] == key), None)
    if kept is None:
        raise NotFoundError(ABSENT)
    scope = actor.scope(READ[MEASURES[measure_of(kept)].kind])
    held = kept["rows"]
    projects = {one["project_id"] for one in held if one["project_id"] is not None}
    hidden: set[int] = set()
    if projects:
        hidden = set(session.scalars(hidden_from(actor))) & projects
    return [
        KeptRow(*(one[name] for name in ("unit", "enterprise_id", "enterprise", "project_id", "project", "day")))
        for one in held
        if (scope is None or one["unit_id"] in scope)
        and one["project_id"] not in hidden
        and unit_id in {None, one["unit_id"]}
    ]


def measure_of(figure: Mapping[str, Any]) -> str:
    """Key of the measure a frozen figure counts; the oldest ones kept it as their own key."""
    return str(figure.get("metric", figure["key"]))


def _edits(actor: Actor) -> bool:
    return actor.may(Permission.REPORT_BUILD) or actor.may(Permission.REPORT_FREEZE)


def _demand(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def _draft(session: Session, actor: Actor, bulletin_id: int) -> CampaignBulletin:
    _demand(actor, Permission.REPORT_BUILD)
    row = get(session, actor, bulletin_id, lock=True)
    if row.number is not None:
        raise ConflictError(ISSUED)
    return row


def _day_problems(campaign: Campaign, as_of: date, today: date) -> list[Problem]:
    if as_of > today:
        return [FUTURE]
    return [NOT_BEGUN] if as_of < campaign.start_on else []


def _closing_problems(session: Session, campaign: Campaign, as_of: date) -> list[Problem]:
    held = select(CampaignBulletin.id).where(
        CampaignBulletin.campaign_id == campaign.id, CampaignBulletin.kind == BulletinKind.CLOSING
    )
    problems = [] if session.scalar(held) is None else [CLOSED]
    return [*problems, NOT_OVER] if as_of < campaign.end_on else problems


def closable(session: Session, actor: Actor, campaign: Campaign, today: date) -> bool:
    """Whether the person may draft the report that closes the campaign now."""
    return actor.may(Permission.REPORT_BUILD) and not _closing_problems(session, campaign, today)


def _fill(session: Session, row: CampaignBulletin, as_of: date, now: datetime) -> None:
    campaign = row.campaign
    end = min(campaign.end_on, as_of)
    window = Window(campaign.start_on, end, now)
    goals = assessment.tasks(session, campaign.id)
    items = assessment.items(session, campaign.id)
    done = assessment.matrix(session, window, items)
    unit_ids = sorted({unit_id for unit_id, _metric in (*goals, *done)})
    units = [(unit.id, unit.name) for unit in assessment.units_by_id(session, unit_ids)]
    spent = elapsed(campaign.start_on, campaign.end_on, as_of, milestones(assessment.phases(session, campaign.id)))
    stands = standing(units, done, goals, spent, [item.key for item in items])
    row.as_of = as_of
    row.figures = counted(session, window, stands, items)
    closing = row.kind is BulletinKind.CLOSING
    row.title = first_title(campaign.name, closing=closing)[:TITLE]
    row.body = first_words(campaign.name, as_of, row.figures, stands, closing=closing)
