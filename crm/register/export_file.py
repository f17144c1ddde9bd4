"""The workbook of an export: a watermark row, plain text cells, rows written as they are read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from xlsxwriter import Workbook

from crm.auth.models import OrgUnit, User
from crm.auth.queries import actor_for
from crm.auth.rules import Permission
from crm.core.sheets import LITERAL, Sheet, watermark
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact
from crm.enterprises.rules import SOURCE_KINDS, mask_email, mask_phone
from crm.register import blocker_export, contact_export, list_columns, list_queries, list_state, project_export
from crm.register.export import BLOCKERS as BLOCKERS_PAGE
from crm.register.export import NO_RIGHT, Made, Wish
from crm.register.export import PEOPLE as PEOPLE_PAGE
from crm.register.export import PROJECTS as PROJECTS_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.register.list_queries import Line
    from crm.register.list_state import State
    from crm.register.models import ExportRun

STEP = 500
MOST_ROWS = 200_000
WAN = "（万元）"
PEOPLE = ("企业", "姓名", "职务", "单位", "电话", "邮箱", "来源", "不再联系")
WIDTHS = {"name": 34, "lists": 36, "uscc": 22, "touch": 18, "website": 26, "industry": 18, "region": 16}
USUAL_WIDTH, PEOPLE_WIDTH = 14, 18
NO_USER = "导出人的账号已停用，没有导出。"


class RefusedError(Exception):
    """The one who asked may no longer export; the text says why."""


def write(
    session: Session, run: ExportRun, path: Path, place: tuple[str, ZoneInfo], now: datetime,
    show: Callable[[int, str], None],
) -> Made:  # fmt: skip
    """Write the file of a run; ``place`` is the office's name and time zone. Raises RefusedError."""
    user = session.get(User, run.created_by)
    if user is None or not user.active:
        raise RefusedError(NO_USER)
    actor = actor_for(session, user, now.astimezone(place[1]).date())
    if not actor.may(Permission.REGISTER_EXPORT):
        raise RefusedError(NO_RIGHT.message)
    plain = run.state
    wish = Wish(bool(plain.get("contacts")), bool(plain.get("full")), str(plain.get("reason", "")))
    asked = run.created_at.astimezone(place[1])
    mark = watermark(user.name, user.username, place[0], asked)
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with Workbook(str(part), {"constant_memory": True, **LITERAL}) as book:
        whole = Book(book, mark, place[1], now, show)
        if run.page == PEOPLE_PAGE:
            rows, revealed = contact_export.fill(session, actor, plain, wish, whole)
        elif run.page == PROJECTS_PAGE:
            rows, revealed = project_export.fill(session, actor, plain, wish, whole)
        elif run.page == BLOCKERS_PAGE:
            rows, revealed = blocker_export.fill(session, actor, plain, whole), []
        else:
            rows, revealed = _fill(session, actor, list_state.from_plain(plain), wish, whole)
    digest = hashlib.sha256()
    with part.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    part.replace(path)
    return Made(rows, digest.hexdigest(), tuple(revealed))


class Book:
    """What writing a file needs to know besides its rows."""

    def __init__(
        self, book: Workbook, mark: str, zone: ZoneInfo, now: datetime, show: Callable[[int, str], None]
    ) -> None:
        """Keep the workbook, its watermark, the office's clock, and who is told how far it is."""
        self.book, self.mark, self.zone, self.now, self.show = book, mark, zone, now, show

    def sheet(self, name: str, heads: Sequence[str], widths: Sequence[int]) -> Sheet:
        """Begin a sheet with the watermark and the heads."""
        return Sheet(self.book, name, self.mark, heads, widths)


def _fill(session: Session, actor: Actor, state: State, wish: Wish, book: Book) -> tuple[int, list[tuple[int, int]]]:
    columns = [list_columns.BY_KEY[key] for key in state.columns]
    heads = [column.label + (WAN if column.key in list_queries.SUMS else "") for column in columns]
    sheet = book.sheet("企业", heads, [WIDTHS.get(column.key, USUAL_WIDTH) for column in columns])
    people = book.sheet("联系人", PEOPLE, [PEOPLE_WIDTH] * len(PEOPLE)) if wish.contacts else None
    units = {one.id: one.name for one in session.scalars(select(OrgUnit))} if people else {}
    total = max(1, list_queries.count(session, actor, state, now=book.now, most=MOST_ROWS))
    revealed: list[tuple[int, int]] = []
    rows, cursor = 0, None
    while rows < MOST_ROWS:
        page, lines = list_queries.page(session, actor, state, cursor=cursor, now=book.now, size=STEP)
        for line in lines:
            sheet.add([_cell(line, column.key, book.zone) for column in columns])
        if people is not None:
            revealed += _people(session, actor, lines, wish, people, units)
        rows += len(lines)
        book.show(min(99, rows * 100 // total), f"{rows} / {total}")
        session.expunge_all()
        cursor = page.next
        if cursor is None:
            break
    return rows, revealed


def _cell(line: Line, key: str, zone: ZoneInfo) -> str | float | None:
    firm = line.enterprise
    if key == "lists":
        return "；".join(f"{one.name}{f'第{one.rank}位' if one.rank else ''}（{one.year}）" for one in line.places)
    if key == "touch":
        return f"{line.last_touch.astimezone(zone):%Y-%m-%d %H:%M}" if line.last_touch else ""
    special: dict[str, Any] = {
        "score": f"{line.points} {line.grade}" if line.grade else "",
        "fit": line.fit,
        "intent": line.intent,
        "trend": line.trend,
        "contacts": line.contacts,
        "projects": line.projects,
        "capital": None if firm.registered_capital is None else float(firm.registered_capital),
        "revenue": None if firm.revenue is None else float(firm.revenue),
        "updated": f"{firm.updated_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "source_kind": SOURCE_KINDS.get(firm.source_kind or "", firm.source_kind or ""),
    }
    found: str | float | None = special[key] if key in special else getattr(firm, key)
    return found


def _people(
    session: Session, actor: Actor, lines: Sequence[Line], wish: Wish, sheet: Sheet, units: dict[int, str]
) -> list[tuple[int, int]]:
    names = {line.enterprise.id: line.enterprise.name for line in lines}
    statement = (
        select(Contact)
        .where(Contact.enterprise_id.in_(names), Contact.archived_at.is_(None), enterprises.visible_to(actor))
        .order_by(Contact.enterprise_id, Contact.sort_key, Contact.id)
    )
    revealed = []
    for one in session.scalars(statement):
        full = wish.full and actor.reaches(Permission.CONTACT_REVEAL, one.unit_id)
        phone = one.phone if full or not one.phone else mask_phone(one.phone)
        email = one.email if full or not one.email else mask_email(one.email)
        if full and (one.phone or one.email):
            revealed.append((one.id, one.enterprise_id))
        away = "是" if one.do_not_contact else ""
        unit = units.get(one.unit_id, "")
        sheet.add([names[one.enterprise_id], one.name, one.post, unit, phone, email, one.source, away])
    return revealed
