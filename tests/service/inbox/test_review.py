from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import ConflictError
from crm.enterprises.models import EnterpriseAlias
from crm.linking import proposals
from crm.linking.answers_models import MentionAnswer, NameProposal, ProposalState
from crm.linking.models import Mention, MentionState
from crm.signals import services
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser

BODY = "昨日，青岚与县里座谈。青岚计划在云溪县投资12亿元建设新工厂。"
UNKNOWN = "由苏州澄溪新材料有限公司（简称“澄溪新材”）投资。"


def doubtful(session: Session, firm: Enterprise, times: int = 2) -> list[int]:
    made = []
    for _ in range(times):
        page = builders.article(session, "要闻", BODY)
        mention = Mention(
            article_id=page.id, enterprise_id=firm.id, surface="青岚", start=3, stop=5, confidence=0.45,
            reasons=["name_short", "cue_before"], state=MentionState.REVIEW,
        )  # fmt: skip
        session.add(mention)
        session.flush()
        made.append(mention.id)
    session.commit()
    return made


@pytest.fixture
def firm(session: Session) -> Enterprise:
    return builders.enterprise(session, "青岚材料股份有限公司")


def test_one_card_holds_all_places_of_a_name_with_who_else_may_be_meant(
    database: Database, as_officer: Browser, session: Session, firm: Enterprise
) -> None:
    other = builders.enterprise(session, "青岚药业有限公司")
    session.add(EnterpriseAlias(enterprise_id=other.id, alias="青岚", folded="青岚", kind="short"))
    doubtful(session, firm, 5)
    with counted(database) as statements:
        page = as_officer.get("/signals/review").get_data(as_text=True)
    assert page.count('class="d-pair v-card"') == 1
    assert "青岚药业有限公司" in page
    assert "5 处都是" in page
    assert len(statements) <= 12


def test_yes_and_undo_for_a_whole_group(as_officer: Browser, session: Session, firm: Enterprise) -> None:
    ids = doubtful(session, firm)
    group = {"enterprise_id": firm.id, "surface": "青岚", "say": "yes"}
    answered = as_officer.post("/signals/review", group, headers={"HX-Request": "true"})
    assert (answered.status_code, "2 处" in answered.get_data(as_text=True)) == (200, True)
    states = select(Mention.state).where(Mention.id.in_(ids))
    assert set(session.scalars(states)) == {MentionState.CONFIRMED}
    answers = ",".join(str(one) for one in session.scalars(select(MentionAnswer.id)))
    session.rollback()
    again = as_officer.post("/signals/review", group, headers={"HX-Request": "true"})
    assert again.status_code == 409
    as_officer.post("/signals/review/undo", {"answers": answers})
    session.rollback()
    assert set(session.scalars(states)) == {MentionState.REVIEW}


def test_another_enterprise_must_be_named(as_officer: Browser, session: Session, firm: Enterprise) -> None:
    doubtful(session, firm)
    refused = as_officer.post("/signals/review", {"enterprise_id": firm.id, "surface": "青岚", "say": "other"})
    assert refused.status_code == 422
    assert "请先从名录里选一家企业" in refused.get_data(as_text=True)


def test_never_this_firm_is_kept_as_a_rule_of_the_office(
    as_officer: Browser, session: Session, firm: Enterprise
) -> None:
    doubtful(session, firm)
    as_officer.post("/signals/review/verdict", {"enterprise_id": firm.id, "surface": "青岚", "verdict": "never"})
    page = as_officer.get("/signals/review/known").get_data(as_text=True)
    assert "青岚材料股份有限公司" in page
    assert "没有待确认的名称" in as_officer.get("/signals/review").get_data(as_text=True)


def test_a_leader_sees_the_queue_and_no_buttons(as_leader: Browser, session: Session, firm: Enterprise) -> None:
    doubtful(session, firm)
    assert "data-answer" not in as_leader.get("/signals/review").get_data(as_text=True)
    refused = as_leader.post("/signals/review", {"enterprise_id": firm.id, "surface": "青岚", "say": "yes"})
    assert refused.status_code == 403


def seen(session: Session, times: int = 3) -> NameProposal:
    pages = [builders.article(session, "招商要闻", UNKNOWN) for _ in range(times)]
    services.analyse(session, [page.id for page in pages], now=NOW)
    row = session.scalars(select(NameProposal).where(NameProposal.form == "declared")).one()
    session.commit()
    session.expunge(row)
    return row


def test_a_name_seen_in_three_stories_is_proposed_and_reposts_count_once(
    database: Database, as_officer: Browser, session: Session
) -> None:
    first = builders.article(session, "招商要闻", UNKNOWN)
    second = builders.article(session, "招商要闻", UNKNOWN, cluster_id=first.cluster_id)
    services.analyse(session, [first.id, second.id], now=NOW)
    row = seen(session, 1)
    assert row.stories == 2
    assert "澄溪新材" not in as_officer.get("/signals/names").get_data(as_text=True)
    seen(session, 1)
    with counted(database) as statements:
        assert "苏州澄溪新材料有限公司" in as_officer.get("/signals/names").get_data(as_text=True)
    assert len(statements) <= 12


def test_a_proposed_name_becomes_an_alias_and_its_articles_are_read_again(
    as_officer: Browser, session: Session, firm: Enterprise
) -> None:
    row, firm_id = seen(session), firm.id
    session.rollback()
    assert as_officer.post(f"/signals/names/{row.id}/alias").status_code == 422
    as_officer.post(f"/signals/names/{row.id}/alias", {"instead": firm_id})
    row_id = row.id
    row = session.get_one(NameProposal, row_id)
    alias = session.scalars(select(EnterpriseAlias).where(EnterpriseAlias.folded == "澄溪新材")).one()
    assert (alias.enterprise_id, row.state) == (firm_id, ProposalState.ALIAS)
    session.rollback()
    as_officer.post(f"/signals/names/{row_id}/undo")
    session.rollback()
    assert session.scalars(select(EnterpriseAlias).where(EnterpriseAlias.folded == "澄溪新材")).all() == []


def test_a_proposed_name_becomes_a_new_enterprise_with_its_short_name(as_officer: Browser, session: Session) -> None:
    row = seen(session)
    made = as_officer.post(f"/signals/names/{row.id}/create")
    row = session.get_one(NameProposal, row.id)
    assert made.headers["Location"].endswith(f"/enterprises/{row.enterprise_id}")
    names = set(
        session.scalars(select(EnterpriseAlias.alias).where(EnterpriseAlias.enterprise_id == row.enterprise_id))
    )
    assert {"苏州澄溪新材料有限公司", "澄溪新材"} <= names


def test_a_name_ignored_for_good_is_not_counted_again(session: Session, office: builders.Office) -> None:
    row = seen(session)
    proposals.ignore(session, office.actor(session, office.officer), row.id, now=NOW)
    seen(session, 2)
    row = session.get_one(NameProposal, row.id)
    assert (row.state, row.stories) == (ProposalState.IGNORED, 3)
    with pytest.raises(ConflictError):
        proposals.ignore(session, office.actor(session, office.officer), row.id, now=NOW)


def test_a_rare_name_is_forgotten(session: Session) -> None:
    seen(session, 1)
    assert proposals.purge(session, NOW) == 0
    assert proposals.purge(session, NOW.replace(year=2027)) == 2
