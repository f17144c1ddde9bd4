from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.changes import FieldChange
from crm.enterprises import relations
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.enterprises.relations import RelationDraft
from crm.enterprises.rules import AliasKind
from crm.linking.models import Mention
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

MOST_QUERIES = 12


@pytest.fixture
def group(session: Session, office: Office) -> list[Enterprise]:
    """Return a parent, its subsidiary, the subsidiary of that, and a stranger."""
    top = builders.enterprise(session, "云岭集团有限公司")
    middle = builders.enterprise(session, "云岭电子有限公司", parent_id=top.id)
    low = builders.enterprise(session, "云岭电子配件有限公司", parent_id=middle.id)
    stranger = builders.enterprise(session, "海川化学有限公司")
    session.commit()
    return [top, middle, low, stranger]


def test_every_page_of_a_record_needs_few_queries_however_large_the_group(
    as_officer: Browser, session: Session, office: Office, group: list[Enterprise], database: Database
) -> None:
    top = group[0]
    officer = office.actor(session, office.officer)
    for number in range(15):
        row = builders.enterprise(session, f"云岭第{number}工厂有限公司", parent_id=top.id)
        builders.touch(session, row, office.east, office.officer)
        builders.project(session, row, office.east, office.officer)
        relations.add_relation(session, officer, top.id, RelationDraft(row.id, "supplier"), now=NOW)
        news = builders.article(session, f"云岭第{number}工厂开工")
        session.add(Mention(article_id=news.id, enterprise_id=top.id, surface="云岭", start=0, stop=2))
        builders.signal(session, row, article=news)
    path = f"/enterprises/{top.id}"
    session.commit()
    for page in (path, f"{path}/profile", f"{path}/relations"):
        with counted(database) as statements:
            assert as_officer.get(page).status_code == 200
        asked = [one for one in statements if one.startswith(("SELECT", "WITH"))]
        assert len(asked) <= MOST_QUERIES, (page, len(asked), asked)


def test_a_former_name_keeps_its_spelling_days_and_source(
    as_officer: Browser, session: Session, group: list[Enterprise]
) -> None:
    top = group[0]
    path = f"/enterprises/{top.id}"
    session.rollback()
    form = {"alias": "雲嶺實業（集團）", "kind": "former", "valid_from": "1998-03-01", "source": "工商变更公告"}
    wrong = as_officer.post(f"{path}/aliases", {**form, "valid_to": "1997-01-01"})
    assert "停用日期不能早于启用日期" in wrong.text
    assert as_officer.post(f"{path}/aliases", form).status_code == 303
    page = as_officer.get(path).text
    for words in ("雲嶺實業（集團）", "1998-03-01", "工商变更公告", "曾用名"):
        assert words in page
    alias = session.scalars(select(EnterpriseAlias).where(EnterpriseAlias.kind == AliasKind.FORMER)).one()
    assert alias.folded == "云岭实业(集团)"
    edit = f"/enterprises/aliases/{alias.id}/edit"
    session.rollback()
    assert as_officer.get(edit).status_code == 200
    assert as_officer.post(edit, {**form, "valid_to": "2009-12-31"}).status_code == 303
    assert "2009-12-31" in as_officer.get(path).text
    session.expire_all()
    assert "valid_to" in session.scalars(select(FieldChange.field)).all()


def test_a_merged_enterprise_leads_to_its_winner_and_a_deleted_one_says_where_it_is(
    as_officer: Browser, session: Session, group: list[Enterprise]
) -> None:
    top, middle, _low, stranger = group
    stranger.deleted_at, stranger.merged_into_id = NOW, top.id
    middle.deleted_at = NOW
    gone, away, winner = stranger.id, middle.id, top.id
    session.commit()
    moved = as_officer.get(f"/enterprises/{gone}")
    assert moved.status_code == 302
    assert moved.headers["Location"] == f"/enterprises/{winner}"
    assert "“海川化学有限公司”已并入这家企业" in as_officer.get(f"/enterprises/{winner}").text
    deleted = as_officer.get(f"/enterprises/{away}")
    assert deleted.status_code == 404
    assert "回收站" in deleted.text
    for page in ("profile", "relations", "parent", "relations/new"):
        assert as_officer.get(f"/enterprises/{away}/{page}").status_code == 404


def test_the_facts_show_codes_money_source_and_the_menu_follows_the_rights(
    as_officer: Browser, as_registrar: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(
        session, "云岭新材有限公司", industry="新材料", industry_code="C30", region="江苏苏州", region_code="320500",
        investment_plan=30000, land_plan=120, source_kind="chamber", source_org="示例商会", website="https://yl.example",
    )  # fmt: skip
    path = f"/enterprises/{firm.id}"
    session.commit()
    page = as_officer.get(path).text
    for words in (
        "非金属矿物制品业", "C30", "江苏省苏州市", "320500", "3亿元", "120亩", "商协会 · 示例商会", f"{path}/history",
    ):  # fmt: skip
        assert words in page
    assert f"{path}/merge" not in page
    assert f"{path}/delete" not in page
    full = as_registrar.get(path).text
    assert f"{path}/merge" in full
    assert f'action="{path}/delete"' in full
