from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core.changes import Via
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import services
from crm.enterprises.models import Contact, ContactPost, Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.imports import lines, rules, runs
from crm.imports.models import RowAction
from tests.service.imports.importing import LEDGER
from tests.service.imports.test_runs import PEOPLE, counts, firm
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from tests.service.imports.importing import Importer
    from tests.support.builders import Office


LIST = "排名,企业名称,英文名,行业\n"


def take_list(importer: Importer, text: str, year: int = 2025) -> int:
    return importer.take(LIST + text, listed=True, list_name="云岭百强", year=year)[0]


def test_an_undo_takes_back_everything_an_import_brought(importer: Importer) -> None:
    run_id = importer.take(PEOPLE)[0]
    listed = take_list(importer, "1,云岭电子有限公司,YUNLING,电子\n2,云河食品有限公司,,食品\n")
    run = importer.undo(listed)
    assert (run.state, run.options.get("kept")) == (rules.UNDONE, [])
    with importer.database.reading() as session:
        assert session.scalars(select(ListEdition)).all() == []
        assert session.scalars(select(TargetList)).all() == []
        assert session.scalars(select(EnterpriseAlias).where(EnterpriseAlias.folded == "yunling")).all() == []
    row = firm(importer, "云岭电子有限公司")
    assert (row.name_en, row.industry, row.industry_code, row.deleted_at) == (None, None, None, None)
    assert firm(importer, "云河食品有限公司").deleted_at == NOW
    importer.undo(run_id)
    with importer.database.reading() as session:
        living = select(Enterprise).where(Enterprise.deleted_at.is_(None))
        assert session.scalars(living).all() == []
        assert session.scalars(select(Contact).where(Contact.archived_at.is_(None))).all() == []
    assert importer.take(PEOPLE)[1] == {"rows": 3, "create": 2, "update": 1}


def test_an_undo_leaves_what_somebody_changed_or_used_since_and_says_so(importer: Importer, office: Office) -> None:
    importer.take("企业名称\n云岭电子有限公司\n")
    run_id = importer.take(
        "企业名称,行业,地区\n云岭电子有限公司,电子,苏州\n云山机械有限公司,机械,\n云河食品有限公司,食品,\n云海纺织有限公司,纺织,\n"
    )[0]
    with importer.database.transaction() as session:
        actor = office.actor(session, office.registrar)
        found = {row.name: row for row in session.scalars(select(Enterprise))}
        later = NOW + timedelta(hours=1)
        for name in ("云岭电子有限公司", "云山机械有限公司"):
            services.update_fields(
                session, actor, found[name].id, {"industry": "化工"}, version=None, via=Via.FORM, now=later
            )
        builders.touch(session, found["云河食品有限公司"], office.east, office.officer)
    run = importer.undo(run_id)
    one = firm(importer, "云岭电子有限公司")
    assert (one.industry, one.region) == ("化工", None)
    assert firm(importer, "云山机械有限公司").deleted_at is None
    assert firm(importer, "云河食品有限公司").deleted_at is None
    assert firm(importer, "云海纺织有限公司").deleted_at == NOW
    kept = {(item["name"], item["message"]) for item in run.options["kept"]}
    assert ("云山机械有限公司", "导入之后有人改过，保留。") in kept
    assert ("云河食品有限公司", "导入之后有了走访，保留。") in kept
    assert ("云岭电子有限公司", "“%(field)s”在导入之后有人改过，保留。") in kept


def test_an_undo_gives_a_contact_its_earlier_values_back(importer: Importer) -> None:
    importer.take(LEDGER + "云岭电子有限公司,,,顾青,,13800000001,\n")
    run_id = importer.take(LEDGER + "云岭电子有限公司,,,顾青,总经理,13800000001,gu@yunling.example\n")[0]
    with importer.database.reading() as session:
        person = session.scalars(select(Contact)).one()
        assert (person.post, person.email) == ("总经理", "gu@yunling.example")
    importer.undo(run_id)
    with importer.database.reading() as session:
        person = session.scalars(select(Contact)).one()
        assert (person.post, person.email, person.email_key, person.archived_at) == (None, None, None, None)
        assert session.scalars(select(ContactPost.post)).all() == [None]


def test_an_undo_puts_ranks_back_and_leaves_those_a_later_import_moved(importer: Importer) -> None:
    take_list(importer, "1,云岭电子有限公司,,\n2,云山机械有限公司,,\n")
    second = take_list(importer, "5,云岭电子有限公司,,\n6,云山机械有限公司,,\n")
    take_list(importer, "9,云山机械有限公司,,\n")
    importer.undo(second)
    with importer.database.reading() as session:
        assert set(session.scalars(select(ListEntry.rank))) == {1, 9}


def test_a_parent_named_in_the_file_is_set_and_taken_back(importer: Importer) -> None:
    run_id = importer.take("企业名称,母公司\n云岭电子有限公司,云岭集团有限公司\n云岭集团有限公司,\n")[0]
    assert firm(importer, "云岭电子有限公司").parent_id == firm(importer, "云岭集团有限公司").id
    importer.undo(run_id)
    assert firm(importer, "云岭电子有限公司").parent_id is None


def test_a_choice_made_once_is_not_asked_again(importer: Importer) -> None:
    importer.take("企业名称\n云岭电子有限公司\n")
    text = "企业名称\n云岭电子集团有限公司\n云岭电子控股有限公司\n云岭电子股份有限公司\n"
    run_id = importer.check(text)
    known = firm(importer, "云岭电子有限公司").id
    assert {row.action for row in importer.rows(run_id).values()} == {RowAction.QUEUE}
    with importer.database.transaction() as session:
        lines.settle(session, importer.actor, run_id, 2, known, now=NOW)
        lines.settle(session, importer.actor, run_id, 3, "new", now=NOW)
        lines.settle(session, importer.actor, run_id, 4, "skip", now=NOW)
        with pytest.raises(ConflictError):
            lines.settle(session, importer.actor, run_id, 4, "new", now=NOW)
    assert importer.apply(run_id) == {"rows": 3, "create": 1, "update": 1, "skip": 1}
    again = importer.check(text)
    assert [row.action for row in importer.rows(again).values()] == ["same", "same", "skip"]


def test_a_group_on_a_public_list_is_made_beside_its_listed_member_and_says_so(importer: Importer) -> None:
    take_list(importer, "1,云岭电子有限公司,,\n", year=2024)
    listed: dict[str, Any] = {"listed": True, "list_name": "云岭百强", "year": 2025}
    run_id = importer.check(LIST + "1,云岭电子集团有限公司,,\n2,云岭电子股份有限公司,,\n", **listed)
    rows = importer.rows(run_id)
    assert [row.action for row in rows.values()] == [RowAction.CREATE, RowAction.QUEUE]
    assert [one["params"]["name"] for one in rows[2].problems] == ["云岭电子有限公司"]
    assert importer.apply(run_id) == {"rows": 2, "create": 1, "queue": 1}


def test_a_line_in_doubt_is_settled_after_the_import_as_well(importer: Importer) -> None:
    importer.take("企业名称\n云岭电子有限公司\n")
    run_id, first = importer.take("企业名称,行业\n云岭电子集团有限公司,电子\n")
    assert first == {"rows": 1, "queue": 1}
    known = firm(importer, "云岭电子有限公司").id
    with importer.database.transaction() as session:
        with pytest.raises(DomainError):
            lines.settle(session, importer.actor, run_id, 2, known + 999, now=NOW)
        row = lines.settle(session, importer.actor, run_id, 2, known, now=NOW)
        assert (row.action, row.enterprise_id, row.applied_at) == (RowAction.UPDATE, known, NOW)
    assert firm(importer, "云岭电子有限公司").industry == "电子"
    importer.undo(run_id)
    assert firm(importer, "云岭电子有限公司").industry is None


def test_a_line_may_be_said_to_be_one_of_the_same_file(importer: Importer) -> None:
    run_id = importer.check("企业名称\n云岭电子有限公司\n云岭电子集团有限公司\n")
    with importer.database.transaction() as session:
        lines.settle(session, importer.actor, run_id, 3, "line:2", now=NOW)
    importer.apply(run_id)
    assert counts(importer)[1] == 1


def test_old_lines_and_files_are_cleaned_away(importer: Importer) -> None:
    run_id = importer.take(PEOPLE)[0]
    path = next(one for one in importer.settings.files_dir.rglob("*") if one.is_file())
    for days, left in ((29, 3), (31, 0)):
        with importer.database.transaction() as session:
            runs.sweep(session, importer.settings.files_dir, now=NOW + timedelta(days=days))
        assert (len(importer.rows(run_id)), path.exists()) == (left, bool(left))
    assert importer.run(run_id).counts["create"] == 2
    assert importer.undo(run_id).state == rules.UNDONE


def test_an_undo_tells_nothing_of_a_confidential_project(importer: Importer, office: Office) -> None:
    run_id = importer.take("企业名称\n云岭电子有限公司\n云山机械有限公司\n")[0]
    with importer.database.transaction() as session:
        found = {row.name: row for row in session.scalars(select(Enterprise))}
        hidden = found["云岭电子有限公司"]
        secret = builders.project(session, hidden, office.east, office.officer, confidential=True, code_name="青竹")
        builders.touch(session, hidden, office.east, office.officer, project_id=secret.id)
        builders.project(session, found["云山机械有限公司"], office.east, office.officer)
    kept = {item["name"]: item["message"] for item in importer.undo(run_id).options["kept"]}
    assert kept == {"云岭电子有限公司": "导入之后有人用过，保留。", "云山机械有限公司": "导入之后有了项目，保留。"}
