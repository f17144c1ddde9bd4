"""Two squads claim one investor: filed through the form, contested, refused to a party, ruled by the registrar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FilePayload, expect

from crm.auth.rules import Role
from crm.pipeline import services
from crm.pipeline.limits import ProjectDraft
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.support.live import Live

FIRM = "岚桥储能科技股份有限公司"
OURS, THEIRS = "岚桥储能电芯工厂项目", "岚桥储能研发中心项目"
NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
PDF = FilePayload(name="首谈纪要.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
SAID = {
    "建设内容": "建设储能电芯生产线",
    "总投资（万元）": "120000",
    "固定资产投资（万元）": "80000",
    "用地需求": "约200亩",
    "用能需求": "年用电9000万度",
    "环境影响": "废水接管",
    "预计年产值（万元）": "300000",
    "预计年税收（万元）": "9000",
}


def furnish(session: Session) -> None:
    """Write two squads with a project each on one investor, and a registrar who also works for one of them."""
    office = builders.office(session)
    posts = [(office.east, Role.OFFICER), (office.bureau, Role.REGISTRAR)]
    party = builders.user(session, "qiao", "乔安", *posts)
    firm = builders.enterprise(session, FIRM)
    for person, place, name in ((party, office.east, OURS), (office.outsider, office.south, THEIRS)):
        builders.contact(session, firm, place, person, f"{person.name}的联系人", post="投资总监")
        draft = ProjectDraft(name=name, site=place.name, product_line=name)
        services.register_lead(session, office.actor(session, person), firm.id, draft, now=NOW)


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office of two squads after one investor."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            furnish(session)
        yield found


def claim(page: Page, project: int, contact: str) -> None:
    """Fill in the claim of a project and file it, first without its contact."""
    page.goto(f"/projects/{project}/ownership")
    page.get_by_role("link", name="填写报备").click()
    for label, words in SAID.items():
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="报备", exact=True).click()
    expect(page.locator("main")).to_contain_text("报备还缺“投资方联系人”，请补上。")
    expect(page.get_by_label("用能需求")).to_have_value(SAID["用能需求"])
    page.get_by_label("投资方联系人").select_option(label=contact)
    page.get_by_role("button", name="报备", exact=True).click()


def give_evidence(page: Page, words: str) -> None:
    """File what one side says, with a file."""
    page.get_by_label("情况和依据").fill(words)
    page.get_by_label("附件").set_input_files(PDF)
    page.get_by_role("button", name="提交材料").click()
    expect(page.locator(".y-stream")).to_contain_text(words)
    expect(page.get_by_role("link", name="首谈纪要.pdf").first).to_be_visible()


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_a_contested_claim_is_filed_by_two_units_and_ruled_by_the_registrar(
    place: Live, gather: Callable[[Live], People], width: str
) -> None:
    people = gather(place)
    party, rival = people.enter("qiao", phone=width == "phone"), people.enter("he")
    claim(party, 1, "乔安的联系人（投资总监）")
    expect(party.locator("main")).to_contain_text("保护中")
    claim(rival, 2, "何川的联系人（投资总监）")
    expect(rival.locator("main")).to_contain_text("首报首谈有争议")
    rival.get_by_role("link", name="看争议").first.click()
    give_evidence(rival, "推介会上先与董事长洽谈。")

    party.goto("/claims?tab=contested")
    party.get_by_role("link", name=FIRM).click()
    give_evidence(party, "10月已在企业总部首谈。")
    refusal = party.get_by_text("报备人不能裁定自己的首报首谈争议，请由其他人办理。")
    expect(refusal).to_be_visible()
    expect(party.get_by_label("理由", exact=True)).to_have_count(0)
    assert party.evaluate(NARROW), party.url

    registrar = people.enter("xu", phone=width == "phone")
    registrar.goto("/claims")
    registrar.get_by_role("link", name=FIRM).click()
    registrar.get_by_label("维持首报方").check()
    registrar.get_by_label("理由", exact=False).last.fill("首报在前，双方材料一致。")
    registrar.get_by_role("button", name="裁定").click()
    expect(registrar.locator("main")).to_contain_text("已裁定，申诉期内")
    assert registrar.evaluate(NARROW), registrar.url

    rival.reload()
    expect(rival.locator("main")).to_contain_text("首报在前，双方材料一致。")
    rival.get_by_text("放弃或服从裁定", exact=True).click()
    rival.get_by_role("button", name="珠三角小分队放弃").click()
    expect(rival.locator("main")).to_contain_text("首谈归他方")
    party.goto("/projects/1/ownership")
    expect(party.locator("main")).to_contain_text("保护中")
    expect(party.locator("main")).to_contain_text("首报维持")
