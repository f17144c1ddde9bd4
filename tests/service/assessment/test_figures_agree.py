"""Whatever happened, figures agree: the whole with its units, people, rows and bands, and yesterday with yesterday."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crm.assessment import mix, queries
from crm.assessment.facts import Lens, RowKind, Window
from crm.assessment.measures import MEASURES
from crm.fieldwork.rules import TouchKind
from crm.pipeline.claims import credit
from crm.pipeline.models import Project
from crm.pipeline.rules import AgreementKind, Capital, ExitKind, ExitReason, Stage
from tests.support import facts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

WINDOW = Window(date(2026, 10, 1), date(2026, 12, 31), NOW)
STAGES = (Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.SIGNED, Stage.STARTED, Stage.IN_PRODUCTION)
BANDS = (None, Decimal(5_000), Decimal(10_000), None)


def history(session: Session, office: Office, chance: random.Random) -> None:
    """Write a random quarter: projects of all sizes that go far or are merged away, contracts, splits, touches."""
    places = ((office.east, office.officer), (office.east, office.colleague), (office.south, office.outsider))
    for _round in range(14):
        unit, person = chance.choice(places)
        at = NOW - timedelta(days=chance.randrange(90), hours=chance.randrange(24))
        firms = facts.firms(session, chance.randint(1, 3))
        money = Decimal(chance.randrange(1, 3_000_000)) / 100
        kinds = {"total_investment": money, "capital": chance.choice(list(Capital)), "at": at}
        ids = facts.projects(session, unit, person, firms, chance.choice(STAGES), **kinds)
        facts.touches(session, unit, person, firms, kind=chance.choice(list(TouchKind)), occurred_at=at, recorded_at=at)
        if chance.random() < 0.7:
            kind = chance.choice([AgreementKind.CONTRACT, AgreementKind.CONTRACT, AgreementKind.INTENT])
            known = {"recognized_amount": money, "recognized_by": office.recognizer.id, "recognized_at": at}
            told = {"signed_on": at.date(), "reported_at": at, "amount": money, "kind": kind}
            facts.contracts(session, unit, person, ids, **told, **(known if chance.random() < 0.6 else {}))
        if chance.random() < 0.4:
            _share(session, office, ids[0], chance)
        if chance.random() < 0.2:
            row = session.get_one(Project, ids[-1])
            row.exit_kind, row.exit_reason, row.exited_at = ExitKind.MERGED, next(iter(ExitReason)), at
    session.flush()


def _share(session: Session, office: Office, project_id: int, chance: random.Random) -> None:
    first = chance.randrange(1, 1000)
    parts: list[tuple[int, int | None]] = [(office.east.id, first), (office.south.id, 1000 - first)]
    credit.agree(session, office.actor(session, office.registrar), project_id, parts, "分成协议", now=NOW)


@pytest.mark.parametrize("seed", range(2))
def test_parts_of_every_figure_sum_to_it_whatever_happened(session: Session, office: Office, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a history for a test)
    history(session, office, chance)
    for measure in MEASURES.values():
        whole = queries.total(session, measure, WINDOW)
        assert sum(queries.by_unit(session, measure, WINDOW).values()) == whole, measure.key
        assert sum(queries.by_person(session, measure, WINDOW).values()) == whole, measure.key
        rows = queries.rows(session, measure, WINDOW)
        assert sum(row.amount for row in rows) == whole, measure.key
        assert len(rows) == queries.whole(session, measure, WINDOW)[0], measure.key
        for unit_id, part in queries.by_unit(session, measure, WINDOW).items():
            assert queries.total(session, measure, replace(WINDOW, units=frozenset({unit_id}))) == part, measure.key
        if measure.kind in {RowKind.ENTRY, RowKind.AGREEMENT, RowKind.PROJECT, RowKind.CAPITAL}:
            bands = pairwise(BANDS)
            lenses = [replace(WINDOW, lens=Lens(low=low, high=high)) for low, high in bands]
            assert sum(queries.total(session, measure, one) for one in lenses) == whole, measure.key
            assert mix.mix(session, measure, WINDOW).total == whole, measure.key


@pytest.mark.parametrize("seed", range(1))
def test_what_is_recorded_later_leaves_every_earlier_figure_as_it_was(
    session: Session, office: Office, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (a history for a test)
    history(session, office, chance)
    cutoff = NOW - timedelta(days=30)
    early = replace(WINDOW, cutoff=cutoff)
    before = {key: queries.total(session, one, early) for key, one in MEASURES.items() if one.kind is not RowKind.TIP}
    firms = facts.firms(session, 4)
    late = {"occurred_at": cutoff - timedelta(days=2), "recorded_at": NOW}
    facts.touches(session, office.east, office.officer, firms, **late)
    facts.projects(session, office.east, office.officer, firms, Stage.STARTED, at=NOW)
    assert {key: queries.total(session, MEASURES[key], early) for key in before} == before
