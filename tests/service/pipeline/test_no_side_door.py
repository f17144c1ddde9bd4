"""Every route that writes, walked by every role with every gate unmet: no project moves on.

The routes come from the map of addresses, so that a new route is walked without anybody adding it here.
"""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, select
from werkzeug.routing import AnyConverter, UnicodeConverter

from crm.pipeline import board
from crm.pipeline.facts import facts_of
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import ORDER, Stage, checklist
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.forms import forms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.routing import Rule

    from crm.core.db import Database
    from tests.support.builders import Office

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the routes are the same on both
ROLES = ("officer", "outsider", "lead", "registrar", "leader", "recognizer", "supervisor", "administrator")
NAMES_OF_A_STAGE = ("stage", "to_stage", "target", "to", "state", "value", "status", "move")
AWAY = frozenset({"auth.login", "auth.logout", "auth.password"})  # they end the walk; none of them knows projects
STARTS = {Stage.LEAD: (Stage.VISITING, Stage.SIGNED), Stage.PRE_SIGNING: (Stage.SIGNED, Stage.REGISTERED)}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project stands: its stage, rows of history, version, and how many demands of the next gate are met."""

    stage: Stage
    entries: int
    version: int
    met: int


class Walker:
    """Somebody signed in who posts to every address."""

    def __init__(
        self, app: Flask, database: Database, office: Office, role: str, start: Stage, commits: Callable[[], int]
    ) -> None:
        """Sign in."""
        self.database, self.office, self.start, self.commits = database, office, start, commits
        self.read_at, self.standing = -1, Standing(start, 0, 0, 0)
        self.browser = Browser(app.test_client()).sign_in(getattr(office, role).username)
        self.token = self.browser.token()
        self.project_id = self.met = 0
        self.typed: dict[str, dict[str, str]] = {}
        self.adapter = app.url_map.bind("localhost")
        self.walked = 0

    def fresh(self) -> None:
        """Make a project that meets no demand of the next gate; forget the one before."""
        with self.database.transaction() as session:
            firm = builders.enterprise(session)
            owner = None if self.start is Stage.LEAD else self.office.officer.id
            made = builders.project(
                session, firm, self.office.east, self.office.officer, stage=self.start, owner_id=owner
            )
            self.project_id = made.id
        self.met = self.state().met

    def state(self) -> Standing:
        """Return where the project stands; what was read holds until anybody commits anything."""
        commits = self.commits()
        if self.read_at != commits:
            self.read_at, self.standing = commits, self.read_state()
        return self.standing

    def read_state(self) -> Standing:
        """Ask the database."""
        with self.database.session(readonly=True) as session:
            project = session.get_one(Project, self.project_id)
            entries = select(func.count()).select_from(StageEntry).where(StageEntry.project_id == project.id)
            following = ORDER[ORDER.index(project.stage) + 1]
            ticks = [met for _demand, met in checklist(facts_of(session, project, now=NOW), following)]
            assert not all(ticks), "the walk needs a gate that is closed"
            found = len(ticks) if project.exit_kind is not None else sum(ticks)
            return Standing(project.stage, session.scalar(entries) or 0, project.version, found)

    def path(self, rule: Rule, words: dict[str, str]) -> str:
        """Fill in an address: our project, the words chosen, first rows of everything else."""
        values: dict[str, Any] = {**dict.fromkeys(rule.arguments, 1), **words}
        if "project_id" in values:
            values["project_id"] = self.project_id
        return self.adapter.build(rule.endpoint, values, method=next(iter(writes(rule))))

    def body(self, path: str, target: Stage, version: int) -> dict[str, Any]:
        """Return what is worth trying: what the page's own form would send, and everything that could name a stage."""
        typed = self.typed.get(path)
        if typed is None:
            typed = self.typed[path] = self.read(path)
        return {
            "reason": "会议已经定了",
            "evidence": "营业执照",
            "note": "测试",
            "minutes_no": "纪要1号",
            "project_id": self.project_id,
            "project": self.project_id,
            "ids": self.project_id,
            "expires_on": TODAY.isoformat(),
            **typed,
            **dict.fromkeys(NAMES_OF_A_STAGE, str(target)),
            "version": version,
        }

    def read(self, path: str) -> dict[str, str]:
        """Return what the page of an address would send: its own form, text typed and first choices chosen."""
        if not self.adapter.test(path, "GET"):
            return {}
        page = self.browser.get(path)
        typed = {}
        if page.status_code == HTTPStatus.OK and page.mimetype == "text/html":
            for form in forms_of(page.text):
                if form.action.split("?")[0] in {path, ""}:
                    typed.update(form.fields)
        typed.pop("owner_id", None)
        return typed

    def walk(self, rule: Rule) -> None:
        """Post every body to every form of an address and look at the project after each."""
        for target, words in itertools.product(STARTS[self.start], words_of(rule)):
            if self.state().met > self.met:  # somebody rightly supplied a demand, or took the project off the road
                self.fresh()
            before = self.state()
            path = self.path(rule, words)
            body = self.body(path, target, before.version)
            method = next(iter(writes(rule)))
            with patch("flask.templating._render", return_value=""):  # nobody reads what is answered
                self.browser.client.open(
                    path, method=method, data={**body, "csrf_token": self.token}, headers={"HX-Request": "true"}
                )
            self.walked += 1
            after = self.state()
            assert (after.stage, after.entries) == (before.stage, before.entries), (rule.rule, body)


def writes(rule: Rule) -> frozenset[str]:
    """Return the methods of an address that write."""
    return WRITING & (rule.methods or set())


@pytest.fixture
def commits(database: Database) -> Iterator[Callable[[], int]]:
    """Return what tells a number that is another one after every change anybody commits."""
    with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as apart:
        yield lambda: int(apart.execute("PRAGMA data_version").fetchone()[0])


def words_of(rule: Rule) -> list[dict[str, str]]:
    """Every choice of the words in an address, a stage for a word that may be anything."""
    found: list[dict[str, str]] = [{}]
    for name, converter in rule._converters.items():  # noqa: SLF001 (the map offers no other way to its types)
        if isinstance(converter, AnyConverter):
            found = [{**one, name: item} for one in found for item in sorted(converter.items)]
        elif isinstance(converter, UnicodeConverter):
            found = [{**one, name: board.LANES[0][0]} for one in found]
    return found


def writing_rules(app: Flask) -> list[Rule]:
    """Addresses that write, in a steady order."""
    rules = [rule for rule in app.url_map.iter_rules() if writes(rule) and rule.endpoint not in AWAY]
    return sorted(rules, key=lambda rule: (rule.rule, rule.endpoint))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("start", list(STARTS))
def test_no_route_moves_a_project_whose_gate_is_unmet(
    app: Flask, database: Database, office: Office, commits: Callable[[], int], role: str, start: Stage
) -> None:
    walker = Walker(app, database, office, role, start, commits)
    walker.fresh()
    rules = writing_rules(app)
    for rule in rules:
        walker.walk(rule)
    assert walker.walked >= len(rules) * len(STARTS[start])


def test_the_walk_covers_every_route_that_writes(app: Flask) -> None:
    walked = {rule.endpoint for rule in writing_rules(app)}
    assert {"road.move", "road.leave", "road.restore", "mending.mend"} <= walked
    assert len(walked) > 60


def test_the_walk_would_find_a_door(
    app: Flask, database: Database, office: Office, commits: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a gate that lets everybody through the walk fails, so that its silence means something."""
    monkeypatch.setattr("crm.pipeline.services.move_problems", lambda *_args, **_kwargs: [])
    walker = Walker(app, database, office, "officer", Stage.PRE_SIGNING, commits)
    walker.fresh()
    (rule,) = (rule for rule in writing_rules(app) if rule.endpoint == "road.move")
    with pytest.raises(AssertionError):
        walker.walk(rule)
