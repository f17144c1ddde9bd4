from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from crm.assessment import queries, services, target_tree, targets
from crm.assessment.goals import Milestone, Scope, SplitBy
from crm.assessment.models import Target
from crm.assessment.rules import TargetLevel
from crm.assessment.targets import TargetDraft
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.pipeline.rules import Stage
from tests.support import facts
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

D = Decimal
WHOLE = Scope("signings", 2026)
ENSURE = TargetLevel.ENSURE


def root(session: Session, office: Office, scope: Scope = WHOLE, value: int = 10) -> Target:
    actor = office.actor(session, office.registrar)
    return targets.create(session, actor, TargetDraft(scope, D(value)), now=NOW)


def split(session: Session, office: Office, row: Target, by: SplitBy, **parts: int) -> Target:
    actor = office.actor(session, office.registrar)
    wanted = {key.lstrip("_").replace("_to_", "-"): D(value) for key, value in parts.items()}
    return targets.decompose(session, actor, row.id, by, wanted, now=NOW)


def by_unit(session: Session, office: Office, row: Target, east: int, south: int) -> dict[str, Target]:
    split(session, office, row, SplitBy.UNIT, **{str(office.east.id): east, str(office.south.id): south})
    parts = session.scalars(select(Target).where(Target.parent_id == row.id))
    return {"east" if one.unit_id == office.east.id else "south": one for one in parts}


def test_parts_always_sum_to_the_target_above_them(session: Session, office: Office) -> None:
    row = root(session, office)
    with pytest.raises(DomainError) as refused:
        by_unit(session, office, row, 6, 3)
    assert [problem.key for problem in refused.value.problems] == ["split.sum"]
    parts = by_unit(session, office, row, 6, 4)
    split(session, office, parts["east"], SplitBy.PERIOD, q1=1, q2=1, q3=2, q4=2)
    sums = select(Target.parent_id, func.sum(Target.value)).where(Target.parent_id.is_not(None))
    for parent_id, total in session.execute(sums.group_by(Target.parent_id)):
        assert parent_id is not None
        assert D(total) == targets.get(session, parent_id).value


def test_neither_a_part_nor_a_split_target_changes_alone(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    row = root(session, office)
    part = by_unit(session, office, row, 6, 4)["east"]
    for one in (row, part):
        with pytest.raises(DomainError):
            targets.change(session, actor, one.id, D(99), "", version=one.version, now=NOW)
    with pytest.raises(DomainError):
        targets.remove(session, actor, part.id, now=NOW)
    targets.undo_split(session, actor, row.id, now=NOW)
    targets.change(session, actor, row.id, D(12), "调增", version=row.version, now=NOW)
    assert targets.get(session, row.id).value == 12


def test_a_part_that_is_split_itself_keeps_its_number(session: Session, office: Office) -> None:
    row = root(session, office)
    parts = by_unit(session, office, row, 6, 4)
    split(session, office, parts["east"], SplitBy.PERIOD, h1=3, h2=3)
    with pytest.raises(DomainError) as refused:
        by_unit(session, office, row, 5, 5)
    assert "split.deeper" in [problem.key for problem in refused.value.problems]
    split(session, office, row, SplitBy.UNIT, **{str(office.east.id): 6, str(office.bureau.id): 4})
    kept = session.scalars(select(Target.value).where(Target.parent_id == parts["east"].id)).all()
    assert sorted(kept) == [3, 3]


def test_a_target_taken_back_takes_its_whole_tree(session: Session, office: Office) -> None:
    row = root(session, office)
    split(session, office, by_unit(session, office, row, 6, 4)["east"], SplitBy.PERIOD, h1=3, h2=3)
    targets.remove(session, office.actor(session, office.registrar), row.id, now=NOW)
    assert session.scalar(select(func.count(Target.id))) == 0


def test_two_targets_of_one_scope_and_changes_of_an_old_page_are_refused(session: Session, office: Office) -> None:
    row = root(session, office)
    with pytest.raises(DomainError):
        root(session, office)
    with pytest.raises(ConflictError):
        targets.change(
            session, office.actor(session, office.registrar), row.id, D(5), "", version=row.version + 1, now=NOW
        )


def test_a_person_gets_a_target_only_in_the_own_unit(session: Session, office: Office) -> None:
    row = root(session, office, Scope("leads", 2026, unit_id=office.east.id))
    with pytest.raises(DomainError) as refused:
        split(session, office, row, SplitBy.PERSON, **{str(office.officer.id): 5, str(office.outsider.id): 5})
    assert [problem.key for problem in refused.value.problems] == ["target.person"]
    split(session, office, row, SplitBy.PERSON, **{str(office.officer.id): 5, str(office.colleague.id): 5})


def test_what_was_done_follows_unit_person_period_size_and_site(session: Session, office: Office) -> None:
    firms = facts.firms(session, 6)
    big: dict[str, Any] = {"total_investment": D(12000), "site": "东区产业园"}
    facts.projects(session, office.east, office.officer, firms[:2], **big)
    facts.projects(session, office.east, office.colleague, firms[2:5])
    facts.projects(session, office.south, office.outsider, firms[5:])
    row = root(session, office, Scope("leads", 2026))
    parts = by_unit(session, office, row, 6, 4)
    split(session, office, parts["east"], SplitBy.PERSON, **{str(office.officer.id): 3, str(office.colleague.id): 3})
    split(session, office, parts["south"], SplitBy.PERIOD, q1=1, q2=1, q3=1, q4=1)
    root(session, office, Scope("leads", 2026, low=D(10000)))
    root(session, office, Scope("leads", 2026, site="东区产业园"))
    nodes, more = target_tree.forest(session, 2026, ENSURE, now=NOW, today=TODAY)
    told = [(node.depth, node.row.period, node.row.person_id, node.progress.done) for node in nodes]
    assert not more
    assert told[:2] == [(0, "year", None, 6), (1, "year", None, 5)]
    assert {(2, "year", office.officer.id, 2), (2, "year", office.colleague.id, 3)} <= set(told)
    quarters = [done for depth, period, _person, done in told if period.startswith("q") and depth == 2]
    assert quarters == [0, 0, 0, 1]
    assert [done for depth, _period, _person, done in told if depth == 0] == [6, 2, 2]
    for node in nodes:
        assert queries.total(session, node.measure, node.window) == node.progress.done


def test_milestones_set_what_is_due_and_the_course_tells_what_was_done_by_then(
    session: Session, office: Office
) -> None:
    actor = office.actor(session, office.registrar)
    facts.projects(session, office.east, office.officer, facts.firms(session, 3), Stage.LEAD)
    row = root(session, office, Scope("leads", 2026), 12)
    targets.set_milestones(session, actor, row.id, [Milestone(date(2026, 6, 30), D(50))], now=NOW)
    node, below = target_tree.around(session, targets.get(session, row.id), now=NOW, today=TODAY)
    assert below == []
    assert node.progress.elapsed.due is not None
    assert node.progress.elapsed.share > D("0.5")
    assert target_tree.course(session, node, [date(2026, 6, 30), TODAY]) == [0, 3]
    with pytest.raises(DomainError):
        targets.set_milestones(session, actor, row.id, [Milestone(date(2027, 6, 30), D(50))], now=NOW)


def test_the_grid_sums_to_the_office_where_it_has_a_target(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    cells = {(0, "leads"): 10, (office.east.id, "leads"): 6, (office.south.id, "leads"): 3}
    with pytest.raises(DomainError) as refused:
        services.set_targets(session, actor, 2026, ENSURE, cells, now=NOW)
    assert refused.value.problems[0].key == "target.sum"
    services.set_targets(session, actor, 2026, ENSURE, {**cells, (office.south.id, "leads"): 4}, now=NOW)
    whole = session.scalars(select(Target).where(Target.unit_id.is_(None))).one()
    assert whole.split_by is SplitBy.UNIT
    assert session.scalar(select(func.sum(Target.value)).where(Target.parent_id == whole.id)) == 10
    services.set_targets(session, actor, 2026, ENSURE, {(office.east.id, "leads"): 6}, now=NOW)
    assert [row.parent_id for row in session.scalars(select(Target))] == [None]


def test_the_grid_leaves_alone_what_stands_deeper(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    services.set_targets(session, actor, 2026, ENSURE, {(office.east.id, "leads"): 6}, now=NOW)
    row = session.scalars(select(Target)).one()
    split(session, office, row, SplitBy.PERIOD, h1=3, h2=3)
    with pytest.raises(DomainError):
        services.set_targets(session, actor, 2026, ENSURE, {(office.east.id, "leads"): 7}, now=NOW)
    services.set_targets(
        session, actor, 2026, ENSURE, {(office.east.id, "leads"): 6, (office.south.id, "leads"): 2}, now=NOW
    )
    assert queries.targets(session, 2026, ENSURE) == {(office.east.id, "leads"): 6, (office.south.id, "leads"): 2}


def test_only_who_sets_targets_writes_them(session: Session, office: Office) -> None:
    actor = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        targets.create(session, actor, TargetDraft(WHOLE, D(1)), now=NOW)


def test_the_pages_set_split_and_show_a_target(session: Session, office: Office, as_registrar: Browser) -> None:
    facts.projects(session, office.east, office.officer, facts.firms(session, 3))
    session.commit()
    form = {"metric": "leads", "year": "2026", "period": "year", "level": "ensure", "unit": "", "size": "total"}
    assert as_registrar.post("/targets/new", {**form, "value": ""}).status_code == 422
    made = as_registrar.post("/targets/new", {**form, "value": "12", "note": "县委下达"})
    assert made.status_code == 302
    row = session.scalars(select(Target)).one()
    session.commit()
    assert as_registrar.post(f"/targets/{row.id}/edit", {"value": "", "version": "1"}).status_code == 422
    assert as_registrar.post(f"/targets/{row.id}/edit", {"value": "12", "version": "9"}).status_code == 409
    changed = as_registrar.post(f"/targets/{row.id}/edit", {"value": "12", "note": "市里下达", "version": "1"})
    assert changed.status_code == 302
    east, south = f"part-{office.east.id}", f"part-{office.south.id}"
    path = f"/targets/{row.id}/split?by=unit"
    wrong = as_registrar.post(path, {east: "6", south: "5"})
    assert wrong.status_code == 422
    assert "相差1" in wrong.text
    assert 'value="6"' in wrong.text
    assert as_registrar.post(path, {east: "8", south: "4"}).status_code == 303
    assert (
        as_registrar.post(f"/targets/{row.id}/milestones", {"on-0": "2026-06-30", "percent-0": "50"}).status_code == 303
    )
    page = as_registrar.get(f"/targets/{row.id}").text
    assert "长三角小分队" in page
    assert "没达到" in page
    assert f"units={office.east.id}" in page
    assert 'data-chart-png="chart-course"' in page
    assert as_registrar.get(f"/targets/{row.id}.xlsx").data.startswith(b"PK")
    tree = as_registrar.get("/targets/tree?year=2026").text
    assert "分解成2份" in tree
    for by in ("unit", "period", "band", "site"):
        assert as_registrar.get(f"/targets/{row.id}/split?by={by}").status_code == 200


def test_bands_and_sites_are_split_by_rows(session: Session, office: Office, as_registrar: Browser) -> None:
    row = root(session, office)
    session.commit()
    page = as_registrar.get(f"/targets/{row.id}/split?by=band").text
    assert 'value="5000"' in page
    bands = {"low-0": "", "high-0": "5000", "value-0": "4", "low-1": "5000", "high-1": "", "value-1": "6"}
    assert as_registrar.post(f"/targets/{row.id}/split?by=band", bands).status_code == 303
    sites = {"site-0": "东区产业园", "value-0": "7", "site-1": "西区产业园", "value-1": "3"}
    assert as_registrar.post(f"/targets/{row.id}/split?by=site", sites).status_code == 303
    assert set(session.scalars(select(Target.site).where(Target.parent_id == row.id))) == {"东区产业园", "西区产业园"}


def test_a_tree_of_fifty_targets_asks_the_database_no_more_than_one_of_five(
    session: Session, office: Office, as_registrar: Browser, database: Database
) -> None:
    row = root(session, office, Scope("leads", 2026), 12)
    split(session, office, row, SplitBy.PERIOD, **{f"m{month:02d}": 1 for month in range(1, 13)})
    session.commit()
    with counted(database) as statements:
        assert as_registrar.get("/targets/tree?year=2026").status_code == 200
    assert len(statements) <= 12
