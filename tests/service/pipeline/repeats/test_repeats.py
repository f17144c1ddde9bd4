from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from crm.assessment import queries as figures
from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.assessment.rules import Metric
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.enterprises.groups import set_parent
from crm.pipeline import services as pipeline
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.repeats import finding, queries, services
from crm.pipeline.repeats.models import ProjectKey, ProjectRepeat
from crm.pipeline.repeats.rules import MOST_HITS, Grade, RepeatState
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from tests.service.pipeline.helpers import counting
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from crm.pipeline.models import Project
    from tests.support.builders import Office

PLACE: dict[str, Any] = {"site": "园区二期A地块", "product_line": "锂电池电解液"}
LATER = NOW + timedelta(days=1)
LEFT = {"exit_kind": ExitKind.LOST, "exit_reason": ExitReason.ELSEWHERE, "exited_at": NOW}


def lead(session: Session, office: Office, firm: Enterprise, by: User, name: str, **fields: Any) -> Project:
    draft = ProjectDraft(name=name, **{**PLACE, **fields})
    return pipeline.register_lead(session, office.actor(session, by), firm.id, draft, now=NOW)


def old(session: Session, office: Office, firm: Enterprise, **fields: Any) -> Project:
    """Add a project as it stood for years, with its keys."""
    row = builders.project(session, firm, office.south, office.outsider, **{**PLACE, **fields})
    finding.notice(session, row, now=NOW)
    return row


def rule(
    session: Session, office: Office, row: ProjectRepeat, state: RepeatState, *, now: datetime = NOW, **fields: Any
) -> ProjectRepeat:
    actor = office.actor(session, fields.pop("by", office.registrar))
    increment = fields.pop("increment", None)
    return services.rule(session, actor, row.id, state, increment, "对照过材料", version=row.version, now=now)


def window(cutoff: datetime = LATER) -> Window:
    return Window(date(2026, 1, 1), date(2026, 12, 31), cutoff)


def figure(session: Session, name: str, cutoff: datetime = LATER) -> Decimal:
    return figures.total(session, MEASURES[name], window(cutoff))


@pytest.mark.parametrize("fields", [{"stage": Stage.SIGNED}, LEFT, {}], ids=["signed", "dead", "under way"])
def test_an_earlier_project_with_the_same_key_is_found_on_registration(
    session: Session, office: Office, fields: dict[str, Any]
) -> None:
    firm = builders.enterprise(session)
    before = old(session, office, firm, **fields)
    new = lead(session, office, firm, office.officer, "高性能材料项目", site="园區二期 Ａ地块")
    row = session.query(ProjectRepeat).one()
    assert (row.project_id, row.earlier_id, row.grade, row.state) == (new.id, before.id, Grade.EXACT, RepeatState.OPEN)
    assert [kind for kind, _words in row.reasons] == ["investor", "site", "product"]


def test_a_merged_project_is_no_earlier_one(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm, exit_kind=ExitKind.MERGED, exit_reason=ExitReason.DUPLICATE, exited_at=NOW)
    lead(session, office, firm, office.officer, "高性能材料项目")
    assert session.query(ProjectRepeat).count() == 0


def test_the_group_of_the_investor_counts(session: Session, office: Office) -> None:
    head, below = builders.enterprise(session), builders.enterprise(session)
    set_parent(session, office.actor(session, office.registrar), below.id, head.id, now=NOW)
    old(session, office, head)
    lead(session, office, below, office.officer, "高性能材料项目", product_line="电解液")
    assert session.query(ProjectRepeat).one().grade is Grade.LIKELY


def test_a_change_that_makes_two_projects_alike_is_noticed(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = lead(session, office, firm, office.officer, "座椅项目", site="清溪组团", product_line="汽车座椅")
    assert session.query(ProjectRepeat).count() == 0
    draft = ProjectDraft(name="座椅项目", **PLACE)
    actor = office.actor(session, office.officer)
    pipeline.update_project(session, actor, new.id, draft, version=new.version, now=NOW)
    assert session.query(ProjectRepeat).one().project_id == new.id


def test_looking_again_finds_nothing_twice_and_leaves_rulings_alone(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    lead(session, office, firm, office.officer, "高性能材料项目")
    rule(session, office, session.query(ProjectRepeat).one(), RepeatState.DIFFERENT)
    assert services.look_behind(session, 0, now=NOW) == (0, 0)
    assert session.query(ProjectRepeat).one().state is RepeatState.DIFFERENT


def test_a_look_behind_all_finds_what_was_there_before_it(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    first = builders.project(session, firm, office.south, office.outsider, **PLACE)
    second = builders.project(session, firm, office.east, office.officer, **PLACE)
    assert services.look_behind(session, 0, now=NOW) == (0, 1)
    row = session.query(ProjectRepeat).one()
    assert (row.project_id, row.earlier_id) == (second.id, first.id)


def test_a_look_behind_many_asks_the_database_no_more_often(
    session: Session, office: Office, database: Database
) -> None:
    reads = []
    for count in (3, 9):
        for _ in range(count):
            builders.project(session, builders.enterprise(session), office.east, office.officer, **PLACE)
        session.commit()
        with counting(database) as seen:
            services.look_behind(session, 0, now=NOW)
        session.commit()
        reads.append(len(seen))
    assert reads[0] == reads[1]


def test_a_key_that_many_projects_share_tells_nothing(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    for number in range(MOST_HITS):
        builders.project(session, firm, office.east, office.officer, site=f"地块{number}甲", product_line="轴承座")
    services.look_behind(session, 0, now=NOW)
    found = session.query(ProjectRepeat).count()
    assert found
    lead(session, office, firm, office.officer, "又一个项目", site="清溪组团", product_line="轴承座")
    assert session.query(ProjectRepeat).count() == found
    assert session.query(ProjectKey).filter_by(kind="investor").count() == MOST_HITS + 1


def test_nothing_counts_before_it_is_ruled_and_a_different_project_counts_again(
    session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED, **PLACE)
    builders.agreement(
        session, new, office.officer, recognized_amount=Decimal(9000), recognized_by=office.recognizer.id,
        recognized_at=NOW,
    )  # fmt: skip
    names = ("signed_amount", "reported", "reported_amount", "recognized", "recognized_amount", str(Metric.SIGNINGS))
    assert all(figure(session, name) for name in names)
    finding.notice(session, new, now=NOW)
    session.commit()
    assert {name: figure(session, name) for name in names} == dict.fromkeys(names, Decimal(0))
    assert figure(session, "reached_signed") == 0
    assert figure(session, "reached_pre_signing") == 1
    steps = {step.stage: step.count for step in figures.funnel(session, window())}
    assert (steps[Stage.PRE_SIGNING], steps[Stage.SIGNED]) == (1, 0)
    rule(session, office, session.query(ProjectRepeat).one(), RepeatState.DIFFERENT)
    session.commit()
    assert all(figure(session, name) for name in names)
    assert figure(session, "reached_signed") == 1


def test_a_figure_of_before_stays_as_it_was(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED, **PLACE)
    builders.agreement(session, new, office.officer)
    finding.notice(session, new, now=NOW + timedelta(hours=2))
    session.commit()
    assert figure(session, "reported", NOW + timedelta(hours=1)) == 1
    assert figure(session, "reported", NOW + timedelta(hours=3)) == 0
    rule(session, office, session.query(ProjectRepeat).one(), RepeatState.DIFFERENT, now=NOW + timedelta(hours=5))
    session.commit()
    assert figure(session, "reported", NOW + timedelta(hours=3)) == 0
    assert figure(session, "reported", NOW + timedelta(hours=6)) == 1


def test_the_same_project_never_counts_and_an_expansion_counts_its_increment(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    new = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED, **PLACE)
    for _ in range(2):
        builders.agreement(session, new, office.officer)
    finding.notice(session, new, now=NOW)
    row = rule(session, office, session.query(ProjectRepeat).one(), RepeatState.EXPANSION, increment=Decimal(3000))
    session.commit()
    assert figure(session, "reported_amount") == Decimal(3000)
    assert figure(session, "reported") == 2
    row.state, row.increment = RepeatState.SAME, None
    session.commit()
    assert figure(session, "reported_amount") == 0


def signed_again(session: Session, office: Office) -> tuple[Project, Project]:
    """A signed project, and one signed later that may be the same; each with a contract."""
    firm = builders.enterprise(session)
    first = old(session, office, firm, stage=Stage.SIGNED)
    builders.agreement(session, first, office.outsider)
    second = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED, **PLACE)
    builders.agreement(session, second, office.officer)
    finding.notice(session, second, now=NOW)
    return first, second


def test_an_upgrade_counts_without_its_amount_from_its_ruling_on(session: Session, office: Office) -> None:
    signed_again(session, office)
    assert [figure(session, key) for key in ("reported", "reported_amount")] == [1, 12000]
    rule(session, office, session.query(ProjectRepeat).one(), RepeatState.UPGRADE, now=NOW + timedelta(hours=1))
    session.commit()
    assert [figure(session, key) for key in ("reported", "reported_amount", "signed_amount")] == [2, 12000, 12000]
    assert figure(session, "reported", NOW) == 1


def test_a_change_of_owner_counts_at_the_later_event_alone(session: Session, office: Office) -> None:
    first, second = signed_again(session, office)
    assert figures.by_unit(session, MEASURES["reported_amount"], window()) == {first.unit_id: 12000}
    rule(session, office, session.query(ProjectRepeat).one(), RepeatState.OWNER, now=NOW + timedelta(hours=1))
    session.commit()
    for key in ("reported_amount", "signed_amount", "reported", str(Metric.SIGNINGS)):
        assert list(figures.by_unit(session, MEASURES[key], window())) == [second.unit_id], key
    assert figures.by_unit(session, MEASURES["reported_amount"], window(NOW)) == {first.unit_id: 12000}


def test_the_owner_and_who_registered_it_cannot_rule(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    lead(session, office, firm, office.registrar, "高性能材料项目")
    row = session.query(ProjectRepeat).one()
    with pytest.raises(ForbiddenError) as error:
        rule(session, office, row, RepeatState.DIFFERENT)
    assert error.value.problems[0].key == "repeat.own"
    row.state, row.ruled_by, row.ruled_at = RepeatState.DIFFERENT, row.registered_by, NOW
    with pytest.raises(IntegrityError):
        session.flush()


def test_only_a_registrar_rules_and_only_once(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    lead(session, office, firm, office.officer, "高性能材料项目")
    row = session.query(ProjectRepeat).one()
    with pytest.raises(ForbiddenError):
        rule(session, office, row, RepeatState.DIFFERENT, by=office.leader)
    with pytest.raises(NotFoundError):
        rule(session, office, row, RepeatState.DIFFERENT, by=office.outsider)
    rule(session, office, row, RepeatState.SAME)
    with pytest.raises(ConflictError):
        rule(session, office, row, RepeatState.DIFFERENT)


def test_an_absurd_increment_is_refused(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm)
    lead(session, office, firm, office.officer, "高性能材料项目")
    with pytest.raises(DomainError):
        rule(session, office, session.query(ProjectRepeat).one(), RepeatState.EXPANSION, increment=Decimal(-1))


def test_the_earlier_project_of_another_unit_is_not_named_to_an_officer(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    before = old(session, office, firm)
    new = lead(session, office, firm, office.officer, "高性能材料项目")
    mine = queries.of_project(session, office.actor(session, office.officer), new.id)
    theirs = queries.of_project(session, office.actor(session, office.registrar), new.id)
    assert [line.earlier for line in mine] == [None]
    assert [line.earlier.id if line.earlier else 0 for line in theirs] == [before.id]


def test_a_confidential_project_is_neither_compared_nor_told_of(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.project(session, firm, office.south, office.outsider, confidential=True, code_name="启明星", **PLACE)
    services.look_behind(session, 0, now=NOW)
    lead(session, office, firm, office.officer, "高性能材料项目")
    assert session.query(ProjectRepeat).count() == 0


def test_the_reasons_tell_nothing_of_the_name_another_unit_gave(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    old(session, office, firm, name="苍耳计划电解液配套项目", site=None, product_line=None)
    lead(session, office, firm, office.officer, "电解液配套二期项目", site=None, product_line=None)
    row = session.query(ProjectRepeat).one()
    assert "苍耳" not in str(row.reasons)
