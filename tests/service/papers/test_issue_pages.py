"""Pages of numbered papers: asked for, made in the background, numbered by another, sent out, taken along."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.jobs import PAPER_DRAFT
from crm.core.tasks import Task, TaskState
from crm.papers.issues.models import IssueState, PaperIssue
from crm.word.check.checking import check
from tests.support import builders
from tests.support.builders import NOW
from workers import reportjobs
from workers.contract import Context

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

PATH = "/papers/issues"
WAIT = "/papers/drafts/dispatch/2026-10"
ASKED = {"key": "dispatch", "period": "2026-10"}
HX = {"HX-Request": "true"}


def silence(_percent: int, _note: str) -> None:
    """Nobody watches."""


@pytest.fixture
def draft(session: Session, office: Office, as_registrar: Browser, database: Database, app: Flask) -> int:
    """Ask for October's pack on the page, twice, and let the worker make it."""
    firm, at = builders.enterprise(session, "云岭精工股份有限公司"), datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
    builders.touch(session, firm, office.east, office.officer, occurred_at=at, recorded_at=at)
    session.commit()
    for _twice in range(2):
        assert as_registrar.post(PATH, ASKED).headers["Location"] == WAIT
    assert "正在拟稿" in as_registrar.get(WAIT).text
    assert "hx-get" in as_registrar.get(f"{WAIT}/progress", headers=HX).text
    task = session.scalars(select(Task).where(Task.kind == PAPER_DRAFT)).one()
    context = Context(app.config["SETTINGS"], database, NOW, task.id, 1, silence)
    result = reportjobs.paper_draft(session, task.payload, context)
    assert result is not None
    task.state, task.finished_at = TaskState.DONE, NOW
    session.commit()
    return int(result["issue_id"])


def step(session: Session, browser: Browser, issue: int, name: str, **form: str) -> int:
    """Press a button on the page as it is now."""
    version = session.scalar(select(PaperIssue.version).where(PaperIssue.id == issue))
    session.commit()
    return browser.post(f"{PATH}/{issue}/{name}", {"version": str(version), **form}).status_code


def test_a_paper_goes_from_draft_to_every_reader(
    session: Session, draft: int, as_registrar: Browser, as_leader: Browser, as_officer: Browser
) -> None:
    address = f"{PATH}/{draft}"
    assert as_registrar.get(WAIT).headers["Location"] == address
    page = as_registrar.get(address).text
    assert "请由另一位有定稿权限的人定稿" in page
    assert f'action="{address}/freeze"' not in page
    assert as_officer.get(address).status_code == 404
    page = as_leader.get(address).text
    assert f'action="{address}/freeze"' in page[page.index('<dialog id="freeze"') :], "asked first"
    assert "补编以前的时段" not in page
    assert step(session, as_leader, draft, "freeze") == 303
    assert as_officer.get(address).status_code == 404, "not sent out yet"
    assert step(session, as_leader, draft, "send") == 303
    page = as_officer.get(address).text
    assert "第1期（总第1期）" in page
    assert "SHA-256" in page
    assert check(as_officer.get(f"{address}/paper.docx").data).passed
    assert as_officer.get(f"{address}/tables.xlsx").data.startswith(b"PK")
    assert "第1期（总第1期）" in as_officer.get(PATH).text
    assert as_officer.get("/papers/dispatch/2026-10").headers["Location"] == address
    compared = as_officer.post(f"{address}/compare", follow_redirects=True)
    assert "逐字节相同" in compared.text
    taken = session.scalars(select(AuditEvent).where(AuditEvent.action == "paper.download")).all()
    assert [one.detail["format"] for one in taken] == ["docx", "xlsx"]


def test_who_may_number_a_draft_reads_it_as_word_first(
    session: Session, draft: int, as_leader: Browser, as_officer: Browser
) -> None:
    address = f"{PATH}/{draft}/paper.docx"
    assert address in as_leader.get(f"{PATH}/{draft}").text
    answer = as_leader.get(address)
    assert docx.Document(BytesIO(answer.data)).paragraphs[0].text.endswith("（草稿）")
    assert "%E8%8D%89%E7%A8%BF" in answer.headers["Content-Disposition"]
    assert as_officer.get(address).status_code == 404
    assert as_leader.get(f"{PATH}/{draft}/tables.xlsx").status_code == 404


def test_a_period_before_one_that_has_a_number_is_named_as_made_up_late(
    session: Session, draft: int, as_leader: Browser
) -> None:
    kept = session.get_one(PaperIssue, draft)
    later = PaperIssue(
        kind=kept.kind, start_on=date(2026, 11, 1), end_on=date(2026, 11, 30), year=2026, state=IssueState.FROZEN,
        issue_no=1, total_no=1, issuer=kept.issuer, dated_on=date(2026, 11, 20), content=kept.content, document=b"PK",
        digest="0" * 64, built_by=kept.built_by, built_at=NOW, frozen_at=NOW, frozen_by=kept.built_by,
    )  # fmt: skip
    session.add(later)
    session.commit()
    assert "补编以前的时段" in as_leader.get(f"{PATH}/{draft}").text


def test_the_calendar_says_what_is_out_and_leads_there(session: Session, draft: int, as_leader: Browser) -> None:
    link = f'<a href="{PATH}/{draft}">'
    assert link not in as_leader.get("/papers").text
    step(session, as_leader, draft, "freeze")
    assert link not in as_leader.get("/papers").text
    step(session, as_leader, draft, "send")
    page = as_leader.get("/papers").text
    assert "已印发" in page[page.index(link) :][:400]


def test_a_figure_opens_its_rows_as_they_were(draft: int, as_leader: Browser) -> None:
    address = f"{PATH}/{draft}/rows"
    page = as_leader.get(f"{address}/part:visits").text
    assert "云岭精工股份有限公司" in page
    assert page.count("<tr data-row>") == 1
    assert as_leader.get(f"{address}/part:nothing").status_code == 404
    assert "没有您能看到的明细" in as_leader.get(f"{address}/part:visits?piece=9").text


def test_a_withdrawn_paper_says_so_and_keeps_what_was_typed_when_refused(
    session: Session, draft: int, as_leader: Browser, as_officer: Browser, as_registrar: Browser
) -> None:
    step(session, as_leader, draft, "freeze")
    step(session, as_leader, draft, "send")
    asked = as_registrar.post(PATH, ASKED, follow_redirects=True)
    assert "已经编号定稿" in asked.text
    assert step(session, as_leader, draft, "withdraw", reason=" ") == 422
    assert as_officer.post(f"{PATH}/{draft}/withdraw", {"reason": "错"}).status_code == 403
    assert step(session, as_leader, draft, "withdraw", reason="十月数据有误") == 303
    page = as_officer.get(f"{PATH}/{draft}").text
    assert "已撤回，请勿使用" in page
    assert "十月数据有误" in page


def test_drafts_are_made_and_thrown_away_by_the_office_alone(
    session: Session, draft: int, as_officer: Browser, as_leader: Browser, as_registrar: Browser
) -> None:
    assert as_officer.post(PATH, ASKED).status_code == 403
    assert as_leader.get(WAIT).status_code == 403
    assert as_registrar.post(PATH, {"key": "dispatch", "period": "2030-01"}).status_code == 404
    page = as_officer.get(PATH).text
    assert "已拟稿" in page
    assert "草稿" not in page[page.index("<main") : page.index("</main>")]
    assert as_registrar.post(f"{PATH}/{draft}/discard", {"version": "99"}).status_code == 303
    assert step(session, as_registrar, draft, "discard") == 303
    session.expire_all()
    assert session.scalars(select(PaperIssue)).all() == []


def test_words_are_put_on_the_page_and_taken_back(
    session: Session, draft: int, office: Office, as_registrar: Browser
) -> None:
    address = f"{PATH}/{draft}"
    assert "改文字" in as_registrar.get(address).text
    said = {"heading": "总体情况", "text": "本局自己写的一句。"}
    assert step(session, as_registrar, draft, "words", **said) == 303
    page = as_registrar.get(address).text
    assert all(words in page for words in ("本局自己写的一句。", "已改写", "程序按现在的数字写的是"))
    refused = as_registrar.post(f"{address}/words", {"version": "0", **said, "text": "没存上的字"})
    assert (refused.status_code, "没存上的字" in refused.text) == (409, True)
    assert step(session, as_registrar, draft, "words", **said, action="reset") == 303
    assert "已改写" not in as_registrar.get(address).text
    rows = f"{address}/rows/year:visits?unit={office.east.id}"
    assert rows.replace(":", "%3A") in page or rows in page
    assert "共1条，合计1家" in as_registrar.get(rows).text
