"""Site tours: planned, judged on the spot by people who have no part in it, closed for good, counted in assessments."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.assessment.books import services as books
from crm.assessment.books.rules import Feed, FeedKind
from crm.assessment.books.services import RunDraft
from crm.assessment.tours import queries, services
from crm.assessment.tours.rules import TourState
from crm.assessment.tours.services import StopDraft, TourDraft
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.notices.models import Notice
from tests.support import builders
from tests.support.assessing import END, START, result
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.tours.models import SiteTour
    from crm.auth.models import User
    from tests.support.builders import Office

CRITERIA = "建设进度 10 60\n现场讲解 5 40"


def draft(office: Office, *more: User, trim: bool = True) -> TourDraft:
    judges = (office.leader, office.recognizer, office.supervisor, *more)
    return TourDraft("2026年四季度观摩", TODAY, CRITERIA, frozenset(one.id for one in judges), trim)


def planned(session: Session, office: Office, *more: User) -> SiteTour:
    registrar = office.actor(session, office.registrar)
    row = services.save(session, registrar, draft(office, *more), now=NOW)
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, name="轴承二期")
    for one in (StopDraft(office.east.id, "", deal.id), StopDraft(office.south.id, "包装车间")):
        services.add_stop(session, registrar, row.id, one, now=NOW)
    return queries.tour(session, row.id)


def opened(session: Session, office: Office, *more: User) -> SiteTour:
    row = planned(session, office, *more)
    services.open_tour(session, office.actor(session, office.registrar), row.id, now=NOW)
    return queries.tour(session, row.id)


def judge(session: Session, office: Office, row: SiteTour, who: User, *marks: tuple[str, str]) -> None:
    for stop, (progress, talk) in zip(row.stops, marks, strict=False):
        typed = {"c1": progress, "c2": talk}
        services.hand_in(session, office.actor(session, who), (row.id, stop.id), typed, remark="", now=NOW)


def closed(session: Session, office: Office) -> SiteTour:
    row = opened(session, office)
    judge(session, office, row, office.leader, ("10", "5"), ("8", "4"))
    judge(session, office, row, office.recognizer, ("5", "5"), ("8", "4.5"))
    judge(session, office, row, office.supervisor, ("9", "4"), ("8", "5"))
    return services.close(session, office.actor(session, office.registrar), row.id, now=NOW)


def test_a_tour_drops_the_extremes_and_fixes_places(session: Session, office: Office) -> None:
    row = closed(session, office)
    found = [(one.unit_id, str(one.points), one.rank, one.stops) for one in queries.results(session, row.id)]
    assert found == [(office.east.id, "86", 1, 1), (office.south.id, "84", 2, 1)]
    assert (row.year, row.quarter, row.state) == (2026, 4, TourState.CLOSED)


def test_a_stop_takes_the_name_of_its_project(session: Session, office: Office) -> None:
    assert [stop.title for stop in planned(session, office).stops] == ["轴承二期", "包装车间"]


def test_judges_are_told_once_sheets_are_open(session: Session, office: Office) -> None:
    row = opened(session, office)
    told = set(session.scalars(select(Notice.user_id).where(Notice.link == f"/assessment/tours/{row.id}/judge")))
    assert told == {office.leader.id, office.recognizer.id, office.supervisor.id}


def test_a_judge_leaves_out_the_stops_of_the_own_unit(session: Session, office: Office) -> None:
    row = opened(session, office, office.outsider)
    judge(session, office, row, office.outsider, ("9", "5"))
    outsider = office.actor(session, office.outsider)
    with pytest.raises(ForbiddenError, match=r"tour\.own_unit"):
        services.hand_in(session, outsider, (row.id, row.stops[1].id), {"c1": "10", "c2": "5"}, remark="", now=NOW)


def test_a_stop_that_only_its_own_people_could_judge_opens_no_tour(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    wanted = TourDraft("小范围观摩", TODAY, CRITERIA, frozenset({office.officer.id}))
    row = services.save(session, registrar, wanted, now=NOW)
    services.add_stop(session, registrar, row.id, StopDraft(office.east.id, "轴承二期"), now=NOW)
    with pytest.raises(DomainError, match=r"tour\.unjudged"):
        services.open_tour(session, registrar, row.id, now=NOW)


def test_who_is_no_judge_has_no_sheet(session: Session, office: Office) -> None:
    row = opened(session, office)
    with pytest.raises(NotFoundError, match=r"tour\.not_asked"):
        judge(session, office, row, office.colleague, ("9", "5"))


def test_a_sheet_may_be_handed_in_again_until_the_closing(session: Session, office: Office) -> None:
    row = opened(session, office)
    for progress in ("1", "9"):
        judge(session, office, row, office.leader, (progress, "5"), ("5", "5"))
    assert [str(one.points) for one in queries.sheets(session, row.id)] == ["94", "70"]
    services.close(session, office.actor(session, office.registrar), row.id, now=NOW)
    with pytest.raises(ConflictError, match=r"tour\.not_open"):
        judge(session, office, row, office.leader, ("2", "2"))


def test_a_stop_nobody_judged_keeps_a_tour_open(session: Session, office: Office) -> None:
    row = opened(session, office)
    judge(session, office, row, office.leader, ("9", "5"))
    with pytest.raises(DomainError, match=r"tour\.silent"):
        services.close(session, office.actor(session, office.registrar), row.id, now=NOW)


def test_once_open_nothing_of_a_tour_changes(session: Session, office: Office) -> None:
    row, registrar = opened(session, office), office.actor(session, office.registrar)
    with pytest.raises(ConflictError, match=r"tour\.started"):
        services.save(session, registrar, draft(office, trim=False), now=NOW, tour_id=row.id)
    with pytest.raises(ConflictError, match=r"tour\.started"):
        services.add_stop(session, registrar, row.id, StopDraft(office.south.id, "二号车间"), now=NOW)
    with pytest.raises(ConflictError, match=r"tour\.started"):
        services.remove_stop(session, registrar, row.id, row.stops[0].id, now=NOW)


def test_another_units_or_a_confidential_project_is_no_stop(session: Session, office: Office) -> None:
    row, registrar = planned(session, office), office.actor(session, office.registrar)
    firm = builders.enterprise(session)
    secret = builders.project(
        session, firm, office.south, office.outsider, name="青松", confidential=True, code_name="代号甲"
    )
    other = builders.project(session, firm, office.east, office.officer, name="别家的")
    for deal in (secret, other):
        with pytest.raises(DomainError, match=r"stop\.project"):
            services.add_stop(session, registrar, row.id, StopDraft(office.south.id, "看一看", deal.id), now=NOW)


def test_only_the_office_holds_tours(session: Session, office: Office) -> None:
    with pytest.raises(ForbiddenError):
        services.save(session, office.actor(session, office.leader), draft(office), now=NOW)


def test_a_tour_counts_in_an_assessment(session: Session, office: Office) -> None:
    closed(session, office)
    rules = {"name": "观摩计入考核", "rules": [
        {"key": "观摩", "label": "观摩拉练", "kind": "ratio", "done": "观摩分", "target": "100", "weight": 10},
        {"key": "参加", "label": "每次1分", "kind": "every", "value": "次数", "every": 1, "each": 1},
    ]}  # fmt: skip
    feeds = {"观摩分": Feed(FeedKind.TOUR, "mean"), "次数": Feed(FeedKind.TOUR, "count")}
    registrar = office.actor(session, office.registrar)
    book = books.save_book(session, registrar, json.dumps(rules), feeds, note="", now=NOW)
    books.publish(session, registrar, book.id, now=NOW)
    groups = {one.id: "小分队" for one in (office.east, office.south)}
    run = books.open_run(session, registrar, book.id, RunDraft("四季度", START, END, groups), now=NOW)
    assert result(session, run, office.east.id).total == Decimal("9.6")
    assert result(session, run, office.south.id).total == Decimal("9.4")
