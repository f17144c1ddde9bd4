from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import jobs
from crm.core.changes import CREATED, FieldChange, Via
from crm.core.errors import ConflictError, DomainError
from crm.core.tasks import Task
from crm.enterprises import services
from crm.enterprises.fields import FIELDS, LABELS
from crm.enterprises.queries import suggest
from crm.enterprises.rules import EnterpriseDraft
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database
    from tests.support.builders import Office

NAME = "云岭电子有限公司"


@pytest.fixture
def officer(session: Session, office: Office) -> Actor:
    return office.actor(session, office.officer)


def changes_of(session: Session) -> list[tuple[str, object, object, Via]]:
    rows = session.scalars(select(FieldChange).order_by(FieldChange.id))
    return [(row.field, row.before, row.after, row.via) for row in rows]


def test_codes_stem_and_domain_follow_from_what_was_typed(session: Session, officer: Actor) -> None:
    draft = EnterpriseDraft(NAME, industry="汽车制造业", region="江苏苏州", website="https://www.yunling.example/about")
    row = services.create_enterprise(session, officer, draft, now=NOW)
    assert (row.industry_code, row.region_code, row.stem, row.site_domain) == (
        "C36",
        "320500",
        "云岭电子",
        "yunling.example",
    )
    services.update_fields(
        session, officer, row.id, {"industry": "养蜂人家", "website": ""}, version=None, via=Via.FORM, now=NOW
    )
    assert (row.industry, row.industry_code, row.site_domain) == ("养蜂人家", None, None)


def test_a_code_typed_or_chosen_brings_its_name_and_an_unknown_one_is_refused(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, EnterpriseDraft(NAME, industry="C36"), now=NOW)
    assert (row.industry, row.industry_code) == ("汽车制造业", "C36")
    services.update_fields(session, officer, row.id, {"region_code": "320500"}, version=None, via=Via.BULK, now=NOW)
    assert (row.region, row.region_code) == ("江苏省苏州市", "320500")
    for field, value in (("industry", "C99"), ("industry_code", "C99"), ("region", "999999"), ("region_code", "1")):
        with pytest.raises(DomainError):
            services.update_fields(session, officer, row.id, {field: value}, version=None, via=Via.CELL, now=NOW)


def test_every_changed_field_is_kept_with_its_door_and_run(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, EnterpriseDraft(NAME), now=NOW)
    changes = {"revenue": "12,000.50", "source_kind": "own", "profile": " ", "uscc": "91350100m000100y43"}
    services.update_fields(session, officer, row.id, changes, version=1, via=Via.IMPORT, now=NOW, run_id=7)
    assert row.revenue == Decimal("12000.5")
    assert changes_of(session) == [
        (CREATED, None, NAME, Via.FORM),
        ("uscc", None, "91350100M000100Y43", Via.IMPORT),
        ("revenue", None, "12000.5", Via.IMPORT),
        ("source_kind", None, "own", Via.IMPORT),
    ]
    assert session.scalars(select(FieldChange.run_id).where(FieldChange.via == Via.IMPORT)).all() == [7, 7, 7]


def test_the_same_values_again_change_nothing(session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, EnterpriseDraft(NAME, revenue=Decimal(120)), now=NOW)
    services.update_fields(
        session, officer, row.id, {"revenue": "120.00", "name": NAME}, version=1, via=Via.CELL, now=NOW
    )
    assert row.version == 1
    assert len(changes_of(session)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("revenue", "十万"),
        ("revenue", "-1"),
        ("revenue", "NaN"),
        ("land_plan", "1e12"),
        ("investment_plan", "0.0000001"),
        ("source_kind", "elsewhere"),
        ("source_org", "长" * 201),
        ("name", ""),
        ("version", "3"),
    ],
)
def test_values_that_do_not_fit_are_refused_and_nothing_is_written(
    session: Session, officer: Actor, field: str, value: str
) -> None:
    row = services.create_enterprise(session, officer, EnterpriseDraft(NAME), now=NOW)
    with pytest.raises(DomainError):
        services.update_fields(session, officer, row.id, {field: value}, version=None, via=Via.CELL, now=NOW)
    session.refresh(row)
    assert row.version == 1


def test_many_rows_are_written_first_and_settled_together(session: Session, officer: Actor) -> None:
    origin = services.Origin(Via.IMPORT, NOW, 3)
    rows = [
        services.create_row(session, officer, EnterpriseDraft(f"云岭{number}号有限公司"), origin) for number in range(3)
    ]
    assert not suggest(session, "岭2号")
    assert session.scalars(select(Task)).all() == []
    assert services.change_row(session, officer, rows[0], {"name": "海川化学有限公司"}, origin) == ("name",)
    services.settle(session, [row.id for row in rows], now=NOW)
    assert [one.id for one in suggest(session, "海川")] == [rows[0].id]
    kinds = session.scalars(select(Task.kind).order_by(Task.kind)).all()
    assert kinds == [jobs.FIND_DUPLICATES, jobs.RESCORE, jobs.RESCORE, jobs.RESCORE]


def test_a_write_that_meets_another_one_is_a_conflict(database: Database, session: Session, officer: Actor) -> None:
    row = services.create_enterprise(session, officer, EnterpriseDraft(NAME), now=NOW)
    session.commit()
    seen = row.version
    session.commit()
    with database.session() as other:
        services.update_fields(other, officer, row.id, {"region": "苏州"}, version=seen, via=Via.FORM, now=NOW)
        other.commit()
    with pytest.raises(ConflictError):
        services.update_fields(session, officer, row.id, {"industry": "电子"}, version=seen, via=Via.FORM, now=NOW)


def test_every_field_has_a_name_for_people() -> None:
    assert set(FIELDS) == set(LABELS)
