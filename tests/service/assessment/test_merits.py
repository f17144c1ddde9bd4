"""The merit ledger: what each person brought sums to the figures, and its export holds the rows behind it."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.assessment import queries
from crm.assessment.merits import queries as merits
from crm.assessment.window import Window
from crm.core.audit import AuditEvent
from crm.pipeline.claims import credit
from crm.pipeline.rules import Stage
from tests.service.assessment.test_figures_agree import history
from tests.support import facts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), NOW)
PATH = "/assessment/merits"
ASKED = "from=2026-01-01&to=2026-12-31"


@pytest.fixture
def shared(session: Session, office: Office) -> int:
    """Sign a contract of 1,000 万元 that two squads share 60 to 40."""
    firms = facts.firms(session, 1)
    ids = facts.projects(session, office.east, office.officer, firms, Stage.SIGNED)
    facts.contracts(session, office.east, office.officer, ids, amount=Decimal(1000))
    parts: list[tuple[int, int | None]] = [(office.east.id, 600), (office.south.id, 400)]
    credit.agree(session, office.actor(session, office.registrar), ids[0], parts, "=双方协议3号", now=NOW)
    facts.touches(session, office.south, office.outsider, firms)
    session.commit()
    return ids[0]


def test_lines_of_the_ledger_sum_to_the_figures(session: Session, office: Office) -> None:
    history(session, office, random.Random(3))  # noqa: S311 (a history for a test)
    lines = merits.ledger(session, YEAR)
    whole = merits.totals(lines)
    for measure in merits.COLUMNS:
        assert whole[measure.key] == queries.total(session, measure, YEAR), measure.key
        by_person = queries.by_person(session, measure, YEAR)
        for person, done in by_person.items():
            mine = [line.sums.get(measure.key, Decimal(0)) for line in lines if line.person_id == person]
            assert sum(mine) == done, measure.key
    assert whole["visits"] > 0
    assert whole["signed_amount"] > 0


def test_a_shared_contract_counts_for_each_unit_by_its_part(session: Session, office: Office, shared: int) -> None:
    lines = {(one.person_id, one.unit_id): one.sums for one in merits.ledger(session, YEAR)}
    assert lines[office.officer.id, office.east.id]["signed_amount"] == Decimal(600)
    assert lines[office.officer.id, office.south.id] == {"signed_amount": Decimal(400)}
    assert lines[office.outsider.id, office.south.id]["visits"] == 1
    split = merits.splits(session, YEAR, [shared])[shared]
    assert split.parts == ((office.east.name, 600), (office.south.name, 400))


@pytest.mark.usefixtures("shared")
def test_figures_of_the_page_open_the_rows_of_the_person_and_the_unit(
    office: Office, as_leader: Browser, as_officer: Browser
) -> None:
    page = as_leader.get(f"{PATH}?{ASKED}").text
    links = [one.split('"')[0].replace("&amp;", "&") for one in page.split('href="')[1:]]
    mine = f"people={office.officer.id}&unit={office.south.id}"
    found = [one for one in links if one.startswith("/reports/rows?measure=signed_amount") and one.endswith(mine)]
    assert len(found) == 1
    assert ">400<" in as_leader.get(found[0]).text.replace("\n", "").replace(" ", "")
    own = as_officer.get(f"{PATH}?{ASKED}").text
    assert office.outsider.name not in own
    assert office.outsider.name not in as_officer.get(f"{PATH}?unit={office.south.id}").text


def test_the_export_is_marked_holds_the_rows_and_is_on_record(
    session: Session, office: Office, as_registrar: Browser, shared: int
) -> None:
    answer = as_registrar.get(f"{PATH}/2026-01-01/2026-12-31/ledger.xlsx")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    figures, rows = (book.get_sheet_by_index(number).to_python() for number in range(2))
    assert office.registrar.username in str(figures[0][0])
    assert str(figures[0][0]).endswith("仅限内部使用")
    assert rows[0][0] == figures[0][0]
    amounts = [row for row in rows[2:] if str(row[1]).startswith("新签约总投资")]
    assert sorted(row[7] for row in amounts) == [400, 600]
    assert {row[8] for row in amounts} == {f"{office.east.name} 60%，{office.south.name} 40%"}
    assert all(str(row[10]).endswith(f"/projects/{shared}") for row in amounts)
    assert {row[9] for row in amounts} == {"=双方协议3号"}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "merits.export")).one()
    assert (event.actor_id, event.detail["from"], event.detail["rows"]) == (
        office.registrar.id,
        "2026-01-01",
        len(rows) - 2,
    )


def test_an_officer_takes_no_export_and_hostile_periods_show_this_year(session: Session, as_officer: Browser) -> None:
    session.commit()
    assert as_officer.get(f"{PATH}/2026-01-01/2026-12-31/ledger.xlsx").status_code == 403
    for asked in ("from=x&to=9999-99-99", "unit=%EF%BC%91", "unit=99999999999999", "page=-5", "page=x", "unit=0"):
        assert as_officer.get(f"{PATH}?{asked}").status_code == 200


@pytest.mark.usefixtures("shared")
def test_the_rows_of_an_export_are_bounded_and_only_those_of_the_reader(
    session: Session, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar, outsider = (office.actor(session, one) for one in (office.registrar, office.outsider))
    every, cut = merits.proofs(session, registrar, YEAR)
    assert not cut
    own, _cut = merits.proofs(session, outsider, YEAR)
    assert {row.unit_id for _measure, row in own} == {office.south.id}
    assert len(own) < len(every)
    monkeypatch.setattr(merits, "MOST_PROOFS", 2)
    found, cut = merits.proofs(session, registrar, YEAR)
    assert (found, cut) == (every[:2], True)
