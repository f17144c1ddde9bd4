"""Numbered, frozen catalogues (产业招商项目目录 第N版): what was published on a day, kept word for word."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from crm.auth.rules import Permission
from crm.bank import queries
from crm.bank.models import BankEdition
from crm.bank.rules import ZERO
from crm.bank.services import GOVERN
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.money import digits
from crm.core.paging import Key, Page, fetch_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.bank.models import BankProject
    from crm.resources.carriers.models import Carrier

SUBJECT = "bank_edition"
MOST = 1000
ELSEWHERE = "其他产业"
NOTHING = Problem("edition.nothing", "还没有已发布的策划项目，先发布项目再编目录。")
FULL = Problem("edition.full", "已发布的项目超过1000个，请先撤下过时的再编目录。")
MISSING = Problem("edition.missing", "没有这一版目录。")
UNREAD = Problem("edition.read", "您没有查看项目目录的权限，请联系管理员。")


def freeze(session: Session, actor: Actor, office: str, *, now: datetime, today: date) -> BankEdition:
    """Keep all published projects as the next version; it is never changed afterwards."""
    if not queries.may_govern(actor):
        raise ForbiddenError(GOVERN)
    rows = queries.published(session, MOST + 1)
    if not rows or len(rows) > MOST:
        raise DomainError(FULL if rows else NOTHING)
    number = (session.scalar(select(func.max(BankEdition.number))) or 0) + 1
    amount = sum((row[0].investment for row in rows), ZERO)
    title = f"{office}产业招商项目目录"[:200]
    body = {
        "title": title,
        "number": number,
        "day": today.isoformat(),
        "office": office,
        "contact": queries.settings(session).contact,
        "projects": len(rows),
        "amount": digits(amount),
        "chains": list(_chains(session, rows)),
    }
    edition = BankEdition(
        number=number, title=title, day=today, projects=len(rows), amount=amount, body=body,
        digest=digest_of(body), created_by=actor.user_id, created_at=now,
    )  # fmt: skip
    session.add(edition)
    session.flush()
    detail = {"number": number, "projects": len(rows), "digest": edition.digest}
    audit.record(session, actor.user_id, "bank.edition", (SUBJECT, edition.id), now=now, **detail)
    return edition


def digest_of(body: dict[str, Any]) -> str:
    """Return the SHA-256 of what a version says, whatever the order in which a database keeps it."""
    plain = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _chains(session: Session, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    places = queries.carriers_of(session, [row[0].id for row in rows])
    found: dict[str, list[dict[str, Any]]] = {}
    for number, (project, node, chain) in enumerate(rows, start=1):
        line = _line(project, number, node.name if node else "", places.get(project.id, []))
        found.setdefault(chain.name if chain else ELSEWHERE, []).append(line)
    for name, lines in found.items():
        yield {"name": name, "projects": lines}


def _line(row: BankProject, number: int, node: str, places: Sequence[Carrier]) -> dict[str, Any]:
    return {
        "no": number,
        "id": row.id,
        "name": row.name,
        "node": node,
        "industry": row.industry or "",
        "content": row.content,
        "conditions": row.conditions or "",
        "benefit": row.benefit or "",
        "contact": row.contact_post,
        "carriers": [place.name for place in places],
        **{name: _number(getattr(row, name)) for name in ("investment", "land_mu", "floor_sqm", "output", "tax")},
    }


def _number(value: Decimal | None) -> str:
    return "" if value is None else digits(value)


def listing(session: Session, actor: Actor, cursor: str | None) -> Page[BankEdition]:
    """List versions, the newest first."""
    _refuse(actor)
    statement = select(BankEdition)
    return fetch_page(session, statement, [Key(BankEdition.id, descending=True)], lambda row: [row.id], cursor=cursor)


def get(session: Session, actor: Actor, edition_id: int) -> BankEdition:
    """Return a version with what it says; raise NotFoundError."""
    _refuse(actor)
    found = session.get(BankEdition, edition_id, options=[undefer(BankEdition.body)])
    if found is None:
        raise NotFoundError(MISSING)
    return found


def _refuse(actor: Actor) -> None:
    if not actor.may(Permission.RESOURCE_READ):
        raise ForbiddenError(UNREAD)
