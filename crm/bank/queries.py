"""Reads of the project bank: the list, one project with its steps, what may be chosen, the year's progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, type_coerce

from crm.auth.models import User
from crm.auth.rules import Permission
from crm.bank.models import BankProject, BankProjectCarrier, BankStep
from crm.bank.rules import COUNTED, ZERO, BankState, Goal, Progress, share_of_year
from crm.core import options
from crm.core.audit import AuditEvent
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.text import fold
from crm.core.types import Wan
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.resources.carriers.models import Carrier
from crm.resources.chains.models import IndustryChain, IndustryNode

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MISSING = Problem("bank.missing", "没有这个策划项目，或者还没有发布给您看。")
SUBJECT, SETTINGS = "bank_project", "bank.settings"
MOST_NODES, MOST_CARRIERS, MOST_STEPS = 1000, 500, 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; ``year`` keeps those that count in that year."""

    text: str = ""
    state: BankState | None = None
    chain_id: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A planned project with the names of its node and chain."""

    project: BankProject
    node: str | None
    chain: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the office set: the yearly target, and whom outsiders may call (lines of text)."""

    goal: Goal
    contact: str


@dataclass(frozen=True, slots=True)
class Partner:
    """With whom a project was matched, as far as the person may know; ``name`` is empty where not."""

    name: str = ""
    enterprise_id: int | None = None
    project_id: int | None = None


def may_manage(actor: Actor, unit_id: int) -> bool:
    """Whether a person keeps the planned projects of a unit."""
    return actor.reaches(Permission.RESOURCE_MANAGE, unit_id)


def may_govern(actor: Actor) -> bool:
    """Whether a person keeps the bank of the whole office: its target, its catalogues, their links."""
    return actor.may(Permission.RESOURCE_MANAGE) and actor.scope(Permission.RESOURCE_MANAGE) is None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: whatever passed its review; drafts and withdrawn ones for those who keep them."""
    passed = BankProject.state.in_(COUNTED)
    if not actor.may(Permission.RESOURCE_MANAGE):
        return passed
    units = actor.scope(Permission.RESOURCE_MANAGE)
    return BankProject.id.is_not(None) if units is None else or_(passed, BankProject.unit_id.in_(units))


def counted(year: int) -> ColumnElement[bool]:
    """Condition: the project counts in a year (:data:`crm.bank.rules.BASIS`)."""
    return and_(
        BankProject.state.in_(COUNTED),
        BankProject.reviewed_on >= date(year, 1, 1),
        BankProject.reviewed_on <= date(year, 12, 31),
    )


def listing(session: Session, actor: Actor, wanted: Wanted, *, cursor: str | None) -> Page[Listed]:
    """List planned projects a person may see, the newest first."""
    statement: Any = (
        select(BankProject, IndustryNode.name, IndustryChain.name)
        .outerjoin(IndustryNode, IndustryNode.id == BankProject.node_id)
        .outerjoin(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(visible_to(actor), *_conditions(wanted))
    )
    page = fetch_page(
        session, statement, [Key(BankProject.id, descending=True)], lambda row: [row[0].id], cursor=cursor
    )
    return Page(tuple(Listed(*row) for row in page.rows), page.next, page.previous)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        words = fold(wanted.text)
        found.append(
            or_(
                BankProject.folded_name.contains(words, autoescape=True),
                BankProject.content.contains(wanted.text, autoescape=True),
                BankProject.industry.contains(wanted.text, autoescape=True),
            )
        )
    if wanted.state is not None:
        found.append(BankProject.state == wanted.state)
    if wanted.chain_id is not None:
        found.append(IndustryNode.chain_id == wanted.chain_id)
    if wanted.year is not None:
        found.append(counted(wanted.year))
    return found


def get(session: Session, actor: Actor, project_id: int, *, lock: bool = False) -> BankProject:
    """Return a planned project a person may see; raise NotFoundError."""
    statement = select(BankProject).where(BankProject.id == project_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=BankProject).execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def steps(session: Session, project_id: int) -> list[tuple[BankStep, str]]:
    """Give the steps of a project with who took them, the latest first."""
    statement = (
        select(BankStep, User.name)
        .join(User, User.id == BankStep.by)
        .where(BankStep.bank_project_id == project_id)
        .order_by(BankStep.id.desc())
        .limit(MOST_STEPS)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def authors(session: Session, row: BankProject) -> set[int]:
    """Give who wrote what is to be reviewed: who entered it, and all who changed it since it last passed."""
    statement = (
        select(AuditEvent.actor_id, AuditEvent.action, AuditEvent.detail)
        .where(AuditEvent.subject_type == SUBJECT, AuditEvent.subject_id == row.id)
        .where(AuditEvent.action.in_(("bank.change", "bank.move")))
        .order_by(AuditEvent.id.desc())
    )
    found = {row.created_by, row.updated_by}
    for who, action, detail in session.execute(statement):
        if action == "bank.change" and who is not None:
            found.add(who)
        elif action == "bank.move" and detail["to"] == BankState.REVIEWED:
            break
    return found


def carriers_of(session: Session, ids: Collection[int]) -> dict[int, list[Carrier]]:
    """Give the carriers projects are meant for."""
    statement = (
        select(BankProjectCarrier.bank_project_id, Carrier)
        .join(Carrier, Carrier.id == BankProjectCarrier.carrier_id)
        .where(BankProjectCarrier.bank_project_id.in_(ids))
        .order_by(Carrier.code)
    )
    found: dict[int, list[Carrier]] = {}
    for key, carrier in session.execute(statement):
        found.setdefault(key, []).append(carrier)
    return found


def node_name(session: Session, node_id: int | None) -> tuple[str, str] | None:
    """Give the names of a node's chain and of the node."""
    statement = (
        select(IndustryChain.name, IndustryNode.name)
        .join(IndustryNode, IndustryNode.chain_id == IndustryChain.id)
        .where(IndustryNode.id == node_id)
    )
    row = session.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None


def nodes_to_choose(session: Session) -> list[tuple[int, str]]:
    """Give the nodes of living chains as ``chain · node``."""
    statement = (
        select(IndustryNode.id, IndustryChain.name, IndustryNode.name)
        .join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(IndustryChain.archived_at.is_(None), IndustryNode.archived_at.is_(None))
        .order_by(IndustryChain.id, IndustryNode.id)
        .limit(MOST_NODES)
    )
    return [(row[0], f"{row[1]} · {row[2]}") for row in session.execute(statement)]


def chains_to_choose(session: Session) -> list[tuple[int, str]]:
    """Give the living chains."""
    statement = select(IndustryChain.id, IndustryChain.name).where(IndustryChain.archived_at.is_(None))
    return [(row[0], row[1]) for row in session.execute(statement.order_by(IndustryChain.id).limit(MOST_NODES))]


def carriers_to_choose(session: Session) -> list[tuple[int, str]]:
    """Give the carriers that are offered."""
    statement = select(Carrier.id, Carrier.name).where(Carrier.withdrawn_on.is_(None))
    return [(row[0], row[1]) for row in session.execute(statement.order_by(Carrier.code).limit(MOST_CARRIERS))]


def partner(session: Session, actor: Actor, row: BankProject) -> Partner | None:
    """With whom a project was matched; a project under way that the person may not see stays unnamed."""
    if row.matched_project_id is not None:
        statement = select(Project.id, Project.name).where(
            Project.id == row.matched_project_id, projects_visible_to(actor)
        )
        found = session.execute(statement).one_or_none()
        return Partner(found[1], project_id=found[0]) if found else Partner()
    if row.matched_enterprise_id is not None:
        firm = session.get_one(Enterprise, row.matched_enterprise_id)
        return Partner(firm.name, enterprise_id=firm.id)
    return None


def under_way(session: Session, actor: Actor, firms: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Give the projects of enterprises that go on and that the person may see, as number and name."""
    statement = select(Project.enterprise_id, Project.id, Project.name).where(
        Project.enterprise_id.in_(firms), Project.exit_kind.is_(None), projects_visible_to(actor)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for firm, key, name in session.execute(statement.order_by(Project.id).limit(MOST_STEPS)):
        found.setdefault(firm, []).append((key, name))
    return found


def settings(session: Session) -> Settings:
    """Read what the office set."""
    kept = options.read(session, SETTINGS).get(SETTINGS, {})
    standard = Goal()
    amount = kept.get("amount")
    goal = Goal(int(kept.get("count", standard.count)), Decimal(amount) if amount else standard.amount)
    return Settings(goal, str(kept.get("contact", "")))


def progress(session: Session, year: int, day: date) -> Progress:
    """What a year has brought, beside the target."""
    statement = select(func.count(), type_coerce(func.sum(BankProject.investment), Wan())).where(counted(year))
    row = session.execute(statement).one()
    return Progress(year, row[0], row[1] or ZERO, settings(session).goal, share_of_year(year, day))


def by_state(session: Session, actor: Actor) -> dict[BankState, int]:
    """How many projects stand in each state, as far as the person may see."""
    statement = select(BankProject.state, func.count()).where(visible_to(actor)).group_by(BankProject.state)
    return {row[0]: row[1] for row in session.execute(statement)}


def published(session: Session, most: int) -> Sequence[Any]:
    """Give published projects with their node and chain, in the order of a catalogue."""
    statement: Any = (
        select(BankProject, IndustryNode, IndustryChain)
        .outerjoin(IndustryNode, IndustryNode.id == BankProject.node_id)
        .outerjoin(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(BankProject.state == BankState.PUBLISHED)
        .order_by(IndustryChain.id.is_(None), IndustryChain.id, BankProject.id)
        .limit(most)
    )
    found: Sequence[Any] = session.execute(statement).all()
    return found
