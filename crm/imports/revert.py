"""Put fields back to what they were before an import, where they still hold what the import wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from crm.core.changes import opened
from crm.enterprises.fields import LABELS, domain_of, plain, read_value
from crm.enterprises.indexing import CONTACT, ENTERPRISE, index_contacts, index_enterprises
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias, ListEdition, ListEntry
from crm.imports.people import MENDED, write_contacts
from crm.imports.store import CODES, FIELDS
from crm.imports.write import EDITION, ENTRY, history

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.core.changes import FieldChange
    from crm.core.db import Base
    from crm.imports.write import Mark

FIRM_COLUMNS = (*FIELDS, *CODES, "uscc", "stock_codes", "parent_id")
CHANGED = "“%(field)s”在导入之后有人改过，保留。"
GONE = "导入之后被删除或合并，没有动它。"
PEOPLE_LABELS = {"post": "职务", "note": "备注", "phone": "电话", "email": "邮箱"}
PARENT = "上级企业"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something an undo left where it is, and why (``message`` is a Chinese msgid)."""

    id: int | None
    name: str
    message: str
    params: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, Any]:
        """As the run keeps it."""
        return {"id": self.id, "name": self.name, "message": self.message, "params": self.params}


def firms(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put fields of enterprises back."""
    columns = [getattr(Enterprise, name) for name in FIRM_COLUMNS]
    gone = (Enterprise.deleted_at.is_not(None) | Enterprise.merged_into_id.is_not(None)).label("gone")
    statement = (
        select(Enterprise.id, Enterprise.name, gone, *columns)
        .where(Enterprise.id.in_({row.ref_id for row in rows}))
        .order_by(Enterprise.id)
        .with_for_update()
    )
    now = {row.id: dict(row._mapping) for row in session.execute(statement)}  # noqa: SLF001 (the public name of a row's dict)
    kept, moves = [], []
    for row in rows:
        values = now.get(row.ref_id)
        if values is None:
            continue
        if values["gone"]:
            kept.append(Kept(None, values["name"], GONE))
            continue
        current = _plain(row.field, values[row.field])
        if current != row.after:
            label = LABELS.get(row.field, PARENT)
            kept.append(Kept(row.ref_id, values["name"], CHANGED, {"field": label}))
            continue
        moves.append((ENTERPRISE, row.ref_id, row.field, current, row.before))
        values[row.field] = row.before if row.field == "parent_id" else read_value(row.field, row.before)
    touched = sorted({move[1] for move in moves})
    _write_firms(session, [now[one] for one in touched], mark)
    history(session, moves, mark)
    index_enterprises(session, touched)
    return _once(kept)


def _write_firms(session: Session, rows: Sequence[dict[str, Any]], mark: Mark) -> None:
    if not rows:
        return
    table = Enterprise.__table__
    names = (*FIRM_COLUMNS, "site_domain")
    filled = [
        {f"new_{name}": (row | {"site_domain": domain_of(row["website"])})[name] for name in names}
        | {"its_id": row["id"], "moment": mark.now}
        for row in rows
    ]
    statement = (
        update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
        .where(table.c.id == bindparam("its_id"))
        .values(
            {name: bindparam(f"new_{name}") for name in names}
            | {"updated_at": bindparam("moment"), "version": table.c.version + 1}
        )
    )
    session.connection().execute(statement, filled)


def people(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put fields of contacts back."""
    columns = [getattr(Contact, name) for name in MENDED]
    statement = (
        select(Contact.id, Contact.name, Contact.enterprise_id, Contact.erased_at, *columns)
        .where(Contact.id.in_({row.ref_id for row in rows}), Contact.merged_into_id.is_(None))
        .order_by(Contact.id)
        .with_for_update()
    )
    now = {row.id: dict(row._mapping) for row in session.execute(statement)}  # noqa: SLF001 (the public name of a row's dict)
    kept, moves = [], []
    for row in rows:
        values = now.get(row.ref_id)
        if values is None or values["erased_at"] is not None:
            continue
        current = values[row.field]
        if current != opened(row.field, row.after):
            label = PEOPLE_LABELS.get(row.field, row.field)
            kept.append(Kept(values["enterprise_id"], values["name"], CHANGED, {"field": label}))
            continue
        values[row.field] = opened(row.field, row.before)
        moves.append((CONTACT, row.ref_id, row.field, current, values[row.field]))
    touched = sorted({move[1] for move in moves})
    mended = [{"its_id": one} | {name: now[one][name] for name in MENDED} for one in touched]
    write_contacts(session, mended, mark)
    history(session, moves, mark)
    index_contacts(session, touched)
    return _once(kept)


def ranks(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put ranks and printed revenues of places on lists back."""
    return _simple(session, ListEntry, ENTRY, rows, mark)


def sources(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put sources of editions back."""
    return _simple(session, ListEdition, EDITION, rows, mark)


def told(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Forget what a person said names mean."""
    return _simple(session, EnterpriseAlias, rows[0].kind, rows, mark)


def _simple(session: Session, model: type[Base], kind: str, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    key = model.__mapper__.primary_key[0]
    some: Any = session.scalars(select(model).where(key.in_({row.ref_id for row in rows})))
    found = {one.id: one for one in some}
    moves = []
    for row in rows:
        one = found.get(row.ref_id)
        if one is not None and getattr(one, row.field) == row.after:
            setattr(one, row.field, row.before)
            moves.append((kind, row.ref_id, row.field, row.after, row.before))
    session.flush()
    history(session, moves, mark)
    return []


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 (any field)
    return value if name == "parent_id" else plain(name, value)


def _once(kept: Sequence[Kept]) -> list[Kept]:
    found: list[Kept] = []
    for one in kept:
        if one not in found:
            found.append(one)
    return found
