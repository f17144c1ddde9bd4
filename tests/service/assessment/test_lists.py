"""Lists of an assessment typed on pages, and mutual rating whose marks tell nobody's hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.assessment.books import list_queries, lists, queries, ratings, services
from crm.assessment.books.ratings import RatingDraft
from crm.assessment.books.services import RunDraft
from crm.auth.rules import Role
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.notices.models import Notice
from tests.support import builders
from tests.support.assessing import END, START, result
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.books.list_models import MutualRating
    from crm.assessment.books.models import AssessmentRun
    from crm.auth.models import User
    from tests.support.builders import Office

RULES = {"name": "重点项目与互评", "rules": [
    {"key": "重点", "label": "重点项目", "kind": "items", "items": "项目", "missing": "zero", "rules": [
        {"kind": "choices", "value": "状态", "choices": {"新开工": 5, "续建": 2}},
        {"kind": "ratio", "done": "完成", "target": "年度计划", "weight": 60, "cap": "weight"},
    ]},
    {"key": "互评", "label": "互评", "kind": "rating", "items": "评分", "mark": "分", "weight": 20,
     "groups": [{"group": "园区", "share": "70%"}, {"group": "乡镇", "share": "30%"}]},
]}  # fmt: skip
PROJECTS, MARKS = "项目", "评分"


@pytest.fixture
def run(session: Session, office: Office) -> AssessmentRun:
    registrar = office.actor(session, office.registrar)
    book = services.save_book(session, registrar, json.dumps(RULES), {}, note="", now=NOW)
    services.publish(session, registrar, book.id, now=NOW)
    groups = {office.east.id: "小分队", office.south.id: "小分队"}
    return services.open_run(session, registrar, book.id, RunDraft("11月考核", START, END, groups), now=NOW)


def fill(session: Session, office: Office, run: AssessmentRun, name: str, *rows: dict[str, str]) -> bool:
    place = (run.id, office.east.id, name)
    return lists.put_list(session, office.actor(session, office.registrar), place, rows, note="", now=NOW)


def raters(session: Session, office: Office) -> dict[str, list[User]]:
    """Three people of each group, and one more who is of the first squad."""
    park = [office.leader, office.supervisor, office.recognizer, office.officer]
    towns = [builders.user(session, f"town{at}", f"乡镇{at}", (office.bureau, Role.OFFICER)) for at in range(3)]
    return {"园区": park, "乡镇": towns}


def trio(session: Session, prefix: str) -> list[User]:
    """Three people without a post."""
    return [builders.user(session, f"{prefix}{at}", f"评委{prefix}{at}") for at in range(3)]


def invited(session: Session, office: Office, run: AssessmentRun, people: dict[str, list[User]]) -> MutualRating:
    chosen = {one.id: group for group, held in people.items() for one in held}
    wanted = RatingDraft(TODAY + timedelta(days=3), frozenset({office.east.id, office.south.id}), chosen)
    return ratings.invite(session, office.actor(session, office.registrar), run.id, MARKS, wanted, now=NOW, today=TODAY)


def hand_in(session: Session, office: Office, row: MutualRating, who: User, **marks: str) -> None:
    typed = {getattr(office, name).id: mark for name, mark in marks.items()}
    ratings.hand_in(session, office.actor(session, who), row.id, typed, now=NOW)


def test_a_typed_list_is_reckoned_row_by_row(session: Session, office: Office, run: AssessmentRun) -> None:
    one = {"name": "云岭轴承", "状态": "新开工", "完成": "2.4", "年度计划": "3"}
    assert fill(session, office, run, PROJECTS, one, {"name": " "})
    assert not fill(session, office, run, PROJECTS, one)
    fill(session, office, run, MARKS, {"group": "园区", "分": "90"}, {"group": "乡镇", "分": "80"})
    east = result(session, run, office.east.id)
    assert east.total == Decimal("70.4")
    assert east.detail is not None
    assert "云岭轴承" in east.detail["lines"][0]["working"]


def test_a_fault_names_its_cell_and_nothing_is_kept(session: Session, office: Office, run: AssessmentRun) -> None:
    with pytest.raises(DomainError) as caught:
        fill(session, office, run, MARKS, {"group": "园区", "分": "90"}, {"group": "县直", "分": "101"})
    assert [one.field for one in caught.value.problems] == ["cell-1-2", "cell-2-2"]
    assert list_queries.typed_lists(session, run.id) == {}


def test_an_older_list_stays_and_the_newest_counts(session: Session, office: Office, run: AssessmentRun) -> None:
    for state in ("新开工", "续建"):
        fill(session, office, run, PROJECTS, {"name": "云岭轴承", "状态": state})
    held = list_queries.typed_lists(session, run.id)[office.east.id, PROJECTS]
    assert held.rows == [{"name": "云岭轴承", "状态": "续建"}]


def test_who_typed_a_list_does_not_confirm(session: Session, office: Office, run: AssessmentRun) -> None:
    fill(session, office, run, PROJECTS, {"name": "云岭轴承", "状态": "续建"})
    services.compute(session, run.id, now=NOW)
    with pytest.raises(ForbiddenError, match=r"run\.own_hand"):
        services.confirm(session, office.actor(session, office.registrar), run.id, now=NOW)


def test_only_the_office_types_lists_and_only_of_units_and_lists_there_are(
    session: Session, office: Office, run: AssessmentRun
) -> None:
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    with pytest.raises(ForbiddenError):
        lists.put_list(session, officer, (run.id, office.east.id, PROJECTS), [], note="", now=NOW)
    for place in ((run.id, office.east.id, "没有"), (run.id, office.bureau.id, PROJECTS)):
        with pytest.raises(NotFoundError):
            lists.put_list(session, registrar, place, [], note="", now=NOW)


def test_a_mutual_rating_weighs_its_groups(session: Session, office: Office, run: AssessmentRun) -> None:
    people = raters(session, office)
    row = invited(session, office, run, people)
    assert ("评分", True) in lists.unfilled(session, run, office.east.id)
    for who, mark in zip(people["园区"][:3], ("90", "80", "85"), strict=True):
        hand_in(session, office, row, who, east=mark, south="70")
    for who in people["乡镇"]:
        hand_in(session, office, row, who, east="60", south="70.5")
    assert result(session, run, office.east.id).rank is None  # marks of an open rating count nothing
    ratings.close(session, office.actor(session, office.registrar), row.id, now=NOW)
    assert result(session, run, office.east.id).total == Decimal("15.5")
    assert queries.member(session, run.id, office.south.id).total == Decimal("14.03")


def test_raters_are_told_and_nobody_rates_the_own_unit(session: Session, office: Office, run: AssessmentRun) -> None:
    row = invited(session, office, run, raters(session, office))
    told = set(session.scalars(select(Notice.user_id).where(Notice.link == f"/assessment/ratings/{row.id}")))
    assert len(told) == 7
    hand_in(session, office, row, office.officer, south="88")
    with pytest.raises(DomainError, match=r"rating\.own"):
        hand_in(session, office, row, office.officer, east="100")
    with pytest.raises(NotFoundError):
        hand_in(session, office, row, office.outsider, east="1")


@pytest.mark.parametrize("mark", ["100.5", "-1", "好", "1e1", "99.999"])
def test_a_mark_out_of_bounds_is_told_at_its_unit(
    session: Session, office: Office, run: AssessmentRun, mark: str
) -> None:
    row = invited(session, office, run, raters(session, office))
    with pytest.raises(DomainError) as caught:
        hand_in(session, office, row, office.leader, east=mark)
    assert [one.field for one in caught.value.problems] == [f"mark-{office.east.id}"]


def test_two_marks_of_a_group_would_tell_whose_they_are(session: Session, office: Office, run: AssessmentRun) -> None:
    people, registrar = raters(session, office), office.actor(session, office.registrar)
    row = invited(session, office, run, people)
    with pytest.raises(DomainError, match=r"rating\.silent"):
        ratings.close(session, registrar, row.id, now=NOW)
    park = people["园区"]
    for who in park[:2]:
        hand_in(session, office, row, who, south="90")
        with pytest.raises(DomainError, match=r"rating\.telling"):
            ratings.close(session, registrar, row.id, now=NOW)
    hand_in(session, office, row, park[2], south="90")
    assert ratings.close(session, registrar, row.id, now=NOW).closed_at == NOW


def test_groups_too_small_to_be_nameless_are_refused(session: Session, office: Office, run: AssessmentRun) -> None:
    people = raters(session, office)
    with pytest.raises(DomainError, match=r"rating\.few"):
        invited(session, office, run, {**people, "乡镇": people["乡镇"][:2]})


def test_a_group_whose_people_belong_to_the_rated_unit_is_too_small(
    session: Session, office: Office, run: AssessmentRun
) -> None:
    people = raters(session, office)
    with pytest.raises(DomainError) as caught:  # three of the park, one of them of the first squad: two marks for ever
        invited(session, office, run, {**people, "园区": people["园区"][1:]})
    assert [(one.key, one.field, one.params["n"]) for one in caught.value.problems] == [("rating.kin", "group_0", 2)]


def test_extremes_are_taken_off_five_marks_and_never_off_three(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    rating = {"key": "互评", "label": "互评", "kind": "rating", "items": MARKS, "mark": "分", "weight": 20}
    body = json.dumps({"name": "去极值互评", "rules": [{**rating, "drop_extremes": True}]})
    book = services.save_book(session, registrar, body, {}, note="", now=NOW)
    services.publish(session, registrar, book.id, now=NOW)
    run = services.open_run(
        session, registrar, book.id, RunDraft("11月考核", START, END, {office.east.id: "小分队"}), now=NOW
    )
    judges = [*trio(session, "a"), *trio(session, "b")[:2]]
    draft = RatingDraft(TODAY + timedelta(days=3), frozenset({office.east.id}), {one.id: "" for one in judges})
    few = replace(draft, raters={one.id: "" for one in judges[:3]})
    with pytest.raises(DomainError, match=r"rating\.few"):  # three raters: one person's mark would be the result
        ratings.invite(session, registrar, run.id, MARKS, few, now=NOW, today=TODAY)
    row = ratings.invite(session, registrar, run.id, MARKS, draft, now=NOW, today=TODAY)
    for who, mark in zip(judges, ("100", "90", "80", "70", "0"), strict=True):
        with pytest.raises(DomainError, match=r"rating\.(telling|silent)"):
            ratings.close(session, registrar, row.id, now=NOW)
        hand_in(session, office, row, who, east=mark)
    ratings.close(session, registrar, row.id, now=NOW)
    east = result(session, run, office.east.id)
    assert (east.total, east.detail and east.detail["lines"][0]["working"]) == (
        Decimal(16), "（80（去掉最高最低）×1）÷100×20＝16"
    )  # fmt: skip


def test_a_list_is_either_typed_or_rated(session: Session, office: Office, run: AssessmentRun) -> None:
    fill(session, office, run, MARKS, {"group": "园区", "分": "90"})
    with pytest.raises(DomainError, match=r"rating\.typed"):
        invited(session, office, run, raters(session, office))
    fill(session, office, run, MARKS)
    row = invited(session, office, run, {"园区": trio(session, "a"), "乡镇": trio(session, "b")})
    with pytest.raises(ConflictError, match=r"list\.rated"):
        fill(session, office, run, MARKS, {"group": "园区", "分": "90"})
    ratings.withdraw(session, office.actor(session, office.registrar), row.id, now=NOW)
    assert list_queries.ratings_of(session, run.id) == {}
    assert fill(session, office, run, MARKS, {"group": "园区", "分": "90"})


def test_a_closed_rating_takes_no_more_sheets(session: Session, office: Office, run: AssessmentRun) -> None:
    people = raters(session, office)
    row = invited(session, office, run, people)
    for who in people["乡镇"]:
        hand_in(session, office, row, who, east="60")
    registrar = office.actor(session, office.registrar)
    ratings.close(session, registrar, row.id, now=NOW)
    with pytest.raises(ConflictError, match=r"rating\.closed"):
        hand_in(session, office, row, people["乡镇"][0], east="99")
    with pytest.raises(ConflictError, match=r"rating\.closed"):
        ratings.withdraw(session, registrar, row.id, now=NOW)


def test_a_rating_wants_a_day_to_come_and_units_of_the_run(
    session: Session, office: Office, run: AssessmentRun
) -> None:
    people = {one.id: group for group, held in raters(session, office).items() for one in held}
    good = RatingDraft(TODAY, frozenset({office.east.id}), people)
    registrar = office.actor(session, office.registrar)
    for bad in (replace(good, due_on=TODAY - timedelta(days=1)), replace(good, unit_ids=frozenset({office.bureau.id}))):
        with pytest.raises(DomainError, match=r"rating\.(due|units)"):
            ratings.invite(session, registrar, run.id, MARKS, bad, now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"rating\.kind"):
        ratings.invite(session, registrar, run.id, PROJECTS, good, now=NOW, today=TODAY)
