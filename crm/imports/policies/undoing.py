"""Take policies back: clauses and heads as they were, new ones away; what was published, reviewed or changed stays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.imports.phases import changes_of
from crm.imports.policies.fields import CLAUSE_LABELS, LABELS
from crm.imports.revert import Kept
from crm.imports.sheets.undoing import acting, by_record, door, put_back, tried
from crm.imports.taking import EDITED, USED, edited, used
from crm.resources.policies import history, queries, services
from crm.resources.policies.models import PolicyClause, PolicyVersion
from crm.resources.policies.rules import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from crm.core.changes import FieldChange
    from crm.imports.phases import Phase
    from crm.imports.write import Mark

LEFT = "导入之后有人添了条款，保留。"
NEXT = "导入之后有了新版本，保留。"


def _stays(version: PolicyVersion, clause: PolicyClause | None = None) -> Callable[..., Kept]:
    name = f"{version.title} {clause.number}" if clause else version.title
    return lambda message, params=None: Kept(version.policy_id, name, message, params or {})


def clause_fields(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put fields of clauses back, unless they were reviewed or published since."""
    actor, kept = acting(session, mark.by, mark.now), []
    for key, changes in by_record(rows).items():
        clause = session.get(PolicyClause, key, populate_existing=True)
        if clause is None:
            continue
        version = session.get_one(PolicyVersion, clause.version_id)
        stays = _stays(version, clause)
        if clause.review is not Review.PENDING:
            kept.append(stays(EDITED))
            continue
        values, left = put_back(changes, history.kept(clause), CLAUSE_LABELS, stays)
        kept += left
        if values:
            draft = history.clause_of(clause, **history.typed(values, clause=True))
            kept += tried(
                session,
                partial(
                    services.save_clause,
                    session,
                    actor,
                    version.id,
                    draft,
                    clause_id=key,
                    now=mark.now,
                    door=door(mark),
                ),
                stays,
            )
    return kept


def clauses(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Take clauses out of drafts that a run put in."""
    actor, kept = acting(session, mark.by, mark.now), []
    ids = {row.ref_id for row in rows}
    changed, hung = edited(session, history.CLAUSE, ids, mark), used(session, history.CLAUSE, ids, mark)
    for clause in session.scalars(select(PolicyClause).where(PolicyClause.id.in_(ids))).all():
        version = session.get_one(PolicyVersion, clause.version_id)
        stays = _stays(version, clause)
        if clause.id in changed or clause.id in hung:
            kept.append(stays(EDITED if clause.id in changed else USED))
        else:
            kept += tried(
                session,
                partial(services.remove_clause, session, actor, clause.id, now=mark.now),
                stays,
            )
    return kept


def heads(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put heads of drafts back."""
    actor, kept = acting(session, mark.by, mark.now), []
    for key, changes in by_record(rows).items():
        version = session.get(PolicyVersion, key, populate_existing=True)
        if version is None:
            continue
        stays = _stays(version)
        values, left = put_back(changes, history.kept(version), LABELS, stays)
        kept += left
        if values:
            unit_id = queries.policy(session, version.policy_id).unit_id
            draft = history.head_of(version, unit_id, **history.typed(values, clause=False))
            kept += tried(
                session,
                partial(services.change, session, actor, key, draft, seen=None, now=mark.now, door=door(mark)),
                stays,
            )
    return kept


def policies(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Throw drafts away that a run began and that are empty again."""
    actor, kept = acting(session, mark.by, mark.now), []
    ids = {row.ref_id for row in rows}
    changed = edited(session, history.VERSION, ids, mark)
    for version in session.scalars(select(PolicyVersion).where(PolicyVersion.id.in_(ids))).all():
        stays = _stays(version)
        left = session.scalar(select(func.count()).where(PolicyClause.version_id == version.id))
        more = session.scalar(select(func.count()).where(PolicyVersion.policy_id == version.policy_id))
        why = EDITED if version.id in changed else LEFT if left else NEXT if (more or 0) > 1 else ""
        if why:
            kept.append(stays(why))
        else:
            kept += tried(session, partial(services.drop, session, actor, version.id, now=mark.now), stays)
    return kept


PHASES: dict[str, Phase] = {
    "clause_fields": changes_of(history.CLAUSE, clause_fields),
    "clauses": changes_of(history.CLAUSE, clauses, born=True),
    "heads": changes_of(history.VERSION, heads),
    "policies": changes_of(history.VERSION, policies, born=True),
}
