"""Assessments in the office: versions of rules, values counted and typed, results that explain themselves."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.assessment.books import queries, services
from crm.assessment.books.rules import Feed, FeedKind, RunState, Span
from crm.assessment.models import Target
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.tasks import Task
from tests.support.assessing import FEEDS, RULES, opened, published, result, typed, visits
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.books.models import RuleBook
    from tests.support.builders import Office


@pytest.fixture
def book(session: Session, office: Office) -> RuleBook:
    return published(session, office)


def test_a_run_counts_visits_takes_typed_tasks_and_explains_each_line(
    session: Session, office: Office, book: RuleBook
) -> None:
    visits(session, office, 3, 1)
    run = opened(session, office, book)
    typed(session, office, run, 报送率="90%")
    east = result(session, run, office.east.id)
    assert (str(east.total), east.rank, east.of, east.honour) == ("81", 1, 2, True)
    assert east.detail is not None
    assert [line["working"] for line in east.detail["lines"]] == ["3÷4×60＝45", "0.9×40＝36"]
    south = queries.member(session, run.id, office.south.id)
    assert (str(south.total), south.bottom, south.bottom_runs) == ("51", True, 1)


def test_opening_and_each_change_ask_for_one_reckoning(session: Session, office: Office, book: RuleBook) -> None:
    run = opened(session, office, book)
    typed(session, office, run)
    waiting = session.scalars(select(Task.payload).where(Task.kind == "assess")).all()
    assert waiting == [{"run_id": run.id}]


def test_a_value_that_is_missing_gives_no_place(session: Session, office: Office, book: RuleBook) -> None:
    run = opened(session, office, book)
    east = result(session, run, office.east.id)
    assert (east.rank, east.detail["problems"] if east.detail else []) == (None, ["外出走访：“走访任务”没有填"])


def test_targets_of_the_year_feed_an_indicator(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    slot = {"slot": "east-visits", "metric": "visits", "year": 2026, "value": Decimal(6), "created_by": actor.user_id}
    session.add(Target(unit_id=office.east.id, created_at=NOW, **slot))
    feeds = {**FEEDS, "走访任务": Feed(FeedKind.TARGET, "visits")}
    row = services.save_book(session, actor, json.dumps(RULES), feeds, note="", now=NOW)
    services.publish(session, actor, row.id, now=NOW)
    visits(session, office, 3, 0)
    run = opened(session, office, row)
    assert result(session, run, office.east.id).total == 30


def test_a_published_version_never_changes_and_a_new_one_counts_up(
    session: Session, office: Office, book: RuleBook
) -> None:
    actor = office.actor(session, office.registrar)
    with pytest.raises(ConflictError):
        services.publish(session, actor, book.id, now=NOW)
    second = services.save_book(session, actor, json.dumps(RULES), FEEDS, note="改权重", now=NOW)
    assert (second.number, queries.books(session)) == (2, [second])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{", ["book.json"]),
        ("[" * 5000, ["book.json"]),
        ('{"name": "甲", "rules": [{"key": "a", "label": "b", "kind": "x"}]}', ["book.fault"] * 3),
        (" " * 200_001, ["book.long"]),
    ],
)
def test_rules_with_faults_are_refused_with_every_place(
    session: Session, office: Office, text: str, keys: list[str]
) -> None:
    with pytest.raises(DomainError) as caught:
        services.save_book(session, office.actor(session, office.registrar), text, {}, note="", now=NOW)
    assert [problem.key for problem in caught.value.problems][: len(keys)] == keys


def test_a_source_that_does_not_exist_is_refused(session: Session, office: Office) -> None:
    feeds = {"走访数": Feed(FeedKind.MEASURE, "nothing", Span.YEAR)}
    with pytest.raises(DomainError, match=r"book\.feed"):
        services.save_book(session, office.actor(session, office.registrar), json.dumps(RULES), feeds, note="", now=NOW)


def test_an_unpublished_version_and_wrong_dates_begin_no_run(session: Session, office: Office, book: RuleBook) -> None:
    actor = office.actor(session, office.registrar)
    draft = services.save_book(session, actor, json.dumps(RULES), FEEDS, note="", now=NOW)
    with pytest.raises(DomainError, match=r"run\.book"):
        opened(session, office, draft)
    with pytest.raises(DomainError, match=r"run\.dates"):
        opened(session, office, book, date(2026, 10, 1))


def test_only_the_office_runs_assessments_and_only_leaders_sign(
    session: Session, office: Office, book: RuleBook
) -> None:
    run = opened(session, office, book)
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        services.put_values(session, officer, run.id, office.east.id, {"走访任务": "1"}, note="", now=NOW)
    with pytest.raises(ForbiddenError):
        services.adjust(session, officer, run.id, office.east.id, points=Decimal(1), reason="照顾一下", now=NOW)
    with pytest.raises(ForbiddenError):
        services.confirm(session, officer, run.id, now=NOW)


def test_an_adjustment_is_a_signed_line_and_never_overwrites(session: Session, office: Office, book: RuleBook) -> None:
    visits(session, office, 4, 0)
    run = opened(session, office, book)
    typed(session, office, run)
    leader = office.actor(session, office.leader)
    services.adjust(session, leader, run.id, office.east.id, points=Decimal("-2.5"), reason="迟报两次月报", now=NOW)
    for points, reason in ((Decimal(0), "没有理由吗"), (Decimal(101), "太多的分"), (Decimal(1), "无")):
        with pytest.raises(DomainError):
            services.adjust(session, leader, run.id, office.east.id, points=points, reason=reason, now=NOW)
    east = result(session, run, office.east.id)
    assert east.total == Decimal("57.5")
    assert east.detail is not None
    assert east.detail["lines"][-1]["working"] == "沈立 签批"


def test_a_confirmed_run_is_frozen_and_counts_for_the_next(session: Session, office: Office, book: RuleBook) -> None:
    visits(session, office, 3, 1)
    run = opened(session, office, book, date(2026, 11, 19))
    typed(session, office, run)
    leader = office.actor(session, office.leader)
    with pytest.raises(ConflictError, match=r"run\.not_computed"):
        services.confirm(session, leader, run.id, now=NOW)
    services.compute(session, run.id, now=NOW)
    services.confirm(session, leader, run.id, now=NOW)
    assert run.state is RunState.CONFIRMED
    before = result(session, run, office.south.id).total
    visits(session, office, 0, 3)
    assert result(session, run, office.south.id).total == before
    with pytest.raises(ConflictError):
        typed(session, office, run)
    second = opened(session, office, book)
    typed(session, office, second)
    east = result(session, second, office.east.id)
    assert (east.bottom, east.bottom_runs) == (True, 1)
    third_south = queries.member(session, second.id, office.south.id)
    assert third_south.bottom_runs == 0


def test_a_change_that_is_not_reckoned_yet_keeps_a_run_from_being_confirmed(
    session: Session, office: Office, book: RuleBook
) -> None:
    run = opened(session, office, book)
    typed(session, office, run)
    services.compute(session, run.id, now=NOW)
    typed(session, office, run, 报送率="95%")
    leader = office.actor(session, office.leader)
    with pytest.raises(ConflictError, match=r"run\.not_computed"):
        services.confirm(session, leader, run.id, now=NOW)
    services.compute(session, run.id, now=NOW)
    services.confirm(session, leader, run.id, now=NOW + timedelta(hours=5))
    assert run.cutoff_at == NOW  # what was reckoned is what is frozen


def test_a_second_tap_begins_no_second_run_and_no_second_version(
    session: Session, office: Office, book: RuleBook
) -> None:
    opened(session, office, book)
    with pytest.raises(DomainError, match=r"run\.twin"):
        opened(session, office, book)
    actor = office.actor(session, office.registrar)
    first, second = (services.save_book(session, actor, json.dumps(RULES), FEEDS, note="二", now=NOW) for _ in "ab")
    assert first.id == second.id


def test_a_later_draft_does_not_hide_the_version_in_force(session: Session, office: Office, book: RuleBook) -> None:
    actor = office.actor(session, office.registrar)
    services.save_book(session, actor, json.dumps({**RULES, "source": "草稿"}), FEEDS, note="", now=NOW)
    assert [row.id for row in queries.published(session)] == [book.id]


def test_only_indicators_of_the_book_can_be_typed(session: Session, office: Office, book: RuleBook) -> None:
    run = opened(session, office, book)
    with pytest.raises(DomainError, match=r"run\.indicator"):
        typed(session, office, run, **{"无此指标" * 40: "1"})


@pytest.mark.parametrize("body", ['{"name": 1' + "0" * 5000 + "}", "[" * 100_000, "[]", '{"name": "东\\u202e"}', "NaN"])
def test_rules_that_are_no_rules_are_refused_in_words(session: Session, office: Office, body: str) -> None:
    with pytest.raises(DomainError):
        services.save_book(session, office.actor(session, office.registrar), body, {}, note="", now=NOW)


def test_what_is_not_there_is_not_found(session: Session, office: Office, book: RuleBook) -> None:
    run = opened(session, office, book)
    for ask in (
        lambda: queries.book(session, 999),
        lambda: queries.run(session, 999),
        lambda: queries.slip(session, 999),
        lambda: queries.member(session, run.id, office.bureau.id),
    ):
        with pytest.raises(NotFoundError):
            ask()
