"""Looking for earlier projects behind new ones: keys kept per project, pairs read off their index.

No query per project: whatever the number of projects looked at, their keys, their pairs and the faces of the
pairs are read in a query each. A key that more than ``MOST_HITS`` projects share is left out, and so are
confidential projects: they are in no figure, and nobody is to learn of them here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import aliased

from crm.core import audit
from crm.core.db import insert_ignore
from crm.enterprises.models import Enterprise
from crm.pipeline import investors
from crm.pipeline.models import Project
from crm.pipeline.repeats import rules
from crm.pipeline.repeats.models import ProjectKey, ProjectRepeat
from crm.pipeline.repeats.rules import Face, RepeatState
from crm.pipeline.rules import ExitKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

Pair = tuple[int, int]


def notice(session: Session, project: Project, *, now: datetime) -> int:
    """Look behind one project that was registered or changed; return how many likely repeats are new."""
    head = investors.head_of(session, project.enterprise_id)
    return look(session, [project.id], {project.enterprise_id: head}, now=now)


def look(session: Session, ids: Collection[int], heads: Mapping[int, int], *, now: datetime) -> int:
    """Renew the keys of these projects and keep every likely repeat; ``heads`` follows parents where it knows them."""
    faces = {face.project_id: face for face in _faces(session, ids, heads)}
    _renew(session, faces)
    pairs = _pairs(session, ids)
    others = {one for pair in pairs for one in pair} - faces.keys()
    if others:
        faces |= {face.project_id: face for face in _faces(session, others, heads)}
        faces |= _known_heads(session, faces, others)
    found = {}
    for later, earlier in pairs:
        if later in faces and earlier in faces:
            match = rules.match(faces[later], faces[earlier])
            if match is not None:
                found[later, earlier] = match
    return _keep(session, found, now)


def _faces(session: Session, ids: Collection[int], heads: Mapping[int, int]) -> list[Face]:
    statement = (
        select(Project.id, Project.enterprise_id, Project.name, Project.site, Project.product_line, Enterprise.stem)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .where(
            Project.id.in_(ids),
            Project.exit_kind.is_distinct_from(ExitKind.MERGED),
            Project.confidential.is_(False),
        )
    )
    return [
        Face(
            project_id=row.id,
            investor=investors.climb(heads, row.enterprise_id),
            stem=row.stem or "",
            name=row.name,
            site=row.site or "",
            product=row.product_line or "",
        )
        for row in session.execute(statement)
    ]


def _known_heads(session: Session, faces: Mapping[int, Face], ids: Collection[int]) -> dict[int, Face]:
    """Give projects that were not looked at the investor under which they are kept."""
    statement = select(ProjectKey.project_id, ProjectKey.value).where(
        ProjectKey.project_id.in_(ids), ProjectKey.kind == rules.INVESTOR
    )
    return {
        row.project_id: rules.under(faces[row.project_id], int(row.value))
        for row in session.execute(statement)
        if row.project_id in faces
    }


def _renew(session: Session, faces: Mapping[int, Face]) -> None:
    wanted = {(face.project_id, kind): value for face in faces.values() for kind, value in rules.keys(face).items()}
    rows = session.execute(
        select(ProjectKey.project_id, ProjectKey.kind, ProjectKey.value).where(ProjectKey.project_id.in_(faces))
    )
    known = {(row.project_id, row.kind): row.value for row in rows}
    stale = {project_id for (project_id, kind), value in known.items() if wanted.get((project_id, kind)) != value}
    stale |= {project_id for project_id, kind in wanted if (project_id, kind) not in known}
    if not stale:
        return
    session.execute(delete(ProjectKey).where(ProjectKey.project_id.in_(stale)))
    fresh = [
        {"project_id": project_id, "kind": kind, "value": value}
        for (project_id, kind), value in wanted.items()
        if project_id in stale
    ]
    session.execute(insert(ProjectKey), fresh)


def _pairs(session: Session, ids: Collection[int]) -> set[Pair]:
    """Return (later, earlier) for every two projects of which one is asked for and that share a key."""
    own, other, counted = aliased(ProjectKey), aliased(ProjectKey), aliased(ProjectKey)
    mine = select(own.kind, own.value).where(own.project_id.in_(ids)).distinct().subquery("mine")
    sizes = (
        select(counted.kind, counted.value)
        .join(mine, (mine.c.kind == counted.kind) & (mine.c.value == counted.value))
        .group_by(counted.kind, counted.value)
        .having(func.count().between(2, rules.MOST_HITS))
        .subquery("sizes")
    )
    statement = (
        select(own.project_id, other.project_id)
        .join(sizes, (sizes.c.kind == own.kind) & (sizes.c.value == own.value))
        .join(other, (other.kind == own.kind) & (other.value == own.value) & (other.project_id != own.project_id))
        .where(own.project_id.in_(ids))
    )
    return {(max(one, two), min(one, two)) for one, two in session.execute(statement)}


def _keep(session: Session, found: Mapping[Pair, rules.Match], now: datetime) -> int:
    if not found:
        return 0
    later = {pair[0] for pair in found}
    found_by = session.execute(select(Project.id, Project.created_by).where(Project.id.in_(later)))
    makers = {row.id: row.created_by for row in found_by}
    rows = [
        {
            "project_id": project_id,
            "earlier_id": earlier_id,
            "registered_by": makers[project_id],
            "grade": match.grade,
            "reasons": [[str(kind), words] for kind, words in match.reasons],
            "state": RepeatState.OPEN,
            "found_at": now,
            "version": 1,
        }
        for (project_id, earlier_id), match in sorted(found.items())
    ]
    return insert_ignore(session, ProjectRepeat, rows, ["project_id", "earlier_id"]) + _reopen(session, found, now)


def _reopen(session: Session, found: Mapping[Pair, rules.Match], now: datetime) -> int:
    """Ask again about pairs ruled different that became more alike since: a ruling covers what was known."""
    statement = select(ProjectRepeat).where(
        ProjectRepeat.project_id.in_({pair[0] for pair in found}), ProjectRepeat.state == RepeatState.DIFFERENT
    )
    reopened = 0
    for row in session.scalars(statement.with_for_update()):
        match = found.get((row.project_id, row.earlier_id))
        if match is None or not rules.says_more(match, row.grade, row.reasons):
            continue
        detail = {"project": row.project_id, "ruled_by": row.ruled_by, "reason": row.reason}
        audit.record(session, None, "repeat.reopen", ("project_repeat", row.id), now=now, **detail)
        row.state, row.found_at, row.grade = RepeatState.OPEN, now, match.grade
        row.reasons = [[str(kind), words] for kind, words in match.reasons]
        row.ruled_by = row.ruled_at = row.reason = None
        reopened += 1
    session.flush()
    return reopened
