from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.pipeline.intake import setup
from crm.pipeline.intake.dimensions import (
    ChainRole,
    Cooperation,
    DealType,
    Dimensions,
    Industry,
    IndustryRole,
    ReferrerKind,
)
from crm.pipeline.intake.models import Referrer
from crm.pipeline.intake.setup import Setup
from crm.pipeline.models import Project
from crm.pipeline.rules import CHANNEL_LABELS, Channel
from tests.conftest import Browser
from tests.service.pipeline.helpers import registered
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

FORM = {"name": "年产5万吨电解液项目", "capital": "private", "channel": "roundtable", "industry": "锂电材料"}


def test_the_form_keeps_every_dimension(session: Session, office: Office, as_officer: Browser) -> None:
    firm = builders.enterprise(session)
    agent = Referrer(name="云溪在粤商会", kind=ReferrerKind.CHAMBER, created_by=office.registrar.id, created_at=NOW)
    session.add(agent)
    session.commit()
    chosen = {"deal_type": "merger", "cooperation": "bot", "chain_role": "fill", "referrer_id": str(agent.id)}
    answer = as_officer.post("/projects/new", {**FORM, **chosen, "enterprise": str(firm.id)})
    assert answer.status_code == 303
    project = session.scalars(select(Project)).one()
    assert (project.deal_type, project.cooperation) == (DealType.MERGER, Cooperation.BOT)
    assert (project.chain_role, project.referrer_id) == (ChainRole.FILL, agent.id)
    assert project.channel is Channel.ROUNDTABLE
    session.commit()
    page = as_officer.get(f"/projects/{project.id}/intake").text
    assert all(words in page for words in ("并购重组", "BOT", "补链", "云溪在粤商会"))


def test_a_referrer_that_does_not_exist_is_refused(session: Session, as_officer: Browser) -> None:
    firm = builders.enterprise(session)
    session.commit()
    answer = as_officer.post("/projects/new", {**FORM, "enterprise": str(firm.id), "referrer_id": "99"})
    assert answer.status_code == 422
    assert f'value="{FORM["name"]}"' in answer.text


def test_every_channel_of_the_trade_has_a_name_and_is_kept(session: Session, office: Office) -> None:
    for channel in Channel:
        registered(session, office, f"{channel}项目", channel=channel)
    session.flush()
    assert set(session.scalars(select(Project.channel))) == set(Channel) == set(CHANNEL_LABELS)


def test_the_team_of_the_industry_is_proposed_at_the_triage(app: Flask, session: Session, office: Office) -> None:
    plan = Dimensions(industries=(Industry("新能源", IndustryRole.LEAD, ("电解液",), office.south.id),))
    setup.save(session, office.actor(session, office.registrar), Setup(dimensions=plan), now=NOW)
    project = registered(session, office)
    session.commit()
    page = Browser(app.test_client()).sign_in(office.registrar.username).get(f"/projects/{project.id}/intake").text
    assert "已预选对应的招商组" in page
    assert f'<option selected value="unit-{office.south.id}">' in page
