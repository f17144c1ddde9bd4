"""Every page walked by people who are not named: no word, no link and no figure tells of a confidential project.

The pages come from the map of addresses, so that a new page is walked without anybody adding it here.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from werkzeug.routing import AnyConverter, IntegerConverter

from crm.assessment import queries as assessment
from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.core.audit import AuditEvent
from crm.fieldwork import followups
from crm.fieldwork.rules import FollowUpDraft, TouchDraft, TouchKind, TouchTarget
from crm.pipeline import board, decisions, services, touches
from crm.pipeline.cards import Clock, Filters
from crm.pipeline.confidential import services as confidential
from crm.pipeline.intake import tips
from crm.pipeline.intake.tips import TipDraft
from crm.pipeline.limits import AgreementDraft, ProjectDraft
from crm.pipeline.models import Project
from crm.pipeline.outlook import queries as outlook
from crm.pipeline.outlook.rules import Probabilities
from crm.pipeline.rules import AgreementKind
from crm.reports import services as reports
from crm.web.i18n import API_ROOT
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.support.builders import Office

NAME, CODE = "磐石电解液项目", "青竹计划"
WORDS = (NAME, CODE, "密谈三号地块", "密约下周复谈", "密字第一号", "密记对方比选")
ASKED = ("磐石", "青竹", "密谈", "密约")
OUTSIDE = ("colleague", "outsider", "registrar", "recognizer", "supervisor", "leader", "administrator")
SKIPPED = frozenset({"static", "auth.logout"})


@dataclass
class Secret:
    """A confidential project with something in every table that could tell of it."""

    project_id: int
    values: dict[str, Any]


@pytest.fixture
def secret(session: Session, office: Office) -> Secret:
    actor, lead = office.actor(session, office.officer), office.actor(session, office.lead)
    firm = builders.enterprise(session, "云岭磐新材料有限公司")
    signal = builders.signal(session, firm)
    session.commit()
    draft = ProjectDraft(name=NAME, total_investment=Decimal(34567), content="磐石线一期")
    project = services.register_lead(session, actor, firm.id, draft, now=NOW, source_signal_id=signal.id)
    services.add_note(session, actor, project.id, "密记对方比选", now=NOW)
    contact = builders.contact(session, firm, office.east, office.officer)
    visit = TouchDraft(TouchKind.VISIT, NOW, "密谈三号地块", contact_ids=(contact.id,))
    target = TouchTarget(firm.id, "secret-visit", project_id=project.id)
    touch = touches.log(session, actor, visit, target, now=NOW, today=TODAY)
    step = FollowUpDraft("密约下周复谈", date(2026, 11, 24), firm.id, project.id)
    row = followups.add_follow_up(session, actor, step, now=NOW, today=TODAY)
    framework = AgreementDraft(AgreementKind.FRAMEWORK, TODAY, Decimal(34567), "密字第一号")
    paper = decisions.add_agreement(session, actor, project.id, framework, now=NOW, today=TODAY)
    tip = tips.report(session, actor, TipDraft("密听外省来谈"), client_id="secret-tip", now=NOW)
    tips.attach(session, lead, tip.id, project, now=NOW)
    confidential.classify(session, lead, project.id, CODE, version=project.version, now=NOW)
    project.expected_sign_on = date(2026, 12, 15)
    session.commit()
    values = {
        "project_id": project.id,
        "enterprise_id": firm.id,
        "touch_id": touch.id,
        "follow_up_id": row.id,
        "step_id": row.id,
        "signal_id": signal.id,
        "contact_id": contact.id,
        "agreement_id": paper.id,
        "tip_id": tip.id,
        "year": 2026,
        "week": 47,
    }
    return Secret(project.id, values)


def addresses(app: Flask, secret: Secret) -> Iterator[tuple[str, bool]]:
    """Every address that is read, and whether it is one of the project's own."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint in SKIPPED or rule.rule.startswith(API_ROOT):
            continue  # programs have a walk of their own
        values: dict[str, Any] = {}
        for name, converter in rule._converters.items():  # noqa: SLF001 (the map offers no other way to its types)
            usual = 1 if isinstance(converter, IntegerConverter) else "lead"
            choice = min(converter.items) if isinstance(converter, AnyConverter) else usual
            values[name] = secret.values.get(name, choice)
        yield adapter.build(rule.endpoint, values, method="GET"), "project_id" in rule.arguments


def read(answer: TestResponse) -> str:
    """Return the text of a page, or of every part of a document."""
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    return answer.get_data(as_text=True)


def told(text: str, secret: Secret) -> list[str]:
    found = [word for word in WORDS if word in text]
    return found + re.findall(rf"/projects/{secret.project_id}\b|data-card=\"{secret.project_id}\"", text)


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_page_tells_of_it(app: Flask, session: Session, office: Office, secret: Secret, role: str) -> None:
    reports.build_weekly(session, office.actor(session, office.registrar), 2026, 47, now=NOW)
    session.commit()
    browser = Browser(app.test_client()).sign_in(getattr(office, role).username)
    for address, own in addresses(app, secret):
        answer = browser.get(address)
        if own:
            assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.FOUND}, address
            assert not [word for word in WORDS if word in read(answer)], address
            continue
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, address
        assert not told(read(answer), secret), address


@pytest.mark.parametrize("role", ["leader", "supervisor", "registrar"])
@pytest.mark.parametrize("key", ["tips", "tips_answered", "leads", "visit_batches"])
def test_no_row_of_a_measure_is_of_it(app: Flask, office: Office, secret: Secret, role: str, key: str) -> None:
    browser = Browser(app.test_client()).sign_in(getattr(office, role).username)
    page = browser.get(f"/reports/rows?measure={key}&from=2026-01-01&to=2026-11-30")
    assert page.status_code == HTTPStatus.OK
    assert not told(page.text, secret)
    assert "密听外省来谈" not in page.text


@pytest.mark.parametrize("role", ["colleague", "registrar", "leader", "supervisor"])
def test_no_search_and_no_filter_finds_it(app: Flask, office: Office, secret: Secret, role: str) -> None:
    browser = Browser(app.test_client()).sign_in(getattr(office, role).username)
    places = (
        "/search",
        "/search/quick",
        "/projects",
        "/projects/heads",
        "/projects/column/lead",
        "/visits",
        "/enterprises",
    )
    views = ("view=list", "view=calendar&by=sign&month=2026-12", "view=forecast", "due=planned", "expect=2026-12")
    asked = [f"{place}?q={word}" for place in places for word in ASKED] + [f"/projects?{view}" for view in views]
    for address in asked:
        for headers in ({}, {"HX-Request": "true"}):
            answer = browser.get(address, headers=headers)
            assert not told(answer.text, secret), address
    assert browser.get(f"/enterprises/{secret.values['enterprise_id']}").status_code == HTTPStatus.OK


def test_who_is_named_reads_all_of_it(app: Flask, office: Office, secret: Secret) -> None:
    """The same words are there for an insider, so that the silence above means something."""
    for user in (office.officer, office.lead):
        browser = Browser(app.test_client()).sign_in(user.username)
        page = browser.get(f"/projects/{secret.project_id}").text
        assert [word for word in WORDS if word in page] == list(WORDS)
        assert CODE in browser.get(f"/projects/{secret.project_id}/confidential").text
        for address in ("/projects", "/projects?view=list&q=青竹", "/search?q=磐石", "/projects?view=forecast"):
            assert told(browser.get(address).text, secret) or "1" in browser.get(address).text, address


@pytest.mark.parametrize("role", ["colleague", "registrar", "leader"])
def test_no_figure_counts_it_for_others(session: Session, office: Office, secret: Secret, role: str) -> None:
    actor, mine = office.actor(session, getattr(office, role)), office.actor(session, office.officer)
    clock = Clock(NOW, TODAY, NOW.tzinfo)  # type: ignore[arg-type]  # an aware instant
    for reader, number in ((actor, 0), (mine, 1)):
        assert sum(lane.count for lane in board.lanes(session, reader, Filters(), clock)) == number
        assert board.totals(session, reader, Filters(), clock)[0] == number
        months = outlook.forecast(session, reader, Filters(), Probabilities(), clock)
        assert sum(month.count for month in months) == number
        span = (date(2026, 12, 1), date(2026, 12, 31))
        assert len(outlook.days(session, reader, Filters(), clock, span, signing=True)) == number


def test_no_figure_of_the_office_counts_it_for_anybody(session: Session, office: Office, secret: Secret) -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 30), NOW)
    sizes = {key: assessment.whole(session, measure, window)[0] for key, measure in MEASURES.items()}
    assert sizes == dict.fromkeys(MEASURES, 0)
    assert sum(step.count for step in assessment.funnel(session, window)) == 0
    confidential.declassify(
        session,
        office.actor(session, office.lead),
        secret.project_id,
        version=session.get_one(Project, secret.project_id).version,
        now=NOW,
    )
    assert sum(step.count for step in assessment.funnel(session, window)) > 0


def test_the_trail_hides_its_rows_from_an_auditor_who_is_not_named(
    app: Flask, session: Session, office: Office, secret: Secret
) -> None:
    name = office.supervisor.username
    kept = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "project")).all()
    session.rollback()
    assert "project.classify" in kept
    page = Browser(app.test_client()).sign_in(name).get("/admin/audit?action=project").text
    assert "project.register" not in page


def test_figures_remembered_for_one_are_not_shown_to_another(
    session: Session, office: Office, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.core.memo.WORTH", 0)
    clock = Clock(NOW, TODAY, NOW.tzinfo)  # type: ignore[arg-type]  # an aware instant
    seen = []
    for user in (office.officer, office.colleague, office.lead, office.colleague):
        lanes = board.lanes(session, office.actor(session, user), Filters(), clock, cards=False)
        seen.append(sum(lane.count for lane in lanes))
    assert seen == [1, 0, 1, 0]


def test_a_touch_on_it_cannot_be_logged_by_others(session: Session, office: Office, secret: Secret) -> None:
    actor = office.actor(session, office.colleague)
    assert touches.choices(session, actor, secret.values["enterprise_id"]) == []
    visit = TouchDraft(TouchKind.VISIT, NOW, "例行走访")
    made = touches.log(session, actor, visit, TouchTarget(secret.values["enterprise_id"], "x1"), now=NOW, today=TODAY)
    assert made.project_id is None
