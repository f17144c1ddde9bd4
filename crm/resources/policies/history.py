"""Fields of versions and clauses as their history keeps them, and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.core.changes import CREATED, FORM, note, plain
from crm.resources.policies.models import PolicyClause
from crm.resources.policies.rules import Basis, ClauseDraft, ClauseKind, Limit, PolicyLevel, VersionDraft

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.core.changes import Door
    from crm.resources.policies.models import PolicyVersion

POLICY, VERSION, CLAUSE = "policy", "policy_version", "policy_clause"
HEAD = tuple(field.name for field in fields(VersionDraft) if field.name != "unit_id")
CLAUSE_FIELDS = tuple(field.name for field in fields(ClauseDraft))
AMOUNTS = frozenset({"rate", "cap", *(limit.value for limit in Limit)})
DAYS = frozenset({"valid_from", "valid_until"})
PUBLISHED, REVIEWED = "published_at", "review"


def kept(row: PolicyVersion | PolicyClause) -> dict[str, Any]:
    """Give every field as its history keeps it."""
    names = CLAUSE_FIELDS if isinstance(row, PolicyClause) else HEAD
    return {name: plain(getattr(row, name)) for name in names}


def head_of(row: PolicyVersion, unit_id: int, **changed: Any) -> VersionDraft:  # noqa: ANN401 (fields of the draft)
    """Give the head of a version as it would be typed, with some fields changed."""
    values = {name: getattr(row, name) for name in HEAD} | changed
    values["industries"] = tuple(values["industries"] or ())
    values["summary"] = values["summary"] or ""
    return VersionDraft(**values, unit_id=unit_id)


def clause_of(row: PolicyClause, **changed: Any) -> ClauseDraft:  # noqa: ANN401 (fields of the draft)
    """Give a clause as it would be typed, with some fields changed."""
    values = {name: getattr(row, name) for name in CLAUSE_FIELDS} | changed
    values["industries"] = tuple(values["industries"] or ())
    return ClauseDraft(**values)


def typed(values: Mapping[str, Any], *, clause: bool) -> dict[str, Any]:
    """Give kept values as a draft wants them."""
    return {name: _typed(name, value, clause=clause) for name, value in values.items()}


def _typed(name: str, value: Any, *, clause: bool) -> Any:  # noqa: ANN401 (any field of a policy)
    if value is None:
        return None
    if name in AMOUNTS:
        return Decimal(value)
    if name in DAYS:
        return date.fromisoformat(value)
    if name == "level":
        return PolicyLevel(value)
    if clause and name in {"kind", "basis"}:
        return {"kind": ClauseKind, "basis": Basis}[name](value)
    return value


def remember(
    session: Session,
    subject: tuple[str, int],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    *,
    by: int,
    now: datetime,
    door: Door = FORM,
) -> None:
    """Keep what changed; ``before`` is None for what is new, called by its first word."""
    if before is None:
        changed = {CREATED: (None, next(iter(after.values())))}
    else:
        changed = {name: (before.get(name), value) for name, value in after.items()}
    note(session, subject, changed, by=by, via=door.via, now=now, run_id=door.run_id)
