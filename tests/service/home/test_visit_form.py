from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.photos.models import TouchPhoto
from tests.support import builders, pictures

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


def filled(office: Office, firm: Enterprise | None, **fields: Any) -> dict[str, Any]:
    return {
        "client_id": "tap-00000001",
        "kind": "visit",
        "enterprise_id": str(firm.id) if firm else "",
        "occurred_at": "2026-11-19T15:30",
        "summary": "介绍东区标准厂房，对方关心蒸汽价格。",
        "intention": "interested",
        "people": "王总（副总经理）",
        "leader_level": "staff",
        "unit_id": str(office.east.id),
        **fields,
    }


def firm_of(session: Session, name: str = "云岭电子有限公司") -> Enterprise:
    firm = builders.enterprise(session, name)
    index_enterprises(session, [firm.id])
    session.commit()
    return firm


def test_the_form_opens_with_kind_time_and_enterprise_filled_in(as_officer: Browser, session: Session) -> None:
    firm = firm_of(session)
    page = as_officer.get(f"/visits/new?enterprise={firm.id}&kind=inspection").text
    assert 'value="2026-11-20T10:00"' in page
    assert re.search(r'value="inspection"[^>]*checked|checked[^>]*value="inspection"', page)
    assert f'href="/enterprises/{firm.id}">取消' in page
    assert firm.name in page


def test_a_saved_visit_is_shown_unless_the_address_named_another_page(
    as_officer: Browser, session: Session, office: Office
) -> None:
    answer = as_officer.post("/visits/new", filled(office, firm_of(session), next=""))
    touch = session.scalars(select(Touch)).one()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/visits/{touch.id}")


def test_a_visit_is_saved_and_leads_back_where_one_was(as_officer: Browser, session: Session, office: Office) -> None:
    firm = firm_of(session)
    data = filled(office, firm, next=f"/enterprises/{firm.id}", next_step="寄方案", next_due="2026-11-24")
    answer = as_officer.post("/visits/new", data)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/enterprises/{firm.id}")
    touch = session.scalars(select(Touch)).one()
    assert touch.occurred_at.isoformat() == "2026-11-19T07:30:00+00:00"
    assert session.scalars(select(FollowUp.title)).all() == ["寄方案"]


def test_a_visit_dated_next_year_is_refused_and_the_form_keeps_the_text(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = firm_of(session)
    data = filled(office, firm, occurred_at="2027-11-19T15:30", next_step="寄方案", next_due="2026-11-24", place="东区")
    answer = as_officer.post("/visits/new", data)
    assert answer.status_code == 422
    assert "走访时间不能晚于现在" in answer.text
    for kept in (data["summary"], data["people"], "2027-11-19T15:30", "寄方案", "2026-11-24", "东区", firm.name):
        assert kept in answer.text
    assert session.scalars(select(Touch)).all() == []


def test_a_garbled_time_is_refused_in_plain_words(as_officer: Browser, session: Session, office: Office) -> None:
    answer = as_officer.post("/visits/new", filled(office, firm_of(session), occurred_at="昨天下午"))
    assert answer.status_code == 422
    assert "请选择日期和时间" in answer.text
    assert "昨天下午" in answer.text


def test_a_double_tap_makes_one_visit(as_officer: Browser, session: Session, office: Office) -> None:
    data = filled(office, firm_of(session))
    assert [as_officer.post("/visits/new", data).status_code for _ in range(2)] == [303, 303]
    assert len(session.scalars(select(Touch)).all()) == 1


def test_without_an_enterprise_the_form_says_what_to_do(as_officer: Browser, office: Office) -> None:
    answer = as_officer.post("/visits/new", filled(office, None))
    assert answer.status_code == 422
    assert "请选择企业" in answer.text


def test_without_javascript_the_search_is_a_step_that_keeps_what_was_typed(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = firm_of(session)
    answer = as_officer.post("/visits/new", filled(office, None, q="云岭", find="1"))
    assert answer.status_code == 200
    assert f'value="{firm.id}"' in answer.text
    assert "对方关心蒸汽价格" in answer.text


def test_typing_two_characters_offers_enterprises_and_a_new_one(as_officer: Browser, session: Session) -> None:
    firm = firm_of(session)
    answer = as_officer.get("/visits/pick?q=云岭", headers=HTMX)
    assert f'value="{firm.id}"' in answer.text
    assert "新建企业“云岭”" in answer.text
    assert "<html" not in answer.text


def test_an_enterprise_not_in_the_register_is_made_with_the_visit(
    as_officer: Browser, session: Session, office: Office
) -> None:
    answer = as_officer.post("/visits/new", filled(office, None, enterprise_id="new", q="青禾示例装备有限公司"))
    assert answer.status_code == 303
    touch = session.scalars(select(Touch)).one()
    assert session.get_one(Enterprise, touch.enterprise_id).name == "青禾示例装备有限公司"


def test_a_known_name_is_not_made_twice(as_officer: Browser, session: Session, office: Office) -> None:
    firm = firm_of(session)
    answer = as_officer.post("/visits/new", filled(office, None, enterprise_id="new", q=firm.name))
    assert answer.status_code == 422
    assert f"企业库里已有“{firm.name}”" in answer.text
    assert len(session.scalars(select(Enterprise)).all()) == 1


def test_a_refused_visit_leaves_no_new_enterprise_behind(as_officer: Browser, session: Session, office: Office) -> None:
    data = filled(office, None, enterprise_id="new", q="青禾示例装备有限公司", next_step="寄方案")
    assert as_officer.post("/visits/new", data).status_code == 422
    assert session.scalars(select(Enterprise)).all() == []


def test_everything_that_is_missing_is_said_at_once(as_officer: Browser, office: Office) -> None:
    page = as_officer.post("/visits/new", filled(office, None, summary="")).text
    assert "请选择企业" in page
    assert "请写一句谈了什么" in page


def test_an_emptied_search_offers_the_latest_again(as_officer: Browser, session: Session, office: Office) -> None:
    firm = firm_of(session)
    builders.touch(session, firm, office.east, office.officer)
    session.commit()
    picks = as_officer.get("/visits/pick?q=", headers=HTMX).text
    assert "最近走访" in picks
    assert firm.name in picks


def test_known_contacts_and_projects_come_with_the_enterprise(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    builders.contact(session, firm, office.east, office.officer, "钱部长", post="投资部部长")
    builders.contact(session, firm, office.south, office.outsider, "孙经理")
    deal = builders.project(session, firm, office.east, office.officer)
    session.commit()
    page = as_officer.get(f"/visits/about/{firm.id}", headers=HTMX).text
    assert "钱部长（投资部部长）" in page
    assert "孙经理" not in page
    more = as_officer.get(f"/visits/more?enterprise_id={firm.id}", headers=HTMX).text
    assert deal.name in more
    assert deal.name in as_officer.get(f"/visits/about/{firm.id}?project=", headers=HTMX).text


def test_more_fields_come_by_a_button_as_well_and_nothing_typed_is_lost(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    session.commit()
    page = as_officer.post("/visits/new", filled(office, firm, find="more", summary="谈了供地")).text
    assert 'name="leader_level"' in page
    assert "谈了供地" in page
    assert 'name="leader_level"' not in as_officer.get("/visits/new").text


def test_touching_another_units_project_is_refused(as_officer: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    foreign = builders.project(session, firm, office.south, office.outsider)
    session.commit()
    answer = as_officer.post("/visits/new", filled(office, firm, project=str(foreign.id)))
    assert answer.status_code == 422
    assert "所选项目不属于这家企业" in answer.text


def test_a_leader_may_not_log_visits(as_leader: Browser) -> None:
    assert as_leader.get("/visits/new").status_code == 403


def test_somebody_met_for_the_first_time_is_registered_with_the_visit_once(
    as_officer: Browser, session: Session, office: Office
) -> None:
    data = filled(office, firm_of(session), new_name="顾青", new_post="厂长", new_phone="13800001111")
    for _ in range(2):
        assert as_officer.post("/visits/new", data).status_code == 303
    touch = session.scalars(select(Touch)).one()
    assert [(one.name, one.post, one.phone) for one in touch.contacts] == [("顾青", "厂长", "13800001111")]
    assert session.scalars(select(Contact.name)).all() == ["顾青"]


def test_a_newcomer_who_is_on_record_is_asked_about_and_nothing_is_kept_until_confirmed(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = firm_of(session)
    builders.contact(session, firm, office.east, office.officer, "顾青", phone="13800001111")
    session.commit()
    for words, typed in (
        ("这家企业已有联系人“顾青”", {"new_name": "顾 青"}),
        ("已登记同一个电话", {"new_name": "顾小青", "new_phone": "138-0000-1111"}),
        ("请写新联系人的姓名", {"new_post": "厂长"}),
        ("电话只能有数字", {"new_name": "顾小青", "new_phone": "不知道"}),
    ):
        answer = as_officer.post("/visits/new", filled(office, firm, **typed))
        assert answer.status_code == 422
        assert words in answer.text
        assert "确认不是同一人" in answer.text
    sure = {"new_name": "顾青", "confirm_contact": "y"}
    assert as_officer.post("/visits/new", filled(office, firm, **sure)).status_code == 303
    assert session.scalar(select(func.count()).select_from(Contact)) == 2


def test_without_scripts_photos_come_with_the_form_and_a_bad_one_refuses_all(
    as_officer: Browser, session: Session, office: Office
) -> None:
    data = filled(office, firm_of(session))
    bad = {"photos": [(io.BytesIO(b"GIF89a"), "a.gif")]}
    answer = as_officer.post("/visits/new", {**data, **bad}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "照片只接受" in answer.text
    good = {"photos": [(io.BytesIO(pictures.photo()), "a.jpg")]}
    assert as_officer.post("/visits/new", {**data, **good}, content_type="multipart/form-data").status_code == 303
    assert session.scalar(select(func.count()).select_from(TouchPhoto)) == 1
