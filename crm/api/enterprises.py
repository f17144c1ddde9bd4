"""Enterprises for programs: list with the filters of the page, read, add, change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from flask import request, url_for
from pydantic import Field

from crm.api.fields import Amount, Answer, Body, Line, Listed, LongText, Paged
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.api.versions import matched, tag, unchanged
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.changes import Via
from crm.core.errors import DomainError, Problem
from crm.enterprises import queries, services
from crm.enterprises.rules import EnterpriseDraft
from crm.register import list_queries, list_state, similar
from crm.register.edit_views import LIKE
from crm.web import db, timing

if TYPE_CHECKING:
    from crm.register.list_queries import Line as Shown
    from crm.register.list_state import State

bp = group("enterprises", "enterprises")
READ = Door(Scope.ENTERPRISES_READ, Permission.ENTERPRISE_READ)
WRITE = Door(Scope.ENTERPRISES_WRITE, Permission.ENTERPRISE_WRITE)
COLUMNS = ("lists", "contacts", "projects")
UNREAD = "“%(condition)s”不是可以用的条件，请核对写法。"


class Place(Answer):
    """A place on the newest edition of a list."""

    key: str
    name: str
    year: int
    rank: int | None


class Enterprise(Answer):
    """An enterprise with its score, money in 万元, land in 亩; facts of other units are left out or null."""

    id: int
    name: str
    name_en: str | None
    uscc: str | None
    stock_codes: str | None
    industry: str | None
    industry_code: str | None
    region: str | None
    region_code: str | None
    website: str | None
    profile: str | None
    registered_capital: Decimal | None
    revenue: Decimal | None
    investment_plan: Decimal | None
    land_plan: Decimal | None
    source_kind: str | None
    source_org: str | None
    score: int | None
    grade: str | None
    last_touch_at: datetime | None
    lists: list[Place]
    contacts: int | None
    projects: int | None
    created_at: datetime
    updated_at: datetime
    version: int


class Enterprises(Listed):
    """A page of enterprises."""

    items: list[Enterprise]


class EnterpriseList(Paged):
    """Filters as in the list of the pages."""

    q: Annotated[str, Field(max_length=100, description="Name, alias, code or pinyin")] = ""
    f: Annotated[
        str,
        Field(max_length=2000, description="Conditions `kind:value`, `~` between them is OR; repeat `f` for AND"),
    ] = ""
    on_list: Annotated[str, Field(max_length=60)] = ""
    industry: Annotated[str, Field(max_length=60)] = ""
    region: Annotated[str, Field(max_length=60)] = ""
    grade: Annotated[str, Field(max_length=60)] = ""
    signal: Annotated[str, Field(max_length=60)] = ""
    touched: Annotated[str, Field(max_length=60)] = ""
    sort: Annotated[str, Field(max_length=40, description="`name`, `score`, `touch`, …; `-` in front turns it")] = ""


class EnterpriseFields(Body):
    """Fields of an enterprise that people change; null empties one."""

    name_en: Line | None = None
    uscc: Line | None = None
    stock_codes: Line | None = None
    industry: Line | None = None
    industry_code: Line | None = None
    region: Line | None = None
    region_code: Line | None = None
    website: Line | None = None
    profile: LongText | None = None
    registered_capital: Amount | None = None
    revenue: Amount | None = None
    investment_plan: Amount | None = None
    land_plan: Amount | None = None
    source_kind: Line | None = None
    source_org: Line | None = None
    confirmed: Annotated[bool, Field(description="It is another one than those of a similar name")] = False


class NewEnterprise(EnterpriseFields):
    """An enterprise to add."""

    name: Line


class EnterpriseChange(EnterpriseFields):
    """What is to change of an enterprise; what is left out stays."""

    name: Line | None = None


def read(enterprise_id: int) -> object:
    """Find an enterprise, or refuse as reading it does."""
    return queries.enterprise(db.session(), enterprise_id)


@operation(bp, "GET", "/enterprises", READ, Enterprises, query=EnterpriseList)
def index(query: EnterpriseList) -> Enterprises:
    """List enterprises, narrowed and sorted as on the page."""
    session, actor = db.session(), current_actor()
    state = replace(_state(), columns=COLUMNS)
    page, lines = list_queries.page(session, actor, state, cursor=query.cursor, now=timing.now(), size=query.limit)
    return Enterprises(items=[_answer(line) for line in lines], next_cursor=page.next)


@operation(bp, "GET", "/enterprises/<int:enterprise_id>", READ, Enterprise)
def show(enterprise_id: int) -> tuple[Enterprise, dict[str, str]]:
    """Read one enterprise."""
    return _one(enterprise_id)


@operation(bp, "POST", "/enterprises", WRITE, Enterprise, body=NewEnterprise, status=201, reads=read)
def create(body: NewEnterprise) -> tuple[Enterprise, dict[str, str]]:
    """Add an enterprise; one of a similar name must be confirmed to be another."""
    session = db.session()
    typed: dict[str, Any] = {name: None if value == "" else value for name, value in body.model_dump().items()}
    draft = EnterpriseDraft(**{**typed, "name": body.name})
    if not draft.confirmed and any(one.asks for one in similar.similar(session, draft)):
        raise DomainError(LIKE)
    row = services.create_enterprise(session, current_actor(), draft, now=timing.now())
    answer, headers = _one(row.id)
    return answer, {**headers, "Location": url_for("api_enterprises.show", enterprise_id=row.id)}


@operation(bp, "PATCH", "/enterprises/<int:enterprise_id>", WRITE, Enterprise, body=EnterpriseChange, versioned=True)
def change(enterprise_id: int, body: EnterpriseChange) -> tuple[Enterprise, dict[str, str]]:
    """Change fields of an enterprise; an old name stays as a former name."""
    session, actor = db.session(), current_actor()
    services.may_write(actor)
    version = matched(queries.enterprise(session, enterprise_id).version)
    changes = body.model_dump(exclude_unset=True)
    with unchanged():
        services.update_fields(session, actor, enterprise_id, changes, version=version, via=Via.FORM, now=timing.now())
    session.flush()
    return _one(enterprise_id)


def _state() -> State:
    """Read the filters; unlike a page, which leaves out what it cannot read, a program is told."""
    state = list_state.from_args(request.args)
    if state.dropped:
        raise DomainError(*(Problem("filter.unknown", UNREAD, "f", {"condition": text}) for text in state.dropped))
    return state


def _one(enterprise_id: int) -> tuple[Enterprise, dict[str, str]]:
    session = db.session()
    row = queries.enterprise(session, enterprise_id)
    session.flush()
    line = list_queries.lines(session, current_actor(), [row.id], COLUMNS, timing.now())[0]
    return _answer(line), tag(row.version)


def _answer(line: Shown) -> Enterprise:
    row = line.enterprise
    made: dict[str, Any] = {"score": line.points, "grade": line.grade, "last_touch_at": line.last_touch}
    made |= {"lists": line.places, "contacts": line.contacts, "projects": line.projects}
    kept: dict[str, Any] = {name: getattr(row, name) for name in Enterprise.model_fields if name not in made}
    return Enterprise.model_validate({**kept, **made})
