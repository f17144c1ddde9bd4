"""Check, import, cancel, resume, undo: what becomes of the register."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from crm.core.changes import Via
from crm.core.errors import ConflictError, DomainError
from crm.core.tasks import Task, TaskState
from crm.enterprises import services
from crm.enterprises.models import Contact, ContactPost, Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.imports import applying, driving, lines, rules, runs
from crm.imports.models import ImportMapping, RowAction
from tests.service.imports.importing import LEDGER, work
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from crm.core.db import Database
    from tests.service.imports.importing import Importer
    from tests.support.builders import Office

PEOPLE = (
    LEDGER
    + "云岭电子有限公司,91350100M000100Y43,1200,顾青,总经理,13800000001,gu@yunling.example\n"
    + "云山机械有限公司,,0.5亿元,宋砚,投资总监,13800000002,\n"
    + "云岭电子有限公司,,,陆沉,行政总监,13800000003,\n"
)


def firm(importer: Importer, name: str) -> Enterprise:
    with importer.database.reading() as session:
        return session.scalars(select(Enterprise).where(Enterprise.name == name)).one()


def counts(importer: Importer) -> list[int]:
    tables = (Enterprise, EnterpriseAlias, Contact, ContactPost, ListEntry)
    with importer.database.reading() as session:
        versions = session.scalar(select(func.sum(Enterprise.version))) or 0
        return [versions, *(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)]


def test_a_check_writes_nothing_but_its_own_lines(importer: Importer) -> None:
    run_id = importer.check(PEOPLE)
    assert counts(importer) == [0, 0, 0, 0, 0, 0]
    assert importer.run(run_id).counts == {"rows": 3, "create": 2, "update": 1}
    assert [row.action for row in importer.rows(run_id).values()] == ["create", "create", "update"]


def test_contacts_find_their_enterprise_in_the_same_run(importer: Importer, office: Office) -> None:
    importer.take(PEOPLE)
    with importer.database.reading() as session:
        statement = select(Contact.name, Enterprise.name, Contact.phone, Contact.unit_id).join(Enterprise)
        found = {row[0]: tuple(row[1:]) for row in session.execute(statement)}
        posts = set(session.scalars(select(ContactPost.post)))
    bureau = office.bureau.id
    assert found == {
        "顾青": ("云岭电子有限公司", "13800000001", bureau),
        "陆沉": ("云岭电子有限公司", "13800000003", bureau),
        "宋砚": ("云山机械有限公司", "13800000002", bureau),
    }
    assert posts == {"总经理", "投资总监", "行政总监"}
    assert firm(importer, "云山机械有限公司").registered_capital == Decimal(5000)


def test_the_same_file_again_changes_nothing(importer: Importer) -> None:
    importer.take(PEOPLE)
    before = counts(importer)
    _run_id, again = importer.take(PEOPLE)
    assert again == {"rows": 3, "same": 3}
    assert counts(importer) == before


def test_units_of_money_and_land_are_read_from_heading_and_cell(importer: Importer) -> None:
    head = "企业名称,注册资本（元）,意向投资额（亿元）,用地需求（平方米）\n"
    text = "云岭电子有限公司,12000000,1.5,2000\n云山机械有限公司,300万元,8000万元,30亩\n云河食品有限公司,50万美元,,\n"
    run_id, _counts = importer.take(head + text)
    one, two = firm(importer, "云岭电子有限公司"), firm(importer, "云山机械有限公司")
    assert [one.registered_capital, one.investment_plan, one.land_plan] == [1200, 15000, 3]
    assert [two.registered_capital, two.investment_plan, two.land_plan] == [300, 8000, 30]
    (doubt,) = importer.rows(run_id)[4].problems
    assert (doubt["level"], doubt["index"]) == (rules.DOUBT, 1)
    assert "外币" in doubt["message"]


def test_only_new_ones_or_only_known_ones_are_taken(importer: Importer) -> None:
    importer.take("企业名称,行业\n云岭电子有限公司,\n")
    text = "企业名称,行业\n云岭电子有限公司,电子\n云山机械有限公司,机械\n"
    created = importer.check(text, mode=rules.CREATE)
    assert [row.action for row in importer.rows(created).values()] == ["skip", "create"]
    updated = importer.check(text, mode=rules.UPDATE)
    assert [row.action for row in importer.rows(updated).values()] == ["update", "skip"]
    importer.apply(updated)
    assert firm(importer, "云岭电子有限公司").industry == "电子"


def test_values_are_replaced_only_when_asked_and_never_by_blanks(importer: Importer) -> None:
    importer.take("企业名称,行业,地区\n云岭电子有限公司,电子,苏州\n")
    assert importer.take("企业名称,行业,地区\n云岭电子有限公司,化工,\n")[1] == {"rows": 1, "same": 1}
    assert importer.take("企业名称,行业,地区\n云岭电子有限公司,化工,\n", overwrite=True)[1] == {"rows": 1, "update": 1}
    row = firm(importer, "云岭电子有限公司")
    assert (row.industry, row.region) == ("化工", "苏州")


def test_a_way_to_know_an_enterprise_that_was_not_chosen_joins_nothing(importer: Importer) -> None:
    importer.take("企业名称,统一社会信用代码\n云岭电子有限公司,91350100M000100Y43\n")
    text = "企业名称,统一社会信用代码\n云岭新材料有限公司,91350100M000100Y43\n"
    by_name = importer.check(text, keys=("name",))
    assert importer.rows(by_name)[2].action is RowAction.QUEUE
    by_code = importer.check(text, keys=("uscc",))
    assert importer.rows(by_code)[2].action is RowAction.UPDATE


def test_what_the_columns_mean_is_remembered_for_the_next_file_with_these_headings(importer: Importer) -> None:
    head = "甲方,乙方\n"
    data = (head + "云岭电子有限公司,顾青\n").encode()
    with importer.database.transaction() as session:
        run = runs.upload(session, importer.actor, "a.csv", data, importer.settings.files_dir, now=NOW)
        assert run.options["columns"] == {"0": "name"}
        said = rules.MappingChoices(
            columns={0: rules.Column.NAME, 1: rules.Column.CONTACT}, unit_id=importer.actor.unit_ids[0], overwrite=True
        )
        runs.remap(session, importer.actor, run.id, said, importer.settings.files_dir, now=NOW)
        runs.start_check(session, importer.actor, run.id, now=NOW)
        again = runs.upload(
            session, importer.actor, "b.csv", data + "云山,宋\n".encode(), importer.settings.files_dir, now=NOW
        )
        assert again.options["columns"] == {"0": "name", "1": "contact"}
        assert (again.options["remembered"], again.options["overwrite"]) == (True, True)
        assert session.scalar(select(func.count()).select_from(ImportMapping)) == 1


def test_a_check_is_refused_while_something_is_missing(importer: Importer, office: Office) -> None:
    place = importer.settings.files_dir
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"columns": {1: rules.Column.POST}}, "import.name"),
        ({"listed": True}, "import.list"),
        ({"listed": True, "list_name": "世界500强"}, "import.year"),
        ({"keys": ()}, "import.keys"),
        ({"mode": "x"}, "import.mode"),
        ({"columns": {0: rules.Column.NAME, 1: rules.Column.CONTACT}, "unit_id": None}, "import.unit"),
    )
    for said, key in cases:
        with importer.database.transaction() as session:
            data = "企业名称,联系人\n云岭电子有限公司,顾青\n".encode()
            run = runs.upload(session, importer.actor, "a.csv", data, place, now=NOW)
            choices = rules.MappingChoices(**{"columns": {0: rules.Column.NAME}, **said})
            runs.remap(session, importer.actor, run.id, choices, place, now=NOW)
            with pytest.raises(DomainError) as caught:
                runs.start_check(session, importer.actor, run.id, now=NOW)
            assert key in [one.key for one in caught.value.problems]


def many(count: int) -> str:
    return "企业名称,行业\n" + "".join(f"云岭第{number}工厂有限公司,电子\n" for number in range(count))


def test_an_import_that_is_cancelled_keeps_what_is_written_and_goes_on_later(importer: Importer) -> None:
    run_id = importer.check(many(700))
    with importer.database.transaction() as session:
        runs.start_apply(session, importer.actor, run_id, now=NOW, here=True)
    with importer.database.transaction() as session:
        assert applying.step(session, run_id, now=NOW)
        runs.get_run(session, run_id).cancel = True
    driving.drive(importer.database, run_id, applying.step, lambda: NOW, lambda _done, _total: None)
    run = importer.run(run_id)
    assert (run.state, run.position, counts(importer)[1]) == (rules.CANCELLED, 300, 300)
    with importer.database.transaction() as session:
        runs.resume(session, importer.actor, run_id, now=NOW)
    work(importer.database, importer.settings)
    run = importer.run(run_id)
    assert (run.state, run.position, counts(importer)[1]) == (rules.DONE, 700, 700)


def test_a_worker_that_dies_in_the_middle_loses_and_doubles_nothing(importer: Importer) -> None:
    run_id = importer.check(many(700))
    with importer.database.transaction() as session:
        runs.start_apply(session, importer.actor, run_id, now=NOW)
    step = applying.step
    calls: list[int] = []

    def dying(session: object, run_id: int, *, now: object) -> bool:
        calls.append(1)
        going = step(session, run_id, now=now)  # type: ignore[arg-type]  # passed on as it came
        if len(calls) == 2:
            message = "the power went out"
            raise RuntimeError(message)
        return going

    with patch.object(applying, "step", dying):
        work(importer.database, importer.settings)
    assert (importer.run(run_id).state, importer.run(run_id).position) == (rules.APPLYING, 300)
    with importer.database.transaction() as session:
        session.execute(update(Task).values(run_after=NOW))
    work(importer.database, importer.settings)
    work(importer.database, importer.settings)
    run = importer.run(run_id)
    assert (run.state, run.position, counts(importer)[1]) == (rules.DONE, 700, 700)


def test_a_run_whose_task_is_dead_can_be_taken_up_again(importer: Importer) -> None:
    run_id = importer.check(many(2))
    with importer.database.transaction() as session:
        runs.start_apply(session, importer.actor, run_id, now=NOW)
        with pytest.raises(ConflictError):
            runs.resume(session, importer.actor, run_id, now=NOW)
        session.execute(update(Task).values(state=TaskState.DEAD))
        assert runs.is_stalled(session, runs.get_run(session, run_id))
        runs.resume(session, importer.actor, run_id, now=NOW)
    work(importer.database, importer.settings)
    assert importer.run(run_id).state == rules.DONE


def test_a_button_that_is_pressed_twice_starts_one_import(importer: Importer) -> None:
    run_id = importer.check(many(2))
    importer.apply(run_id)
    with importer.database.transaction() as session, pytest.raises(ConflictError):
        runs.start_apply(session, importer.actor, run_id, now=NOW)


def test_two_imports_of_the_same_firms_at_once_make_no_doubles(importer: Importer) -> None:
    first, second = importer.check(many(400)), importer.check(many(400))
    with importer.database.transaction() as session:
        for run_id in (first, second):
            runs.start_apply(session, importer.actor, run_id, now=NOW, here=True)
    going = {first, second}
    while going:
        for run_id in sorted(going):
            with importer.database.transaction() as session:
                if not applying.step(session, run_id, now=NOW):
                    going.discard(run_id)
    assert counts(importer)[1] == 400
    assert importer.run(first).position == importer.run(second).position == 400


def test_a_name_that_came_in_since_the_check_is_asked_about_or_joined(importer: Importer) -> None:
    run_id = importer.check("企业名称\n云岭电子有限公司\n云山机械集团有限公司\n")
    with importer.database.transaction() as session:
        builders.enterprise(session, "云岭电子有限公司")
        row = builders.enterprise(session, "云山机械有限公司")
        session.add(EnterpriseAlias(enterprise_id=row.id, alias="云山机械", folded="云山机械", kind="short"))
    importer.apply(run_id)
    rows = importer.rows(run_id)
    assert (rows[2].action, rows[3].action) == (RowAction.UPDATE, RowAction.QUEUE)
    assert rows[3].candidates[0]["name"] == "云山机械有限公司"


def test_a_run_that_is_interrupted_twice_by_others_looks_again(importer: Importer, database: Database) -> None:
    run_id = importer.check(many(2))
    tries: list[int] = []

    def clash(session: object, run_id: int, *, now: object) -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise IntegrityError(str(run_id), None, ValueError())
        return False

    driving.drive(database, run_id, clash, lambda: NOW, lambda _done, _total: None)
    assert len(tries) == 3


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
