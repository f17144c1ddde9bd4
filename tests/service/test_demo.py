from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

import config
from crm import registry
from crm.app import create_app
from crm.assessment import facts, measures, queries
from crm.assessment.periods.models import Period, PeriodFigure
from crm.auth import services as auth
from crm.auth.models import OrgUnit, Roster, User
from crm.auth.rules import Role
from crm.auth.services import Origin
from crm.cli import demo
from crm.cli.demodata.office import PEOPLE
from crm.core import audit
from crm.core.db import Database
from crm.core.tasks import Task
from crm.delivery.capital.models import CapitalVoucher
from crm.enterprises.models import Enterprise, EnterpriseAlias, ProfileEntry
from crm.enterprises.rules import AliasKind, ProfileBlock
from crm.news.models import Source
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.rules import AgreementKind, Stage
from crm.reports.models import ReportFigure, ReportState, WeeklyReport
from tests.support import engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SITE = "http://127.0.0.1:8765"
FUNNEL_MEASURES = ("visits", "inspections", "leads", "signings", "starts", "signed_amount", "recognized_amount")


def _new(admin: Database, name: str, template: str) -> None:
    with admin.engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        outside.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        outside.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))


@pytest.fixture(scope="module", params=engines.DEMO)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Load the office once; the tests only read it or roll back. PostgreSQL loads one in test_demo_reports."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("demo") / "demo.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        database = Database(f"sqlite:///{path}")
    else:
        url = request.getfixturevalue("postgres_server")
        admin = Database(url)
        _new(admin, "yinfeng_demo", "yinfeng_template")
        admin.dispose()
        database = Database(make_url(url).set(database="yinfeng_demo").render_as_string(hide_password=False))
    with database.transaction() as session:
        passwords[database.engine.dialect.name] = demo.load(session, now=NOW, site=SITE).password
    yield database
    database.dispose()


passwords: dict[str, str] = {}
told: dict[str, list[tuple[str, ...]]] = {}


def test_every_stage_has_a_project_that_stands_there(office: Database) -> None:
    with office.reading() as session:
        statement = select(Project.stage).where(Project.exit_kind.is_(None)).distinct()
        assert set(session.scalars(statement)) == set(Stage)


def test_several_projects_left_in_different_ways(office: Database) -> None:
    with office.reading() as session:
        kinds = set(session.scalars(select(Project.exit_kind).where(Project.exit_kind.is_not(None))))
    assert len(kinds) == 7


def test_every_role_can_sign_in_with_the_password_that_was_shown(office: Database) -> None:
    with office.session() as session:
        for role in Role:
            username = next(name for name, _name, _title, _unit, held in PEOPLE if held is role)
            password = passwords[office.engine.dialect.name]
            _token, user = auth.sign_in(session, username, password, Origin("127.0.0.1"), now=NOW, hours=1)
            assert role in set(session.scalars(select(Roster.role).where(Roster.user_id == user.id)))
        session.rollback()


def test_the_last_weeks_are_frozen_and_this_week_is_a_draft(office: Database) -> None:
    with office.reading() as session:
        rows = session.execute(select(WeeklyReport.iso_week, WeeklyReport.state).order_by(WeeklyReport.iso_week)).all()
    assert [tuple(row) for row in rows[-2:]] == [(46, ReportState.FROZEN), (47, ReportState.DRAFT)]


def test_every_figure_of_a_frozen_report_is_made_of_rows(office: Database) -> None:
    with office.reading() as session:
        found = session.scalars(
            select(ReportFigure).join(WeeklyReport).where(WeeklyReport.state == ReportState.FROZEN)
        ).all()
        counted = [figure for figure in found if figure.unit not in {"万元", "人次"}]
        assert [figure.key for figure in counted if int(figure.value) != figure.row_count] == []
        assert sum(figure.row_count for figure in counted) > 100


@pytest.mark.parametrize("key", FUNNEL_MEASURES)
def test_a_figure_of_the_year_is_the_sum_of_its_rows_and_not_zero(office: Database, key: str) -> None:
    window = facts.Window(date(2026, 1, 1), date(2026, 12, 31), NOW)
    with office.reading() as session:
        measure = measures.MEASURES[key]
        rows = queries.rows(session, measure, window)
        assert queries.total(session, measure, window) == sum(row.amount for row in rows) > 0


def test_no_project_was_signed_without_a_contract(office: Database) -> None:
    with office.reading() as session:
        signed = set(session.scalars(select(StageEntry.project_id).where(StageEntry.to_stage == Stage.SIGNED)))
        contracts = session.scalars(select(Agreement.project_id).where(Agreement.kind == AgreementKind.CONTRACT))
        assert signed == set(contracts)


def test_nothing_happens_after_the_moment_of_loading(office: Database) -> None:
    with office.reading() as session:
        for column in (StageEntry.at, Agreement.reported_at):
            assert session.scalars(select(func.max(column))).one() < NOW


def test_some_recognised_amounts_differ_and_say_why(office: Database) -> None:
    with office.reading() as session:
        differing = select(Agreement).where(Agreement.recognized_amount != Agreement.amount)
        found = session.scalars(differing).all()
    assert found
    assert all(row.difference_reason for row in found)


def test_vouchers_wait_and_are_recognised_and_one_month_is_closed(office: Database) -> None:
    with office.reading() as session:
        vouchers = session.execute(select(CapitalVoucher.state, func.count()).group_by(CapitalVoucher.state)).all()
        assert {str(state) for state, _count in vouchers} == {"waiting", "recognised"}
        assert [str(one) for one in session.scalars(select(Period.state).order_by(Period.start_on))] == [
            "closed",
            "open",
        ]
        assert session.scalar(select(func.count()).select_from(PeriodFigure)) or 0


def test_three_sources_wait_for_their_first_crawl(office: Database) -> None:
    with office.reading() as session:
        of_the_site = select(Source.url).where(Source.url.startswith(SITE, autoescape=True))
        urls = session.scalars(of_the_site.order_by(Source.url)).all()
        crawls = session.scalar(select(func.count()).select_from(Task).where(Task.kind == "crawl"))
    assert (urls, crawls) == ([f"{SITE}/cy/", f"{SITE}/rss.xml", f"{SITE}/sitemap.xml"], 3)


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in registry.metadata.sorted_tables
        }


def test_a_second_load_changes_nothing_and_says_so(office: Database, tmp_path: Path) -> None:
    url = office.engine.url.render_as_string(hide_password=False)
    environment = {"YINFENG_DATA": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": "k" * 48}
    before = _counts(office)
    answer = create_app(config.load(environment), office).test_cli_runner().invoke(args=["demo", "load"])
    assert (answer.exit_code, "未作改动" in answer.output) == (0, True)
    assert _counts(office) == before
    assert not list(tmp_path.rglob(demo.ACCOUNTS_FILE))


@pytest.mark.parametrize("arguments", [["demo", "load"], ["demo", "load", "--reset"]])
def test_real_data_is_never_mixed_with_or_replaced_by_a_demonstration(
    app: Flask, database: Database, arguments: list[str]
) -> None:
    with database.transaction() as session:
        session.add(OrgUnit(name="某县招商局", kind="bureau", valid_from=date(2026, 1, 1)))
        session.add(User(username="real", name="真实用户", password_hash="x", created_at=NOW))
    before = _counts(database)
    answer = app.test_cli_runner().invoke(args=arguments)
    assert answer.exit_code == 1
    assert "真实数据" in answer.output
    assert _counts(database) == before


def test_a_demonstration_can_be_cleared_away(database: Database) -> None:
    with database.transaction() as session:
        session.add(User(username="demo", name="演示用户", password_hash="x", created_at=NOW))
        audit.record(session, None, demo.MARKER, ("demo", None), now=NOW)
    demo.clear(database)
    assert not any(_counts(database).values())


def test_the_accounts_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    demo.keep_accounts(tmp_path, "accounts", NOW.date())
    assert (tmp_path / demo.ACCOUNTS_FILE).stat().st_mode & 0o777 == 0o600


def test_the_same_day_gives_the_same_office_whatever_the_database(office: Database) -> None:
    statement = text("SELECT kind, summary, people, client_id FROM touch ORDER BY id")
    with office.reading() as session:
        told[office.engine.dialect.name] = [tuple(row) for row in session.execute(statement)]
    stories = list(told.values())
    assert stories[0]
    assert stories[0] == stories[-1]


def test_a_group_a_profile_and_a_former_name_are_there_to_look_at(office: Database) -> None:
    with office.reading() as session:
        group = session.scalars(select(Enterprise).where(Enterprise.name == "禾渡食品集团有限公司")).one()
        assert session.scalar(select(func.count()).where(Enterprise.parent_id == group.id)) == 2
        blocks = set(session.scalars(select(ProfileEntry.block)))
        assert {ProfileBlock.HISTORY, ProfileBlock.SCOPE, ProfileBlock.PLAN} <= blocks
        former = session.scalars(select(EnterpriseAlias).where(EnterpriseAlias.kind == AliasKind.FORMER)).all()
        assert former
        assert all(alias.valid_to for alias in former)
