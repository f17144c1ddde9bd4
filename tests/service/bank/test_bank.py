"""Planned projects, the year's progress, frozen catalogues, proposals with the reasons of the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from docx import Document

from crm.bank import editions, gathering, proposals, queries, services
from crm.bank.edition_paper import paper_of
from crm.bank.proposal_draft import stored
from crm.bank.proposal_paper import paper_of as proposal_paper
from crm.bank.rules import BankState
from crm.bank.services import Ending
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.matching import fitting, places
from crm.pipeline.confidential import services as secrecy
from tests.service.bank.conftest import draft, publish
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.service.bank.conftest import Bank
    from tests.support.builders import Office

S = BankState


def words(data: bytes) -> str:
    """All text of a Word file, tables included."""
    paper = Document(BytesIO(data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def test_a_year_counts_what_was_first_reviewed_in_it(session: Session, office: Office, bank: Bank) -> None:
    other = services.add(session, bank.lead, draft(office, "储能电芯项目"), now=NOW)
    assert queries.progress(session, TODAY.year, TODAY).count == 1
    services.move(session, bank.registrar, other.id, S.REVIEWED, Ending(), now=NOW, today=date(TODAY.year - 1, 12, 31))
    services.move(session, bank.registrar, other.id, S.DRAFT, Ending("投资再核"), now=NOW, today=TODAY)
    assert queries.progress(session, TODAY.year - 1, TODAY).count == 0
    services.move(session, bank.registrar, other.id, S.REVIEWED, Ending(), now=NOW, today=TODAY)
    last, this = (queries.progress(session, TODAY.year - back, TODAY) for back in (1, 0))
    assert (last.count, this.count, this.amount) == (1, 1, Decimal(30_000))
    rows = queries.listing(session, bank.officer, queries.Wanted(year=TODAY.year), cursor=None).rows
    assert [row.project.id for row in rows] == [bank.published.id]


def test_nobody_reviews_what_he_entered_and_drafts_stay_with_their_unit(
    session: Session, office: Office, bank: Bank
) -> None:
    row = services.add(session, bank.lead, draft(office, "储能电芯项目"), now=NOW)
    with pytest.raises(DomainError, match=r"bank\.own_review"):
        services.move(session, bank.lead, row.id, S.REVIEWED, Ending(), now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        queries.get(session, bank.officer, row.id)
    with pytest.raises(DomainError, match=r"bank\.taken"):
        services.add(session, bank.lead, draft(office, "减速机 总装项目"), now=NOW)
    with pytest.raises(DomainError, match=r"bank\.closed"):
        services.change(session, bank.lead, bank.published.id, draft(office), seen=None, now=NOW)
    with pytest.raises(ForbiddenError):
        services.add(session, bank.officer, draft(office, "风电叶片项目"), now=NOW)


def test_whoever_changed_a_draft_does_not_review_it_nor_a_version_he_did_not_see(
    session: Session, office: Office, bank: Bank
) -> None:
    row = services.add(session, bank.lead, draft(office, "储能电芯项目"), now=NOW)
    seen = row.version
    services.change(session, bank.registrar, row.id, draft(office, "储能电芯二期项目"), seen=None, now=NOW)
    with pytest.raises(ConflictError):
        services.move(session, bank.registrar, row.id, S.REVIEWED, Ending(seen=seen), now=NOW, today=TODAY)
    services.change(session, bank.lead, row.id, draft(office, "储能电芯三期项目"), seen=None, now=NOW)
    with pytest.raises(DomainError, match=r"bank\.own_review"):
        services.move(session, bank.registrar, row.id, S.REVIEWED, Ending(seen=row.version), now=NOW, today=TODAY)
    assert queries.authors(session, row) == {bank.lead.user_id, bank.registrar.user_id}


def test_rights_hold_without_a_page(session: Session, bank: Bank) -> None:
    nobody = replace(bank.registrar, only=frozenset())
    with pytest.raises(ForbiddenError):
        proposals.make(session, nobody, bank.firm.id, None, "云溪县招商局", now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        editions.listing(session, nobody, None)
    with pytest.raises(ForbiddenError):
        editions.get(session, nobody, 1)


def test_whom_a_project_was_matched_with_is_told_only_to_the_privy(
    session: Session, office: Office, bank: Bank
) -> None:
    deal = builders.project(session, bank.firm, office.east, office.lead, name="青石项目")
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    end = Ending(project_id=deal.id)
    services.move(session, bank.lead, bank.published.id, S.MATCHED, end, now=NOW, today=TODAY)
    known = queries.partner(session, bank.lead, bank.published)
    hidden = queries.partner(session, office.actor(session, office.outsider), bank.published)
    assert known is not None
    assert hidden is not None
    assert (known.project_id, hidden.project_id, hidden.name) == (deal.id, None, "")


def test_a_catalogue_is_numbered_and_never_moves(session: Session, office: Office, bank: Bank) -> None:
    with pytest.raises(ForbiddenError):
        editions.freeze(session, bank.lead, "云溪县招商局", now=NOW, today=TODAY)
    first = editions.freeze(session, bank.registrar, "云溪县招商局", now=NOW, today=TODAY)
    before = paper_of(first.body)
    services.move(session, bank.lead, bank.published.id, S.DRAFT, Ending("投资要改"), now=NOW, today=TODAY)
    services.change(session, bank.lead, bank.published.id, draft(office, investment=Decimal(9)), seen=None, now=NOW)
    publish(session, (bank.lead, bank.registrar), bank.published)
    second = editions.freeze(session, bank.registrar, "云溪县招商局", now=NOW, today=TODAY)
    session.commit()
    session.expire_all()
    again = editions.get(session, bank.registrar, first.id)
    assert (again.number, second.number, again.amount, second.amount) == (1, 2, Decimal(30_000), Decimal(9))
    assert paper_of(again.body) == before
    assert editions.digest_of(again.body) == again.digest
    said = words(before)
    for word in ("第1版", "装备链", "减速机总装项目", "30,000", "东区一号地", "0000-1234567"):
        assert word in said, word


def test_a_proposal_has_the_reasons_of_the_pages(session: Session, office: Office, bank: Bank) -> None:
    deal = builders.project(session, bank.firm, office.east, office.officer, name="传动装备项目")
    deal.land_mu, deal.industry, deal.fixed_investment = 60, "高端装备", Decimal(30_000)
    session.flush()
    row = proposals.make(session, bank.officer, 0, deal.id, "云溪县招商局", now=NOW, today=TODAY)
    body = proposals.latest(session, row.id).body
    found = {one["key"]: [line["reasons"] for line in one["rows"]] for one in body["sections"]}
    best = places.for_project(session, deal, TODAY).best
    fits = fitting.fits(session, fitting.applicant_of(session, deal, {}, None), TODAY).best
    assert best
    assert fits
    assert found["places"] == [stored(one.verdict.reasons) for one in best]
    assert found["clauses"] == [stored(one.verdict.reasons) for one in fits]
    assert [one["message"] for one in found["planned"][0]][2] == "正是本地产业链要补的环节：%(node)s"
    said = words(proposal_paper("标题", body, TODAY))
    for word in ("减速机总装项目", "东区一号地", "证照手续全程代办", "产业对口：", "0000-1234567"):
        assert word in said, word
    assert "+20" not in said


def test_a_change_is_a_further_version_and_a_late_one_is_told(session: Session, bank: Bank) -> None:
    row = proposals.make(session, bank.officer, bank.firm.id, None, "云溪县招商局", now=NOW, today=TODAY)
    typed = {"text-0": "尊敬的客商", "keep-2-0": "1"}
    second = proposals.change(session, bank.officer, row.id, "新标题", typed, seen=1, now=NOW)
    assert (second.number, second.body["sections"][0]["text"]) == (2, "尊敬的客商")
    assert "东区一号地" not in words(proposal_paper("标题", second.body, TODAY))
    assert proposals.latest(session, row.id, 1).title == "云岭传动股份招商专案"
    with pytest.raises(ConflictError):
        proposals.change(session, bank.officer, row.id, "又一个", typed, seen=1, now=NOW)


def test_a_confidential_project_stays_out_of_proposals_of_others(session: Session, office: Office, bank: Bank) -> None:
    deal = builders.project(session, bank.firm, office.east, office.lead, name="青石项目")
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    kept = proposals.make(session, bank.lead, 0, deal.id, "云溪县招商局", now=NOW, today=TODAY)
    assert "青石项目" in str(proposals.latest(session, kept.id).body)
    with pytest.raises(NotFoundError):
        gathering.gather(session, bank.officer, 0, deal.id, now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        proposals.get(session, bank.officer, kept.id)
    assert proposals.listing(session, bank.officer, None, None).rows == ()
    other = proposals.make(session, bank.officer, bank.firm.id, None, "云溪县招商局", now=NOW, today=TODAY)
    assert "青" not in str(proposals.latest(session, other.id).body)
