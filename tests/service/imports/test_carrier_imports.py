"""Carriers out of a workbook: good and bad lines, again, taken back, and what somebody touched since."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.imports import kinds, rules
from crm.resources.carriers import history, services
from crm.resources.carriers.models import Carrier
from crm.resources.carriers.rules import CarrierKind, HoldKind
from crm.resources.carriers.services import HoldDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from tests.service.imports.importing import Importer
    from tests.support.builders import Office

HEAD = "编号,名称,类别,面积,所在园区,价格,计价方式,接受的产业,经度,纬度,备注\n"
GOOD = (
    HEAD + "DQ-1,东区一号厂房,标准厂房,0.86万平方米,东区,12,元/平方米·月,电子、装备,121.1,31.4,有行车\n"
    "DQ-2,东区二号地,地块,20000平方米,东区,30,万元/亩,,,,\n"
    "DQ,东区,园区,1500,,,,,,,\n"
)
BAD = (
    "DQ-3,东区三号厂房,标准厂房,30亩,西区,12,,,,,\n"
    "DQ-2,东区二号地,地块,30,,,,,,,\n"
    ",无编号,楼,三百,,,,,121.1,,\n"
    "DQ-4,东区四号地,地块,12,DQ,,,,121.1,,\n"
)


def carriers(importer: Importer) -> dict[str, Carrier]:
    with importer.database.reading() as session:
        return {one.code: one for one in session.scalars(select(Carrier))}


def test_good_lines_of_carriers_go_in_and_bad_ones_say_why_beside_their_cell(
    importer: Importer, office: Office
) -> None:
    run_id = importer.check(GOOD + BAD, kinds.CARRIERS)
    assert carriers(importer) == {}
    rows = importer.rows(run_id)
    assert [row.action for row in rows.values()] == [*["create"] * 3, *["refuse"] * 4]
    wrong = {number: sorted(one["index"] for one in row.problems) for number, row in rows.items() if row.problems}
    assert wrong == {5: [3, 4], 6: [0], 7: [0, 2], 8: [8]}
    counts = importer.apply(run_id)
    assert (counts["create"], counts["refuse"]) == (3, 4)
    found = carriers(importer)
    assert {code: (one.kind, one.area) for code, one in found.items()} == {
        "DQ": (CarrierKind.PARK, Decimal(1500)),
        "DQ-1": (CarrierKind.FACTORY, Decimal(8600)),
        "DQ-2": (CarrierKind.PLOT, Decimal(30)),
    }
    assert {found["DQ-1"].parent_id, found["DQ-2"].parent_id} == {found["DQ"].id}
    assert (found["DQ-1"].industries, found["DQ-1"].unit_id) == (["电子", "装备"], office.bureau.id)


def test_the_same_carriers_again_change_nothing_and_an_undo_takes_back_exactly_what_came(importer: Importer) -> None:
    run_id = importer.take(GOOD, kinds.CARRIERS)[0]
    before = {code: one.version for code, one in carriers(importer).items()}
    assert importer.take(GOOD, kinds.CARRIERS)[1] == {"rows": 3, "same": 3}
    assert {code: one.version for code, one in carriers(importer).items()} == before
    more, counts = importer.take("编号,面积,价格,计价方式,备注\nDQ-2,45,,,临路\nDQ-1,,,,\n", kinds.CARRIERS)
    assert (counts["update"], counts["same"]) == (1, 1)
    plot = carriers(importer)["DQ-2"]
    assert (plot.area, plot.price, plot.note) == (Decimal(45), Decimal(30), "临路")
    assert importer.undo(more).options["kept"] == []
    plot = carriers(importer)["DQ-2"]
    assert (plot.area, plot.price, plot.note) == (Decimal(30), Decimal(30), None)
    run = importer.undo(run_id)
    assert (run.state, run.options["kept"], carriers(importer)) == (rules.UNDONE, [], {})
    assert importer.take(GOOD, kinds.CARRIERS)[1]["create"] == 3


def test_what_somebody_changed_or_held_of_a_carrier_since_stays_and_is_told(importer: Importer, office: Office) -> None:
    run_id = importer.take(GOOD, kinds.CARRIERS)[0]
    more = importer.take("编号,面积,备注\nDQ-2,45,临路\n", kinds.CARRIERS)[0]
    found = carriers(importer)
    with importer.database.transaction() as session:
        actor = office.actor(session, office.registrar)
        plot = session.get_one(Carrier, found["DQ-2"].id)
        draft = history.draft_of(plot, note="临河")
        services.save(session, actor, draft, now=NOW, today=TODAY, carrier_id=plot.id)
        hold = HoldDraft(HoldKind.RESERVED, Decimal(40), TODAY, holder="云岭电子")
        services.take(session, actor, plot.id, hold, now=NOW)
    run = importer.undo(more)
    assert [(one["name"], one["message"], one["params"]) for one in run.options["kept"]] == [
        ("东区二号地", "“%(field)s”在导入之后有人改过，保留。", {"field": "备注"}),
        ("东区二号地", "面积不能小于已占用的%(held)s，请先结束占用。", {"held": "40"}),
    ]
    run = importer.undo(run_id)
    assert {(one["name"], one["message"]) for one in run.options["kept"]} == {
        ("东区二号地", "导入之后有人改过，保留。"),
        ("东区", "导入之后有人用过，保留。"),
    }
    assert set(carriers(importer)) == {"DQ", "DQ-2"}
