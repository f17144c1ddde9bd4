from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.assessment import queries, services
from crm.assessment.items import Item, Phase
from crm.assessment.measures import MEASURES
from crm.assessment.models import CampaignBulletin, CampaignTask
from crm.assessment.rules import BulletinKind
from crm.core.errors import DomainError
from crm.reports import bulletins
from tests.support import battle
from tests.support.battle import END, ITEMS, START
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

CLOSING = BulletinKind.CLOSING
PHASES = (
    Phase("发动", START, START + timedelta(days=14), 10, "开动员会"),
    Phase("攻坚", START + timedelta(days=15), END),
)


@pytest.fixture
def campaign_id(session: Session, office: Office) -> int:
    fought = battle.load(session, office)
    draft = services.CampaignDraft("百日会战", START, END, "", fought.tasks, ITEMS, PHASES)
    return services.create_campaign(session, office.actor(session, office.registrar), draft, now=NOW).id


def test_the_closing_report_tells_what_was_done_and_who_finished(
    session: Session, office: Office, campaign_id: int
) -> None:
    actor = office.actor(session, office.registrar)
    row = bulletins.build(session, actor, campaign_id, TODAY, now=NOW, today=TODAY, kind=CLOSING)
    assert row.title == "百日会战收官通报"
    assert "历时92天" in row.body
    assert "5项任务中无一完成，完成率最高48.4%，最低7.9%" in row.body
    assert "48个单位中，完成全部任务的0个" in row.body
    assert row.figures["metrics"][0]["units"] == [11, 48]
    assert [one["done"] for one in row.figures["metrics"]] == [171, 57, 93, 12, 3]
    held = bulletins.rows(session, actor, row, "signings@5000-@BCD")
    assert len(held) == 12


def test_a_campaign_is_closed_once_and_only_when_it_is_over(session: Session, office: Office, campaign_id: int) -> None:
    actor = office.actor(session, office.registrar)
    with pytest.raises(DomainError):
        bulletins.build(session, actor, campaign_id, END - timedelta(days=1), now=NOW, today=TODAY, kind=CLOSING)
    row = bulletins.build(session, actor, campaign_id, END, now=NOW, today=TODAY, kind=CLOSING)
    leader = office.actor(session, office.leader)
    bulletins.issue(session, leader, row.id, version=row.version, now=NOW)
    with pytest.raises(DomainError):
        bulletins.build(session, actor, campaign_id, END, now=NOW, today=TODAY, kind=CLOSING)
    second = CampaignBulletin(
        campaign_id=campaign_id, kind=CLOSING, as_of=END, title="又一份", body="x", figures={}, built_by=1, built_at=NOW
    )
    session.add(second)
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_page_offers_the_closing_report_when_the_campaign_is_over(
    session: Session, office: Office, as_registrar: Browser, campaign_id: int
) -> None:
    session.commit()
    path = f"/campaigns/{campaign_id}/bulletins"
    assert "编收官通报" in as_registrar.get(path).text
    assert as_registrar.post(path, {"as_of": TODAY.isoformat(), "closing": "1"}).status_code == 303
    assert "编收官通报" not in as_registrar.get(path).text
    row = session.scalars(select(CampaignBulletin)).one()
    assert row.kind is CLOSING
    address = f"/campaigns/bulletins/{row.id}/bulletin.docx"
    session.commit()  # a download is put on record
    assert as_registrar.get(address).status_code == 200


def test_phases_set_the_pace_of_the_board(session: Session, as_leader: Browser, campaign_id: int) -> None:
    session.commit()
    page = as_leader.get(f"/campaigns/{campaign_id}").text
    assert "开动员会" in page
    assert "按阶段进度" in page
    part = as_leader.get(f"/campaigns/{campaign_id}", headers={"HX-Request": "true"})
    assert "campaign-board" in part.text
    assert "<html" not in part.text


def test_what_people_brought_sums_to_the_board(session: Session, as_leader: Browser, campaign_id: int) -> None:
    session.commit()
    page = as_leader.get(f"/campaigns/{campaign_id}/people").text
    assert "陈晓" in page
    assert ">171<" in page
    assert "people=" in page


def test_items_no_longer_counted_take_their_tasks_along(
    session: Session, office: Office, as_registrar: Browser, campaign_id: int
) -> None:
    session.commit()
    assert as_registrar.get(f"/campaigns/{campaign_id}/items").status_code == 200
    wrong = as_registrar.post(f"/campaigns/{campaign_id}/items", {"metric-0": "leads", "low-0": "很多"})
    assert wrong.status_code == 422
    assert "很多" in wrong.text
    kept = as_registrar.post(
        f"/campaigns/{campaign_id}/items", {"metric-0": "leads", "metric-1": "signed_amount", "named-1": "签约额"}
    )
    assert kept.status_code == 302
    assert set(session.scalars(select(CampaignTask.metric).where(CampaignTask.campaign_id == campaign_id))) == {"leads"}
    assert [item.label for item in queries.items(session, campaign_id)] == ["收集招商信息", "签约额"]
    session.commit()
    form = {"name": "百日会战", "start_on": START.isoformat(), "end_on": END.isoformat(), "slogan": ""}
    phase = {
        "phase-name-0": "发动",
        "phase-start-0": "2026-07-01",
        "phase-end-0": "2026-07-10",
        "phase-percent-0": "20",
    }
    cells = {f"task-{office.east.id}-signed_amount": "12,000.5", f"task-{office.east.id}-leads": "9"}
    assert as_registrar.post(f"/campaigns/{campaign_id}/edit", {**form, **phase, **cells}).status_code == 302
    assert str(queries.tasks(session, campaign_id)[office.east.id, "signed_amount"]) == "12000.5"
    assert [one.name for one in queries.phases(session, campaign_id)] == ["发动"]
    session.commit()
    late = as_registrar.post(f"/campaigns/{campaign_id}/edit", {**form, **phase, **cells, "phase-end-0": "2026-12-01"})
    assert late.status_code == 422
    assert "2026-12-01" in late.text


def test_an_item_of_money_is_frozen_with_its_decimals(session: Session, office: Office, campaign_id: int) -> None:
    actor = office.actor(session, office.registrar)
    services.set_items(session, actor, campaign_id, [Item("signed_amount", MEASURES["signed_amount"])], now=NOW)
    row = bulletins.build(session, actor, campaign_id, TODAY, now=NOW, today=TODAY)
    assert row.figures["metrics"][0]["done"] == 92_900
