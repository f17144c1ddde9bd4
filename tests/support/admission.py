"""A panel for tests: six departments with a reviewer each, a board of three, and cases answered by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.auth.models import OrgUnit, User
from crm.auth.rules import Role, UnitKind
from crm.pipeline.admission import queries, services, sittings
from crm.pipeline.admission.closing import DecisionDraft
from crm.pipeline.admission.models import BoardMember, ReviewCase
from crm.pipeline.admission.rules import DIMENSIONS, Ballot, Outcome, Verdict
from crm.pipeline.admission.scorecard import WEIGHTS
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Base
    from crm.pipeline.admission.models import CaseDecision
    from crm.pipeline.models import Project
    from tests.support.builders import Office

NAMES = dict(
    zip(DIMENSIONS, ("县司法局", "县发改局", "县工信局", "县自规局", "县生态环境分局", "县财政局"), strict=True)
)
FULL_MARKS = {key: (Decimal(weight), "材料齐全，按标准给满分") for key, weight in WEIGHTS.items()}


@dataclass(frozen=True, slots=True)
class Panel:
    """Departments and reviewers by dimension, and the members of the board, chair first."""

    departments: dict[str, OrgUnit]
    reviewers: dict[str, User]
    members: list[User]

    @property
    def asked(self) -> dict[str, int]:
        """The departments as a case wants them."""
        return {key: unit.id for key, unit in self.departments.items()}


def refuses(session: Session, row: Base) -> bool:
    """Whether the database itself refuses a row."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return True
    return False


def panel(session: Session, office: Office) -> Panel:
    """Return the panel of an office, made at the first call."""
    departments = {key: _unit(session, name) for key, name in NAMES.items()}
    reviewers = {
        key: _person(session, f"reviewer-{key}", f"{unit.name}会审员", (unit, Role.REVIEWER))
        for key, unit in departments.items()
    }
    posts = ((office.bureau, Role.LEADER),)
    members = [_person(session, f"member-{number}", f"委员{number}", *posts) for number in (1, 2)]
    everybody = [office.leader, *members]
    if session.scalar(select(BoardMember.id).limit(1)) is None:
        facts = {"valid_from": date(2026, 1, 1), "added_by": office.registrar.id, "added_at": NOW}
        session.add_all(BoardMember(user_id=who.id, chair=who is office.leader, **facts) for who in everybody)
        session.flush()
    return Panel(departments, reviewers, everybody)


def _unit(session: Session, name: str) -> OrgUnit:
    found = session.scalar(select(OrgUnit).where(OrgUnit.name == name))
    return found or builders.unit(session, name, UnitKind.DEPARTMENT)


def _person(session: Session, username: str, name: str, *posts: tuple[OrgUnit, Role]) -> User:
    found = session.scalar(select(User).where(User.username == username))
    return found or builders.user(session, username, name, *posts)


def opened(session: Session, office: Office, project: Project, annual_tax: Decimal | None = None) -> ReviewCase:
    """Open a case by the registrar."""
    actor, asked = office.actor(session, office.registrar), panel(session, office).asked
    return services.open_case(session, actor, project.id, asked, annual_tax=annual_tax, now=NOW, today=TODAY)


def answered(session: Session, office: Office, project: Project, **verdicts: str) -> None:
    """Let every department answer the running case: a pass unless told otherwise, nothing for ``""``."""
    people = panel(session, office).reviewers
    case = queries.open_case(session, project.id)
    for asked in queries.opinions(session, case.id) if case else ():
        key = asked.opinion.dimension
        verdict = verdicts.get(key, "pass")
        if verdict:
            actor = office.actor(session, people[key])
            spoken = Verdict(verdict)
            conditions = "按规定办理手续" if spoken is Verdict.CONDITIONAL else ""
            facts = {"now": NOW, "conditions": conditions, "reason": "补正" if asked.answer else ""}
            text = "符合规定"
            services.give_opinion(session, actor, project.id, asked.opinion.id, spoken, text, **facts)  # type: ignore[arg-type]  # named values


def scored(session: Session, office: Office, project: Project) -> None:
    """Fill in the scorecard."""
    services.score(session, office.actor(session, office.registrar), project.id, FULL_MARKS, now=NOW)


def voted(session: Session, office: Office, project: Project, *ballots: str) -> None:
    """Let the members vote in turn; ``""`` leaves one out."""
    for member, ballot in zip(panel(session, office).members, ballots, strict=False):
        if not ballot:
            continue
        actor = office.actor(session, member)
        sittings.vote(session, actor, project.id, Ballot(ballot), "意见见纪要", now=NOW, today=TODAY)


def decided(session: Session, office: Office, project: Project, outcome: str, **fields: object) -> CaseDecision:
    """Record a decision by the registrar."""
    facts = {"outcome": Outcome(outcome), "minutes_no": "评估纪要〔2026〕12号", "minutes_on": TODAY, **fields}
    actor = office.actor(session, office.registrar)
    return services.decide(session, actor, project.id, DecisionDraft(**facts), now=NOW, today=TODAY)  # type: ignore[arg-type]  # named values


def reviewed(session: Session, office: Office, project: Project, **verdicts: str) -> None:
    """Take a project through a whole review; six passes unless told otherwise."""
    opened(session, office, project)
    answered(session, office, project, **verdicts)
    scored(session, office, project)
    failed = "fail" in verdicts.values()
    voted(session, office, project, *("disagree" if failed else "agree",) * 3)
    decided(session, office, project, "fail" if failed else "pass")
