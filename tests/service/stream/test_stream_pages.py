"""Pages of the stream: comments, calls, marks, pins, and rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.notices.models import Notice
from crm.stream.models import StreamComment, StreamPin
from tests.support import builders
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office


def test_a_comment_calls_colleagues_who_may_see_the_project(
    session: Session, office: Office, as_officer: Browser
) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    session.commit()
    path = f"/projects/{deal.id}/stream"
    refused = as_officer.post(path, {"body": "@何川 请看"})
    assert refused.status_code == 422
    assert "“何川”看不到这里的内容" in refused.text
    assert "@何川 请看</textarea>" in refused.text
    assert as_officer.post(path, {"body": "@周敏 请看"}).status_code == 303
    told = session.scalars(select(Notice)).one()
    assert (told.user_id, told.link) == (office.colleague.id, f"{path}#comment-1")
    assert office.officer.name in told.params.values()


def test_an_edited_comment_is_marked_and_a_deleted_one_comes_back(
    session: Session, office: Office, as_officer: Browser, as_registrar: Browser
) -> None:
    firm = builders.enterprise(session)
    session.commit()
    path = f"/enterprises/{firm.id}/stream"
    as_officer.post(path, {"body": "先谈 <b>用地</b>"})
    assert "先谈 &lt;b&gt;用地&lt;/b&gt;" in as_registrar.get(path).text
    key = session.scalars(select(StreamComment.id)).one()
    session.commit()
    assert as_registrar.post(f"/comments/{key}/edit", {"body": "改别人的"}).status_code == 403
    as_officer.post(f"/comments/{key}/edit", {"body": "先谈用工"})
    page = as_registrar.get(path).text
    assert "先谈用工" in page
    assert "已修改" in page
    assert as_registrar.post(f"/comments/{key}/delete").status_code == 403
    as_officer.post(f"/comments/{key}/delete")
    assert as_officer.get(f"/comments/{key}/edit").status_code == 404
    assert "先谈用工" not in as_registrar.get(path).text
    as_officer.post(f"/comments/{key}/restore")
    assert "先谈用工" in as_registrar.get(path).text


def test_a_pinned_line_stands_on_top_until_it_is_let_go(
    session: Session, office: Office, as_officer: Browser, as_outsider: Browser
) -> None:
    firm = builders.enterprise(session)
    visit = builders.touch(session, firm, office.east, office.officer, summary="谈定选址")
    session.commit()
    path = f"/enterprises/{firm.id}/stream"
    as_officer.post(f"{path}/pins", {"line": f"touch:{visit.id}"})
    assert as_officer.get(path).text.count("谈定选址") == 2
    assert "谈定选址" not in as_outsider.get(path).text
    assert as_outsider.post(f"{path}/pins", {"line": f"touch:{visit.id}"}).status_code == 404
    as_officer.post(f"{path}/pins", {"line": f"touch:{visit.id}", "off": "1"})
    assert session.scalars(select(StreamPin)).all() == []


def test_a_foreign_project_has_no_stream(session: Session, office: Office, as_outsider: Browser) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    session.commit()
    path = f"/projects/{deal.id}/stream"
    answers = [as_outsider.get(path), as_outsider.post(path, {"body": "好"}), as_outsider.get(f"{path}/people?q=陈")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_scrolling_fetches_the_next_lines_and_a_page_costs_few_queries(
    database: Database, session: Session, office: Office, as_officer: Browser
) -> None:
    firm = builders.enterprise(session)
    for number in range(31):
        builders.touch(session, firm, office.east, office.officer, summary=f"第{number}次")
    session.commit()
    path = f"/enterprises/{firm.id}/stream"
    with counted(database) as seen:
        page = as_officer.get(path).text
    assert len(seen) <= 12, seen
    more = page.split('hx-get="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    part = as_officer.get(more, headers={"HX-Request": "true"}).text
    assert part.count("s-line") == 1
    assert "<html" not in part
    assert "回到最新" in as_officer.get(more).text
