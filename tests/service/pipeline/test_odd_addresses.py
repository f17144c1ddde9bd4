"""What somebody types into an address or a form, absurd as it may be, is answered and never breaks a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import lead, walk
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HUGE = "9" * 29
DOLLARS = {"currency": "USD", "rate": "7.1", "rate_on": TODAY.isoformat(), "rate_source": "中间价"}


@pytest.mark.parametrize("typed", ["_scheme=javascript", "_external=1", "_anchor=x", "endpoint=x", "lane=x&after=y"])
@pytest.mark.parametrize("page", ["/projects", "/projects?view=list", "/projects/heads"])
def test_an_address_never_steers_where_its_links_lead(as_officer: Browser, page: str, typed: str) -> None:
    answer = as_officer.get(f"{page}{'&' if '?' in page else '?'}{typed}")
    assert answer.status_code in {200, 302}
    assert "javascript:" not in answer.text + answer.headers.get("Location", "")
    assert "localhost" not in answer.headers.get("Location", "")


def test_a_column_with_more_cards_links_on_whatever_its_address_names(
    as_officer: Browser, session: Session, office: Office
) -> None:
    for number in range(40):
        lead(session, office, name=f"第{number}条线索")
    session.commit()
    page = as_officer.get("/projects?lane=lead&after=x&_scheme=javascript")
    assert page.status_code == 200
    assert "/projects/column/lead?" in page.text
    assert "javascript:" not in page.text


@pytest.mark.parametrize(
    "typed",
    [
        {**DOLLARS, "amount": HUGE},
        {**DOLLARS, "amount": f"-{HUGE}"},
        {**DOLLARS, "amount": "50000000000000", "rate": "0.000001"},
        {**DOLLARS, "amount": "0.0000001"},
        {"amount": "3000", "deposits": f"{HUGE * 3} 2026-12-31"},
    ],
)
def test_an_absurd_sum_in_an_agreement_is_refused_with_words(
    as_officer: Browser, session: Session, office: Office, typed: dict[str, str]
) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    session.commit()
    form = {"kind": "framework", "currency": "CNY", "signed_on": TODAY.isoformat(), **typed}
    page = as_officer.post(f"/projects/{project.id}/agreements/new", form)
    assert page.status_code == 422
    assert "金额" in page.text
