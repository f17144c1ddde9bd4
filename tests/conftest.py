"""Fixtures: a migrated database per test on SQLite and PostgreSQL, an office, a web client."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text
from sqlalchemy.engine import make_url

import config
from crm.app import configure, create_app
from crm.auth import passwords, services
from crm.cli.database import migrate
from crm.core import vault
from crm.core.db import Database
from tests.support import builders, emptying, engines, postgres, shared
from tests.support.live import COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from argon2 import PasswordHasher
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

gc.disable()  # what is imported and collected stays; the collector works again when tests begin
LAYERS = ("contracts", "unit", "service", "jobs", "browser")
LONGEST = {"test_whole_road.py", "test_face.py", "test_no_side_door.py", "test_nobody_else_knows.py"}
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)  # a busy machine is no failure
hypothesis.settings.load_profile("house")
DATA_KEY = "d" * 48
vault.use(DATA_KEY)
REAL_HASHER, passwords.HASHER = passwords.HASHER, builders.CHEAP  # signing in a hundred times shall not cost a minute


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by their folder, show pages on one engine, and run the fast layers first."""
    spared = engines.spared(items)
    config.hook.pytest_deselected(items=[item for item in items if item in spared])
    items[:] = sorted((item for item in items if item not in spared), key=_layer)
    for item in items:
        for name in ("service", "jobs", "browser"):
            if f"tests/{name}/" in item.path.as_posix():
                item.add_marker(name)


def pytest_collection_finish() -> None:
    """Spare the collector what stays for good: every module and every test; what a test leaves is collected in time."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _layer(item: pytest.Item) -> tuple[bool, int]:
    """The longest files first, so that no worker is left alone with one at the end; then by layer, fast ones first."""
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return item.path.name not in LONGEST, LAYERS.index(folder) if folder in LAYERS else 0


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile a template once in a run, whichever process asks first."""
    COMPILED.folder = shared.folder(tmp_path_factory)


@pytest.fixture(scope="session")
def real_hasher() -> PasswordHasher:
    """Return what hashes passwords outside of tests."""
    return REAL_HASHER


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty SQLite file to copy."""
    return shared.once(shared.folder(tmp_path_factory) / "empty.db", _migrated)


def _migrated(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Return the address of a running PostgreSQL server with a migrated template database."""
    with postgres.server() as url:
        admin = Database(url)
        _run_outside(admin, "DROP DATABASE IF EXISTS yinfeng_template")
        _run_outside(admin, "CREATE DATABASE yinfeng_template TEMPLATE template0 ENCODING 'UTF8'")
        template = Database(str(make_url(url).set(database="yinfeng_template").render_as_string(hide_password=False)))
        migrate(template)
        template.dispose()
        yield url
        admin.dispose()


def _run_outside(database: Database, statement: str) -> None:
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[emptying.Place]:
    """Return the one address of SQLite tests: statements compiled for one test serve the next."""
    path = tmp_path_factory.mktemp("sqlite") / "test.db"

    def build() -> None:
        for left in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
        shutil.copyfile(sqlite_template, path)

    place = emptying.Place(Database(f"sqlite:///{path}"), build)
    yield place
    place.close()


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, sqlite_place: emptying.Place) -> Iterator[Database]:
    """Return an empty migrated SQLite database."""
    yield from _used(request, sqlite_place)


@pytest.fixture(scope="session")
def postgres_place(postgres_server: str) -> Iterator[emptying.Place]:
    """Return the one address of PostgreSQL tests of this process, as for SQLite."""
    name = f"yinfeng_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    def build() -> None:
        admin = Database(postgres_server)
        _run_outside(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _run_outside(admin, f"CREATE DATABASE {name} TEMPLATE yinfeng_template")
        admin.dispose()

    place = emptying.Place(Database(url), build)
    yield place
    place.close()


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest, postgres_place: emptying.Place) -> Iterator[Database]:
    """Return an empty migrated PostgreSQL database."""
    yield from _used(request, postgres_place)


def _used(request: pytest.FixtureRequest, place: emptying.Place) -> Iterator[Database]:
    yield place.ready()
    if request.node.get_closest_marker("jobs"):
        place.shared()


@pytest.fixture(params=engines.BACKENDS)
def database(request: pytest.FixtureRequest) -> Database:
    """Return an empty database; each test runs once on either engine."""
    found: Database = request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
    return found


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Return an open writing session; the test decides whether to commit."""
    with database.session() as opened:
        yield opened


@pytest.fixture
def office(session: Session) -> builders.Office:
    """Return the standard office, committed."""
    made = builders.office(session)
    session.commit()
    return made


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> config.Settings:
    """Return settings that point into the test's own folder."""
    url = database.engine.url.render_as_string(hide_password=False)
    return config.load(
        {
            "YINFENG_DATA": str(tmp_path / "data"),
            "DATABASE_URL": url,
            "SECRET_KEY": "k" * 48,
            "YINFENG_DATA_KEY": DATA_KEY,
        }
    )


@pytest.fixture
def app(settings: config.Settings, database: Database) -> Flask:
    """Return the application with the clock standing at the test instant."""
    made = built_app(settings, database)
    configure(made, settings, database, now=lambda: builders.NOW)
    made.testing = False
    return made


_built: list[Flask] = []


def built_app(settings: config.Settings, database: Database) -> Flask:
    """Build the application once in a process: routes and templates are the same for every test."""
    if not _built:
        _built.append(create_app(settings, database))
        _built[0].jinja_env.bytecode_cache = COMPILED
    return _built[0]


class Browser:
    """A test client that signs in and carries the CSRF token by itself."""

    def __init__(self, client: FlaskClient) -> None:
        """Wrap a Flask client."""
        self.client = client

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, buffered=True, **kwargs)

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Submit a form with a valid token."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token()}, **kwargs)

    def token(self) -> str:
        """Return a fresh CSRF token of this browser's session, as every page carries it."""
        with self.client.session_transaction() as kept:
            secret = kept.setdefault("csrf_token", secrets.token_hex(20))
        key = self.client.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(secret))

    def sign_in(self, username: str, password: str = builders.PASSWORD) -> Browser:
        """Sign in as the sign-in page does, without its form, and fail loudly when refused."""
        app = self.client.application
        now, hours = app.config["CLOCK"](), app.config["SESSION_HOURS"]
        with app.extensions["database"].transaction() as session:
            token, _user = services.sign_in(
                session, username, password, services.Origin("127.0.0.1"), now=now, hours=hours
            )
        with self.client.session_transaction() as kept:
            kept.clear()
            kept.update({"_user_id": token, "_fresh": True})
        return self


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Return a browser that is not signed in."""
    return Browser(app.test_client())


@pytest.fixture
def as_officer(app: Flask, office: builders.Office) -> Browser:
    """Return a browser signed in as the officer of the eastern squad."""
    return Browser(app.test_client()).sign_in(office.officer.username)


@pytest.fixture
def as_outsider(app: Flask, office: builders.Office) -> Browser:
    """Return a browser signed in as an officer of another squad."""
    return Browser(app.test_client()).sign_in(office.outsider.username)


@pytest.fixture
def as_registrar(app: Flask, office: builders.Office) -> Browser:
    """Return a browser signed in as the 招商办."""
    return Browser(app.test_client()).sign_in(office.registrar.username)


@pytest.fixture
def as_leader(app: Flask, office: builders.Office) -> Browser:
    """Return a browser signed in as a leader."""
    return Browser(app.test_client()).sign_in(office.leader.username)


@pytest.fixture
def as_administrator(app: Flask, office: builders.Office) -> Browser:
    """Return a browser signed in as the administrator."""
    return Browser(app.test_client()).sign_in(office.administrator.username)
