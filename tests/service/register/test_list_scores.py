from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.datastructures import MultiDict

from crm.register import list_queries, list_state
from crm.scoring.models import EnterpriseScore, ScoreOverride
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def furnish(session: Session, office: Office) -> None:
    """Three scored enterprises and one without a score; 丙 was set to 90 by a person, which ends in a week."""
    rows = (("甲", 82, 20, 12, 70), ("乙", 64, 18, -4, 71), ("丙", 40, -6, -4, None))
    for name, points, fit, intent, before in rows:
        firm = builders.enterprise(session, f"{name}示例公司")
        grade = "A" if points >= 75 else "B" if points >= 60 else "D"
        session.add(
            EnterpriseScore(
                enterprise_id=firm.id, points=points, fit=fit, intent=intent, grade=grade, reasons=[],
                table_version="t", as_of=NOW, points_30d=before,
            )
        )  # fmt: skip
        if name == "丙":
            session.add(
                ScoreOverride(
                    enterprise_id=firm.id, points=90, reason="x", set_by_id=office.registrar.id,
                    set_at=NOW - timedelta(days=1), expires_at=NOW + timedelta(days=7),
                )
            )  # fmt: skip
    builders.enterprise(session, "丁示例公司")
    session.flush()


def names(session: Session, office: Office, days: int = 0, **args: Any) -> str:
    state = list_state.from_args(MultiDict(args))
    moment = NOW + timedelta(days=days)
    actor = office.actor(session, office.officer)
    _page, lines = list_queries.page(session, actor, state, cursor=None, now=moment)
    assert list_queries.count(session, actor, state, now=moment) == len(lines)
    return "".join(line.enterprise.name[0] for line in lines)


@pytest.mark.parametrize(
    ("sort", "order"), [("score", "丙甲乙丁"), ("fit", "甲乙丙丁"), ("trend", "甲乙丙丁"), ("-score", "丙甲乙丁")]
)
def test_the_list_sorts_by_each_part_of_the_score(session: Session, office: Office, sort: str, order: str) -> None:
    furnish(session, office)
    found = names(session, office, sort=sort)
    if sort == "trend":
        assert found[:2] == order[:2]
    else:
        assert found == order


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("score:60", "甲乙丙"), ("grade:A", "甲丙"), ("grade:D", ""), ("grade:B", "乙"), ("fit:18", "甲乙"),
        ("fit:-6", "甲乙丙"), ("intent:1", "甲"), ("trend:up", "甲"), ("trend:down", "乙"), ("own:has", "丙"),
        ("!own:has", "甲乙丁"),
    ],
)  # fmt: skip
def test_the_list_narrows_by_each_part_of_the_score(session: Session, office: Office, wanted: str, found: str) -> None:
    furnish(session, office)
    assert set(names(session, office, f=wanted)) == set(found)


def test_what_a_person_set_ends_by_itself(session: Session, office: Office) -> None:
    furnish(session, office)
    assert names(session, office, sort="score") == "丙甲乙丁"
    assert names(session, office, days=8, sort="score") == "甲乙丙丁"
    assert set(names(session, office, days=8, f="grade:D")) == {"丙"}
    assert names(session, office, days=8, f="own:has") == ""


def test_a_row_says_what_a_person_set_and_how_the_score_moved(session: Session, office: Office) -> None:
    furnish(session, office)
    state = list_state.from_args(MultiDict({"sort": "score"}))
    _page, lines = list_queries.page(session, office.actor(session, office.officer), state, cursor=None, now=NOW)
    first, second = lines[0], lines[1]
    assert first.own is not None
    assert (first.points, first.own.points, first.own.grade) == (40, 90, "A")
    assert (second.own, second.trend) == (None, 12)
