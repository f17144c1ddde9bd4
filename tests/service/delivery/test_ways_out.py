"""Ways out of a signed project: an exit case, or a leader's word; a signing entered by mistake is corrected by two."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from crm.core.errors import DomainError
from crm.delivery.exits import services
from crm.delivery.exits.rules import Cause, StepDraft, StepKind
from crm.pipeline import queries as projects
from crm.pipeline import services as pipeline
from crm.pipeline.exceptions import services as exceptions
from crm.pipeline.exceptions.rules import Decision, ExceptionKind, Request
from crm.pipeline.exits import services as exits
from crm.pipeline.facts import facts_of
from crm.pipeline.limits import Exit
from crm.pipeline.rules import SIGNED_EXIT, SIGNED_RETURN, Stage
from crm.pipeline.words import ExitKind, ExitReason
from tests.support import builders, deliveries
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office
    from tests.support.deliveries import Deal

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def deal(session: Session, office: Office) -> Deal:
    return deliveries.deal(session, office)


def agreed(session: Session, office: Office, deal: Deal, demand: str) -> None:
    """Let a leader agree to what the unit asks."""
    officer, leader = office.actor(session, office.officer), office.actor(session, office.leader)
    asked = Request(ExceptionKind.SPECIAL, "双方已经协商", TODAY, demand)
    request = exceptions.ask(session, officer, deal.project.id, asked, now=NOW, today=TODAY, zone=ZONE)
    yes = Decision(grants=True, number="专题会〔2026〕9号")
    exceptions.decide(session, leader, deal.project.id, request.id, yes, now=NOW)


def test_no_other_door_leads_out_of_a_contract(session: Session, office: Office, deal: Deal) -> None:
    actor, project = office.actor(session, office.registrar), deal.project

    def tried(target: Stage | Exit) -> str:
        version = project.version
        try:
            if isinstance(target, Exit):
                exits.leave(session, actor, project.id, target, version=version, now=NOW, today=TODAY)
            else:
                pipeline.move(session, actor, project.id, target, reason="录错了", version=version, now=NOW)
        except DomainError as error:
            return error.problems[0].key
        return ""

    lost = Exit(ExitKind.LOST, ExitReason.ELSEWHERE, "落户邻县", place="邻县")
    assert (tried(lost), tried(Stage.PRE_SIGNING)) == ("exit.signed", "stage.recognized")
    builders.stand(session, project, Stage.PRE_SIGNING)  # as somebody could once take it back
    assert tried(lost) == "exit.signed"
    agreed(session, office, deal, SIGNED_EXIT.key)
    first = StepDraft(StepKind.REMIND, "多次电话催缴", 10)
    case = services.start(session, actor, project.id, Cause.DEPOSIT, first, now=NOW, today=TODAY)
    assert tried(lost) == "exit.case"
    project.exit_kind, project.exit_reason, project.exited_at = lost.kind, lost.reason, NOW
    end = StepDraft(StepKind.RESOLVE, "项目已经离开")  # a case that was left behind can be ended
    services.go_on(session, actor, case.id, end, now=NOW, today=TODAY)
    project.exit_kind = project.exit_reason = project.exited_at = None
    session.flush()
    exits.leave(session, actor, project.id, lost, version=project.version, now=NOW, today=TODAY)
    assert case.closed_on == TODAY
    assert str(project.exit_kind) == "lost"


def test_a_signing_entered_by_mistake_is_corrected_by_two_and_counts_nowhere(
    session: Session, office: Office, deal: Deal
) -> None:
    project, registrar = deal.project, office.actor(session, office.registrar)
    deal.contract.recognized_amount = deal.contract.recognized_at = deal.contract.recognized_by = None
    agreed(session, office, deal, SIGNED_RETURN.key)
    version = project.version
    pipeline.move(session, registrar, project.id, Stage.PRE_SIGNING, reason="误录", version=version, now=NOW)
    assert not facts_of(session, project).bound.signed
    assert not projects.entered_before(session, project.id, Stage.SIGNED)  # and counts when it is signed at last
    with pytest.raises(DomainError, match=r"undo\.corrected"):
        pipeline.undo_move(session, registrar, project.id, reason="误录", version=version + 1, now=NOW)
