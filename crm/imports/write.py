"""Bulk writes of the importer: enterprises, names, places on lists, each with its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from crm.core.changes import CREATED, FieldChange, Via, shut
from crm.core.text import fold, fold_company, sort_key
from crm.enterprises.aliases import ALIAS, IMPORTED, TOLD
from crm.enterprises.fields import domain_of, plain
from crm.enterprises.identifiers import SEPARATOR
from crm.enterprises.indexing import ENTERPRISE, index_enterprises
from crm.enterprises.lists import KNOWN
from crm.enterprises.models import Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.naming import is_ambiguous
from crm.enterprises.rules import LINE
from crm.imports import store
from crm.imports.store import CODES, FIELDS, Places, batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.enterprises.lists import KnownList
    from crm.imports.cells import Membership
    from crm.imports.matching import Subject

SORT_LENGTH = 400
ENTRY, EDITION, LIST = "list_entry", "list_edition", "target_list"
WEIGHTS = {known.key: len(KNOWN) - index for index, known in enumerate(KNOWN)}


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose hand it is: the run and who started it (None: the command line), when, and by which door."""

    run_id: int | None
    by: int | None
    now: datetime
    via: Via = Via.IMPORT


def open_places(session: Session, members: Sequence[Membership], source: str | None, mark: Mark) -> Places:
    """Find or make the lists and editions that these rows speak of."""
    wanted = dict.fromkeys((member.known, member.year) for member in members)
    if not wanted:
        return Places()
    lists = {row.key: row.id for row in session.execute(select(TargetList.id, TargetList.key))}
    editions: dict[tuple[str, int], int] = {}
    for known, year in wanted:
        if known.key not in lists:
            lists[known.key] = _make_list(session, known, mark)
        editions[known.key, year] = _edition(session, lists[known.key], year, source, mark)
    return Places(editions)


def _make_list(session: Session, known: KnownList, mark: Mark) -> int:
    row = TargetList(key=known.key, name=known.name[:80], publisher=known.publisher, weight=WEIGHTS.get(known.key, 0))
    session.add(row)
    session.flush()
    history(session, [(LIST, row.id, CREATED, None, row.name)], mark)
    return row.id


def _edition(session: Session, list_id: int, year: int, source: str | None, mark: Mark) -> int:
    found = session.scalar(select(ListEdition).where(ListEdition.list_id == list_id, ListEdition.year == year))
    if found is None:
        found = ListEdition(list_id=list_id, year=year, source=source, imported_at=mark.now)
        session.add(found)
        session.flush()
        history(session, [(EDITION, found.id, CREATED, None, year)], mark)
    elif source and found.source != source:
        history(session, [(EDITION, found.id, "source", found.source, source)], mark)
        found.source = source
    return found.id


def save(session: Session, subjects: Sequence[Subject], places: Places, mark: Mark) -> None:
    """Write what rows taught us of enterprises: themselves, names, places on lists, history, search."""
    new = [subject for subject in subjects if subject.id is None]
    changed = [subject for subject in subjects if subject.id is not None and subject.changed]
    _insert_enterprises(session, new, mark)
    _update_enterprises(session, [one for one in changed if one.before], mark)
    _insert_aliases(session, (*new, *changed), mark)
    _write_places(session, places, mark)
    index_enterprises(session, [subject.id for subject in (*new, *changed) if subject.id is not None])


def history(session: Session, rows: Iterable[tuple[str, int, str, Any, Any]], mark: Mark) -> None:
    """Keep changes in bulk: kind, id, field, before, after."""
    kept = [
        {
            "kind": kind,
            "ref_id": ref_id,
            "field": name,
            "before": shut(name, before),
            "after": shut(name, after),
            "at": mark.now,
            "by": mark.by,
            "via": mark.via,
            "run_id": mark.run_id,
        }
        for kind, ref_id, name, before, after in rows
    ]
    if kept:
        session.execute(insert(FieldChange), kept)


def _insert_enterprises(session: Session, new: Sequence[Subject], mark: Mark) -> None:
    for batch in batches(new):
        rows = [
            stored(subject)
            | {
                "name": subject.name,
                "folded_name": fold(subject.name),
                "sort_key": sort_key(subject.name)[:SORT_LENGTH],
                "stem": fold_company(subject.name)[:LINE],
                "created_by": mark.by,
                "created_at": mark.now,
                "updated_at": mark.now,
                "version": 1,
            }
            for subject in batch
        ]
        made = session.execute(insert(Enterprise).returning(Enterprise.folded_name, Enterprise.id), rows)
        ids = {row.folded_name: row.id for row in made}
        for subject, row in zip(batch, rows, strict=True):
            subject.id = ids[row["folded_name"]]
        history(session, ((ENTERPRISE, one.id or 0, CREATED, None, one.name) for one in batch), mark)


def stored(subject: Subject) -> dict[str, Any]:
    """Columns of an enterprise that an import may fill, with those that follow from them."""
    values = {name: subject.values.get(name) for name in (*FIELDS, *CODES)}
    return values | {
        "uscc": subject.uscc,
        "stock_codes": SEPARATOR.join(subject.codes) or None,
        "site_domain": domain_of(values["website"]),
    }


def _update_enterprises(session: Session, changed: Sequence[Subject], mark: Mark) -> None:
    if not changed:
        return
    table = Enterprise.__table__
    rows = [stored(one) | {"its_id": one.id, "moment": mark.now} for one in changed]
    columns = rows[0].keys() - {"its_id", "moment"}
    statement = (
        update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
        .where(table.c.id == bindparam("its_id"))
        .values(
            {key: bindparam(key) for key in sorted(columns)}
            | {"updated_at": bindparam("moment"), "version": table.c.version + 1}
        )
    )
    session.connection().execute(statement, rows)
    changes = (
        (ENTERPRISE, one.id or 0, name, plain(name, before), plain(name, current(one, name)))
        for one in changed
        for name, before in (one.before or {}).items()
    )
    history(session, changes, mark)


def current(subject: Subject, name: str) -> Any:  # noqa: ANN401 (any field)
    """What a field of a subject is now, as it is stored."""
    if name == "stock_codes":
        return SEPARATOR.join(subject.codes) or None
    return subject.uscc if name == "uscc" else subject.values.get(name)


def _insert_aliases(session: Session, subjects: Iterable[Subject], mark: Mark) -> None:
    rows = [
        {
            "enterprise_id": subject.id,
            "alias": text,
            "folded": folded,
            "kind": kind,
            "ambiguous": is_ambiguous(folded, kind),
            "source": TOLD if folded in subject.told else IMPORTED,
            "run_id": mark.run_id,
        }
        for subject in subjects
        for folded, (text, kind) in (subject.fresh or {}).items()
    ]
    if rows:
        session.execute(insert(EnterpriseAlias), rows)


def remember(session: Session, told: Collection[tuple[int, str]], mark: Mark) -> None:
    """Keep that a person said what names mean: id of the enterprise and folded name."""
    for some in batches(sorted(told)):
        wanted = {*some}
        statement = select(
            EnterpriseAlias.id, EnterpriseAlias.enterprise_id, EnterpriseAlias.folded, EnterpriseAlias.source
        ).where(
            EnterpriseAlias.enterprise_id.in_({one for one, _folded in wanted}),
            EnterpriseAlias.folded.in_({folded for _one, folded in wanted}),
        )
        found = [
            row
            for row in session.execute(statement)
            if (row.enterprise_id, row.folded) in wanted and row.source != TOLD
        ]
        if found:
            session.execute(update(EnterpriseAlias), [{"id": row.id, "source": TOLD} for row in found])
            history(session, ((ALIAS, row.id, "source", row.source, TOLD) for row in found), mark)


def _write_places(session: Session, places: Places, mark: Mark) -> None:
    entries = [
        {
            "edition_id": edition,
            "enterprise_id": subject.id,
            "rank": rank,
            "printed_name": printed[:LINE],
            "revenue_note": revenue,
            "run_id": mark.run_id,
        }
        for (edition, subject), ((rank, revenue), printed) in places.fresh.items()
    ]
    if entries:
        session.execute(insert(ListEntry), entries)
    if places.moved:
        rows = [{"id": key, "rank": rank, "revenue_note": text} for key, (_old, (rank, text)) in places.moved.items()]
        session.execute(update(ListEntry), rows)
        moves = (
            (ENTRY, key, name, old[index], new[index])
            for key, (old, new) in places.moved.items()
            for index, name in enumerate(("rank", "revenue_note"))
            if old[index] != new[index]
        )
        history(session, moves, mark)


def set_parents(session: Session, pairs: Mapping[int, int], mark: Mark) -> None:
    """Hang enterprises below others where they have no parent yet and no group would bite its tail."""
    above = store.chains(session, {*pairs, *pairs.values()})
    rows: list[dict[str, Any]] = []
    for child, parent in sorted(pairs.items()):
        if child in above or child in _ancestors(above, parent):
            continue
        above[child] = parent
        rows.append({"its_id": child, "its_parent": parent, "moment": mark.now})
    if not rows:
        return
    table = Enterprise.__table__
    statement = (
        update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
        .where(table.c.id == bindparam("its_id"))
        .values(parent_id=bindparam("its_parent"), updated_at=bindparam("moment"), version=table.c.version + 1)
    )
    session.connection().execute(statement, rows)
    history(session, ((ENTERPRISE, row["its_id"], "parent_id", None, row["its_parent"]) for row in rows), mark)


def _ancestors(above: Mapping[int, int], one: int) -> set[int]:
    found = {one}
    while one in above and above[one] not in found:
        one = above[one]
        found.add(one)
    return found
