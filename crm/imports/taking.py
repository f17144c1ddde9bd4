"""Take back what an import brought into being, unless somebody used it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, false, func, literal, or_, select, update

from crm.core.changes import CREATED, FieldChange
from crm.core.searchindex import SearchDocument
from crm.core.tables import references
from crm.enterprises.aliases import ALIAS
from crm.enterprises.history import DELETED
from crm.enterprises.indexing import CONTACT, ENTERPRISE, index_enterprises
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.queries import live
from crm.enterprises.rules import tombstone
from crm.fieldwork import secrecy
from crm.imports import rules
from crm.imports.models import ImportRun
from crm.imports.revert import Kept
from crm.imports.write import ENTRY, history

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.orm import Session

    from crm.imports.write import Mark

CHUNK = 300
EDITED = "导入之后有人改过，保留。"
USED = "导入之后有人用过，保留。"
USES = {
    "project": "导入之后有了项目，保留。",
    "touch": "导入之后有了走访，保留。",
    "signal": "导入之后有了动态，保留。",
    "mention": "导入之后有新闻提到，保留。",
    "contact": "导入之后登记了联系人，保留。",
    "enterprise": "导入之后挂了下级企业，保留。",
    "enterprise_alias": "导入之后添了别名，保留。",
    "list_entry": "也在别的榜单上，保留。",
}
STAYS = frozenset({"merged_into_id"})  # of rows that are gone themselves
FOLLOWS = frozenset(
    {"enterprise_score", "score_event", "score_fact", "score_sum", "contact_post"}
)  # made by the house, not by people


def people(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Archive contacts that came with a run."""
    ids = {row.ref_id for row in rows}
    statement = select(Contact.id, Contact.name, Contact.enterprise_id).where(
        Contact.id.in_(ids), Contact.archived_at.is_(None), Contact.erased_at.is_(None)
    )
    found = {row.id: row for row in session.execute(statement.with_for_update())}
    changed = edited(session, CONTACT, found, mark)
    hung = used(session, CONTACT, found.keys() - changed, mark)
    free = found.keys() - changed - hung.keys()
    session.execute(
        update(Contact)
        .where(Contact.id.in_(free))
        .values(archived_at=mark.now, updated_at=mark.now, version=Contact.version + 1)
        .execution_options(synchronize_session=False)
    )
    return [
        Kept(one.enterprise_id, one.name, EDITED if key in changed else USED)
        for key, one in found.items()
        if key not in free
    ]


def places(session: Session, before: int | None, mark: Mark) -> tuple[int | None, list[Kept]]:
    """Take enterprises off the lists a run put them on, except where a later hand moved them."""
    statement = select(ListEntry.id).where(ListEntry.run_id == mark.run_id)
    if before is not None:
        statement = statement.where(ListEntry.id < before)
    ids = list(session.scalars(statement.order_by(ListEntry.id.desc()).limit(CHUNK)))
    free = set(ids) - edited(session, ENTRY, ids, mark)
    session.execute(delete(ListEntry).where(ListEntry.id.in_(free)))
    return (ids[-1] if ids else None), []


def firms(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put enterprises that came with a run into the recycle bin, as a person would."""
    statement = select(Enterprise.id, Enterprise.name, Enterprise.folded_name, Enterprise.uscc).where(
        Enterprise.id.in_({row.ref_id for row in rows}), live()
    )
    found = {row.id: row for row in session.execute(statement.order_by(Enterprise.id).with_for_update())}
    changed = edited(session, ENTERPRISE, found, mark)
    hung = used(session, ENTERPRISE, found.keys() - changed, mark)
    free = found.keys() - changed - hung.keys()
    _remove(session, [found[key] for key in sorted(free)], mark)
    kept = [Kept(key, one.name, EDITED) for key, one in found.items() if key in changed]
    return kept + [Kept(key, found[key].name, USES.get(table, USED)) for key, table in hung.items()]


def _remove(session: Session, found: Sequence[Any], mark: Mark) -> None:
    if not found:
        return
    table = Enterprise.__table__
    statement = (
        update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
        .where(table.c.id == bindparam("its_id"))
        .values(
            folded_name=bindparam("folded"),
            uscc=bindparam("code"),
            deleted_at=mark.now,
            deleted_by=mark.by,
            updated_at=mark.now,
            version=table.c.version + 1,
        )
    )
    rows = [
        {
            "its_id": one.id,
            "folded": tombstone(one.folded_name, one.id),
            "code": tombstone(one.uscc, one.id) if one.uscc else None,
        }
        for one in found
    ]
    session.connection().execute(statement, rows)
    ids = [one.id for one in found]
    session.execute(delete(SearchDocument).where(SearchDocument.kind == ENTERPRISE, SearchDocument.ref_id.in_(ids)))
    history(session, ((ENTERPRISE, one.id, DELETED, None, one.name) for one in found), mark)


def names(session: Session, before: int | None, mark: Mark) -> tuple[int | None, list[Kept]]:
    """Take names away that a run gave to enterprises that stay; their own name stays too."""
    statement = select(EnterpriseAlias.id, EnterpriseAlias.enterprise_id).join(Enterprise)
    statement = statement.where(
        EnterpriseAlias.run_id == mark.run_id, EnterpriseAlias.folded != Enterprise.folded_name, live()
    )
    if before is not None:
        statement = statement.where(EnterpriseAlias.id < before)
    rows = session.execute(statement.order_by(EnterpriseAlias.id.desc()).limit(CHUNK)).all()
    free = {row.id for row in rows} - edited(session, ALIAS, [row.id for row in rows], mark)
    session.execute(delete(EnterpriseAlias).where(EnterpriseAlias.id.in_(free)))
    index_enterprises(session, sorted({row.enterprise_id for row in rows if row.id in free}))
    return (rows[-1].id if rows else None), []


def editions(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:  # noqa: ARG001 (shape of a phase)
    """Forget editions that a run brought and that are empty again."""
    filled = select(ListEntry.id).where(ListEntry.edition_id == ListEdition.id).exists()
    session.execute(delete(ListEdition).where(ListEdition.id.in_({row.ref_id for row in rows}), ~filled))
    return []


def lists(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:  # noqa: ARG001 (shape of a phase)
    """Forget lists that a run brought and that have no edition any more."""
    filled = select(ListEdition.id).where(ListEdition.list_id == TargetList.id).exists()
    session.execute(delete(TargetList).where(TargetList.id.in_({row.ref_id for row in rows}), ~filled))
    return []


def edited(session: Session, kind: str, ids: Collection[int], mark: Mark) -> set[int]:
    """Which of these records somebody else changed: a person, or a later import that still stands."""
    if not ids:
        return set()
    undone = select(ImportRun.id).where(ImportRun.state == rules.UNDONE)
    statement = select(FieldChange.ref_id).where(
        FieldChange.kind == kind,
        FieldChange.ref_id.in_(ids),
        or_(FieldChange.run_id.is_(None), FieldChange.run_id != mark.run_id),
        or_(FieldChange.run_id.is_(None), FieldChange.run_id.not_in(undone)),
        FieldChange.field != CREATED,
    )
    return set(session.scalars(statement.distinct()))


def used(session: Session, kind: str, ids: Collection[int], mark: Mark) -> dict[int, str]:
    """What hangs on these records by now: id -> the table it was found in. Tables are found by their keys.

    What belongs to a confidential project is told of as used, in no table: whoever undoes a run may not know of it.
    """
    found: dict[int, str] = {}
    kept_quiet: set[int] = set()
    for column in references(kind) if ids else ():
        table = column.table
        if column.name in STAYS or table.name in FOLLOWS:
            continue
        statement = select(column, _secret(table)).where(column.in_(ids), *_others(table.name, mark)).distinct()
        for one, secret in session.execute(statement):
            if secret:
                kept_quiet.add(one)
            else:
                found.setdefault(one, table.name)
    return dict.fromkeys(kept_quiet, "") | found


def _secret(table: Table) -> ColumnElement[bool]:
    """Whether a row of a table belongs to a confidential project."""
    column = table.c.id if table.name == "project" else table.c.get("project_id")
    return literal(value=False) if column is None else func.coalesce(column.in_(secrecy.secret()), false())


def _others(table: str, mark: Mark) -> list[ColumnElement[bool]]:
    """Which rows of a table are not the run's own."""
    if table == "contact":
        return [Contact.archived_at.is_(None)]
    if table == "enterprise":
        return [Enterprise.deleted_at.is_(None)]
    model: Any = {"enterprise_alias": EnterpriseAlias, "list_entry": ListEntry}.get(table)
    return [or_(model.run_id.is_(None), model.run_id != mark.run_id)] if model else []
