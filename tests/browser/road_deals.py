"""The part of the whole road that a contract needs: six roles filled on the page of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

PEOPLE = {"leader": "沈立", "manager": "陈晓", "assistant": "周敏"}
UNITS = {"lead_unit": "云溪县招商局", "industry_unit": "云溪县招商局", "territory_unit": "长三角小分队"}


def fill_team(page: Page, project: str) -> None:
    """Fill the four roles and the two leading units."""
    page.goto(f"{project}/team")
    for role, name in {**PEOPLE, **UNITS}.items():
        page.locator(f"#holder-{role}").select_option(label=name)
        page.locator(f"form:has(#holder-{role}) button").click()
        expect(page.locator(f"li:has(#holder-{role})")).to_contain_text("改定")
    expect(page.locator("main")).not_to_contain_text("签约前要定全")


def fill_covenant(page: Page) -> None:
    """Fill what a contract binds both sides to."""
    page.get_by_text("成批粘贴：一行一项").click()
    page.get_by_label("我方义务", exact=True).fill("交付净地 2026-12-31\n协助办理备案")
    page.get_by_label("对方义务", exact=True).fill("开工建设 2027-03-31")
    page.get_by_label("履约保证金", exact=True).fill("120 2026-12-31")
