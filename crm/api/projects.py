"""Projects for programs: list with the filters of the page, read, register, change."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from flask import url_for
from pydantic import Field

from crm.api.fields import Amount, Answer, Body, Day, Line, Listed, LongText, Named, Paged, RecordId, Whole
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.api.versions import matched, tag, unchanged
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.enterprises.queries import enterprise
from crm.fieldwork.rules import DueState
from crm.pipeline import board, queries, services
from crm.pipeline.cards import Clock, Filters
from crm.pipeline.intake import referrers
from crm.pipeline.intake.clocks import Light
from crm.pipeline.intake.dimensions import ChainRole, Cooperation, DealType
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.rules import STAGE_LABELS, Capital, Channel, ExitKind, ExitReason, Stage
from crm.web import db, timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.pipeline.cards import CardRow
    from crm.pipeline.models import Project as Row

bp = group("projects", "projects")
READ = Door(Scope.PROJECTS_READ, Permission.PROJECT_READ)
WRITE = Door(Scope.PROJECTS_WRITE, Permission.PROJECT_WRITE)
NO_ENTERPRISE = Problem("enterprise.absent", "没有这家企业。", "enterprise_id")
NO_REFERRER = Problem("referrer.absent", "没有这个引荐人。", "referrer_id")
MOST_MU = 10_000_000


class Card(Answer):
    """A project as the list shows it.

    ``amount`` is its total investment in 万元, ``idle_days`` counts from the last time a person did anything.
    """

    id: int
    name: str
    enterprise: Named
    unit: str
    owner: str | None
    stage: Stage
    stage_name: str
    stage_since: datetime
    days_in_stage: int
    idle_days: int
    stale: bool
    amount: Decimal | None
    score: int | None
    grade: str | None
    next_due: date | None
    left: bool
    version: int


class Cards(Listed):
    """A page of projects."""

    items: list[Card]


class Project(Answer):
    """A project, money in 万元, land in 亩."""

    id: int
    name: str
    enterprise: Named
    unit: Named
    owner: Named | None
    stage: Stage
    stage_name: str
    stage_since: datetime
    capital: Capital
    channel: Channel
    total_investment: Decimal | None
    fixed_investment: Decimal | None
    land_mu: int | None
    industry: str | None
    product_line: str | None
    site: str | None
    deal_type: DealType | None
    cooperation: Cooperation | None
    chain_role: ChainRole | None
    content: str | None
    key_project: bool
    confidential: bool
    code_name: str | None
    expected_sign_on: date | None
    probability: int | None
    exit_kind: ExitKind | None
    exit_reason: ExitReason | None
    exited_at: datetime | None
    review_on: date | None
    created_at: datetime
    updated_at: datetime
    version: int


class ProjectList(Paged):
    """Filters as in the list of the pages."""

    q: Annotated[str, Field(max_length=80, description="Name of the project or of its enterprise")] = ""
    unit: RecordId | None = None
    owner: RecordId | None = None
    stage: Stage | None = None
    capital: Capital | None = None
    channel: Channel | None = None
    left: Annotated[bool, Field(description="Those that left the road instead")] = False
    due: Annotated[DueState | None, Field(description="How late the next step is")] = None
    day: Annotated[Day | None, Field(description="The next step is due on this day")] = None
    light: Annotated[Light | None, Field(description="How long nobody has done anything")] = None
    sort: Literal["since", "stage", "amount"] = "since"
    ascending: bool = False


class ProjectFields(Body):
    """Facts of a project that people change; null empties one."""

    content: LongText | None = None
    capital: Capital = Capital.PRIVATE
    channel: Channel = Channel.OTHER
    total_investment: Amount | None = None
    fixed_investment: Amount | None = None
    land_mu: Annotated[Whole, Field(ge=0, le=MOST_MU)] | None = None
    industry: Line | None = None
    product_line: Line | None = None
    site: Line | None = None
    deal_type: DealType | None = None
    cooperation: Cooperation | None = None
    chain_role: ChainRole | None = None
    referrer_id: RecordId | None = None


class NewProject(ProjectFields):
    """A lead to register in the person's own unit."""

    enterprise_id: RecordId
    name: Annotated[str, Field(min_length=1, max_length=200)]


class ProjectChange(ProjectFields):
    """What is to change of a project; what is left out stays."""

    name: Annotated[str, Field(default_factory=str, min_length=1, max_length=200)]


def read(project_id: int) -> object:
    """Find a project, or refuse as reading it does."""
    return queries.get(db.session(), current_actor(), project_id)


@operation(bp, "GET", "/projects", READ, Cards, query=ProjectList)
def index(query: ProjectList) -> Cards:
    """List projects, narrowed and sorted as on the page."""
    filters = Filters(
        unit_id=query.unit, owner_id=query.owner, capital=query.capital, channel=query.channel, stage=query.stage,
        q=query.q, left=query.left, due=query.due, day=query.day, light=query.light,
    )  # fmt: skip
    clock = Clock(timing.now(), timing.today(), timing.zone())
    order = board.Order(query.sort, not query.ascending)
    page = board.listing(db.session(), current_actor(), filters, clock, order, query.cursor, query.limit)
    return Cards(items=[_card(row) for row in page.rows], next_cursor=page.next)


@operation(bp, "GET", "/projects/<int:project_id>", READ, Project)
def show(project_id: int) -> tuple[Project, dict[str, str]]:
    """Read one project."""
    return answer(queries.get(db.session(), current_actor(), project_id))


@operation(bp, "POST", "/projects", WRITE, Project, body=NewProject, status=201, reads=read)
def register(body: NewProject) -> tuple[Project, dict[str, str]]:
    """Register a lead; a second one of the same name on the same enterprise is refused."""
    session = db.session()
    try:
        firm = enterprise(session, body.enterprise_id)
    except NotFoundError as error:
        raise DomainError(NO_ENTERPRISE) from error
    draft = ProjectDraft(**_typed(body.model_dump(exclude={"enterprise_id"})))
    row = services.register_lead(session, current_actor(), firm.id, draft, now=timing.now())
    made, headers = answer(queries.get(session, current_actor(), row.id))
    return made, {**headers, "Location": url_for("api_projects.show", project_id=row.id)}


@operation(bp, "PATCH", "/projects/<int:project_id>", WRITE, Project, body=ProjectChange, versioned=True)
def change(project_id: int, body: ProjectChange) -> tuple[Project, dict[str, str]]:
    """Change facts of a project; its stage moves by ``moves`` alone."""
    session, actor = db.session(), current_actor()
    row = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    version = matched(row.version)
    now_stored = {one.name: getattr(row, one.name) for one in fields(ProjectDraft)}
    draft = replace(ProjectDraft(**_typed(now_stored)), **_typed(body.model_dump(exclude_unset=True)))
    with unchanged():
        services.update_project(session, actor, project_id, draft, version=version, now=timing.now())
    return answer(row)


def answer(row: Row) -> tuple[Project, dict[str, str]]:
    """Tell a project with its version."""
    db.session().flush()
    kept = {name: getattr(row, name) for name in Project.model_fields if name != "stage_name"}
    return Project.model_validate({**kept, "stage_name": tr(STAGE_LABELS[row.stage])}), tag(row.version)


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Read texts as the form does, and refuse a referrer whom nobody could choose."""
    if values.get("referrer_id") is not None and values["referrer_id"] not in dict(referrers.choices(db.session())):
        raise DomainError(NO_REFERRER)
    return {**values, **({"content": values["content"] or ""} if "content" in values else {})}


def _card(row: CardRow) -> Card:
    return Card(
        **{name: getattr(row, name) for name in ("id", "name", "unit", "owner", "stage", "grade", "stale", "left")},
        enterprise=Named(id=row.enterprise_id, name=row.enterprise),
        stage_name=tr(STAGE_LABELS[row.stage]),
        stage_since=row.since,
        days_in_stage=row.in_stage,
        idle_days=row.idle,
        amount=row.amount,
        score=row.points,
        next_due=row.due_on,
        version=row.version,
    )
