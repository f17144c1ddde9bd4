from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.errors import DomainError
from crm.enterprises import contact_queries, posts
from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import Contact, ContactKnower, ContactPost, Enterprise
from crm.enterprises.posts import PostDraft
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy import Select

    from tests.conftest import Browser
    from tests.support.builders import Office

FORM = {"name": "赵敏", "post": "副总经理", "legal_basis": "consent", "known_through": "kin"}


def other_firm(session: Session, name: str = "海川化学有限公司") -> Enterprise:
    row = builders.enterprise(session, name)
    index_enterprises(session, [row.id])
    session.commit()
    return row


def shown_posts(session: Session, person: Contact) -> list[tuple[str, str | None, date | None, date | None]]:
    with Session(session.get_bind()) as own:
        rows = contact_queries.posts(own, person.id)
        return [(row.enterprise.name, row.post, row.since, row.until) for row in rows]


def got(session: Session, statement: Select[Any]) -> list[Any]:
    """Read in a session of its own: SQLite lets one write at a time."""
    with Session(session.get_bind()) as own:
        return list(own.scalars(statement))


def again(session: Session, row: Contact) -> None:
    session.refresh(row)
    session.commit()


def test_a_person_moves_and_keeps_the_road_behind(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    other = other_firm(session)
    found = as_officer.post(f"/contacts/{person.id}/move", {"q": "海川", "find": "1"})
    assert f'value="{other.id}"' in found.text
    typed = {"other_id": str(other.id), "post": "总裁", "since": "2026-10-01", "version": "1"}
    assert as_officer.post(f"/contacts/{person.id}/move", typed).status_code == 303
    assert shown_posts(session, person) == [
        ("海川化学有限公司", "总裁", date(2026, 10, 1), None),
        ("云岭电子有限公司", "副总经理", date(2024, 3, 1), date(2026, 10, 1)),
    ]
    again(session, person)
    assert (person.enterprise_id, person.post) == (other.id, "总裁")
    assert "赵敏" in as_officer.get("/contacts?q=海川").text
    former = as_officer.get(f"/enterprises/{firm.id}").text
    assert "曾在这里任职 1 人" in former
    assert "现在海川化学有限公司" in former
    history = as_officer.get(f"/contacts/{person.id}/history").text
    assert "换单位" in history
    assert "海川化学有限公司" in history


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"since": "2026-11-21"}, "日期不能晚于今天"),
        ({"since": "2023-01-01"}, "开始日期不能早于现任职务的开始日期"),
        ({"other_id": ""}, "请先选择企业"),
    ],
)
def test_an_impossible_move_is_refused_and_the_form_kept(
    as_officer: Browser, session: Session, person: Contact, typed: dict[str, str], words: str
) -> None:
    data = {"other_id": str(other_firm(session).id), "post": "总裁", "source": "名片", **typed}
    answer = as_officer.post(f"/contacts/{person.id}/move", data)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="总裁"' in answer.text
    again(session, person)
    assert person.post == "副总经理"


def test_a_move_to_the_same_enterprise_is_refused(as_officer: Browser, person: Contact, firm: Enterprise) -> None:
    answer = as_officer.post(f"/contacts/{person.id}/move", {"other_id": str(firm.id), "post": "总裁"})
    assert answer.status_code == 422
    assert "现在就在这家企业" in answer.text


def test_a_stale_move_says_so_and_the_next_try_counts(as_officer: Browser, session: Session, person: Contact) -> None:
    typed = {"other_id": str(other_firm(session).id), "post": "总裁", "version": "1"}
    assert as_officer.post(f"/contacts/{person.id}/edit", {**FORM, "post": "总工", "version": "1"}).status_code == 303
    stale = as_officer.post(f"/contacts/{person.id}/move", typed)
    assert stale.status_code == 409
    assert 'value="总裁"' in stale.text
    assert as_officer.post(f"/contacts/{person.id}/move", {**typed, "version": "2"}).status_code == 303


def test_earlier_posts_are_added_corrected_and_taken_away(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    other = other_firm(session)
    own = f"/contacts/{person.id}/posts"
    wrong = {"other_id": str(other.id), "post": "科长", "since": "2020-05-01", "until": "2019-05-01"}
    refused = as_officer.post(f"{own}/new", wrong)
    assert refused.status_code == 422
    assert "结束日期不能早于开始日期" in refused.text
    assert as_officer.post(f"{own}/new", {**wrong, "until": "2022-05-01"}).status_code == 303
    added = got(session, select(ContactPost.id).where(ContactPost.enterprise_id == other.id))[0]
    late = as_officer.post(f"{own}/{added}/edit", {"post": "处长", "since": "2023-05-01"})
    assert late.status_code == 422
    changed = {"post": "处长", "since": "2021-05-01", "until": "2022-06-01"}
    assert as_officer.post(f"{own}/{added}/edit", changed).status_code == 303
    assert ("海川化学有限公司", "处长", date(2021, 5, 1), date(2022, 6, 1)) in shown_posts(session, person)
    assert as_officer.post(f"{own}/{added}/remove").status_code == 303
    assert [row[0] for row in shown_posts(session, person)] == [firm.name]


def test_the_running_post_cannot_be_taken_away(
    as_officer: Browser, session: Session, person: Contact, office: Office
) -> None:
    running = got(session, select(ContactPost.id))[0]
    with pytest.raises(DomainError) as refused:
        posts.remove_post(session, office.actor(session, office.officer), running, now=NOW)
    assert refused.value.problems == (posts.RUNNING,)
    path = f"/contacts/{person.id}/posts/{running}/remove"
    session.commit()
    assert as_officer.post(path).status_code == 422


def test_the_title_of_the_running_post_is_that_of_the_contact(
    as_officer: Browser, session: Session, person: Contact
) -> None:
    running = got(session, select(ContactPost.id))[0]
    path = f"/contacts/{person.id}/posts/{running}/edit"
    assert 'value="副总经理"' in as_officer.get(path).text
    assert as_officer.post(path, {"post": "总经理", "since": "2024-03-01"}).status_code == 303
    again(session, person)
    assert person.post == "总经理"
    assert as_officer.post(f"/contacts/{person.id}/edit", {**FORM, "post": "董事长"}).status_code == 303
    assert [row[1] for row in shown_posts(session, person)] == ["董事长"]


def test_a_post_of_another_contact_is_not_found(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise, office: Office
) -> None:
    other = builders.contact(session, firm, office.east, office.officer, "钱进")
    session.commit()
    running = got(session, select(ContactPost.id))[0]
    assert as_officer.get(f"/contacts/{other.id}/posts/{running}/edit").status_code == 404
    assert as_officer.post(f"/contacts/{other.id}/posts/{running}/remove").status_code == 404


def test_who_of_us_knows_a_person_is_kept_for_ones_own_unit(
    as_officer: Browser, session: Session, person: Contact, office: Office
) -> None:
    path = f"/contacts/{person.id}/knowers"
    assert as_officer.post(path, {"user_id": str(office.colleague.id), "closeness": "close"}).status_code == 303
    assert "周敏" in as_officer.get(f"/contacts/{person.id}").text
    assert "密切" in as_officer.get(f"/contacts/{person.id}").text
    as_officer.post(path, {"user_id": str(office.outsider.id), "closeness": "close"})
    as_officer.post(path, {"user_id": str(office.officer.id), "closeness": "twins"})
    assert got(session, select(ContactKnower.user_id)) == [office.colleague.id]
    assert as_officer.post(f"{path}/{office.colleague.id}/remove").status_code == 303
    assert got(session, select(ContactKnower.user_id)) == []


def test_a_draft_without_an_end_ends_today(session: Session, office: Office, person: Contact) -> None:
    actor = office.actor(session, office.officer)
    draft = PostDraft(other_firm(session).id, "科长", date(2019, 1, 1))
    made = posts.add_post(session, actor, person.id, draft, now=NOW, today=TODAY)
    assert made.until == TODAY
