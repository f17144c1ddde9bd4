"""The part of the whole road between review and signing: departments, scorecard, board, approval chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from crm.auth.rules import Role, UnitKind
from crm.core import options
from crm.pipeline.admission import terms
from crm.pipeline.admission.models import BoardMember
from crm.pipeline.admission.rules import DIMENSIONS, Terms
from crm.pipeline.admission.scorecard import CRITERIA, WEIGHTS
from crm.pipeline.approval import routes
from tests.support import builders
from tests.support.admission import NAMES

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.sync_api import FilePayload, Page
    from sqlalchemy.orm import Session

    from tests.browser.conftest import People
    from tests.support.builders import Office

REVIEWER = "huishen"
MEMBERS = ("shen", "gu")
CONDITIONS = ("用地", "环评")
PDF: FilePayload = {"name": "合法性审查意见书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}


def furnish(session: Session, office: Office, now: datetime) -> None:
    """Set up six departments with one reviewer for all, a board of two, and a short checklist."""
    units = {key: builders.unit(session, name, UnitKind.DEPARTMENT) for key, name in NAMES.items()}
    builders.user(session, REVIEWER, "会审员", *((unit, Role.REVIEWER) for unit in units.values()))
    by, day = office.registrar.id, now.date()
    asked = {key: unit.id for key, unit in units.items()}
    options.write(session, by, terms.KEY, terms.dump(Terms(departments=asked)), now=now)
    options.write(session, by, routes.KEY, {"checklist": list(CONDITIONS)}, now=now)
    for member in (office.leader, office.supervisor):
        facts = {"chair": member is office.leader, "valid_from": day, "added_by": by, "added_at": now}
        session.add(BoardMember(user_id=member.id, **facts))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def departments_answer(page: Page, project: str, *, silent: tuple[str, ...] = ()) -> None:
    """Let the reviewer answer every opinion but the silent ones."""
    for dimension in NAMES:
        if dimension in silent:
            continue
        page.goto(f"{project}/admission")
        page.get_by_role("table", name="六项意见").get_by_role("link", name=DIMENSIONS[dimension]).click()
        page.get_by_label("通过", exact=True).check()
        page.get_by_label("意见和依据").fill("符合规定。")
        press(page, "提交意见")
        expect(page.get_by_text("意见已提交")).to_be_visible()


def registrar_scores(page: Page, project: str) -> None:
    """Fill in the scorecard."""
    page.goto(f"{project}/admission/score")
    for key in CRITERIA:
        page.locator(f"#{key}").fill(str(WEIGHTS[key]))
        page.locator(f"#{key}_reason").fill("按申报材料给分")
    press(page, "保存评分表")
    expect(page.get_by_text("评分表已保存")).to_be_visible()


def board_votes(people: People, project: str) -> None:
    """Let every member agree."""
    for username in MEMBERS:
        page = people.enter(username)
        page.goto(f"{project}/admission")
        page.get_by_label("同意", exact=True).check()
        press(page, "提交表决")
        expect(page.get_by_text("已表决")).to_be_visible()


def registrar_decides(page: Page, project: str, number: str) -> None:
    """Record that the board passed the project."""
    page.goto(f"{project}/admission/decide")
    page.get_by_label("通过", exact=True).check()
    page.get_by_label("会议纪要编号").fill(number)
    press(page, "登记评审结论")


def review(people: People, owner: Page, registrar: Page, project: str, number: str) -> None:
    """Take a project through its whole review."""
    owner.goto(f"{project}/admission")
    press(owner, "发起评审")
    expect(owner.get_by_role("table", name="六项意见")).to_be_visible()
    departments_answer(people.enter(REVIEWER), project)
    registrar_scores(registrar, project)
    board_votes(people, project)
    registrar_decides(registrar, project, number)
    expect(registrar.get_by_text(number).first).to_be_visible()


def station(page: Page, project: str, number: str = "") -> None:
    """Let the station where the paper lies pass it on."""
    page.goto(f"{project}/approvals")
    page.get_by_label("通过", exact=True).check()
    page.get_by_label("意见", exact=True).fill("同意。")
    if number:
        page.get_by_label("会议纪要编号").fill(number)
    else:
        page.get_by_label("意见书或纪要").set_input_files(PDF)
    press(page, "登记办理结果")
    expect(page.get_by_text("已登记办理结果")).to_be_visible()


def approve(owner: Page, registrar: Page, project: str) -> None:
    """Take the paper of a project through its chain."""
    owner.goto(f"{project}/approvals")
    press(owner, "送审")
    owner.get_by_label("条款原文").fill("用地按基准地价公开出让。")
    press(owner, "列入条款")
    for item in CONDITIONS:
        owner.locator("#item").select_option(item)
        owner.locator("#readiness").select_option("ready")
        press(owner, "更新条件")
        expect(owner.get_by_text("已保存")).to_be_visible()
    station(registrar, project)
    registrar.get_by_role("link", name="审查这一条").click()
    registrar.get_by_label("可以保留").check()
    registrar.get_by_label("依据").fill("普遍适用。")
    press(registrar, "登记审查结果")
    registrar.locator("#department_id").select_option(label=NAMES["economy"])
    press(registrar, "征求意见")
    registrar.get_by_role("link", name="登记答复").click()
    registrar.get_by_label("无意见").check()
    registrar.get_by_label("意见或复函文号").fill("县财函〔2026〕8号")
    press(registrar, "登记答复")
    for number in ("", "", "", "政常纪〔2026〕9号", "委常纪〔2026〕7号"):
        station(registrar, project, number)
    expect(registrar.get_by_text("已走完").first).to_be_visible()
