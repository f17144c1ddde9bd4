from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.register.models import SavedView, Sharing
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def kept(browser: Browser, session: Session, name: str, **fields: str) -> int:
    assert (
        browser.post("/enterprises/views", {"name": name, "f": "uscc:none", "sort": "touch", **fields}).status_code
        == 303
    )
    found = session.scalars(select(SavedView.id).where(SavedView.name == name)).one()
    session.rollback()
    return found


def test_a_view_is_kept_opened_changed_and_overwritten(as_officer: Browser, session: Session, office: Office) -> None:
    builders.enterprise(session, "云岭电子", uscc="91320594TEST000012")
    builders.enterprise(session, "安平化学")
    session.commit()
    view = kept(as_officer, session, "没有代码的")
    page = as_officer.get(f"/enterprises?view={view}").text
    assert "安平化学" in page
    assert "云岭电子" not in page
    assert "保存“没有代码的”" not in page
    changed = as_officer.get(f"/enterprises?view={view}&f=uscc:has").text
    assert "云岭电子" in changed
    assert "保存“没有代码的”" in changed
    assert as_officer.post(f"/enterprises/views/{view}/save", {"f": "uscc:has"}).status_code == 303
    assert "云岭电子" in as_officer.get(f"/enterprises?view={view}").text
    assert "云岭电子" in as_officer.get(f"/enterprises?q=&view={view}").text
    assert office


def test_a_private_view_of_another_is_not_found(
    as_officer: Browser, as_outsider: Browser, session: Session, office: Office
) -> None:
    view = kept(as_officer, session, "私人")
    assert as_outsider.get(f"/enterprises?view={view}").status_code == 404
    for action in ("save", "rename", "clone", "delete"):
        assert as_outsider.post(f"/enterprises/views/{view}/{action}", {"name": "x"}).status_code == 404
    assert "私人" not in as_outsider.get("/enterprises/views").text
    assert office


def test_a_shared_view_is_copied_but_not_changed_by_others(
    as_officer: Browser, as_outsider: Browser, as_registrar: Browser, session: Session, office: Office
) -> None:
    team = kept(as_officer, session, "本组用", sharing="team")
    assert as_outsider.get(f"/enterprises?view={team}").status_code == 404
    everyone = kept(as_registrar, session, "全局", sharing="all")
    assert "全局" in as_outsider.get("/enterprises").text
    assert as_outsider.post(f"/enterprises/views/{everyone}/rename", {"name": "改"}).status_code == 403
    assert as_outsider.post(f"/enterprises/views/{everyone}/delete").status_code == 403
    assert as_outsider.post(f"/enterprises/views/{everyone}/clone").status_code == 303
    assert as_outsider.post(f"/enterprises/views/{everyone}/clone").status_code == 303
    copies = session.scalars(select(SavedView.name).where(SavedView.owner_id == office.outsider.id)).all()
    assert sorted(copies) == ["全局（副本）", "全局（副本） 2"]


def test_only_managers_share_with_all_and_names_are_unique(
    as_officer: Browser, session: Session, office: Office
) -> None:
    view = kept(as_officer, session, "一号")
    refused = as_officer.post("/enterprises/views", {"name": "给所有人", "sharing": "all", "f": "uscc:none"})
    assert refused.status_code == 422
    assert 'value="uscc:none"' in refused.text
    assert as_officer.post("/enterprises/views", {"name": "一号"}).status_code == 422
    assert as_officer.post("/enterprises/views", {"name": ""}).status_code == 422
    assert as_officer.post(f"/enterprises/views/{view}/rename", {"name": "二号", "sharing": "team"}).status_code == 303
    assert session.scalars(select(SavedView.sharing)).one() is Sharing.TEAM
    session.rollback()
    assert as_officer.post(f"/enterprises/views/{view}/rename", {"name": ""}).status_code == 422
    assert as_officer.post(f"/enterprises/views/{view}/delete").status_code == 303
    assert "还没有视图" in as_officer.get("/enterprises/views").text
    assert office
