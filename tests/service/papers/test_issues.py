"""Papers that are numbered: without gap or double, frozen with figures, rows and file, moved by nothing later."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.notices.models import Notice
from crm.papers import desk, filling, rules
from crm.papers.issues import making, queries, services
from crm.papers.issues.content import unpack
from crm.papers.issues.models import IssueState, PaperIssue, PaperRows
from crm.papers.refs import unpacked
from crm.word.check.checking import check
from crm.word.template.models import OfficeTemplate
from tests.service.papers.issuing import BACK, clock, drafted, frozen, text_of
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.desks import waiting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office


def numbers(issue: PaperIssue) -> tuple[str, int, int | None, int | None]:
    return issue.kind, issue.year, issue.issue_no, issue.total_no


@pytest.mark.parametrize("key", rules.PAPERS)
def test_each_paper_is_numbered_checked_and_made_again_byte_for_byte(
    session: Session, worked: Office, key: str
) -> None:
    issue = frozen(session, worked, key, BACK.get(key, "today"))
    session.commit()
    session.expire_all()
    document = queries.document(session, issue.id)
    assert document is not None
    assert hashlib.sha256(document).hexdigest() == issue.digest
    assert services.made_again(session, issue)
    assert check(document).passed
    assert (issue.issue_no, issue.total_no, issue.state) == (1, 1, IssueState.FROZEN)
    assert "第1期（总第1期）".encode() in text_of(document)


def test_what_happens_later_moves_nothing(session: Session, worked: Office) -> None:
    issue = frozen(session, worked)
    session.commit()
    content, document, kept = dict(issue.content), queries.document(session, issue.id), rows(session, issue)
    firm = builders.enterprise(session)
    at = datetime(2026, 10, 22, 2, 0, tzinfo=UTC)
    builders.touch(session, firm, worked.east, worked.officer, occurred_at=at, recorded_at=NOW + timedelta(hours=1))
    worked.east.name = "改了名的小分队"
    session.commit()
    session.expire_all()
    assert (issue.content, queries.document(session, issue.id), rows(session, issue)) == (content, document, kept)
    assert services.made_again(session, issue)
    with pytest.raises(ConflictError):
        drafted(session, worked)


def rows(session: Session, issue: PaperIssue) -> dict[str, int]:
    found = session.scalars(select(PaperRows).where(PaperRows.issue_id == issue.id, PaperRows.rows.is_not(None)))
    return {one.key: len(one.rows) for one in found}


def test_every_figure_keeps_the_rows_that_made_it(
    session: Session, worked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PIECE", 2)
    issue = drafted(session, worked)
    leader = worked.actor(session, worked.leader)
    figures = {one.key: one for one in unpack(issue.kind, issue.content).figures}
    assert (figures["part:visits"].value, figures["part:visits"].rows) == ("3", 3)
    assert figures["part:reported_amount"].value == "1234.5"
    for key, figure in figures.items():
        pieces = max(queries.rows(session, leader, issue, key, 0)[1], 1)
        found = [row for piece in range(pieces) for row in queries.rows(session, leader, issue, key, piece)[0]]
        assert len(found) == figure.rows
        assert sum((Decimal(row["amount"]) for row in found), Decimal(0)) == Decimal(figure.value)
    assert queries.rows(session, leader, issue, "part:visits", 0)[1] == 2


def test_rows_of_other_units_are_not_told(session: Session, worked: Office) -> None:
    issue = frozen(session, worked)
    issue = services.send(session, worked.actor(session, worked.leader), issue.id, issue.version, now=NOW)
    mine, _pieces = queries.rows(session, worked.actor(session, worked.officer), issue, "part:visits", 0)
    others, _pieces = queries.rows(session, worked.actor(session, worked.outsider), issue, "part:visits", 0)
    assert (len(mine), others) == (3, [])


def test_numbers_run_by_kind_and_year_and_are_never_given_twice(session: Session, worked: Office) -> None:
    leader = worked.actor(session, worked.leader)
    first = frozen(session, worked, period="2025-12")
    second, third = frozen(session, worked, period="2026-08"), frozen(session, worked, period="2026-09")
    other = frozen(session, worked, "bulletin", "2026-10-1")
    assert [numbers(one) for one in (first, second, third, other)] == [
        ("dispatch", 2025, 1, 1), ("dispatch", 2026, 1, 2), ("dispatch", 2026, 2, 3), ("bulletin", 2026, 1, 1),
    ]  # fmt: skip
    services.withdraw(session, leader, third.id, third.version, "排名有误。", now=NOW)
    again = frozen(session, worked, period="2026-09")
    assert numbers(again) == ("dispatch", 2026, 3, 4)
    assert third.issue_no == 2, "a withdrawn paper keeps its number"
    services.send(session, leader, again.id, again.version, now=NOW)
    found = queries.successor(session, third)
    assert found is not None
    assert found.id == again.id


def test_those_who_number_at_once_get_one_number_each(database: Database, session: Session, worked: Office) -> None:
    issues = [drafted(session, worked, period=f"2026-{month:02d}") for month in (5, 6, 7, 8)]
    wanted = [(issue.id, issue.version) for issue in issues]
    leader = worked.actor(session, worked.leader)
    session.commit()
    gate = threading.Barrier(len(wanted))

    def number(of: tuple[int, int]) -> int | None:
        gate.wait(10)
        with database.transaction() as own:
            return services.freeze(own, leader, *of, now=NOW).issue_no

    with ThreadPoolExecutor(len(wanted)) as all_at_once:
        given = sorted(one or 0 for one in all_at_once.map(number, wanted))
    assert given == [1, 2, 3, 4]


def test_one_draft_is_numbered_once(database: Database, session: Session, worked: Office) -> None:
    issue = drafted(session, worked)
    leader, issue_id, version = worked.actor(session, worked.leader), issue.id, issue.version
    session.commit()
    gate = threading.Barrier(2)

    def number(_hand: int) -> bool:
        gate.wait(10)
        try:
            with database.transaction() as own:
                services.freeze(own, leader, issue_id, version, now=NOW)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(number, range(2))) == [False, True]


def test_only_another_person_with_the_right_numbers_and_only_after_the_period(session: Session, worked: Office) -> None:
    issue = drafted(session, worked)
    for user in (worked.officer, worked.lead, worked.registrar):
        with pytest.raises((ForbiddenError, NotFoundError)):
            services.freeze(session, worked.actor(session, user), issue.id, issue.version, now=NOW)
    leader = worked.actor(session, worked.leader)
    running = drafted(session, worked, period="2026-11")
    with pytest.raises(DomainError) as early:
        services.freeze(session, leader, running.id, running.version, now=NOW)
    assert early.value.problems == (services.EARLY,)
    with pytest.raises(DomainError) as stale:
        services.freeze(session, leader, running.id, running.version, now=NOW + timedelta(days=20))
    assert stale.value.problems == (services.STALE,)
    with pytest.raises(ConflictError):
        services.freeze(session, leader, issue.id, issue.version + 1, now=NOW)
    with pytest.raises(ForbiddenError):
        services.build(session, leader, rules.PAPERS["slips"], _today("slips"), clock())


def _today(key: str) -> rules.Period:
    return rules.period_of(rules.PAPERS[key].period, TODAY)


def test_who_did_what_is_kept_and_readers_are_told(session: Session, worked: Office) -> None:
    leader = worked.actor(session, worked.leader)
    issue = frozen(session, worked)
    services.send(session, leader, issue.id, issue.version, now=NOW)
    told = session.scalars(select(Notice).where(Notice.link == f"/papers/issues/{issue.id}")).all()
    (read,) = (one for one in told if one.user_id == worked.officer.id)
    assert read.text % read.params == "月调度材料第1期（总第1期）已印发，请阅。"
    services.withdraw(session, leader, issue.id, issue.version, " 数据有误。 ", now=NOW)
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action.startswith("paper.")).order_by(AuditEvent.id)
    ).all()
    assert [(one.action, one.actor_id) for one in events] == [
        ("paper.build", worked.registrar.id), ("paper.freeze", worked.leader.id), ("paper.issue", worked.leader.id),
        ("paper.withdraw", worked.leader.id),
    ]  # fmt: skip
    assert issue.reason == "数据有误。"


def test_a_draft_is_seen_by_who_sees_all_and_can_be_thrown_away(session: Session, worked: Office) -> None:
    issue = drafted(session, worked)
    officer, registrar = worked.actor(session, worked.officer), worked.actor(session, worked.registrar)
    with pytest.raises(NotFoundError):
        queries.get(session, officer, issue.id)
    assert queries.page(session, officer, "", None).rows == ()
    assert [row[0].id for row in queries.page(session, registrar, "dispatch", None).rows] == [issue.id]
    services.discard(session, registrar, issue.id, issue.version, now=NOW)
    assert session.scalars(select(PaperRows)).all() == []
    assert numbers(frozen(session, worked))[2:] == (1, 1), "a draft took no number with it"


def test_a_draft_made_anew_has_the_rows_of_now_only(session: Session, worked: Office) -> None:
    first = drafted(session, worked)
    firm = builders.enterprise(session)
    at = datetime(2026, 10, 22, 2, 0, tzinfo=UTC)
    builders.touch(session, firm, worked.east, worked.officer, occurred_at=at, recorded_at=at)
    again = drafted(session, worked)
    assert again.id == first.id
    session.flush()
    found, _pieces = queries.rows(session, worked.actor(session, worked.leader), again, "part:visits", 0)
    assert len(found) == 4


@pytest.mark.parametrize("words", [" ", "长" * 501])
def test_a_reason_of_withdrawing_is_asked_for(session: Session, worked: Office, words: str) -> None:
    issue, leader = frozen(session, worked), worked.actor(session, worked.leader)
    with pytest.raises(DomainError):
        services.withdraw(session, leader, issue.id, issue.version, words, now=NOW)


def test_a_paper_keeps_the_template_it_was_printed_with(session: Session, worked: Office) -> None:
    content = filling.builtin("dispatch")
    ours = OfficeTemplate(
        kind="dispatch", number=1, name="本局模板.docx", size=len(content), content=content, active=True,
        uploaded_by=worked.registrar.id, uploaded_at=NOW,
    )  # fmt: skip
    session.add(ours)
    session.flush()
    issue = frozen(session, worked)
    ours.active = False
    session.flush()
    assert issue.template_id == ours.id
    assert services.made_again(session, issue)
    document = queries.document(session, issue.id) or b""
    assert check(document).passed
    assert "第1期（总第1期）".encode() in text_of(document)


def test_who_may_number_a_draft_is_told_once_and_finds_it_where_the_day_begins(
    session: Session, office: Office, as_leader: Browser
) -> None:
    issue = drafted(session, office)
    drafted(session, office)
    told = select(Notice.user_id).where(Notice.subject_type == "paper_issue", Notice.subject_id == issue.id)
    assert session.scalars(told).all() == [office.leader.id]
    leader, registrar = office.actor(session, office.leader), office.actor(session, office.registrar)
    assert [one.href for one in waiting(session, desk.WAITING, leader, TODAY)] == [f"/papers/issues/{issue.id}"]
    assert waiting(session, desk.WAITING, registrar, TODAY) == []
    assert waiting(session, desk.WAITING, leader, issue.end_on) == [], "its period is not over"
    builders.enterprise(session)
    session.commit()
    assert f'href="/papers/issues/{issue.id}"' in as_leader.get("/").text


def test_each_number_of_its_tables_leads_to_rows_of_the_same_total(session: Session, worked: Office) -> None:
    leader, issue = worked.actor(session, worked.leader), drafted(session, worked)
    kept, found = unpack(issue.kind, issue.content), unpacked(issue.content["refs"])
    checked = 0
    for table in kept.paper.tables:
        for row, cells in zip(table.rows, found.get(table.title, ()), strict=False):
            for text, cell in zip(row, cells, strict=True):
                for line, (key, unit_id) in zip(text.split("\n"), cell, strict=False):
                    if unit_id is None:
                        (total,) = (one.amount for one in kept.figures if one.key == key)
                    else:
                        total = queries.unit_rows(session, leader, issue, key, unit_id, 0)[2].amount
                    assert Decimal(line.strip("（）").split("/")[0].replace(",", "")) == total, (table.title, key)
                    checked += bool(total)
    assert checked >= 8
