from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from crm.api.scopes import Scope
from crm.assessment import queries
from crm.assessment.measures import MEASURES
from crm.auth.rules import SYSTEM
from crm.pipeline.rules import Stage
from crm.reports import services
from tests.service.assessment.test_figures_agree import WINDOW, history
from tests.support import facts
from tests.support.builders import NOW
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office
    from tests.support.programs import Program

PERIOD = "start=2026-10-01&end=2026-12-31"


def all_rows(caller: Program, address: str, limit: int = 100) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The first page and the rows of all pages."""
    path = address.removeprefix("/api/v1") + f"&limit={limit}"
    first = page = caller.get(path).json
    found = list(page["items"])
    while page["next_cursor"]:
        page = caller.get(f"{path}&cursor={page['next_cursor']}").json
        found += page["items"]
    return first, found


def test_figures_are_those_of_the_pages_and_add_up_from_their_rows(
    app: Flask, session: Session, office: Office
) -> None:
    history(session, office, random.Random(7))  # noqa: S311 (any quarter will do)
    session.commit()
    expected = {key: queries.total(session, one, WINDOW) for key, one in MEASURES.items()}
    session.rollback()
    callers = [program(app, session, office.registrar, Scope.FIGURES_READ) for _pace in range(3)]
    told = callers[0].get(f"/figures?{PERIOD}").json
    assert {one["key"]: Decimal(one["value"]) for one in told["items"]} == expected
    assert sum(bool(value) for value in expected.values()) > 20
    for one, caller in zip(told["items"], cycle(callers), strict=False):
        first, rows = all_rows(caller, one["rows"])
        assert (
            Decimal(first["total"]) == sum((Decimal(row["amount"]) for row in rows), Decimal(0)) == expected[one["key"]]
        )
        assert first["row_count"] == len(rows) == one["row_count"], one["key"]
        assert first["basis"] == MEASURES[one["key"]].basis


def test_a_figure_has_parts_by_unit_that_add_up(app: Flask, session: Session, office: Office) -> None:
    history(session, office, random.Random(8))  # noqa: S311 (any quarter will do)
    session.commit()
    caller = program(app, session, office.leader, Scope.FIGURES_READ)
    for key in ("signed_amount", "visits", "reached_amount_signed"):
        one = caller.get(f"/figures/{key}?{PERIOD}").json
        assert sum((Decimal(part["value"]) for part in one["parts"]), Decimal(0)) == Decimal(one["value"])
        assert sum(part["row_count"] for part in one["parts"]) == one["row_count"]
        assert {part["unit_name"] for part in one["parts"]} <= {"长三角小分队", "珠三角小分队"}


def test_an_officer_gets_the_figures_of_the_own_unit(app: Flask, session: Session, office: Office) -> None:
    facts.projects(session, office.east, office.officer, facts.firms(session, 3), Stage.LEAD, at=NOW)
    facts.projects(session, office.south, office.outsider, facts.firms(session, 4), Stage.LEAD, at=NOW)
    session.commit()
    caller = program(app, session, office.officer, Scope.FIGURES_READ)
    told = caller.get("/figures?keys=leads").json
    assert (told["items"][0]["value"], told["unit_ids"]) == ("3", [office.east.id])
    assert caller.get(f"/figures/leads/rows?units={office.east.id}").json["total"] == "3"
    for path in ("/figures", "/figures/leads", "/figures/leads/rows"):
        for units in (f"{office.south.id}", f"{office.east.id}.{office.south.id}", "999999"):
            refused = caller.get(f"{path}?units={units}")
            assert (refused.status, refused.codes) == (422, {"unit.hidden"}), path
    whole = program(app, session, office.registrar, Scope.FIGURES_READ)
    assert whole.get(f"/figures?keys=leads&units={office.south.id}").json["items"][0]["value"] == "4"
    assert whole.get("/figures?keys=leads").json["items"][0]["value"] == "7"


def test_a_figure_is_told_as_of_an_instant(app: Flask, session: Session, office: Office) -> None:
    facts.projects(
        session, office.east, office.officer, facts.firms(session, 2), Stage.LEAD, at=NOW - timedelta(days=9)
    )
    facts.projects(
        session, office.east, office.officer, facts.firms(session, 3), Stage.LEAD, at=NOW - timedelta(days=1)
    )
    session.commit()
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    before = caller.get("/figures/leads?as_of=2026-11-15T00:00:00%2B08:00").json
    assert (before["value"], before["as_of"]) == ("2", "2026-11-14T16:00:00Z")
    later = caller.get("/figures/leads?as_of=2027-11-15T00:00:00Z").json
    assert (later["value"], later["as_of"]) == ("5", "2026-11-20T02:00:00Z")


def test_the_week_of_a_report_counts_what_the_report_counts(app: Flask, session: Session, office: Office) -> None:
    history(session, office, random.Random(9))  # noqa: S311 (any quarter will do)
    session.commit()
    report = services.build_weekly(session, SYSTEM, 2026, 46, now=NOW)
    expected = {figure.key: Decimal(figure.value) for figure in report.figures}
    session.rollback()
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    told = caller.get("/figures?week=2026-W46").json
    assert (told["start"], told["end"], told["as_of"]) == ("2026-11-09", "2026-11-15", "2026-11-13T02:00:00Z")
    found = {one["key"]: Decimal(one["value"]) for one in told["items"]}
    shared = set(found) & set(expected)
    assert len(shared) > 10
    assert {key: found[key] for key in shared} == {key: expected[key] for key in shared}
    assert sum(found.values()) > 0


def test_confidential_projects_are_in_no_figure(app: Flask, session: Session, office: Office) -> None:
    secret = {"confidential": True, "code_name": "云雀"}
    facts.projects(session, office.east, office.officer, facts.firms(session, 1), Stage.LEAD, **secret)
    session.commit()
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    assert caller.get("/figures/leads").json["value"] == "0"
    assert caller.get("/figures/leads/rows").json["items"] == []


def test_a_lens_narrows_figure_and_rows_alike(app: Flask, session: Session, office: Office) -> None:
    for firms, total in ((2, 4_000), (3, 60_000)):
        ids = facts.firms(session, firms)
        facts.projects(session, office.east, office.officer, ids, Stage.LEAD, at=NOW, total_investment=Decimal(total))
    session.commit()
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    large = caller.get("/figures/leads?low=10000").json
    assert large["value"] == "3"
    first, rows = all_rows(caller, large["rows"], limit=2)
    assert (first["total"], len(first["items"]), len(rows)) == ("3", 2, 3)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("start=yesterday", "start"),
        ("start=1", "start"),
        ("as_of=2026-11-20T10:00:00", "as_of"),
        ("start=2026-11-20&end=2026-11-19", "end"),
        ("week=2026-W60", "week"),
        ("week=2026-W46&end=2026-11-19", "week"),
        ("keys=shoes", "keys"),
        ("units=1,2", "units"),
        ("shoe=big", "shoe"),
        ("low=-1", "low"),
        ("capital=gold", "capital"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(
    app: Flask, session: Session, office: Office, asked: str, field: str
) -> None:
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    refused = caller.get(f"/figures?{asked}", Accept_Language="en")
    assert (refused.status, refused.fields) == (422, {field})
    assert not any("一" <= char <= "鿿" for char in str(refused.json))


def test_a_figure_that_is_none_is_not_found(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    assert caller.get("/figures/shoes").status == 404
    assert caller.get("/figures/shoes/rows").status == 404


def test_answers_hold_chinese_as_it_is(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    answer = caller.client.get("/api/v1/figures", headers=caller.headers)
    assert "到达签约·总投资（万元）" in answer.get_data(as_text=True)


def test_labels_and_bases_are_said_in_the_language_asked_for(app: Flask, session: Session, office: Office) -> None:
    caller = program(app, session, office.registrar, Scope.FIGURES_READ)
    said = caller.get("/figures", Accept_Language="en").json["items"]
    assert not any("一" <= char <= "鿿" for one in said for char in one["label"] + one["unit"] + one["basis"])
