"""Carriers of the demonstration: two parks, plots, factories, floors; some held, one piece of land lying idle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import REGISTRAR
from crm.matching import needs
from crm.pipeline.models import Project
from crm.pipeline.rules import ORDER, Stage
from crm.resources.carriers import services
from crm.resources.carriers.geometry import written
from crm.resources.carriers.rules import CarrierDraft, CarrierKind, HoldKind, LandUse, PriceBasis
from crm.resources.carriers.services import HoldDraft
from crm.resources.idle import services as idle
from crm.resources.idle.rules import IdleKind, IdleStepKind, StepDraft

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk

LISTED = 300
EQUIPMENT = ("高端装备", "汽车零部件", "智能制造")
MATERIALS = ("新材料", "化工新材料")
ELECTRONICS = ("电子信息", "半导体", "新能源")
BARRED = ("印染", "电镀", "水泥")
ORIGIN, STEP = (117.95, 30.32), 0.0004  # an invented place: longitude, latitude; degrees
D = Decimal


def _park(unit: int, code: str, name: str, area: int, words: tuple[str, ...]) -> CarrierDraft:
    return CarrierDraft(CarrierKind.PARK, name, code, unit, D(area), industries=words, barred=BARRED)


def add_carriers(desk: Desk) -> None:
    """Offer carriers, and let projects that signed hold some of them."""
    unit = desk.units["bureau"].id
    east = _keep(desk, _park(unit, "DQ", "云溪经济开发区东区", 3600, (*EQUIPMENT, *MATERIALS)), (-30, -8, 100, 90))
    south = _keep(desk, _park(unit, "NQ", "城南科创园", 900, ELECTRONICS), (0, -130, 70, 60))
    plot = CarrierDraft(
        CarrierKind.PLOT, "", "", unit, D(1), east, "经三路", LandUse.INDUSTRY, D("9.6"), PriceBasis.SALE_MU, EQUIPMENT,
        BARRED, height_limit=D(36), min_intensity=D(320), min_tax=D(20), facilities="五通一平，双回路供电",
    )  # fmt: skip
    plots = [
        _keep(
            desk,
            replace(plot, name=f"东区经三路{number}号地块", code=f"DQ-D{number:02}", area=D(area)),
            (-24 + 30 * (number % 3), 40 * (number // 3), 20, 6 + area // 8),
        )
        for number, area in enumerate((120, 86, 60, 210, 45), start=1)
    ]
    hall = CarrierDraft(
        CarrierKind.FACTORY, "", "", unit, D(1), south, "创新大道", LandUse.INDUSTRY, D(12), PriceBasis.RENT_SQM,
        ELECTRONICS, BARRED, ceiling=D("7.8"), load=D("1.5"), power=D(2500), facilities="货梯、蒸汽、污水管网",
    )  # fmt: skip
    for number, area in enumerate((6800, 5200, 12000), start=1):
        at = (8 + 15 * number, -110, 8, 14)
        _keep(desk, replace(hall, name=f"科创园{number}号标准厂房", code=f"NQ-C{number:02}", area=D(area)), at)
    floor = replace(
        hall, kind=CarrierKind.FLOOR, name="科创大厦9层", code="NQ-L09", area=D(1600), use=LandUse.RESEARCH,
        price=D(35), ceiling=D("4.2"), load=None, power=None, industries=(), facilities="精装，中央空调",
    )  # fmt: skip
    _keep(desk, floor)
    _hold(desk, plots)


def _keep(desk: Desk, draft: CarrierDraft, place: tuple[int, int, int, int] | None = None) -> int:
    """Keep a carrier; ``place`` is west, south, width and height of its outline in 0.0004 degrees from ORIGIN."""
    at = desk.at(LISTED, 10)
    if place is not None:
        draft = replace(draft, outline=written(_box(*place)))
    kept = services.save(desk.session, desk.actor(REGISTRAR), draft, now=at, today=at.date())
    return kept.id


def _box(west: int, south: int, wide: int, high: int) -> dict[str, object]:
    corners = ((0, 0), (wide, 0), (wide, high), (0, high), (0, 0))
    ring = [[round(ORIGIN[0] + STEP * (west + x), 6), round(ORIGIN[1] + STEP * (south + y), 6)] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def _hold(desk: Desk, plots: list[int]) -> None:
    actor = desk.actor(REGISTRAR)
    late = ORDER.index(Stage.SIGNED)
    known = list(desk.session.scalars(select(Project).where(Project.exited_at.is_(None)).order_by(Project.id)))
    signed = [one for one in known if ORDER.index(one.stage) >= late and one.land_mu]
    for carrier_id, project in zip(plots[:2], signed, strict=False):
        at = desk.at(40, 15)
        area = min(D(project.land_mu or 1), D(60))
        draft = HoldDraft(
            HoldKind.ALLOTTED, area, at.date(), project_id=project.id, document_no=f"云供地〔{at.year}〕{carrier_id}号"
        )
        services.take(desk.session, actor, carrier_id, draft, now=at)
    given = desk.today - timedelta(days=700)
    old = HoldDraft(
        HoldKind.ALLOTTED, D(45), given, holder="云溪恒拓建材有限公司", document_no="云供地〔旧〕3号",
        start_due=desk.today - timedelta(days=520),
    )  # fmt: skip
    held = services.take(desk.session, actor, plots[4], old, now=desk.at(LISTED - 1, 10))
    found = StepDraft(IdleStepKind.FOUND, desk.at(60, 9).date(), "现场只有围墙，没有任何建筑")
    case = idle.start(
        desk.session, actor, held.id, IdleKind.CIRCLED, found, now=desk.at(60, 9), today=desk.at(60, 9).date()
    )
    letter = StepDraft(
        IdleStepKind.REMIND,
        desk.at(50, 9).date(),
        "已约谈企业负责人",
        desk.today + timedelta(days=10),
        "云商函〔2026〕7号",
    )
    idle.go_on(desk.session, actor, case.id, letter, now=desk.at(50, 9), today=desk.at(50, 9).date())
    asking = [one for one in known if ORDER.index(one.stage) < late and not one.confidential][:6]
    for number, project in enumerate(asking):
        values = (
            {"floor": D(3000 + 900 * number), "ceiling": D(7), "power": D(1200)} if number % 2 else {"energy": D(4000)}
        )
        keeper = desk.actor(REGISTRAR)
        needs.save(desk.session, keeper, project.id, values, now=desk.at(5, 16))
