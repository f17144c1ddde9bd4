"""Whatever happened: funnel page, lists, workbooks, weekly .docx, JSON and interface say the same number."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
from hypothesis import HealthCheck, Phase, given, settings
from python_calamine import CalamineWorkbook

from crm.assessment import services as assessment
from crm.assessment import summing
from crm.assessment.measures import CHOOSABLE, FUNNEL_STAGES, MEASURES
from crm.assessment.rules import Metric, TargetLevel
from crm.assessment.window import Window
from crm.core.money import half_up
from crm.pipeline.rules import STAGE_LABELS
from crm.reports import road, services
from crm.reports.docx import render_docx
from crm.reports.stored import document_of
from crm.reports.xlsx import INDEX_SHEET, render_xlsx
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW
from tests.support.histories import History, histories, write
from tests.support.programs import program
from tests.support.reckoning import KEYS, reckon, within

if TYPE_CHECKING:
    import pytest
    from flask import Flask

    from crm.core.db import Database
    from crm.reports.models import WeeklyReport
    from tests.support.builders import Office

START, END = date(2026, 10, 1), date(2026, 11, 20)
WINDOW = Window(START, END, NOW)
PERIOD = f"from={START}&to={END}"
LINK = re.compile(r'<a href="(?P<href>/reports/rows\?[^"]*)"(?P<more>[^>]*)>(?P<shown>.*?)</a>', re.DOTALL)
LISTED = ("signings", "recognized_amount", "capital_reported", "visits")
Sums = dict[str, dict[int, Decimal]]


def number(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.-]", "", text) or "0")


def linked(html: str, unit: int | None = None) -> dict[str, Decimal]:
    """Every figure of a page that opens its rows, exact as its title says where it has one."""
    found = {}
    for link in LINK.finditer(html):
        href = unescape(link["href"])
        own = re.search(r"[?&]unit=(\d+)", href)
        if (int(own[1]) if own else None) != unit:
            continue
        exact = re.search(r'title="([^"]*)"', link["more"] + link["shown"])
        found[re.search(r"measure=(\w+)", href)[1]] = number(exact[1] if exact else link["shown"])  # type: ignore[index]  # every link names one
    return found


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def whole(sums: Sums, key: str) -> Decimal:
    return sum(sums[key].values(), Decimal(0))


def near(value: Any, wanted: Decimal) -> bool:
    """Whether a cell of a workbook, which knows fifteen digits, holds a figure."""
    return abs(Decimal(str(value)) - wanted) < Decimal("0.00001")


@settings(
    max_examples=2,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(8))
def test_every_outlet_says_the_same(
    request: pytest.FixtureRequest, app: Flask, database: Database, history: History
) -> None:
    request.getfixturevalue(f"{database.engine.dialect.name}_place".replace("postgresql", "postgres")).ready()
    with database.session() as session:
        office = builders.office(session)
        goals = {(unit.id, metric): 10 for unit in (office.east, office.south) for metric in Metric}
        registrar = office.actor(session, office.registrar)
        assessment.set_targets(session, registrar, 2026, TargetLevel.ENSURE, goals, now=NOW)
        write(session, office, history)
        session.commit()
        sums = summing.figures(session, list(MEASURES.values()), WINDOW)
        _reckoned(office, history, sums)
        report = services.build_weekly(session, registrar, 2026, 47, now=NOW)
        road.submit(session, registrar, report, report.version, now=NOW)
        session.commit()
        _papers(office, history, report)
        told = app.test_cli_runner().invoke(args=["report", "weekly", "--week", "2026-W47", "--json"])
        figures = {one["key"]: Decimal(one["value"]) for one in json.loads(told.output)["figures"]}
        assert figures == {one.key: Decimal(one.value) for one in report.figures}
        caller = program(app, session, office.registrar)
    browser = Browser(app.test_client()).sign_in(office.registrar.username)
    _funnel(browser, sums, office)
    _pages(browser, sums)
    answer = caller.get(f"/figures?start={START}&end={END}&as_of={NOW.isoformat().replace('+00:00', 'Z')}").json
    assert {one["key"]: Decimal(one["value"]) for one in answer["items"]} == {key: whole(sums, key) for key in MEASURES}
    parts = caller.get(f"/figures/recognized_amount?start={START}&end={END}").json["parts"]
    assert {one["unit_id"]: Decimal(one["value"]) for one in parts} == sums["recognized_amount"]
    weekly = caller.get("/figures?week=2026-W47&keys=leads,visits,recognized_amount").json["items"]
    assert {one["key"]: Decimal(one["value"]) for one in weekly}.items() <= figures.items()


def _reckoned(office: Office, history: History, sums: Sums) -> None:
    wanted = reckon(history, within(START, END), NOW)
    for key in KEYS:
        assert [sums[key].get(one.id, Decimal(0)) for one in (office.east, office.south)] == wanted[key], key


def _funnel(browser: Browser, sums: Sums, office: Office) -> None:
    """The funnel page, its workbook and its parts by unit; a squad sees what is its own."""
    page = linked(browser.get(f"/reports/funnel?{PERIOD}").text)
    book = next(iter(sheets(browser.get(f"/reports/funnel.xlsx?{PERIOD}").data).values()))
    rows = {row[0]: row for row in book}
    units = {
        unit.id: linked(browser.get(f"/reports/funnel?{PERIOD}&unit={unit.id}").text, unit.id)
        for unit in (office.east, office.south)
    }
    own = linked(Browser(browser.client.application.test_client()).sign_in(office.officer.username).get(
        f"/reports/funnel?{PERIOD}&unit={office.east.id}").text, office.east.id)  # fmt: skip
    assert own == units[office.east.id]
    for stage in FUNNEL_STAGES:
        for key, column in ((f"reached_{stage.value}", 1), (f"reached_amount_{stage.value}", 2)):
            assert page.get(key, Decimal(0)) == whole(sums, key), key
            assert near(rows[STAGE_LABELS[stage]][column], whole(sums, key)), key
            assert {unit: part[key] for unit, part in units.items() if part.get(key)} == {
                unit: value for unit, value in sums[key].items() if value
            }, key


def _pages(browser: Browser, sums: Sums) -> None:
    """The list of measures, the ledger with its workbook, and the rows behind some figures."""
    page = linked(browser.get(f"/measures?{PERIOD}").text)
    assert page == {one.key: whole(sums, one.key) for one in CHOOSABLE}
    ledger = linked(browser.get(f"/measures/ledger?{PERIOD}").text)
    book = sheets(browser.get(f"/measures/ledger.xlsx?{PERIOD}").data)
    units, reasons = (book[name] for name in ("上报认定对照", "差异原因"))
    last = next(row for row in units if row[0] == "合计")
    for key, column in (("reported", 1), ("recognized", 2), ("reported_amount", 4), ("recognized_amount", 5)):
        assert ledger[key] == whole(sums, key), key
        assert near(last[column], whole(sums, key)), key
    apart = whole(sums, "reported_amount") - whole(sums, "recognized_amount")
    assert near(sum(row[3] for row in reasons[2:] if row[1]), apart)
    for key in LISTED:
        shown = browser.get(f"/reports/rows?measure={key}&{PERIOD}").text
        counted = re.findall(r'<td class="y-num">\s*([0-9.,-]+)\s*</td>', shown)
        amount = sum(map(number, counted), Decimal(0)) if counted else Decimal(shown.count("data-row"))
        assert amount == whole(sums, key), key


def _papers(office: Office, history: History, report: WeeklyReport) -> None:
    """The weekly report as .docx and .xlsx: figures of the week and of the year, by unit and as a whole."""
    year = reckon(history, within(date(2026, 1, 1), date(2026, 12, 31)), NOW)
    week = reckon(history, within(date(2026, 11, 16), date(2026, 11, 22)), NOW)
    values = {one.key: Decimal(one.value) for one in report.figures}
    for key in KEYS:
        if key in values:
            assert values[key] == sum(week[key]), key
        if f"year_{key}" in values:
            assert values[f"year_{key}"] == sum(year[key]), key
    document = document_of(report)
    index = sheets(render_xlsx(document))[INDEX_SHEET]
    assert all(near(row[4], values[row[1]]) for row in index[2:])
    assert len(index) == len(values) + 2
    tables = [[[cell.text for cell in row.cells] for row in one.rows] for one in docx.Document(
        BytesIO(render_docx(document))).tables]  # fmt: skip
    names = (office.east.name, office.south.name)
    for metric, table in zip(Metric, [one for one in tables if "年度目标" in one[0]], strict=True):
        lines = {row[1]: row for row in table}
        for place, name in enumerate(names):
            assert [number(cell) for cell in lines[name][3:5]] == [week[metric][place], year[metric][place]], metric
    ledger = next((one for one in tables if one[0][0] == "单位" and "差异原因" in one[0]), [])
    for row in ledger:
        if row[0] in names:
            keys = ("reported", "reported_amount", "recognized", "recognized_amount")
            assert [number(cell) for cell in row[1:5]] == [half_up(year[key][names.index(row[0])], 2) for key in keys]
    assert bool(ledger) == any(sum(year[key]) for key in ("reported", "recognized"))
