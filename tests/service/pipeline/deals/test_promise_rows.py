from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.pipeline.deals.models import Obligation
from crm.pipeline.rules import Stage
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

LETTER = {"kind": "intent", "signed_on": "2026-11-18", "amount": "12000"}
ROWS: dict[str, Any] = {
    "promise_side": ["ours", "theirs", "ours"],
    "promise_text": ["交付净地", "开工建设", ""],
    "promise_amount": ["1,500.50", "", ""],
    "promise_due": ["2026-12-31", "", ""],
}


@pytest.fixture
def address(session: Session, office: Office) -> str:
    stage = {"stage": Stage.PRE_SIGNING}
    row = builders.project(session, builders.enterprise(session), office.east, office.officer, **stage)
    session.commit()
    return f"/projects/{row.id}/agreements/new"


def test_a_row_is_an_obligation_with_its_party_sum_and_day(as_officer: Browser, session: Session, address: str) -> None:
    answer = as_officer.post(address, {**LETTER, **ROWS})
    assert answer.status_code == 303, answer.text
    rows = session.scalars(select(Obligation).order_by(Obligation.id)).all()
    assert [(row.side, row.body, row.due_on) for row in rows] == [
        ("ours", "交付净地（1500.5万元）", date(2026, 12, 31)),
        ("theirs", "开工建设", None),
    ]


def test_a_row_that_cannot_be_read_says_which_and_keeps_what_was_typed(as_officer: Browser, address: str) -> None:
    bad = as_officer.post(address, {**LETTER, **ROWS, "promise_amount": ["很多", "", ""]})
    assert bad.status_code == 422
    assert "第1行：金额请填数字" in bad.text
    assert 'value="很多"' in bad.text
    assert as_officer.get(address).text.count('name="promise_text"') == 3
