"""Papers that are numbered: without gap or double, frozen with figures, rows and file, moved by nothing later."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.auth.rules import Role
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.notices.models import Notice
from crm.papers import desk, filling, own, rules
from crm.papers.issues import making, queries, services
from crm.papers.issues.content import generated, unpack
from crm.papers.issues.models import IssueState, PaperIssue, PaperRows
from crm.papers.refs import unpacked
from crm.pipeline.cards import Clock
from crm.word.blocks import Paragraph
from crm.word.check.checking import check
from crm.word.template.models import OfficeTemplate
from tests.support import builders, facts
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

ZONE = ZoneInfo("Asia/Shanghai")
OCTOBER = "2026-10"
BACK = {"dispatch": OCTOBER, "bulletin": "2026-11-1", "briefing": "2026-Q3", "ranking": "2025"}


def clock(now: datetime = NOW) -> Clock:
    return Clock(now, now.astimezone(ZONE).date(), ZONE)


def drafted(session: Session, office: Office, key: str = "dispatch", period: str = OCTOBER) -> PaperIssue:
    """Draft a paper as the 招商办."""
    kind = rules.PAPERS[key]
    asked = rules.read_period(kind.period, period, TODAY)
    assert asked is not None
    return services.build(session, office.actor(session, office.registrar), kind, asked, clock())


def frozen(session: Session, office: Office, key: str = "dispatch", period: str = OCTOBER) -> PaperIssue:
    """Draft a paper and have the leader number it."""
    issue = drafted(session, office, key, period)
    return services.freeze(session, office.actor(session, office.leader), issue.id, issue.version, now=NOW)


def numbers(issue: PaperIssue) -> tuple[str, int, int | None, int | None]:
    return issue.kind, issue.year, issue.issue_no, issue.total_no


@pytest.fixture
def worked(session: Session, office: Office) -> Office:
    """October and November hold visits and a contract."""
    firms = [builders.enterprise(session) for _ in range(4)]
    at = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
    for firm in firms[:3]:
        builders.touch(session, firm, office.east, office.officer, occurred_at=at, recorded_at=at)
    deals = facts.projects(session, office.east, office.officer, [firms[3].id], at=at)
    facts.contracts(session, office.east, office.officer, deals, amount=Decimal("1234.5"), signed_on=date(2026, 10, 21))
    session.flush()
    return office


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
    assert "第1期（总第1期）".encode() in _text(document)


def _text(document: bytes) -> bytes:
    return zipfile.ZipFile(BytesIO(document)).read("word/document.xml")


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
    assert "第1期（总第1期）".encode() in _text(document)


def test_who_may_number_a_draft_is_told_once_and_finds_it_where_the_day_begins(
    session: Session, office: Office, as_leader: Browser
) -> None:
    issue = drafted(session, office)
    drafted(session, office)
    told = select(Notice.user_id).where(Notice.subject_type == "paper_issue", Notice.subject_id == issue.id)
    assert session.scalars(told).all() == [office.leader.id]
    leader, registrar = office.actor(session, office.leader), office.actor(session, office.registrar)
    assert [one.href for one in desk.waiting(session, leader, TODAY)] == [f"/papers/issues/{issue.id}"]
    assert desk.waiting(session, registrar, TODAY) == []
    assert desk.waiting(session, leader, issue.end_on) == [], "its period is not over"
    builders.enterprise(session)
    session.commit()
    assert f'href="/papers/issues/{issue.id}"' in as_leader.get("/").text


def test_words_of_a_person_stand_when_the_draft_is_made_anew_and_are_frozen_with_it(
    session: Session, worked: Office
) -> None:
    registrar, issue = worked.actor(session, worked.registrar), drafted(session, worked)
    officer = worked.actor(session, worked.officer)
    services.put(session, registrar, issue.id, issue.version, "总体情况", "本局自己写的。\n第二段。", now=NOW)
    with pytest.raises(ConflictError):
        services.put(session, registrar, issue.id, issue.version - 1, "总体情况", "", now=NOW)
    with pytest.raises(ForbiddenError):
        services.put(session, officer, issue.id, issue.version, "总体情况", "", now=NOW)
    again = drafted(session, worked)
    assert again.id == issue.id
    (section,) = (one for one in unpack(again.kind, again.content).paper.sections if one.heading == "总体情况")
    assert [block.text for block in section.blocks if isinstance(block, Paragraph)] == ["本局自己写的。", "第二段。"]
    services.freeze(session, worked.actor(session, worked.leader), again.id, again.version, now=NOW)
    assert "本局自己写的。".encode() in _text(queries.document(session, again.id) or b"")
    assert services.made_again(session, again)
    with pytest.raises(ConflictError):
        services.put(session, registrar, again.id, again.version, "总体情况", "改", now=NOW)


def test_the_programs_own_words_or_none_take_a_persons_back(session: Session, worked: Office) -> None:
    registrar, issue = worked.actor(session, worked.registrar), drafted(session, worked)
    (program, *_rest) = unpack(issue.kind, issue.content).paper.sections
    for back in ("", own.words(program)):
        services.put(session, registrar, issue.id, issue.version, program.heading, "另写一句。", now=NOW)
        assert issue.content["own"] == {program.heading: "另写一句。"}
        services.put(session, registrar, issue.id, issue.version, program.heading, back, now=NOW)
        assert issue.content["own"] == {}


def test_who_wrote_words_of_a_draft_does_not_number_it(session: Session, worked: Office) -> None:
    issue, first = drafted(session, worked), worked.actor(session, worked.registrar)
    second = worked.actor(session, builders.user(session, "second", "周宁", (worked.bureau, Role.REGISTRAR)))
    services.put(session, second, issue.id, issue.version, "总体情况", "另写一句。", now=NOW)
    services.put(session, first, issue.id, issue.version, "总体情况", "另写一句，改一个字。", now=NOW)
    with pytest.raises(ForbiddenError) as refused:
        services.freeze(session, second, issue.id, issue.version, now=NOW)
    assert refused.value.problems == (services.OWN_WORDS,)
    with pytest.raises(NotFoundError):
        services.put(session, first, issue.id, issue.version, "统计说明", "不数涉密项目。", now=NOW)
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "paper.edit").order_by(AuditEvent.id)).all()
    assert [one.detail["after"] for one in events] == ["另写一句。", "另写一句，改一个字。"]
    assert events[0].detail["before"].startswith("2026年10月")
    assert events[1].detail["before"] == "另写一句。"
    services.put(session, first, issue.id, issue.version, "总体情况", "", now=NOW)
    assert services.freeze(session, second, issue.id, issue.version, now=NOW).issue_no == 1, "the words are gone"


def test_words_over_numbers_that_moved_are_confirmed_first(
    session: Session, worked: Office, as_leader: Browser
) -> None:
    registrar, leader = worked.actor(session, worked.registrar), worked.actor(session, worked.leader)
    issue = drafted(session, worked)
    services.put(session, registrar, issue.id, issue.version, "总体情况", "走访了三家。", now=NOW)
    assert services.freeze_problems(leader, issue, TODAY) == []
    at = datetime(2026, 10, 22, 2, 0, tzinfo=UTC)
    builders.touch(session, builders.enterprise(session), worked.east, worked.officer, occurred_at=at, recorded_at=at)
    drafted(session, worked)
    with pytest.raises(DomainError) as refused:
        services.freeze(session, leader, issue.id, issue.version, now=NOW)
    assert refused.value.problems == (services.MOVED,)
    session.commit()
    page = as_leader.get(f"/papers/issues/{issue.id}").text
    assert "数字已变" in page
    assert own.words(generated(issue.kind, issue.content).paper.sections[0]).split("\n")[0] in page
    services.put(session, registrar, issue.id, issue.version, "总体情况", "走访了三家。", now=NOW)
    assert services.freeze(session, leader, issue.id, issue.version, now=NOW).issue_no == 1


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
