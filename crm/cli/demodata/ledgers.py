"""Books of the demonstration: vouchers of capital, recognised, cut and waiting; monthly periods, closed and open."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment.periods import services as periods
from crm.assessment.periods.rules import PeriodDraft, PeriodKind
from crm.auth.rules import Role
from crm.cli.demodata.office import LEADER, PEOPLE, RECOGNIZER, REGISTRAR
from crm.cli.demodata.plans import PDF
from crm.core.filestore import Upload
from crm.delivery.capital import services as capital
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherDraft, VoucherKind
from crm.delivery.capital.services import Paper
from crm.enterprises.models import Enterprise
from crm.pipeline.counting.queries import barred
from crm.pipeline.models import Agreement, Project
from crm.pipeline.words import AgreementKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from crm.assessment.periods.models import Period
    from crm.cli.demodata.desk import Desk

DAY = timedelta(days=1)
ARRIVED, REPORTED, DECIDED = timedelta(days=20), timedelta(days=24), timedelta(days=31)
SHARE = Decimal("0.12")
MOST, WAITING = 7, 2
CUT = "其中一笔是往来款，不计入资本金"
UNITS = ("electronics", "equipment", "materials", "squad1", "squad2")


def add_capital(desk: Desk) -> None:
    """Report vouchers to signed projects; the last ones wait, one is recognised in part."""
    by_id = {user.id: username for username, user in desk.people.items()}
    statement = (
        select(Project, Enterprise.name, Agreement.amount, Agreement.signed_on)
        .join(Agreement, Agreement.project_id == Project.id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(Agreement.kind == AgreementKind.CONTRACT, Project.exit_kind.is_(None))
        .where(Project.confidential.is_(False), Agreement.signed_on < desk.today - DECIDED - DAY)
        .order_by(Agreement.signed_on, Project.id)
    )
    found = [
        row
        for row in desk.session.execute(statement)
        if row[0].owner_id in by_id and not barred(desk.session, row[0].id)
    ][-MOST:]
    for at, (project, payer, amount, signed_on) in enumerate(found, start=1):
        draft = VoucherDraft(
            VoucherKind.BANK_SLIP, CapitalForm.CASH, SourceArea.OTHER_PROVINCE, f"JZ{signed_on:%Y%m}{at:03d}", payer,
            signed_on + ARRIVED, (amount * SHARE).quantize(Decimal(1)),
        )  # fmt: skip
        when = desk.on(signed_on + REPORTED, 10)
        scan = Upload("银行进账单.pdf", PDF.replace(b"trailer", f"%% {at}\ntrailer".encode()))
        owner = by_id[project.owner_id or 0]
        voucher = capital.report(
            desk.session, desk.actor(owner), project.id, draft, Paper(scan, desk.folder), now=when,
            today=when.date(),
        )  # fmt: skip
        if at <= len(found) - WAITING:
            given, reason = (draft.amount, "") if at > 1 else ((draft.amount / 2).quantize(Decimal(1)), CUT)
            decided = desk.on(signed_on + DECIDED, 15)
            capital.recognise(
                desk.session, desk.actor(RECOGNIZER), voucher.id, amount=given, reason=reason, now=decided
            )
    desk.session.flush()


def add_periods(desk: Desk) -> None:
    """Open the two months that ended last: the older is closed, of the newer one unit has not handed in."""
    newer_end = desk.today.replace(day=1) - DAY
    older_end = newer_end.replace(day=1) - DAY
    older = _open(desk, older_end)
    _hand_in(desk, older, UNITS)
    checked = desk.instant(older_end + 4 * DAY, 9)
    periods.check(desk.session, desk.actor(REGISTRAR), older.id, reason="", now=checked, today=checked.date())
    closed = desk.instant(older_end + 5 * DAY, 9)
    periods.close(desk.session, desk.actor(LEADER), older.id, now=closed)
    periods.freeze(desk.session, older.id, now=closed, progress=_silent)
    newer = _open(desk, newer_end)
    if newer_end + 3 * DAY < desk.today:
        _hand_in(desk, newer, UNITS[:-1])


def _open(desk: Desk, end: date) -> Period:
    start = end.replace(day=1)
    ids = tuple(desk.units[key].id for key in UNITS)
    draft = PeriodDraft(PeriodKind.MONTH, f"{start.year}年{start.month}月", start, end, ids)
    return periods.create(desk.session, desk.actor(REGISTRAR), draft, now=desk.instant(start, 9))


def _hand_in(desk: Desk, period: Period, keys: tuple[str, ...]) -> None:
    at: datetime = desk.instant(period.end_on + 2 * DAY, 16)
    writers = {
        unit: username for username, _name, _title, unit, role in PEOPLE if role in {Role.OFFICER, Role.TEAM_LEAD}
    }
    for key in keys:
        periods.submit(
            desk.session, desk.actor(writers[key]), period.id, desk.units[key].id, note="已核对，记录齐全", now=at
        )


def _silent(_percent: int, _note: str) -> None:
    """Nobody waits for it."""
