from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.assessment import services as campaigns
from crm.assessment.rules import Metric
from crm.auth.rules import Role
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline.confidential import services as confidential
from crm.reports import bulletin_file, bulletin_paper, bulletins
from tests.service.pipeline.helpers import lead
from tests.support import builders, facts
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.models import Campaign, CampaignBulletin
    from tests.conftest import Browser
    from tests.support.builders import Office

START = date(2026, 10, 1)


def running(session: Session, office: Office) -> Campaign:
    firms = facts.firms(session, 3)
    facts.touches(session, office.east, office.officer, firms)
    tasks = {(office.east.id, Metric.VISITS): 6, (office.south.id, Metric.VISITS): 4, (office.east.id, Metric.LEADS): 2}
    draft = campaigns.CampaignDraft("百日会战", START, date(2026, 12, 31), "", tasks)
    return campaigns.create_campaign(session, office.actor(session, office.registrar), draft, now=NOW)


def built(session: Session, office: Office, campaign: Campaign, day: date = TODAY) -> CampaignBulletin:
    registrar = office.actor(session, office.registrar)
    return bulletins.build(session, registrar, campaign.id, day, now=NOW, today=TODAY)


def issued(session: Session, office: Office, row: CampaignBulletin) -> CampaignBulletin:
    leader = office.actor(session, office.leader)
    return bulletins.issue(session, leader, row.id, version=row.version, now=NOW)


def keys(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_bulletins_are_numbered_per_campaign_and_fixed_once_issued(session: Session, office: Office) -> None:
    campaign, registrar = running(session, office), office.actor(session, office.registrar)
    first = built(session, office, campaign)
    with pytest.raises(DomainError) as open_one:
        built(session, office, campaign)
    assert keys(open_one) == ["bulletin.open"]
    bulletins.edit(session, registrar, first.id, "首月见效", "走访三家。", version=first.version, now=NOW)
    with pytest.raises(ConflictError):
        bulletins.edit(session, registrar, first.id, "x", "y", version=first.version - 1, now=NOW)
    assert issued(session, office, first).number == 1
    with pytest.raises(ConflictError):
        bulletins.edit(session, registrar, first.id, "改", "改", version=first.version, now=NOW)
    assert issued(session, office, built(session, office, campaign)).number == 2
    with zipfile.ZipFile(io.BytesIO(bulletin_paper.word_file(first, "云溪县招商局"))) as archive:
        told = archive.read("word/document.xml").decode()
    assert all(words in told for words in ("第1期", "首月见效", "走访三家。", "外出走访企业"))


def test_figures_stay_with_their_rows_whatever_happens_later(session: Session, office: Office) -> None:
    campaign = running(session, office)
    row = issued(session, office, built(session, office, campaign))
    facts.touches(session, office.east, office.officer, facts.firms(session, 2))
    session.expire(row)
    visits = next(one for one in row.figures["metrics"] if one["key"] == "visits")
    assert (visits["done"], visits["target"], len(visits["rows"])) == (3, 10, 3)
    officer, outsider = office.actor(session, office.officer), office.actor(session, office.outsider)
    assert len(bulletins.rows(session, officer, row, Metric.VISITS)) == 3
    assert bulletins.rows(session, outsider, row, Metric.VISITS) == []
    assert "完成3家，任务10家，完成率30.0%" in row.body


def test_the_file_is_kept_with_its_hash_whatever_is_renamed_later(
    session: Session, office: Office, as_leader: Browser
) -> None:
    row = built(session, office, running(session, office))
    assert (row.document, row.digest) == (None, None)
    issued(session, office, row)
    kept, number = bulletin_file.content(session, row), row.id
    assert row.digest == hashlib.sha256(kept).hexdigest()
    assert bulletin_paper.word_file(row, office.bureau.name) == kept, "made again from its row"
    row.campaign.name, office.bureau.name = "改了名", "改了名的局"
    session.commit()
    page = as_leader.get(f"/campaigns/bulletins/{number}")
    assert hashlib.sha256(kept).hexdigest() in page.text
    assert as_leader.get(f"/campaigns/bulletins/{number}/bulletin.docx").data == kept
    (taken,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "bulletin.download"))
    assert (taken.actor_id, taken.detail["number"]) == (office.leader.id, 1)


def test_a_row_that_became_confidential_is_shown_only_to_the_privy(session: Session, office: Office) -> None:
    campaign = running(session, office)
    project = lead(session, office)
    row = issued(session, office, built(session, office, campaign))
    session.commit()
    registrar = office.actor(session, office.registrar)
    assert len(bulletins.rows(session, registrar, row, Metric.LEADS)) == 1
    confidential.classify(session, registrar, project.id, "七号项目", version=project.version, now=NOW)
    assert bulletins.rows(session, office.actor(session, office.lead), row, Metric.LEADS) == []
    assert len(bulletins.rows(session, office.actor(session, office.officer), row, Metric.LEADS)) == 1


def test_days_and_rights_are_asked_for(session: Session, office: Office) -> None:
    campaign = running(session, office)
    for day, key in ((TODAY + timedelta(days=1), "bulletin.future"), (date(2026, 9, 30), "bulletin.not_begun")):
        with pytest.raises(DomainError) as refused:
            built(session, office, campaign, day)
        assert keys(refused) == [key]
    draft = built(session, office, campaign)
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        bulletins.build(session, officer, campaign.id, TODAY, now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        bulletins.get(session, officer, draft.id)


def test_who_built_it_or_wrote_its_words_does_not_issue_it(session: Session, office: Office) -> None:
    row = built(session, office, running(session, office))
    other = builders.user(session, "second", "周宁", (office.bureau, Role.REGISTRAR))
    session.flush()
    writer = office.actor(session, other)
    bulletins.edit(session, writer, row.id, "首月见效", "走访三家。", version=row.version, now=NOW)
    for actor in (writer, office.actor(session, office.registrar)):
        with pytest.raises(ForbiddenError) as own:
            bulletins.issue(session, actor, row.id, version=row.version, now=NOW)
        assert keys(own) == ["bulletin.own"]
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "bulletin.edit"))
    assert (event.detail["before"][0], event.detail["after"]) == ("百日会战进展情况", ["首月见效", "走访三家。"])
    bulletins.rebuild(session, office.actor(session, office.registrar), row.id, TODAY, now=NOW, today=TODAY)
    assert bulletins.issue(session, writer, row.id, version=row.version, now=NOW).number == 1, "the words are gone"


def test_a_draft_that_names_a_confidential_project_is_shut_and_not_issued(
    session: Session, office: Office, as_leader: Browser, as_registrar: Browser
) -> None:
    campaign, registrar = running(session, office), office.actor(session, office.registrar)
    project = lead(session, office)
    row = built(session, office, campaign)
    words = ("进展", f"{project.name}已签约。")
    bulletins.edit(session, registrar, row.id, *words, version=row.version, now=NOW)
    confidential.classify(
        session, office.actor(session, office.lead), project.id, "七号项目", version=project.version, now=NOW
    )
    session.commit()
    with pytest.raises(DomainError) as secret:
        issued(session, office, row)
    assert keys(secret) == ["bulletin.secret"]
    name, place, version = project.name, f"/campaigns/bulletins/{row.id}", row.version
    session.rollback()
    page = as_leader.get(place).text
    assert ("内容暂不显示" in page, name in page) == (True, False)
    assert as_leader.get(f"{place}/bulletin.docx").status_code == 409
    assert as_registrar.post(place, {"title": "x", "body": "y", "version": str(version)}).status_code == 409
    assert as_registrar.post(f"{place}/rebuild", {"as_of": TODAY.isoformat()}).status_code == 303
    assert "内容暂不显示" not in as_leader.get(place).text


def test_the_pages_draft_edit_issue_and_hand_out_a_bulletin(
    session: Session, office: Office, as_registrar: Browser, as_leader: Browser, as_officer: Browser
) -> None:
    campaign = running(session, office)
    builders.enterprise(session)
    session.commit()
    here = f"/campaigns/{campaign.id}/bulletins"
    assert "还没有简报" in as_registrar.get(here).text
    assert as_registrar.post(here, {"as_of": "2027-01-01"}).status_code == 422
    place = as_registrar.post(here, {"as_of": TODAY.isoformat()}).headers["Location"]
    assert as_registrar.post(place, {"title": " ", "body": "留着", "version": "1"}).status_code == 422
    assert as_officer.get(place).status_code == 404
    assert as_registrar.post(f"{place}/issue", {"version": "1"}).status_code == 403, "not who built it"
    assert f'action="{place}/issue"' not in as_registrar.get(place).text
    assert as_leader.post(f"{place}/issue", {"version": "1"}).status_code == 303
    assert "第1期" in as_officer.get(place).text
    assert as_officer.get(f"{place}/rows/visits").status_code == 200
    assert as_officer.get(f"{place}/rows/nothing").status_code == 404
    one = as_registrar.get(f"{place}/rows/visits?unit={office.east.id}")
    assert (one.status_code, office.east.name in one.text) == (200, True)
    assert as_officer.get(f"{place}/bulletin.docx").data[:2] == b"PK"
