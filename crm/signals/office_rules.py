"""Rules of kinds as the office keeps them: its own ones, and what it changed of the packaged ones.

``rows`` gives them to the reader of texts (``ruletable.table_with``). A rule is saved only when its examples hold
and it is quick; every change is kept field by field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.auth.rules import Actor, Permission
from crm.core import audit, changes
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.signals import office_rules_speed as speed
from crm.signals.learning_models import OfficeRule
from crm.signals.ruletable import RuleRow, RuleTable, compiled, failing, packaged_rows, problems, table_with

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

KIND = "office_rule"
OWN = "own_"
HARMLESS = "plant"
MOST_RULES, MOST_EXAMPLES, LONGEST_EXAMPLE = 200, 30, 300
NOT_YOURS = Problem("rule.right", "您的角色不能修改规则，请联系招商办。")
MISSING = Problem("rule.missing", "没有这条规则，可能已被删除。")
STALE = Problem("rule.stale", "这条规则刚刚已被他人修改，请重新打开再改。")
FULL = Problem("rule.full", "自有规则最多200条，请先删除不用的。")
NO_EXAMPLE = Problem("rule.example", "请至少写一句应当匹配的例句，一行一句。", "yes")
LONG_EXAMPLE = Problem("rule.example_long", "例句每句最多300个字，最多30句。", "yes")
LONG_NOTE = Problem("rule.note", "说明最多200个字。", "note")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person writes of a rule; a blank pattern leaves that of the packaged rule."""

    kind: str
    weight: float
    pattern: str = ""
    not_pattern: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    note: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule of the table as it works now, with where it comes from and how its examples fare."""

    row: RuleRow
    packaged: RuleRow | None
    office: OfficeRule | None
    failing: tuple[list[str], list[str]]

    @property
    def own(self) -> bool:
        """Whether the office wrote it."""
        return self.packaged is None

    @property
    def changed(self) -> bool:
        """Whether the office changed a packaged one."""
        return self.packaged is not None and self.office is not None

    @property
    def sound(self) -> bool:
        """Whether all examples hold."""
        return not self.failing[0] and not self.failing[1]


def rows(session: Session) -> tuple[RuleRow, ...]:
    """Rows of the office in the form the table wants; a constant order, so that equal rows are compiled once."""
    found = session.scalars(select(OfficeRule).order_by(OfficeRule.key).limit(MOST_RULES * 2))
    return tuple(as_row(one) for one in found)


def table(session: Session) -> RuleTable:
    """Return the rules that count now: packaged ones with those of the office over them."""
    return table_with(rows(session))


def as_row(one: OfficeRule) -> RuleRow:
    """Write a kept rule as a row of the table."""
    yes, no = (tuple(one.examples.get(part, ())) for part in ("yes", "no"))
    return RuleRow(
        key=one.key, kind=one.kind, weight=one.weight, pattern=one.pattern or "", not_pattern=one.not_pattern or "",
        match=yes, refuse=no, enabled=one.enabled,
    )  # fmt: skip


def listing(session: Session) -> list[Shown]:
    """All rules in the order of the packaged file, then the office's own; switched-off ones too."""
    kept = {one.key: one for one in session.scalars(select(OfficeRule).order_by(OfficeRule.id).limit(MOST_RULES * 2))}
    shown = [_shown(row, kept.pop(row.key, None)) for row in packaged_rows()]
    return shown + [Shown(as_row(one), None, one, failing(as_row(one))) for one in kept.values()]


def one(session: Session, key: str) -> Shown:
    """Return one rule; raise NotFoundError."""
    packaged = next((row for row in packaged_rows() if row.key == key), None)
    kept = session.scalar(select(OfficeRule).where(OfficeRule.key == key))
    if packaged is not None:
        return _shown(packaged, kept)
    if kept is None:
        raise NotFoundError(MISSING)
    return Shown(as_row(kept), None, kept, failing(as_row(kept)))


def _shown(packaged: RuleRow, kept: OfficeRule | None) -> Shown:
    row = packaged if kept is None else _over(packaged, as_row(kept))
    return Shown(row, packaged, kept, failing(row))


def _over(packaged: RuleRow, mine: RuleRow) -> RuleRow:
    if mine.pattern:
        return mine
    return replace(packaged, kind=mine.kind, weight=mine.weight, enabled=mine.enabled)


def draft_row(key: str, draft: Draft) -> RuleRow:
    """Write a draft as a row of the table."""
    return RuleRow(
        key=key, kind=draft.kind, weight=draft.weight, pattern=draft.pattern, not_pattern=draft.not_pattern,
        match=draft.yes, refuse=draft.no, enabled=draft.enabled,
    )  # fmt: skip


def finds(row: RuleRow, folded: str) -> bool:
    """Whether a rule finds something in a folded sentence; one that is not sound finds nothing."""
    bare = replace(row, match=(), refuse=())
    ours = any(one.key == row.key and one.pattern == row.pattern for one in packaged_rows())
    typed = replace(bare, pattern=HARMLESS) if ours else bare
    return bool(row.pattern) and not problems(typed) and compiled(bare).finds(folded) is not None


def check(key: str, draft: Draft) -> None:
    """Refuse a draft that is unsound, slow, or without an example.

    Raises:
        DomainError: each problem as a sentence, beside its field.

    """
    own = not any(row.key == key for row in packaged_rows())
    row = draft_row(key, draft)
    found = problems(replace(row, match=(), refuse=()))
    if draft.pattern and not draft.yes:
        found.append(NO_EXAMPLE)
    if not _short(draft):
        found.append(LONG_EXAMPLE)
    if len(draft.note) > 200:  # noqa: PLR2004 (as the sentence says)
        found.append(LONG_NOTE)
    if not found and (draft.pattern or own):
        found = [speed.TOO_SLOW] if _slow(draft) else problems(row)
    found = [_beside(problem) for problem in found]
    if found:
        raise DomainError(*found)


def harmless(key: str, draft: Draft) -> bool:
    """Whether a draft, refused or not, may be tried on its examples here: sound, measured, and these are short."""
    return not problems(replace(draft_row(key, draft), match=(), refuse=())) and _short(draft) and not _slow(draft)


def _short(draft: Draft) -> bool:
    few = max(len(draft.yes), len(draft.no)) <= MOST_EXAMPLES
    return few and all(len(text) <= LONGEST_EXAMPLE for text in (*draft.yes, *draft.no))


def _slow(draft: Draft) -> bool:
    """Whether the patterns are slow: measured in a child, before anything is tried where it would hold up all."""
    return speed.too_slow((draft.pattern, draft.not_pattern), (*draft.yes, *draft.no))


FIELDS = {
    "rule.kind": "kind", "rule.weight": "weight", "rule.yes": "yes", "rule.no": "no",
}  # fmt: skip


def _beside(problem: Problem) -> Problem:
    """Name the field a problem of the table belongs to."""
    return replace(problem, field=problem.field or FIELDS.get(problem.key, "pattern"))


def save(
    session: Session, actor: Actor, key: str | None, draft: Draft, *, version: int = 0, now: datetime
) -> OfficeRule:
    """Keep a rule of the office: a new one (no key), or a change of an own or packaged one."""
    may_write(actor)
    kept = session.scalar(select(OfficeRule).where(OfficeRule.key == key).with_for_update()) if key else None
    if key and kept is None and not any(row.key == key for row in packaged_rows()):
        raise NotFoundError(MISSING)
    if kept is not None and version and kept.version != version:
        raise ConflictError(STALE)
    key = key or _fresh_key(session)
    check(key, draft)
    before = _plain(kept) if kept else {}
    kept = kept or OfficeRule(key=key, version=0)
    kept.kind, kept.weight, kept.enabled = draft.kind, draft.weight, draft.enabled
    kept.pattern, kept.not_pattern, kept.note = draft.pattern or None, draft.not_pattern or None, draft.note or None
    kept.examples = {"yes": list(draft.yes), "no": list(draft.no)}
    _stamp(session, actor, kept, now)
    _note(session, actor, kept, before, now)
    return kept


def switch(session: Session, actor: Actor, key: str, *, enabled: bool, now: datetime) -> OfficeRule:
    """Switch a rule off, or on again; nothing else changes."""
    may_write(actor)
    shown = one(session, key)
    kept = shown.office
    before = _plain(kept) if kept else {"enabled": shown.row.enabled}
    if kept is None:
        kept = OfficeRule(key=key, kind=shown.row.kind, weight=shown.row.weight, examples={}, version=0)
    kept.enabled = enabled
    _stamp(session, actor, kept, now)
    _note(session, actor, kept, before, now)
    return kept


def remove(session: Session, actor: Actor, key: str, *, now: datetime) -> None:
    """Delete an own rule, or give a packaged one back as it came."""
    may_write(actor)
    kept = session.scalar(select(OfficeRule).where(OfficeRule.key == key))
    if kept is None:
        raise NotFoundError(MISSING)
    audit.record(session, actor.user_id, "rule.removed", (KIND, kept.id), now=now, key=key, before=_plain(kept))
    session.delete(kept)
    session.flush()


def history(session: Session, key: str, *, limit: int = 50) -> Sequence[changes.FieldChange]:
    """Changes of a rule, the newest first."""
    kept = select(OfficeRule.id).where(OfficeRule.key == key).scalar_subquery()
    statement = select(changes.FieldChange).where(changes.FieldChange.kind == KIND, changes.FieldChange.ref_id == kept)
    return session.scalars(statement.order_by(changes.FieldChange.id.desc()).limit(limit)).all()


def may_write(actor: Actor) -> None:
    """Refuse who may not change rules."""
    if not actor.may(Permission.SOURCE_MANAGE):
        raise ForbiddenError(NOT_YOURS)


def _fresh_key(session: Session) -> str:
    own = select(func.count()).select_from(OfficeRule).where(OfficeRule.key.startswith(OWN, autoescape=True))
    if (session.scalar(own) or 0) >= MOST_RULES:
        raise DomainError(FULL)
    return f"{OWN}{(session.scalar(select(func.max(OfficeRule.id))) or 0) + 1}"


def _plain(kept: OfficeRule) -> dict[str, Any]:
    return {
        "kind": kept.kind, "weight": f"{kept.weight:g}", "pattern": kept.pattern, "not_pattern": kept.not_pattern,
        "enabled": kept.enabled, "yes": list(kept.examples.get("yes", ())), "no": list(kept.examples.get("no", ())),
        "note": kept.note,
    }  # fmt: skip


def _stamp(session: Session, actor: Actor, kept: OfficeRule, now: datetime) -> None:
    kept.version += 1
    kept.updated_by, kept.updated_at = actor.user_id, now
    session.add(kept)
    session.flush()


def _note(session: Session, actor: Actor, kept: OfficeRule, before: dict[str, Any], now: datetime) -> None:
    after = _plain(kept)
    changed = {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}
    if not before:
        changed = {changes.CREATED: (None, kept.key)}
    changes.note(session, (KIND, kept.id), changed, by=actor.user_id, via=changes.Via.FORM, now=now)
    audit.record(session, actor.user_id, "rule.saved", (KIND, kept.id), now=now, key=kept.key, fields=sorted(changed))
