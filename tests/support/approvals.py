"""A paper taken through its whole chain, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.filestore import Upload
from crm.pipeline.approval import contents, queries, services
from crm.pipeline.approval.rules import (
    MEETINGS,
    Category,
    Finding,
    PaperState,
    Readiness,
    Stance,
    Station,
    StepDraft,
    StepResult,
)
from tests.support import admission
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.approval.models import Approval, ApprovalStep
    from crm.pipeline.models import Project
    from tests.support.builders import Office

OPINION = Upload("合法性审查意见书.pdf", b"%PDF-1.7\n%%EOF\n")


def sent(session: Session, office: Office, project: Project, category: Category = Category.FULL) -> Approval:
    """Send a paper by the owner."""
    actor = office.actor(session, office.officer)
    return services.start(session, actor, project.id, category, "投资协议（送审稿）", now=NOW, today=TODAY)


def furnished(session: Session, office: Office, row: Approval) -> None:
    """Put into the folder what the stations ask for: a clause found good, a department agreeing, every condition."""
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    clause = contents.add_clause(session, officer, row.project_id, row.id, "用地按基准地价出让", now=NOW)
    contents.find(session, registrar, row.project_id, clause.id, Finding.OK, "普遍适用，不指定经营者", now=NOW)
    if Station.CONSULT in row.chain:
        unit = admission.panel(session, office).departments["economy"].id
        asked = contents.consult(session, registrar, row.project_id, row.id, unit, now=NOW, today=TODAY)
        contents.answer(session, registrar, row.project_id, asked.id, Stance.AGREE, "县财函〔2026〕8号", now=NOW)
    if Station.READINESS in row.chain:
        items = dict.fromkeys(row.checklist, (Readiness.READY, "已有函"))
        contents.check(session, officer, row.project_id, row.id, items, now=NOW)


def passed(session: Session, office: Office, row: Approval, station: Station, **fields: object) -> ApprovalStep:
    """Let a station pass the paper on."""
    facts: dict[str, object] = {
        "result": StepResult.PASSED,
        "decided_on": TODAY,
        "minutes_no": f"{station}纪要1号" if station in MEETINGS else "",
        "text": "符合规定",
        "has_file": station is Station.LEGALITY,
    }
    draft = StepDraft(station=station, **{**facts, **fields})  # type: ignore[arg-type]  # named values
    actor = office.actor(session, office.registrar)
    return services.take(session, actor, row.project_id, row.id, draft, now=NOW, today=TODAY)


def approved(session: Session, office: Office, project: Project, category: Category = Category.FULL) -> Approval:
    """Take a paper of the project to the end of its chain; one that has arrived stays as it is."""
    listed = queries.papers_of(session, project.id)
    done = [row for row in listed if row.state is PaperState.DONE and row.framework is (category is Category.FRAMEWORK)]
    if done:
        return done[0]
    row = sent(session, office, project, category)
    furnished(session, office, row)
    for key in row.chain:
        passed(session, office, row, Station(key))
    return row
