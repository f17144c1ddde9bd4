from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.fieldwork.chains.models import Chain, ChainMark, ChainRun
from crm.fieldwork.chains.rules import Answer
from crm.fieldwork.models import FollowUp
from tests.support import builders
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

NOW, TODAY = builders.NOW, builders.TODAY
FORM: dict[str, str | list[str]] = {
    "name": "三步触达",
    "starts": "manual",
    "active": "1",
    "step_0_title": "发邮件介绍园区",
    "step_0_action": "mail",
    "step_0_days": "0",
    "step_0_stops": ["refused"],
    "step_1_title": "致电约访",
    "step_1_action": "call",
    "step_1_days": "3",
    "step_1_unit": "workdays",
}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def late(session: Session, office: Office, days: int, **fields: object) -> FollowUp:
    values = {"title": "寄送材料", "unit_id": office.east.id, "owner_id": office.officer.id, "created_at": NOW}
    row = FollowUp(**{**values, "created_by": office.officer.id, "due_on": TODAY - timedelta(days=days), **fields})
    session.add(row)
    session.flush()
    return row


def test_an_outreach_is_set_up_started_for_a_list_and_answered_step_by_step(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    firms = [builders.enterprise(session) for _ in range(2)]
    session.commit()
    assert as_registrar.post("/follow-ups/chains/new", dict(FORM)).status_code == 303
    chain = session.scalars(select(Chain)).one()
    session.commit()
    picked = "&".join(f"id={firm.id}" for firm in firms)
    assert all(firm.name in as_registrar.get(f"/follow-ups/chains/start?{picked}").text for firm in firms)
    wanted = {"id": [str(firm.id) for firm in firms], "chain": str(chain.id), "key": "k1"}
    owner = {"owner": f"{office.bureau.id}:{office.registrar.id}"}
    for _ in range(2):
        assert as_registrar.post("/follow-ups/chains/start", {**wanted, **owner}).status_code == 303
    row = session.scalars(select(FollowUp).order_by(FollowUp.id)).first()
    assert row is not None
    session.commit()
    assert "没有回应" in as_registrar.get("/follow-ups").text
    assert as_registrar.post(f"/follow-ups/{row.id}/done", {"answer": "silent"}).status_code == 303
    page = as_registrar.get("/follow-ups/chains").text
    assert "2/2 致电约访" in page
    assert "在企业库勾选后点“跟进勾选”" in page
    assert session.scalars(select(ChainMark.answer).where(ChainMark.follow_up_id == row.id)).one() is Answer.SILENT
    assert len(session.scalars(select(ChainRun)).all()) == 2


def test_a_chain_that_cannot_run_is_refused_with_what_was_typed(as_registrar: Browser) -> None:
    for changes, said in (
        ({"name": ""}, "起个名字"),
        ({"step_1_days": "四"}, "0到365"),
        ({"step_0_title": "", "step_1_title": ""}, "至少写一步"),
    ):
        answer = as_registrar.post("/follow-ups/chains/new", {**FORM, **changes})
        assert answer.status_code == 422
        assert said in answer.text
    assert "发邮件介绍园区" in as_registrar.post("/follow-ups/chains/new", {**FORM, "name": ""}).text


def test_the_lists_of_what_stands_still_name_who_holds_it(
    as_officer: Browser, session: Session, office: Office
) -> None:
    silent, fresh = builders.enterprise(session, "云岭静默有限公司"), builders.enterprise(session, "云岭常新有限公司")
    for firm in (silent, fresh):
        builders.project(session, firm, office.east, office.officer)
    builders.touch(session, fresh, office.east, office.officer)
    late(session, office, 2, title="近的", enterprise_id=fresh.id)
    late(session, office, 20, title="远的")
    late(session, office, 20, title="别组的", unit_id=office.south.id, owner_id=office.outsider.id)
    session.commit()
    promises = as_officer.get("/follow-ups/stalled").text
    assert all(word in promises for word in ("近的", "远的", "陈晓"))
    assert "别组的" not in promises
    risk = as_officer.get("/follow-ups/stalled?show=risk").text
    assert ("远的" in risk, "近的" in risk) == (True, False)
    firms = as_officer.get("/follow-ups/stalled?show=firms").text
    assert ("云岭静默" in firms, "云岭常新" in firms) == (True, False)


def test_the_stalled_lists_name_no_confidential_project(as_officer: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session, "云岭静默有限公司")
    deal = builders.project(
        session, firm, office.east, office.lead, name="云岭秘密项目", confidential=True, code_name="青竹"
    )
    late(session, office, 20, title="密谈", project_id=deal.id, owner_id=office.lead.id)
    session.commit()
    for show in ("", "?show=risk", "?show=firms"):
        page = as_officer.get(f"/follow-ups/stalled{show}").text
        assert not any(word in page for word in ("云岭秘密", "密谈", "云岭静默"))


def test_stalled_lists_need_few_queries(
    as_registrar: Browser, session: Session, database: Database, office: Office
) -> None:
    for _ in range(12):
        firm = builders.enterprise(session)
        builders.project(session, firm, office.east, office.officer)
        late(session, office, 9, enterprise_id=firm.id)
    session.commit()
    for path in ("/follow-ups/stalled", "/follow-ups/stalled?show=firms", "/follow-ups/chains", "/notices"):
        as_registrar.get(path)
        with counted(database) as statements:
            as_registrar.get(path)
        assert len(statements) <= 12, path


def test_promises_are_looked_at_before_they_are_given_away(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    row = late(session, office, 9)
    session.commit()
    assert "陈晓" in as_registrar.get(f"/follow-ups/reassign?id={row.id}").text
    refused = as_registrar.post("/follow-ups/reassign", {"id": str(row.id), "owner": ""})
    assert (refused.status_code, "由谁接手" in refused.text) == (422, True)
    wanted = {"id": str(row.id), "owner": f"{office.east.id}:{office.colleague.id}"}
    assert as_registrar.post("/follow-ups/reassign", wanted).status_code == 303
    session.refresh(row)
    assert row.owner_id == office.colleague.id


def test_the_office_sets_its_ladder_and_a_bad_one_is_refused(as_registrar: Browser) -> None:
    form: dict[str, str | list[str]] = {
        "rung_0_day": "1",
        "rung_0_told": ["owner"],
        "rung_1_day": "4",
        "rung_1_told": ["owner", "leader"],
        "rung_1_risk": "1",
        "opens": "09:00",
        "closes": "17:30",
        "workdays": "1",
        "stalled_days": "21",
    }
    assert as_registrar.post("/follow-ups/ladder", dict(form)).status_code == 303
    page = as_registrar.get("/follow-ups/ladder").text
    assert all(word in page for word in ('value="09:00"', 'value="21"'))
    refused = as_registrar.post("/follow-ups/ladder", {**form, "rung_1_day": "0", "closes": "08:00"})
    assert refused.status_code == 422
    assert "从小到大" in refused.text
    assert "开始要早于结束" in refused.text


def test_officers_do_not_set_chains_or_the_ladder(as_officer: Browser) -> None:
    for path in ("/follow-ups/ladder", "/follow-ups/chains/new"):
        assert as_officer.get(path).status_code == 403
