"""A hundred-days campaign and the year around it, written as facts and never as totals.

48 units; the tasks, visits, inspections, signings and starts of one summer, and the vouchers of the year. Every figure
the tests ask for is counted from these rows. Names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import text, update

from crm.assessment.items import STANDARD, Item, narrowed_key
from crm.assessment.measures import MEASURES
from crm.assessment.window import Lens
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherKind, VoucherState
from crm.enterprises.models import Enterprise
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import ORDER, Stage
from tests.support import builders, facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit, User
    from tests.support.builders import Office

START, END = date(2026, 7, 1), date(2026, 9, 30)
MARCH, AUGUST = datetime(2026, 3, 10, 2, 0, tzinfo=UTC), datetime(2026, 8, 12, 2, 0, tzinfo=UTC)
UNITS, FINISHED = 48, 11
FLOOR, INDUSTRY = Decimal(5000), "BCD"
BIG = Item(
    narrowed_key("signings", FLOOR, None, INDUSTRY),
    MEASURES["signings"],
    Lens(low=FLOOR, sector=INDUSTRY),
    "新签大项目",
)
ITEMS = (*STANDARD[:3], BIG, STANDARD[4])
LARGE = (Decimal(14_000), *(Decimal(6_000) for _one in range(11)))  # industry, 5,000万元 and more
SMALL = tuple(Decimal(2_300) for _one in range(3))  # industry, less
TRADE = (Decimal(6_000),)  # large, but no industry
REPORTED = (Decimal(40_000), Decimal(33_000), Decimal(31_000), Decimal(22_000))  # 12.6亿元 in four vouchers
RECOGNIZED = (Decimal(25_000), Decimal(18_000), Decimal(10_000), Decimal(0))  # 5.3亿元 of them
DOLLARS = ((Decimal(375), CapitalForm.CASH), (Decimal(1_024), CapitalForm.KIND), (Decimal(200), CapitalForm.PROFIT))
RATE = Decimal(7)


@dataclass
class Battle:
    """What was built: the units, the tasks by unit and item, and the projects that were signed."""

    units: list[OrgUnit]
    tasks: dict[tuple[int, str], int]
    signed: list[int]


def load(session: Session, office: Office) -> Battle:
    """Write the facts of the campaign and of the year."""
    by = office.officer
    units = [builders.unit(session, f"第{number:02d}镇") for number in range(1, UNITS + 1)]
    _leads(session, units, by)
    _touches(session, units, by)
    signed = _signings(session, units, by)
    _starts(session, units, by)
    _vouchers(session, office, signed)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))  # as its own housekeeping would have by then: without it plans are guesses
    return Battle(units, _tasks(units), signed)


def _tasks(units: Sequence[OrgUnit]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for place, unit in enumerate(units):
        found[unit.id, "leads"] = 7 if place < 26 else 8
        found[unit.id, "visits"], found[unit.id, "inspections"] = 15, 4
        found[unit.id, BIG.key] = 2 if place < 7 else 1
        if place < 26:
            found[unit.id, "starts"] = 1
    return found


def _leads(session: Session, units: Sequence[OrgUnit], by: User) -> None:
    for place, unit in enumerate(units):
        count = 7 if place < FINISHED else 3 if place < FINISHED + 20 else 2
        facts.projects(session, unit, by, facts.firms(session, count), at=AUGUST)


def _touches(session: Session, units: Sequence[OrgUnit], by: User) -> None:
    firms = facts.firms(session, UNITS * 2)
    seen = {"occurred_at": AUGUST, "recorded_at": AUGUST + timedelta(hours=3)}
    for place, unit in enumerate(units):
        visited = firms[place * 2 : place * 2 + (2 if place < 9 else 1)]
        facts.touches(session, unit, by, visited, **seen)
        facts.touches(session, unit, by, visited[:1], **{**seen, "occurred_at": AUGUST + timedelta(days=2)})
        came = firms[place * 2 : place * 2 + (1 if place < 3 else 2)]
        facts.touches(session, unit, by, came, kind=TouchKind.INSPECTION, **seen)


def _signings(session: Session, units: Sequence[OrgUnit], by: User) -> list[int]:
    made = []
    for place, (amount, code) in enumerate(
        [*((one, "C36") for one in (*LARGE, *SMALL)), *((one, "F51") for one in TRADE)]
    ):
        unit = units[place]
        firms = facts.firms(session, 1)
        session.execute(update(Enterprise).where(Enterprise.id.in_(firms)).values(industry_code=code))
        ids = facts.projects(session, unit, by, firms, Stage.PRE_SIGNING, at=MARCH, total_investment=amount)
        move(session, unit, by, ids, Stage.SIGNED)
        day = AUGUST.date()
        facts.contracts(session, unit, by, ids, amount=amount, signed_on=day, reported_at=AUGUST)
        made += ids
    return made


def _starts(session: Session, units: Sequence[OrgUnit], by: User) -> None:
    for unit in units[20:23]:
        ids = facts.projects(session, unit, by, facts.firms(session, 1), Stage.LANDING, at=MARCH)
        facts.contracts(session, unit, by, ids, signed_on=MARCH.date(), reported_at=MARCH)
        move(session, unit, by, ids, Stage.STARTED)


def move(session: Session, unit: OrgUnit, by: User, ids: Sequence[int], stage: Stage, *, at: datetime = AUGUST) -> None:
    """Move projects one stage on."""
    for project_id in ids:
        row = session.get_one(Project, project_id)
        number = ORDER.index(stage) + 1
        session.add(
            StageEntry(
                project_id=project_id,
                seq=number,
                from_stage=row.stage.value,
                to_stage=stage.value,
                at=at,
                by=by.id,
                unit_id=unit.id,
                first=True,
            )
        )
        row.stage, row.stage_since, row.stage_seq = stage, at, number
    session.flush()


def _vouchers(session: Session, office: Office, projects: Sequence[int]) -> None:
    for place, (told, held) in enumerate(zip(REPORTED, RECOGNIZED, strict=True)):
        _voucher(session, office, projects[place], f"内资{place}", told, held, {"area": SourceArea.OTHER_PROVINCE})
    for place, (dollars, form) in enumerate(DOLLARS):
        foreign = {
            "area": SourceArea.ABROAD,
            "form": form,
            "currency": "USD",
            "original_amount": dollars,
            "rate": RATE,
            "rate_on": AUGUST.date(),
            "rate_source": "中国人民银行中间价",
        }
        _voucher(session, office, projects[4 + place], f"外资{place}", dollars * RATE, dollars * RATE, foreign)


def _voucher(
    session: Session,
    office: Office,
    project_id: int,
    number: str,
    told: Decimal,
    held: Decimal,
    more: dict[str, object],
) -> None:
    project = session.get_one(Project, project_id)
    row = CapitalVoucher(
        project_id=project_id,
        unit_id=project.unit_id,
        number=number,
        payer="云岭投资",
        arrived_on=AUGUST.date(),
        amount=told,
        sha256=sha256(number.encode()).hexdigest(),
        state=VoucherState.RECOGNISED if held else VoucherState.WAITING,
        recognized_amount=held,
        reported_by=office.officer.id,
        reported_at=AUGUST,
        **{"kind": VoucherKind.BANK_SLIP, "form": CapitalForm.CASH, **more},
    )
    session.add(row)
    session.flush()
    if held:
        session.add(
            CapitalDecision(
                voucher_id=row.id,
                amount=held,
                reported_by=office.officer.id,
                decided_by=office.recognizer.id,
                decided_at=AUGUST + timedelta(days=5),
            )
        )
