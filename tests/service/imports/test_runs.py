"""Check, import, cancel, resume, undo: what becomes of the register."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from crm.core.errors import ConflictError, DomainError
from crm.core.tasks import Task, TaskState
from crm.enterprises.models import Contact, ContactPost, Enterprise, EnterpriseAlias, ListEntry
from crm.imports import applying, driving, rules, runs
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
