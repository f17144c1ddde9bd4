"""A random half quarter of an office as plain facts: drawn by hypothesis, written to a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from sqlalchemy import insert

from crm.core.scheduling import local_day
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import CapitalForm, VoucherKind, VoucherState
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.pipeline.claims import credit
from crm.pipeline.claims.credit import Basis
from crm.pipeline.claims.kinds import SplitBasis
from crm.pipeline.counting import finding
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.rules import ORDER, AgreementKind, Capital, Channel, ExitKind, ExitReason, Stage
from crm.pipeline.words import SourceArea
from tests.support import facts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from hypothesis.strategies import DrawFn
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

HOUR = timedelta(hours=1)
AGES = st.integers(1, 1100)  # hours before NOW: since the beginning of October
MONEY = st.integers(1, 400_000_000_000).map(lambda fen: Decimal(fen) / 1_000_000)  # 万元, down to a fen
FIRMS = 4
SIGNED = ORDER.index(Stage.SIGNED)
KINDS = (TouchKind.VISIT, TouchKind.INSPECTION, TouchKind.RECEPTION, TouchKind.CALL)
AREAS = (SourceArea.OTHER_PROVINCE, SourceArea.ABROAD, SourceArea.LOCAL)


@dataclass(frozen=True)
class Visit:
    """A touch: which unit met which firm when, written down how much later, perhaps struck out."""

    place: int
    firm: int
    kind: TouchKind
    at: datetime
    recorded: datetime
    heads: int
    voided: datetime | None


@dataclass(frozen=True)
class Paper:
    """An agreement or a voucher: its money, when it was made and told, and how much of it was recognised when."""

    formal: bool
    area: SourceArea
    money: Decimal
    made: datetime
    told: datetime
    decided: tuple[datetime, Decimal] | None


@dataclass(frozen=True)
class Deal:
    """A project: the stages it entered, its papers and vouchers, its split, when it was merged away."""

    place: int
    firm: int
    money: Decimal
    steps: tuple[datetime, ...]
    taken_back: bool
    papers: tuple[Paper, ...]
    vouchers: tuple[Paper, ...]
    split: int
    merged: datetime | None
    secret: bool

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return ORDER[len(self.steps) - 1 - self.taken_back]


@dataclass(frozen=True)
class History:
    """What happened in the office."""

    visits: tuple[Visit, ...]
    deals: tuple[Deal, ...]


def _known(moment: datetime) -> datetime | None:
    return moment if moment <= NOW else None


@st.composite
def visits(draw: DrawFn) -> Visit:
    """Draw a touch."""
    at = NOW - draw(AGES) * HOUR
    recorded = at + draw(st.integers(0, 90)) * HOUR
    voided = recorded + draw(st.integers(1, 300)) * HOUR if draw(st.integers(0, 3)) == 0 else None
    place, firm = draw(st.integers(0, 1)), draw(st.integers(0, FIRMS - 1))
    return Visit(place, firm, draw(st.sampled_from(KINDS)), at, recorded, draw(st.integers(0, 9)), voided)


@st.composite
def papers(draw: DrawFn, *, formal: bool | None = None) -> Paper:
    """Draw an agreement, or a voucher."""
    made = NOW - draw(AGES) * HOUR
    told = min(made + draw(st.integers(0, 200)) * HOUR, NOW)
    money, decided = draw(MONEY), None
    if draw(st.integers(0, 2)):
        at = _known(told + draw(st.integers(0, 200)) * HOUR)
        part = draw(st.sampled_from((1000, 1000, 617, 0 if formal is None else 500)))
        decided = (at, (money * part / 1000).quantize(Decimal("0.000001"))) if at else None
    kind = draw(st.integers(0, 3)) > 0 if formal is None else formal
    return Paper(kind, draw(st.sampled_from(AREAS)), money, made, told, decided)


@st.composite
def deals(draw: DrawFn) -> Deal:
    """Draw a project; most go far, so that every figure has something to count."""
    steps = [NOW - draw(st.integers(100, 1100)) * HOUR]
    far = draw(st.sampled_from((SIGNED, SIGNED + 4, SIGNED + 3, 1, 2, 0, SIGNED + 1)))
    for gap in draw(st.lists(st.integers(1, 60), min_size=far, max_size=far)):
        if steps[-1] + gap * HOUR <= NOW:
            steps.append(steps[-1] + gap * HOUR)
    merged = _known(steps[-1] + draw(st.integers(1, 200)) * HOUR) if draw(st.integers(0, 5)) == 0 else None
    return Deal(
        draw(st.integers(0, 1)),
        draw(st.integers(0, FIRMS - 1)),
        draw(MONEY),
        tuple(steps),
        len(steps) > 1 and draw(st.integers(0, 4)) == 0,
        tuple(draw(st.lists(papers(), min_size=int(far > 0), max_size=3))),
        tuple(draw(st.lists(papers(formal=True), max_size=2))),
        draw(st.integers(1, 999)) if draw(st.booleans()) else 0,
        merged,
        draw(st.integers(0, 7)) == 0,
    )


def histories(most: int = 6) -> st.SearchStrategy[History]:
    """Draw what happened in an office."""
    some = st.lists(deals(), min_size=3, max_size=most).map(tuple)
    return st.builds(History, st.lists(visits(), min_size=4, max_size=2 * most).map(tuple), some)


def write(session: Session, office: Office, history: History) -> list[int]:
    """Write the facts; return the ids of the projects in their order."""
    firms = facts.firms(session, FIRMS)
    rows = [_touch(office, firms, number, one) for number, one in enumerate(history.visits)]
    if rows:
        session.execute(insert(Touch), rows)
    ids = [_project(session, office, firms[one.firm], number, one) for number, one in enumerate(history.deals)]
    finding.look(session, ids, now=NOW - 3000 * HOUR)
    session.flush()
    return ids


def _people(office: Office) -> tuple[Any, Any]:
    return (office.east, office.officer), (office.south, office.outsider)


def _touch(office: Office, firms: list[int], number: int, one: Visit) -> dict[str, Any]:
    unit, person = _people(office)[one.place]
    return {
        "client_id": f"drawn-{number}",
        "kind": one.kind,
        "enterprise_id": firms[one.firm],
        "unit_id": unit.id,
        "created_by": person.id,
        "occurred_at": one.at,
        "recorded_at": one.recorded,
        "headcount": one.heads or None,
        "voided_at": one.voided,
        "void_reason": "记错了企业" if one.voided else None,
        "leader_level": LeaderLevel.STAFF,
        "summary": "了解扩产计划。",
        "intention": Intention.WATCHING,
    }


def _project(session: Session, office: Office, firm: int, number: int, one: Deal) -> int:
    unit, person = _people(office)[one.place]
    row = Project(
        name=f"年产{number + 1}万套部件项目",
        folded_name=f"年产{number + 1}万套部件项目",
        enterprise_id=firm,
        unit_id=unit.id,
        owner_id=person.id,
        stage=one.stage,
        stage_since=one.steps[-1],
        stage_seq=ORDER.index(one.stage) + 1,
        capital=Capital.PRIVATE,
        channel=Channel.SQUAD,
        total_investment=one.money,
        confidential=one.secret,
        code_name="青山" if one.secret else None,
        created_by=person.id,
        created_at=one.steps[0],
        updated_at=one.steps[-1],
    )
    if one.merged:
        row.exit_kind, row.exit_reason, row.exited_at = ExitKind.MERGED, next(iter(ExitReason)), one.merged
    session.add(row)
    session.flush()
    moves = [
        {
            "project_id": row.id, "seq": seq, "to_stage": stage.value, "at": at, "by": person.id, "unit_id": unit.id,
            "first": True, "undone_at": at if one.taken_back and seq == len(one.steps) else None,
        }
        for seq, (stage, at) in enumerate(zip(ORDER, one.steps, strict=False), start=1)
    ]  # fmt: skip
    session.execute(insert(StageEntry), moves)
    _papers(session, office, row, one)
    if one.split:
        parts = [(office.east.id, one.split), (office.south.id, 1000 - one.split)]
        agreed = Basis(SplitBasis.AGREED, "协议")
        credit.write_split(session, row.id, parts, agreed, by=office.registrar.id, now=one.steps[0])
    return row.id


def _papers(session: Session, office: Office, project: Project, deal: Deal) -> None:
    judge = office.recognizer.id
    for one in deal.papers:
        at, held = one.decided or (None, None)
        session.add(
            Agreement(
                project_id=project.id,
                unit_id=project.unit_id,
                kind=AgreementKind.CONTRACT if one.formal else AgreementKind.INTENT,
                signed_on=local_day(one.made),
                amount=one.money,
                source_area=one.area,
                reported_by=project.created_by,
                reported_at=one.told,
                recognized_at=at,
                recognized_by=judge if at else None,
                recognized_amount=held,
                difference_reason="按实到设备核减" if at and held != one.money else None,
            )
        )
    for number, one in enumerate(deal.vouchers):
        at, held = one.decided or (None, Decimal(0))
        voucher = CapitalVoucher(
            project_id=project.id,
            unit_id=project.unit_id,
            kind=VoucherKind.BANK_SLIP,
            form=CapitalForm.CASH,
            area=one.area,
            number=f"{project.id}-{number}",
            payer="投资方",
            arrived_on=local_day(one.made),
            amount=one.money,
            sha256=sha256(f"{project.id}-{number}".encode()).hexdigest(),
            state=VoucherState.RECOGNISED if held else VoucherState.WAITING,
            recognized_amount=held,
            reported_by=project.created_by,
            reported_at=one.told,
        )
        session.add(voucher)
        session.flush()
        if at and held:
            both = {"reported_by": project.created_by, "decided_by": judge}
            session.add(CapitalDecision(voucher_id=voucher.id, amount=held, decided_at=at, **both))
    session.flush()
