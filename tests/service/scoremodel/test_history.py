from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from crm.core.errors import DomainError
from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.pipeline.rules import AgreementKind
from crm.scoremodel import backtesting, history, leaks, runs, services, versions
from crm.scoremodel.models import RunState
from crm.scoremodel.officemonths import levels_of, number_of
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.live import ensured
from crm.scoring.models import EnterpriseScore, ModelKind, ModelState, ScoreModel
from crm.scoring.services import rescore
from tests.support import builders, pasts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.scoremodel.officemonths import OfficeMonths
    from tests.service.scoremodel.conftest import Hands
    from tests.support.builders import Office


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def rows_of(database: Database, now: datetime = NOW) -> OfficeMonths:
    found = history.build(database.reading, EXPERT_TABLE, now=now, told=lambda _done, _all: True)
    assert found is not None
    return found.office_months()


def lead(
    session: Session, office: Office, met: str, signed: str | None = None, reported: str | None = None
) -> Enterprise:
    """An enterprise that was met once, and signed perhaps."""
    firm = builders.enterprise(session)
    when = at(met)
    builders.touch(session, firm, office.east, office.officer, occurred_at=when, recorded_at=when)
    if signed is not None:
        deal = builders.project(session, firm, office.east, office.officer, created_at=when, stage_since=when)
        day = date.fromisoformat(signed)
        builders.agreement(session, deal, office.officer, signed_on=day, reported_at=at(reported or signed))
    return firm


def test_a_lead_has_a_row_for_each_month_it_was_open(session: Session, office: Office, database: Database) -> None:
    firm = lead(session, office, "2026-05-10 09:00", "2026-08-20")
    other = lead(session, office, "2026-09-02 09:00")
    rescore(session, firm.id, now=NOW, cause="test")
    rescore(session, other.id, now=NOW, cause="test")
    session.commit()
    rows = rows_of(database)
    mine = rows.lead == firm.id
    assert [int(month) % 12 + 1 for month in rows.month[mine]] == [6, 7, 8]
    assert rows.signed[mine].tolist() == [False, False, True]
    assert (rows.lead == other.id).sum() == 1


def test_only_a_contract_is_a_signing(session: Session, office: Office, database: Database) -> None:
    firm = lead(session, office, "2026-05-10 09:00")
    deal = builders.project(session, firm, office.east, office.officer)
    day = date(2026, 7, 1)
    builders.agreement(session, deal, office.officer, kind=AgreementKind.FRAMEWORK, signed_on=day, reported_at=NOW)
    session.commit()
    assert not rows_of(database).signed.any()


def test_a_confidential_project_leaves_no_row(session: Session, office: Office, database: Database) -> None:
    firm = builders.enterprise(session)
    secret = {"confidential": True, "code_name": "青竹", "created_at": at("2026-05-10")}
    builders.project(session, firm, office.east, office.officer, **secret)
    session.commit()
    assert len(rows_of(database)) == 0


def test_a_training_on_the_first_knows_only_what_was_on_paper_then(
    session: Session, office: Office, database: Database
) -> None:
    """Signed in June, written down in September: in July and August one took the lead for an open one."""
    firm = lead(session, office, "2026-03-10 09:00", "2026-06-20", "2026-09-05 09:00")
    rescore(session, firm.id, now=NOW, cause="test")
    session.commit()
    rows = rows_of(database)
    august, september, october = (rows.known_at(number_of(at(f"2026-{month}-01"))) for month in ("08", "09", "10"))
    assert (len(august), int(august.signed.sum())) == (4, 0)
    assert (len(september), int(september.signed.sum())) == (5, 0)
    assert (len(october), int(october.signed.sum())) == (3, 1)


def canary(session: Session, firm: Enterprise, office: Office, *, won: bool) -> None:
    """Everything that people write down about an outcome once they know it, as strong as can be."""
    kind = "CAPX" if won else "NEG"
    told = {"happened_at": at("2026-02-01"), "recorded_at": at("2026-11-15")}
    for _time in range(4):
        builders.signal(session, firm, kind, **told)
    builders.contact(session, firm, office.east, office.officer, created_at=at("2026-11-15"))
    if won:
        target = session.query(TargetList).filter_by(key="fortune_global_500").one_or_none()
        if target is None:
            target = TargetList(key="fortune_global_500", name="世界500强")
            session.add(target)
            session.flush()
            session.add(ListEdition(list_id=target.id, year=2025, imported_at=at("2026-11-15")))
            session.flush()
        edition = session.query(ListEdition).filter_by(list_id=target.id).one()
        session.add(ListEntry(edition_id=edition.id, enterprise_id=firm.id, rank=3, printed_name=firm.name))
    session.flush()


@pytest.mark.parametrize("before_first_score", [True, False], ids=["never scored before", "scored before"])
def test_a_canary_equal_to_the_outcome_recorded_after_closing_is_invisible(
    session: Session, office: Office, database: Database, *, before_first_score: bool
) -> None:
    firms = [(lead(session, office, "2026-03-10 09:00", "2026-06-20"), True) for _number in range(3)]
    firms += [(lead(session, office, "2026-03-10 09:00"), False) for _number in range(3)]
    if not before_first_score:
        for firm, _won in firms:
            rescore(session, firm.id, now=at("2026-11-10"), cause="test")
        session.commit()
        clean = rows_of(database, at("2026-11-10"))
    for firm, won in firms:
        canary(session, firm, office, won=won)
        rescore(session, firm.id, now=NOW, cause="test")
    session.commit()
    rows = rows_of(database)
    assert all(session.get_one(EnterpriseScore, firm.id).points != 50 for firm, _won in firms)
    names = levels_of(EXPERT_TABLE).keys
    for name in ("signal_CAPX", "signal_NEG", "contacts", "lists"):
        assert not rows.codes[:, names.index(name)].any(), name
    if not before_first_score:
        assert np.array_equal(clean.codes, rows.codes)


def test_the_whole_road_from_a_history_to_a_probability(hands: Hands, session: Session) -> None:
    past = pasts.write(session, hands.office, pasts.LEARNABLE)
    hands.scored()
    run = hands.tested()
    report, model = run.result, versions.fitted(session)
    assert run.state is RunState.DONE
    assert (report["won"], report["lost"]) == (int((past.signed >= 0).sum()), int((past.dropped >= 0).sum()))
    assert min(report["won"], report["lost"]) > 40
    assert report["signal"]
    assert report["models"]["card"]["log_loss"] < report["models"]["base_rate"]["log_loss"]
    assert report["models"]["card"]["log_loss"] < report["models"]["naive_bayes"]["log_loss"]
    assert not any(one["leaks"] for one in report["features"])
    assert model is not None
    table = services.table_of(model)
    assert (model.kind, table.mode, table.months) == (ModelKind.FITTED, "probability", report["months"])
    hands.previewed(model)
    hands.publish(model, "历史检验通过，改用拟合的权重")
    assert hands.live().id == model.id
    scores = session.query(EnterpriseScore).all()
    open_ = int(((past.signed < 0) & (past.dropped < 0)).sum())
    shown = [one.probability for one in scores if one.probability is not None]
    assert 0 < len(shown) < open_, "those older than any lead ever seen have none"
    ages = report["oldest"] + 1 - report["months"]
    young = (past.signed < 0) & (past.dropped < 0) & (pasts.MONTHS - past.begin <= ages)
    assert len(shown) == int(young.sum())
    assert all(0 < chance < 1 for chance in shown)


def test_a_history_without_signal_says_so_and_is_not_published(hands: Hands, session: Session) -> None:
    pasts.write(session, hands.office, pasts.NOTHING)
    hands.scored()
    report, model = hands.tested().result, versions.fitted(session)
    assert not report["signal"]
    assert model is not None
    hands.previewed(model)
    with pytest.raises(DomainError) as refused:
        hands.publish(model, "试试看行不行")
    assert [problem.key for problem in refused.value.problems] == ["publish.signal"]
    session.rollback()
    assert hands.live().kind is ModelKind.EXPERT


def test_the_nightly_round_tests_only_when_there_is_something_new(hands: Hands, session: Session) -> None:
    assert backtesting.due(session, now=NOW) is None, "fewer than ten signings"
    pasts.write(session, hands.office, pasts.LEARNABLE, leads=150)
    hands.scored()
    assert backtesting.due(session, now=NOW) is not None
    hands.drain()
    assert backtesting.due(session, now=NOW + timedelta(hours=20)) is None, "nothing new"
    assert backtesting.due(session, now=NOW + timedelta(days=12)) is not None, "another month is over"


def test_a_fitted_version_that_nobody_published_gives_way_to_the_next(hands: Hands, session: Session) -> None:
    pasts.write(session, hands.office, pasts.LEARNABLE, leads=150)
    hands.scored()
    hands.tested()
    hands.tested()
    drafts = session.query(ScoreModel).filter_by(state=ModelState.DRAFT)
    assert [one.version for one in drafts] == ["fitted-2"]


def test_a_stopped_test_leaves_nothing(hands: Hands, session: Session) -> None:
    run = backtesting.start(session, hands.registrar, now=NOW)
    runs.stop(session, hands.registrar, run.id, now=NOW)
    hands.drain()
    assert (run.state, run.result, versions.fitted(session)) == (RunState.STOPPED, {}, None)


def test_a_column_written_at_the_closing_is_found_out(hands: Hands, session: Session, database: Database) -> None:
    """Were it dated back, no clock could catch it: then the test of single features does."""
    past = pasts.write(session, hands.office, pasts.LEARNABLE, leads=150)
    firms = [row.enterprise_id for row in session.query(EnterpriseScore)] or _ids(session, len(past.begin))
    for firm, number in zip(firms, past.signed, strict=True):
        if number >= 0:
            month = pasts.month_start(int(number)) - timedelta(days=1)
            told = {"occurred_at": month, "recorded_at": month, "leader_level": "county"}
            firm_ = session.get_one(Enterprise, firm)
            builders.touch(session, firm_, hands.office.east, hands.office.officer, **told)
    hands.scored()
    ensured(session, NOW)
    rows = rows_of(database)
    found = {one.key: one for one in leaks.look(rows, levels_of(EXPERT_TABLE))}
    assert found["leader"].leaks
    assert not found["signal_CAPX"].leaks


def _ids(session: Session, number: int) -> list[int]:
    rows = session.query(Enterprise.id).order_by(Enterprise.id.desc()).limit(number)
    return sorted(key for (key,) in rows)
