from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.enterprises import profile
from crm.enterprises.models import ProfileEntry
from crm.enterprises.profile import EntryDraft
from crm.enterprises.rules import BLOCK_LABELS, ProfileBlock
from crm.linking.models import Mention
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

DRAFT = EntryDraft(ProfileBlock.HISTORY, "1998年由示例镇五金厂改制而来。", "官网", date(2025, 12, 31))


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    row = builders.enterprise(session, "云岭电子有限公司", website="https://yunling.example")
    session.commit()
    return row


def test_an_entry_needs_text_source_and_a_day_that_has_come(session: Session, office: Office, firm: Enterprise) -> None:
    officer = office.actor(session, office.officer)
    for draft, key in (
        (EntryDraft(ProfileBlock.PLAN, " ", "官网", TODAY), "profile.body"),
        (EntryDraft(ProfileBlock.PLAN, "字" * 5001, "官网", TODAY), "profile.long"),
        (EntryDraft(ProfileBlock.PLAN, "扩产", " ", TODAY), "profile.source"),
        (EntryDraft(ProfileBlock.PLAN, "扩产", "官网", None), "profile.as_of"),
        (EntryDraft(ProfileBlock.PLAN, "扩产", "官网", date(2026, 11, 21)), "profile.future"),
    ):
        with pytest.raises(DomainError) as refused:
            profile.add_entry(session, officer, firm.id, draft, now=NOW, today=TODAY)
        assert [problem.key for problem in refused.value.problems] == [key]
    assert session.scalars(select(ProfileEntry)).all() == []
    with pytest.raises(ForbiddenError):
        profile.add_entry(session, office.actor(session, office.leader), firm.id, DRAFT, now=NOW, today=TODAY)


def test_an_entry_is_changed_as_it_was_read_and_every_step_is_on_record(
    session: Session, office: Office, firm: Enterprise
) -> None:
    officer = office.actor(session, office.officer)
    row = profile.add_entry(session, officer, firm.id, DRAFT, now=NOW, today=TODAY)
    version = row.version
    later = EntryDraft(ProfileBlock.HISTORY, "1999年改制。", "年报", date(2026, 1, 1))
    profile.change_entry(session, officer, row.id, later, version, now=NOW, today=TODAY)
    assert row.body == "1999年改制。"
    with pytest.raises(ConflictError):
        profile.change_entry(session, officer, row.id, DRAFT, version, now=NOW, today=TODAY)
    profile.archive_entry(session, officer, row.id, now=NOW)
    assert profile.entries(session, firm.id) == []
    assert profile.entries(session, firm.id, archived=True) == [row]
    profile.restore_entry(session, officer, row.id, now=NOW)
    assert profile.entries(session, firm.id) == [row]
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == [f"enterprise.profile_{one}" for one in ("add", "change", "archive", "restore")]
    noted = session.scalars(select(FieldChange.field).where(FieldChange.kind == profile.ENTRY)).all()
    assert set(noted) == {"*created", "body", "source", "as_of", "archived_at"}


def test_the_page_shows_six_blocks_and_says_what_an_empty_one_wants(as_officer: Browser, firm: Enterprise) -> None:
    page = as_officer.get(f"/enterprises/{firm.id}/profile").text
    for label in BLOCK_LABELS.values():
        assert label in page
    assert "https://yunling.example" in page
    assert "写下创立、并购、上市" in page
    assert "新闻提到它时会自动列在这里" in page
    assert "写下总机、地址" in page


def test_news_fill_the_last_block_by_themselves(as_officer: Browser, session: Session, firm: Enterprise) -> None:
    news = builders.article(session, "云岭电子<b>扩产</b>", publisher="示例日报")
    session.add(Mention(article_id=news.id, enterprise_id=firm.id, surface="云岭电子", start=0, stop=4))
    path, url = f"/enterprises/{firm.id}/profile", news.url
    session.commit()
    page = as_officer.get(path).text
    for words in ("云岭电子&lt;b&gt;扩产&lt;/b&gt;", "示例日报", url):
        assert words in page
    assert "新闻提到它时会自动列在这里" not in page


def test_an_entry_is_written_changed_archived_and_brought_back_on_pages(
    as_officer: Browser, as_leader: Browser, session: Session, firm: Enterprise
) -> None:
    path = f"/enterprises/{firm.id}/profile"
    session.rollback()
    assert as_leader.get(f"{path}/new").status_code == 403
    assert "/profile/new" not in as_leader.get(path).text
    assert 'selected value="plan"' in as_officer.get(f"{path}/new?block=plan").text
    form = {"block": "plan", "body": "拟在华东再建一座工厂。\n<script>", "source": "走访", "as_of": "2026-11-18"}
    assert as_officer.post(f"{path}/new", {**form, "source": ""}).status_code == 422
    assert "日期不能晚于今天" in as_officer.post(f"{path}/new", {**form, "as_of": "2026-12-01"}).text
    assert as_officer.post(f"{path}/new", form).status_code == 303
    page = as_officer.get(path).text
    assert "拟在华东再建一座工厂" in page
    assert "&lt;script&gt;" in page
    number = session.scalars(select(ProfileEntry.id)).one()
    session.rollback()
    edit = f"/enterprises/profile/{number}"
    assert as_officer.get(f"{edit}/edit").status_code == 200
    assert as_officer.post(f"{edit}/edit", {**form, "body": "改选华中。", "version": "1"}).status_code == 303
    stale = as_officer.post(f"{edit}/edit", {**form, "body": "又改。", "version": "1"})
    assert stale.status_code == 409
    assert "又改。" in stale.text
    assert as_officer.post(f"{edit}/archive").status_code == 303
    assert "改选华中" not in as_officer.get(path).text.split("y-toast")[0]
    assert "改选华中" in as_officer.get(f"{path}/archived").text
    assert as_officer.post(f"{edit}/restore").status_code == 303
    assert "改选华中" in as_officer.get(path).text
    assert as_officer.post("/enterprises/profile/999/archive").status_code == 404
